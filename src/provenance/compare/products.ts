import type { RecordedEvent } from '../../eventstore/port.ts'
import type { FileRow } from '../../projections/files/tables.ts'
import type { ProductRow } from '../../projections/products/tables.ts'
import { type ComparedColumn, compareColumns, type DescribedColumns } from './columns.ts'
import { type Compared, compared } from './compared.ts'
import { type Divergence, firstDivergence } from './events.ts'
import { type ComparedFile, compareFiles } from './files.ts'
import { compareRuns, type RunComparison, type RunSide } from './runs.ts'

/** A product in the state of one moment, with the names that go with its numbers. */
export interface ProductSide extends DescribedColumns {
  readonly product: ProductRow
  readonly ownerName: string
  readonly typeName: string
  readonly releaseName: string | null
  readonly files: readonly FileRow[]
  /** Until the moment. */
  readonly events: readonly RecordedEvent[]
  /** What made it; null for an upload. */
  readonly run: RunSide | null
}

export interface ProductComparison {
  /** What people say of it, and how much it holds. */
  readonly facts: readonly Compared[]
  readonly files: readonly ComparedFile[]
  readonly columns: readonly ComparedColumn[]
  /** How both were made; null unless two different runs made them. */
  readonly runs: RunComparison | null
  readonly divergence: Divergence | null
}

/** Two products, or one of two moments. */
export function compareProducts(left: ProductSide, right: ProductSide): ProductComparison {
  const [a, b] = [left.product, right.product]
  return {
    facts: [
      compared('name', a.displayName, b.displayName),
      compared('type', left.typeName, right.typeName),
      compared('release', left.releaseName, right.releaseName),
      compared('photo-z code', a.pzCode, b.pzCode),
      compared('description', a.description, b.description),
      compared('owner', left.ownerName, right.ownerName),
      compared('origin', a.origin, b.origin),
      compared('made by run', a.runId, b.runId),
      compared('official', a.official, b.official),
      compared('status', a.status, b.status),
      // As the page of a product counts: a draft is on its way to version 1.
      compared('version', Math.max(1, a.version), Math.max(1, b.version)),
      compared('format', a.format, b.format),
      compared('rows', a.rows, b.rows),
      compared('columns', a.columns, b.columns),
      compared('bytes', a.size, b.size),
    ],
    files: compareFiles(left.files, right.files),
    columns: compareColumns(left, right),
    runs: left.run && right.run && left.run.row.id !== right.run.row.id ? compareRuns(left.run, right.run) : null,
    divergence: firstDivergence(left.events, right.events),
  }
}
