import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { moment } from '../moment.ts'
import { productFacts } from '../products/tables.ts'

/** One row for each state that a product was in, with the columns of `products`: what it was from one event to the next. */
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

export type ProductVersionRow = typeof productVersions.$inferSelect
