import { and, desc, eq, sql } from 'drizzle-orm'
import { IDENTITY, type Identity } from './identity.ts'
import { type Accounts, tokens, users } from './tables.ts'
import { holds } from './tokens.ts'

/**
 * Feed readers send no headers, so their addresses carry a key. The key is tied to an API token of this name, whose secret
 * nobody ever saw: it opens feeds and nothing else, is in the list of the person's tokens, and is revoked there.
 */
export const FEED_TOKEN = 'Feed reader'

/** The token that the person's feed addresses are tied to; null when there is none that holds. */
export async function feedToken({ database, clock }: Accounts, userId: number): Promise<number | null> {
  const [found] = await database.drizzle
    .select({ id: tokens.id })
    .from(tokens)
    .where(and(eq(tokens.userId, userId), eq(tokens.name, FEED_TOKEN), eq(tokens.scope, 'read'), holds(clock())))
    .orderBy(desc(tokens.id))
    .limit(1)
  return found?.id ?? null
}

/** Who reads a feed with this token, in one query that notes the use, at most once a minute; null when it holds no more. */
export async function feedReader(
  { database, clock }: Accounts,
  userId: number,
  tokenId: number,
): Promise<Identity | null> {
  const now = clock()
  const stale = new Date(now.getTime() - 60_000).toISOString()
  const used = sql`
    update ${tokens} set last_used_at = ${now.toISOString()} where id = (
      select id from ${tokens} where id = ${tokenId} and revoked_at is null
        and coalesce(last_used_at, '-infinity') < ${stale}
      for no key update skip locked)`
  const [found] = await database.drizzle
    .with(database.drizzle.$with('used', {}).as(used))
    .select(IDENTITY)
    .from(tokens)
    .innerJoin(users, eq(users.id, tokens.userId))
    .where(and(eq(tokens.id, tokenId), eq(tokens.userId, userId), holds(now), users.active))
  return found ? { ...found, proof: { kind: 'token', tokenId }, mayWrite: false } : null
}
