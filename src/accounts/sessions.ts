import { and, eq, gt, lte, max, or, sql } from 'drizzle-orm'
import { IDENTITY, type Identity } from './identity.ts'
import { fingerprint, newSecret } from './secret.ts'
import { type Accounts, sessions, tokens, users } from './tables.ts'

const DAY = 24 * 3600 * 1000
/** A session ends two weeks after the login, whatever happens, and after three days without a visit. */
export const SESSION_LIFETIME = 14 * DAY
const SESSION_IDLE = 3 * DAY

/** Begins a session. `secret` goes into the cookie; we keep only a hash of it. Old sessions are cleared away. */
export async function createSession({ database, clock }: Accounts, userId: number): Promise<string> {
  const now = clock()
  const idle = new Date(now.getTime() - SESSION_IDLE).toISOString()
  await database.drizzle
    .delete(sessions)
    .where(or(lte(sessions.expiresAt, now.toISOString()), lte(sessions.lastSeenAt, idle)))
  const secret = newSecret()
  await database.drizzle.insert(sessions).values({
    sha256: fingerprint(secret),
    userId,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + SESSION_LIFETIME).toISOString(),
    lastSeenAt: now.toISOString(),
  })
  return secret
}

/** Whose session this is, in one query that also notes the visit (at most once a minute); null when it is over. */
export async function authenticateSession({ database, clock }: Accounts, secret: string): Promise<Identity | null> {
  const now = clock()
  const sha256 = fingerprint(secret)
  const stale = new Date(now.getTime() - 60_000).toISOString()
  const idle = new Date(now.getTime() - SESSION_IDLE).toISOString()
  const seen = sql`
    update ${sessions} set last_seen_at = ${now.toISOString()} where sha256 = (
      select sha256 from ${sessions} where sha256 = ${sha256} and last_seen_at < ${stale} and last_seen_at > ${idle}
      for no key update skip locked)`
  const [found] = await database.drizzle
    .with(database.drizzle.$with('seen', {}).as(seen))
    .select(IDENTITY)
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.sha256, sha256),
        gt(sessions.expiresAt, now.toISOString()),
        gt(sessions.lastSeenAt, idle),
        users.active,
      ),
    )
  return found ? { ...found, proof: { kind: 'session' }, mayWrite: true } : null
}

export async function endSession({ database }: Accounts, secret: string): Promise<void> {
  await database.drizzle.delete(sessions).where(eq(sessions.sha256, fingerprint(secret)))
}

/** When each person was last seen, signed in or by a token: ISO 8601 by the id of the account. */
export async function lastSeen({ database }: Accounts): Promise<ReadonlyMap<number, string>> {
  const bySession = await database.drizzle
    .select({ userId: sessions.userId, at: max(sessions.lastSeenAt) })
    .from(sessions)
    .groupBy(sessions.userId)
  const byToken = await database.drizzle
    .select({ userId: tokens.userId, at: max(tokens.lastUsedAt) })
    .from(tokens)
    .groupBy(tokens.userId)
  const latest = new Map<number, string>()
  for (const { userId, at } of [...bySession, ...byToken]) {
    const moment = at === null ? null : new Date(at).toISOString()
    if (moment !== null && moment > (latest.get(userId) ?? '')) latest.set(userId, moment)
  }
  return latest
}
