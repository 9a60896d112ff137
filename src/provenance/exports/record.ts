import { SYSTEM } from '../../domain/actor.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import type { ColumnRow } from '../../projections/columns/tables.ts'
import type { FileRow } from '../../projections/files/tables.ts'
import type { ProductRow } from '../../projections/products/tables.ts'
import { stampOf } from '../../projections/recorded.ts'
import type { RunRow } from '../../projections/runs/tables.ts'

/** A thing that a run read, as one person may see it. */
export interface ReadInput {
  readonly role: 'input' | 'objects'
  /** Null for a release, and for a product that the person may not see. */
  readonly product: { readonly id: number; readonly internalName: string; readonly displayName: string } | null
  readonly releaseId: number | null
  /** Of the file or the release; null when it is hidden. */
  readonly name: string | null
  readonly digest: string
  readonly version: number | null
}

/** Everything that exports tell of a product, in the state of one moment. */
export interface ProductRecord {
  /** Of the server, without a slash at the end. */
  readonly base: string
  readonly product: ProductRow
  readonly ownerName: string
  readonly typeName: string
  readonly typeDescription: string
  readonly releaseName: string | null
  readonly files: readonly FileRow[]
  readonly columns: readonly ColumnRow[]
  /** Of the product, until the moment. */
  readonly events: readonly RecordedEvent[]
  /** What made it, with its events; null for an upload. */
  readonly run: {
    readonly row: RunRow
    readonly events: readonly RecordedEvent[]
    readonly inputs: readonly ReadInput[]
  } | null
}

/** Whether it is the run that attached a file: pipelines do that as the system; people replace and add files later. */
export const isOfRun = ({ run }: Pick<ProductRecord, 'run'>, attached: RecordedEvent): boolean =>
  run !== null && stampOf(attached).actorId === SYSTEM.userId

/** What stands for the name of an input that is hidden. */
export const hiddenName = ({ releaseId }: ReadInput): string =>
  releaseId === null ? 'a product you may not see' : 'a release you may not see'

export const productUrl = ({ base, product }: Pick<ProductRecord, 'base' | 'product'>): string =>
  `${base}/product/${encodeURIComponent(product.internalName)}`

/** Leads to exactly the state that the record tells of, whatever happens later. */
export const permalink = (record: Pick<ProductRecord, 'base' | 'product'>): string =>
  `${productUrl(record)}?as_of=${momentOf(record.product)}`

/** `as_of` for the state after the event at a position of the log. */
export const momentOf = ({ position }: { readonly position: string }): string => position.replace(/^0+(?=\d{5})/, '')

/** The file in the same state: also when it was replaced since. */
export const fileUrl = (record: Pick<ProductRecord, 'base' | 'product'>, file: FileRow): string =>
  `${productUrl(record)}/files/${file.id}?as_of=${momentOf(record.product)}`

export const mainFile = ({ files }: ProductRecord): FileRow | null => files.find((file) => file.role === 'main') ?? null

/** The day of publication, or that of registration while there is none. */
export const publicationDay = ({ product }: ProductRecord): string =>
  (product.publishedAt ?? product.createdAt).slice(0, 10)

export const versionOf = ({ product }: ProductRecord): number => Math.max(1, product.version)

export const description = ({ product, typeDescription }: ProductRecord): string =>
  product.description || typeDescription
