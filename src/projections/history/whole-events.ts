import { desc, inArray } from 'drizzle-orm'
import type { Drizzle } from '../../database/database.ts'
import type { Position } from '../../eventstore/port.ts'
import { type EventFilter, listEvents } from './queries.ts'
import { type HistoryRow, history } from './tables.ts'

/** Events that fit, newest first, at most `limit`, of those before a position; with their whole data, however long. */
export async function wholeEvents(
  db: Drizzle,
  filter: EventFilter,
  before: Position | null,
  limit: number,
): Promise<HistoryRow[]> {
  const listed = await listEvents(db, filter, before === null ? null : { before }, limit)
  if (listed.length === 0) return []
  const positions = listed.map(({ position }) => position)
  return db.select().from(history).where(inArray(history.position, positions)).orderBy(desc(history.position))
}
