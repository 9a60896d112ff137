import type { ColumnType } from '../../tables/table.ts'
import type { Column } from './columns.ts'
import type { PreparationReport } from './prepare.ts'
import type { Settings } from './settings.ts'

/** A column of the result. */
export interface OutputColumn {
  readonly name: string
  readonly type: ColumnType
  readonly column: Column
}

/** The combined catalog: rows in the order of the inputs, then of each input's rows. */
export interface CombinedTable {
  readonly rows: number
  readonly columns: readonly OutputColumn[]
}

/** What became of one input. */
export interface CatalogReport extends PreparationReport {
  /** Kept rows by `tie_result`, before duplicates are removed; empty when ties were not resolved. */
  readonly ties: Readonly<Record<string, number>>
  readonly rowsInResult: number
}

/** What a run did, for its log and metrics. Plain JSON. */
export interface CombineReport {
  readonly settings: Settings
  readonly catalogs: readonly CatalogReport[]
  readonly warnings: readonly string[]
  /** Rows of all inputs after preparation, and of the result. */
  readonly rowsPrepared: number
  readonly rowsInResult: number
  /** Null in concatenate mode, where no neighbours are looked for. */
  readonly duplicates: {
    readonly pairs: number
    /** Groups of two or more rows, without stars. */
    readonly groups: number
    readonly largestGroup: number
    readonly hardTies: number
    readonly drawnTies: number
  } | null
  /** Columns without any value, which the result does not have. */
  readonly emptyColumns: readonly string[]
}

export interface CombineResult {
  readonly table: CombinedTable
  /** Which column stands for what, for the product that the result becomes. */
  readonly columnsAssoc: Readonly<Record<string, string>>
  readonly report: CombineReport
}

/** The type of a column of the result, as its file will tell it. */
export function columnType(column: Column): ColumnType {
  if (column.kind === 'float') return 'float64'
  if (column.kind === 'text') return 'string'
  if (column.kind === 'boolean') return 'bool'
  return column.values instanceof Int8Array ? 'int8' : 'int64'
}

/** Which column stands for what: the homogenized flag for z_flag, CRD_ID for id, the others for themselves. */
export function associations(columns: readonly OutputColumn[]): Record<string, string> {
  const has = (name: string) => columns.some((column) => column.name === name)
  const result: Record<string, string> = {}
  for (const [role, names] of [
    ['id', ['CRD_ID', 'id']],
    ['ra', ['ra']],
    ['dec', ['dec']],
    ['z', ['z']],
    ['z_flag', ['z_flag_homogenized', 'z_flag']],
    ['z_err', ['z_err']],
    ['survey', ['survey']],
  ] as const) {
    const name = names.find(has)
    if (name) result[role] = name
  }
  return result
}
