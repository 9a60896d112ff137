import { bigint, boolean, index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import type { FileRole } from '../../domain/product/events.ts'
import { moment } from '../moment.ts'

/** One row for each file that a product has or had; `removedAt` is null for those it has. */
export const files = pgTable(
  'files',
  {
    id: integer('id').primaryKey(),
    productId: integer('product_id').notNull(),
    role: text('role').$type<FileRole>().notNull(),
    name: text('name').notNull(),
    mediaType: text('media_type'),
    size: bigint('size', { mode: 'number' }).notNull(),
    sha256: text('sha256').notNull(),
    originalName: text('original_name'),
    originalSha256: text('original_sha256'),
    originalSize: bigint('original_size', { mode: 'number' }),
    /** 1 for the first main file of the product, 2 for the one that replaced it …; null for other files. */
    version: integer('version'),
    format: text('format'),
    rows: bigint('rows', { mode: 'number' }),
    /** The inspection document, a blob. */
    inspection: text('inspection'),
    inspectionSize: bigint('inspection_size', { mode: 'number' }),
    inspectionError: text('inspection_error'),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
    removedAt: moment('removed_at'),
    /** The bytes were destroyed. */
    purged: boolean('purged').notNull(),
  },
  (table) => [index('files_product').on(table.productId), index('files_sha256').on(table.sha256)],
)

export type FileRow = typeof files.$inferSelect
