import { index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import type { JsonObject } from '../../eventstore/port.ts'
import { moment } from '../moment.ts'

/** One row for each event of the log, for the event browser and for histories across streams. */
export const history = pgTable(
  'history',
  {
    position: text('position').primaryKey(),
    eventId: text('event_id').notNull(),
    stream: text('stream').notNull(),
    revision: integer('revision').notNull(),
    type: text('type').notNull(),
    actorId: integer('actor_id').notNull(),
    actor: text('actor').notNull(),
    at: moment('at').notNull(),
    data: jsonb('data').$type<JsonObject>().notNull(),
  },
  (table) => [index('history_stream').on(table.stream, table.revision), index('history_at').on(table.at)],
)

export type HistoryRow = typeof history.$inferSelect
