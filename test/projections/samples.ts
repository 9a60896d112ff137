import { randomUUID } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import { bigint, index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import type { EventStore, JsonObject, NewEvent, Position, RecordedEvent } from '../../src/eventstore/port.ts'
import { SchemaRegistry } from '../../src/eventstore/schema-registry.ts'
import type { Projection } from '../../src/projections/projection.ts'
import { insertRows } from '../../src/projections/rows.ts'

/** Notes had a text once, and have a label now; nobody asks what is added. */
export const registry = new SchemaRegistry([
  {
    type: 'Noted',
    version: 2,
    description: 'Somebody noted something.',
    schema: Type.Object({ label: Type.String(), amount: Type.Number() }),
    upcasters: { 1: ({ text, amount }) => ({ label: text, amount }) },
  },
])

/** Two small read models: sums per stream, and a line for each event. */
export const totals = pgTable(
  'totals',
  {
    stream: text('stream').primaryKey(),
    total: bigint('total', { mode: 'number' }).notNull(),
    events: integer('events').notNull(),
  },
  (table) => [index('totals_total').on(table.total)],
)

export const lines = pgTable('lines', {
  position: text('position').primaryKey(),
  label: text('label').notNull(),
  number: integer('number').notNull(),
})

export function totalsProjection(version = 1): Projection {
  return {
    name: 'totals',
    version,
    tables: [totals],
    eventTypes: ['Added'],
    async apply(events, tx) {
      await tx.query(
        `INSERT INTO totals (stream, total, events)
         SELECT stream, sum(amount), count(*) FROM unnest($1::text[], $2::int[]) AS e (stream, amount) GROUP BY stream
         ON CONFLICT (stream) DO UPDATE SET total = totals.total + excluded.total, events = totals.events + excluded.events`,
        [events.map((event) => event.stream), events.map((event) => event.data.amount)],
      )
    },
  }
}

/** Refuses events whose label is one of `refused`. */
export function linesProjection(refused: ReadonlySet<string> = new Set()): Projection {
  return {
    name: 'lines',
    version: 1,
    tables: [lines],
    eventTypes: ['Added', 'Noted'],
    sequences: [{ name: 'numbers.file_id', highest: 'select max(number) from lines' }],
    async apply(events, tx) {
      await tx.query(
        'INSERT INTO lines (position, label, number) SELECT * FROM unnest($1::text[], $2::text[], $3::int[])',
        [
          events.map((event) => event.position),
          events.map((event) => event.data.label),
          events.map((event) => event.data.amount),
        ],
      )
      const bad = events.find((event) => refused.has(String(event.data.label)))
      if (bad) throw new Error(`I do not take ${String(bad.data.label)}`)
    },
  }
}

export const added = (label: string, amount = 1, type = 'Added'): NewEvent => ({
  id: randomUUID(),
  type,
  data: { label, amount },
  metadata: {},
})

/** A note as a program of that version wrote it. */
export const noted = (schemaVersion: number, data: JsonObject): NewEvent => ({
  id: randomUUID(),
  type: 'Noted',
  data,
  metadata: { schemaVersion },
})

/** Keeps what it is given of every type, as it is. */
export function witnessProjection(seen: RecordedEvent[]): Projection {
  return {
    name: 'witness',
    version: 1,
    tables: [],
    eventTypes: 'all',
    async apply(events) {
      seen.push(...events)
    },
  }
}

/** Appends `count` events over a few streams; gives the last position. */
export async function appendMany(store: EventStore, count: number, prefix = 'e'): Promise<Position> {
  let position = ''
  for (let done = 0; done < count; done += 100) {
    const events = Array.from({ length: Math.min(100, count - done) }, (_, i) =>
      added(`${prefix}${done + i}`, 1 + (i % 7)),
    )
    position = (await store.append(`thing-${done % 7}`, events, 'any')).position
  }
  return position
}

export const notes = pgTable('notes', {
  position: text('position').primaryKey(),
  label: text('label'),
  number: integer('number').notNull(),
  data: jsonb('data').$type<JsonObject>().notNull(),
})

/** A row for each event, inserted in sets. Refuses events without an amount. */
export const notesProjection: Projection = {
  name: 'notes',
  version: 1,
  tables: [notes],
  eventTypes: ['Added'],
  async apply(events, tx) {
    const rows = events.map(({ position, data }) => ({
      position,
      label: data.label === null ? null : String(data.label),
      number: data.amount as number,
      data,
    }))
    await insertRows(tx, notes, rows)
  },
}
