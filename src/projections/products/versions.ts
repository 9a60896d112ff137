import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { Sql } from '../../database/database.ts'
import type { Position, RecordedEvent } from '../../eventstore/port.ts'
import { moment } from '../moment.ts'
import { stampOf } from '../recorded.ts'
import { insertRows } from '../rows.ts'
import { type ProductRow, productFacts } from './tables.ts'

/**
 * One row for each state that a product was in, with the columns of `products`: what it was from one event to the next. Lists as
 * of a moment are queries of this table.
 */
export const productVersions = pgTable(
  'product_versions',
  {
    id: integer('id').notNull(),
    ...productFacts(),
    /** Included. The latest time of the events until then, so that a clock that was set back leaves no state out of order. */
    validFrom: moment('valid_from').notNull(),
    validFromPosition: text('valid_from_position').notNull(),
    /** Not included; `OPEN` for the present state. */
    validTo: moment('valid_to').notNull(),
    validToPosition: text('valid_to_position').notNull(),
  },
  // A moment long ago is after few beginnings, a late one before few ends: each is found by the index that leaves few.
  (table) => [
    primaryKey({ columns: [table.id, table.revision] }),
    index('product_versions_from').on(table.validFrom),
    index('product_versions_to').on(table.validTo),
    index('product_versions_from_position').on(table.validFromPosition),
    index('product_versions_to_position').on(table.validToPosition),
  ],
)

/** The end of what has not ended: behind every moment, so that one comparison serves past and present. */
export const OPEN = { validTo: '9999-12-31T23:59:59.999Z', validToPosition: '9'.repeat(20) } as const

type ProductVersionRow = typeof productVersions.$inferSelect

/** The end of a state that an earlier batch left open. */
interface Ending {
  readonly id: number
  readonly revision: number
  readonly validTo: string
  readonly validToPosition: Position
}

/** Takes down the states that products go through in a batch of events. */
export class VersionRecorder {
  readonly #begun: ReadonlyMap<number, string>
  readonly #rows: ProductVersionRow[] = []
  readonly #endings: Ending[] = []

  /** @param begun since when the present states hold, by product */
  private constructor(begun: ReadonlyMap<number, string>) {
    this.#begun = begun
  }

  static async load(tx: Sql, ids: readonly number[]): Promise<VersionRecorder> {
    const open = await tx.query<{ id: number; valid_from: string }>(
      'select id, valid_from from product_versions where id = any($1::int[]) and valid_to_position = $2',
      [ids, OPEN.validToPosition],
    )
    return new VersionRecorder(new Map(open.map((row) => [row.id, row.valid_from])))
  }

  /** The states of one product after each of these events, in order. @param before the state before them */
  add(before: ProductRow | null, states: readonly (readonly [event: RecordedEvent, state: ProductRow])[]): void {
    let from = before === null ? '' : (this.#begun.get(before.id) ?? '')
    let open: ProductVersionRow | null = null
    for (const [event, state] of states) {
      const { position } = event
      const { at } = stampOf(event)
      if (at > from) from = at
      const end = { validTo: from, validToPosition: position }
      if (open !== null) Object.assign(open, end)
      else if (before !== null) this.#endings.push({ id: before.id, revision: before.revision, ...end })
      open = { ...state, validFrom: from, validFromPosition: position, ...OPEN }
      this.#rows.push(open)
    }
  }

  async save(tx: Sql): Promise<void> {
    if (this.#endings.length > 0) {
      await tx.query(
        `update product_versions as state set valid_to = ended."validTo", valid_to_position = ended."validToPosition"
         from json_to_recordset($1::text::json)
           as ended(id int, revision bigint, "validTo" timestamptz, "validToPosition" text)
         where state.id = ended.id and state.revision = ended.revision`,
        [JSON.stringify(this.#endings)],
      )
    }
    await insertRows(tx, productVersions, this.#rows)
  }
}
