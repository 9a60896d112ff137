import { asc, eq, sql } from 'drizzle-orm'
import { type Accounts, unrecordedActs } from './tables.ts'

/**
 * The outbox of the event log. The accounts are ordinary tables, which no transaction ties to an event store elsewhere; so an act
 * is noted here in the transaction that changes them, and waits until it is in the log.
 */
export type UnrecordedAct = typeof unrecordedActs.$inferSelect
export type NewAct = Omit<UnrecordedAct, 'number'>

/** To be called first in the transaction of an act: one act after another, so that they are noted in the order of their commits. */
export async function takeTurn({ database }: Accounts): Promise<void> {
  await database.drizzle.execute(sql`lock table ${unrecordedActs} in share row exclusive mode`)
}

export async function noteAct({ database }: Accounts, act: NewAct): Promise<void> {
  await database.drizzle.insert(unrecordedActs).values(act)
}

/** The oldest act that the log may not have yet; null when there is none. */
export async function oldestUnrecorded({ database }: Accounts): Promise<UnrecordedAct | null> {
  const [act] = await database.drizzle.select().from(unrecordedActs).orderBy(asc(unrecordedActs.number)).limit(1)
  return act ?? null
}

/** To be called when the log has the act. */
export async function forgetRecorded({ database }: Accounts, { number }: UnrecordedAct): Promise<void> {
  await database.drizzle.delete(unrecordedActs).where(eq(unrecordedActs.number, number))
}
