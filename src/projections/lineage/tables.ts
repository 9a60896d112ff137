import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { moment } from '../moment.ts'

/** One row for each thing that a run read: a file of a product, or a release of object catalogs. */
export const lineage = pgTable(
  'lineage',
  {
    runId: integer('run_id').notNull(),
    /** Place among the things that the run read, from 0. */
    place: integer('place').notNull(),
    role: text('role').$type<'input' | 'objects'>().notNull(),
    /** Null for a release. */
    productId: integer('product_id'),
    fileId: integer('file_id'),
    releaseId: integer('release_id'),
    /** Of the file; of a release its name. */
    name: text('name').notNull(),
    /** SHA-256 of the bytes that were read; of a release the digest of its list of files. */
    digest: text('digest').notNull(),
    outputProductId: integer('output_product_id').notNull(),
    at: moment('at').notNull(),
    position: text('position').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.place] }),
    index('lineage_product').on(table.productId),
    index('lineage_output').on(table.outputProductId),
    index('lineage_digest').on(table.digest),
  ],
)

export type LineageRow = typeof lineage.$inferSelect
