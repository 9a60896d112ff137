import type { ProductStatus } from '../../domain/product/product.ts'
import type { Order } from '../order.ts'

/** The numbers by which the JSON API and the Python client call a status, and the words that people see. */
export const STATUSES: Readonly<Record<ProductStatus, { readonly number: number; readonly label: string }>> = {
  registering: { number: 0, label: 'Registering' },
  published: { number: 1, label: 'Published' },
  deleted: { number: 2, label: 'Deleted' },
  purged: { number: 2, label: 'Deleted' },
  processing: { number: 3, label: 'Processing' },
  failed: { number: 9, label: 'Failed' },
}

/** The statuses that the Python client knows under one number. */
export const statusesOf = (number: number): ProductStatus[] =>
  (Object.keys(STATUSES) as ProductStatus[]).filter((status) => STATUSES[status].number === number)

/** Text that must appear in one of some fields, without regard to case: all of the terms, or any of them. */
export interface TextFilter {
  readonly terms: readonly string[]
  readonly any: boolean
}

/** What a list of products is narrowed to; everything given must hold. */
export interface ProductFilter {
  readonly ids?: readonly number[]
  readonly internalNames?: readonly string[]
  readonly displayNames?: readonly string[]
  readonly releaseIds?: readonly number[]
  readonly hasRelease?: boolean
  /** As `releaseIds`, where null stands for those without a release. */
  readonly releases?: readonly (number | null)[]
  readonly productTypes?: readonly string[]
  readonly official?: boolean
  readonly statuses?: readonly ProductStatus[]
  readonly ownerIds?: readonly number[]
  /** User names. */
  readonly owners?: readonly string[]
  readonly origins?: readonly string[]
  readonly uploadedBy?: readonly TextFilter[]
  readonly typeName?: readonly TextFilter[]
  readonly releaseName?: readonly TextFilter[]
  readonly name?: readonly TextFilter[]
  /** Words that must each be found in a name, the description, a column name or the owner. */
  readonly search?: readonly string[]
}

export const ORDERINGS = [
  'id',
  'display_name',
  'product_type',
  'created_at',
  'updated_at',
  'internal_name',
  'owner',
  'release',
  'status',
  'official',
  'origin',
  'rows',
  'size',
] as const
export type Ordering = (typeof ORDERINGS)[number]

export type ProductOrder = Order<Ordering>

export interface Page {
  readonly offset: number
  readonly limit: number
}
