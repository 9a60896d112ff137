import { index, integer, pgTable, text } from 'drizzle-orm/pg-core'

/** One row for each column of a product's current main file. */
export const columns = pgTable(
  'columns',
  {
    id: integer('id').primaryKey(),
    productId: integer('product_id').notNull(),
    /** Place in the file, from 0. */
    place: integer('place').notNull(),
    name: text('name').notNull(),
    type: text('type').notNull(),
    unit: text('unit'),
    /** The UCD that the file states; `ucd` is the one that a person gave. */
    fileUcd: text('file_ucd'),
    description: text('description'),
    alias: text('alias'),
    ucd: text('ucd'),
  },
  (table) => [index('columns_product').on(table.productId, table.place)],
)

export type ColumnRow = typeof columns.$inferSelect
