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
    /** Not included; null for the present state. */
    validTo: moment('valid_to'),
    validToPosition: text('valid_to_position'),
  },
  (table) => [
    primaryKey({ columns: [table.id, table.revision] }),
    index('product_versions_valid').on(table.validFrom, table.validTo),
    index('product_versions_valid_position').on(table.validFromPosition, table.validToPosition),
  ],
)

export type ProductVersionRow = typeof productVersions.$inferSelect
