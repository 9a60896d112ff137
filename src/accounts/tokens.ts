import { and, desc, eq, gt, isNull, or, sql } from 'drizzle-orm'
import { invalid } from './error.ts'
import { IDENTITY, type Identity } from './identity.ts'
import { checkedName } from './names.ts'
import { fingerprint, newSecret } from './secret.ts'
import { type Accounts, tokens, users } from './tables.ts'

export type Scope = 'read' | 'write'

/** A token as its owner sees it later: without the secret. Times in ISO 8601 UTC. */
export interface Token {
  readonly id: number
  readonly userId: number
  readonly name: string
  /** Its first characters. */
  readonly prefix: string
  /** `write` includes reading. */
  readonly scope: Scope
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
}

const PREFIX = 'pz_'
const SHOWN = PREFIX.length + 6

const VISIBLE = {
  id: tokens.id,
  userId: tokens.userId,
  name: tokens.name,
  prefix: tokens.prefix,
  scope: tokens.scope,
  createdAt: tokens.createdAt,
  expiresAt: tokens.expiresAt,
  lastUsedAt: tokens.lastUsedAt,
  revokedAt: tokens.revokedAt,
}

/** Makes a token. Its `secret` is to be shown now; we keep only a hash of it. @throws AccountError */
export async function issueToken(
  { database, clock }: Accounts,
  userId: number,
  wish: { readonly name: string; readonly scope?: Scope; readonly expiresAt?: Date | null },
): Promise<{ readonly token: Token; readonly secret: string }> {
  const name = checkedName('name', wish.name)
  if (name === '') throw invalid('name', 'This field may not be blank.')
  const now = clock()
  if (wish.expiresAt && wish.expiresAt <= now) throw invalid('expires_at', 'The expiry must be in the future.')
  const secret = newSecret(PREFIX)
  const [token] = await database.drizzle
    .insert(tokens)
    .values({
      userId,
      name,
      prefix: secret.slice(0, SHOWN),
      sha256: fingerprint(secret),
      scope: wish.scope ?? 'write',
      createdAt: now.toISOString(),
      expiresAt: wish.expiresAt?.toISOString() ?? null,
    })
    .returning(VISIBLE)
  if (!token) throw new Error('The database returned no row for a new token.')
  return { token, secret }
}

/**
 * Whose token this is, groups included, in one query; null when it is unknown, revoked or expired, or its owner is not
 * active. The same query notes the use, at most once a minute and without waiting for another request that does so.
 */
export async function authenticateToken({ database, clock }: Accounts, secret: string): Promise<Identity | null> {
  const now = clock()
  const sha256 = fingerprint(secret)
  const stale = new Date(now.getTime() - 60_000).toISOString()
  const used = sql`
    update ${tokens} set last_used_at = ${now.toISOString()} where id = (
      select id from ${tokens} where sha256 = ${sha256} and revoked_at is null
        and (expires_at is null or expires_at > ${now.toISOString()}) and coalesce(last_used_at, '-infinity') < ${stale}
      for no key update skip locked)`
  const [found] = await database.drizzle
    .with(database.drizzle.$with('used', {}).as(used))
    .select({ ...IDENTITY, tokenId: tokens.id, scope: tokens.scope })
    .from(tokens)
    .innerJoin(users, eq(users.id, tokens.userId))
    .where(and(eq(tokens.sha256, sha256), holds(now), users.active))
  if (!found) return null
  const { tokenId, scope, ...person } = found
  return { ...person, proof: { kind: 'token', tokenId }, mayWrite: scope === 'write' }
}

/** The tokens of a person, newest first, revoked ones too. */
export function listTokens({ database }: Accounts, userId: number): Promise<Token[]> {
  return database.drizzle.select(VISIBLE).from(tokens).where(eq(tokens.userId, userId)).orderBy(desc(tokens.id))
}

/** Revokes a token of this person. @returns false when they have no such token, or it was revoked already */
export async function revokeToken({ database, clock }: Accounts, userId: number, tokenId: number): Promise<boolean> {
  const revoked = await database.drizzle
    .update(tokens)
    .set({ revokedAt: clock().toISOString() })
    .where(and(eq(tokens.id, tokenId), eq(tokens.userId, userId), isNull(tokens.revokedAt)))
    .returning({ id: tokens.id })
  return revoked.length > 0
}

/** Revokes all tokens of this person that hold. @returns those, the oldest first */
export async function revokeTokens(
  { database, clock }: Accounts,
  userId: number,
): Promise<Pick<Token, 'id' | 'name'>[]> {
  const now = clock()
  const revoked = await database.drizzle
    .update(tokens)
    .set({ revokedAt: now.toISOString() })
    .where(and(eq(tokens.userId, userId), holds(now)))
    .returning({ id: tokens.id, name: tokens.name })
  return revoked.toSorted((a, b) => a.id - b.id)
}

/** The condition that a token is neither revoked nor expired. */
export const holds = (now: Date) =>
  and(isNull(tokens.revokedAt), or(isNull(tokens.expiresAt), gt(tokens.expiresAt, now.toISOString())))
