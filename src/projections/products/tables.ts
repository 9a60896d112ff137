import { bigint, boolean, index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import type { ProductStatus } from '../../domain/product/product.ts'
import type { ProductTypeName } from '../../domain/product/product-type.ts'
import { moment } from '../moment.ts'

/** What is known of a product at a time; the read model of the past has the same. */
export const productFacts = () => ({
  internalName: text('internal_name').notNull(),
  displayName: text('display_name').notNull(),
  productType: text('product_type').$type<ProductTypeName>().notNull(),
  releaseId: integer('release_id'),
  pzCode: text('pz_code'),
  description: text('description'),
  official: boolean('official').notNull(),
  status: text('status').$type<ProductStatus>().notNull(),
  statusBeforeDeletion: text('status_before_deletion').$type<ProductStatus>(),
  /** Why it failed. */
  statusReason: text('status_reason'),
  ownerId: integer('owner_id').notNull(),
  owner: text('owner').notNull(),
  origin: text('origin').notNull(),
  runId: integer('run_id'),
  mainFileId: integer('main_file_id'),
  /** How many main files it has had. */
  version: integer('version').notNull(),
  format: text('format'),
  /** Rows and columns of the main file. */
  rows: bigint('rows', { mode: 'number' }),
  columns: integer('columns'),
  /** The highest number that a column of this product ever had: numbers are never used again. */
  highestColumnId: integer('highest_column_id'),
  files: integer('files').notNull(),
  /** Bytes of all current files. */
  size: bigint('size', { mode: 'number' }).notNull(),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
  publishedAt: moment('published_at'),
  /** Revision of the stream and position in the log after the last event that this row knows. */
  revision: bigint('revision', { mode: 'number' }).notNull(),
  position: text('position').notNull(),
})

/** One row for each product, with all that lists and the top of its page show. */
export const products = pgTable('products', { id: integer('id').primaryKey(), ...productFacts() }, (table) => [
  index('products_created').on(table.createdAt),
  index('products_internal_name').on(table.internalName),
  index('products_owner').on(table.ownerId),
  index('products_status_type').on(table.status, table.productType),
])

export type ProductRow = typeof products.$inferSelect
