import type { ColumnDescription, TableFormat, TextDialect } from './table.ts'

/** A cell as JSON shows it: integers beyond 2^53 as decimal strings, NaN and nulls as null, arrays nested. */
export type Cell = null | boolean | number | string | readonly Cell[] | { readonly [key: string]: Cell }

/** Equal-width bins from `low` to `high` (the last one closed); values beyond are counted outside. */
export interface Histogram {
  readonly low: number
  readonly high: number
  readonly counts: readonly number[]
  readonly below: number
  readonly above: number
}

/** A column and what its values are like. Numbers in the column's own unit. */
export interface ColumnProfile extends ColumnDescription {
  /** Cells without a value: nulls, and NaN in floating point columns. */
  readonly nulls: number
  /** Smallest and largest: numbers; decimal strings for integers beyond 2^53; text in order of code points. */
  readonly min: number | string | null
  readonly max: number | string | null
  readonly mean: number | null
  readonly standardDeviation: number | null
  readonly median: number | null
  /** Number of different values: exact when small, else an estimate within a few percent. */
  readonly distinct: number | null
  readonly distinctIsExact: boolean
  readonly histogram: Histogram | null
  /** The most frequent values of a column with few different ones, most frequent first. */
  readonly frequent: readonly { readonly value: Cell; readonly count: number }[] | null
}

/** What a look through the whole file told: a function of the file's bytes alone, so it can be made again at any time. */
export interface Inspection {
  /** Version of this document's form. */
  readonly version: 1
  readonly format: TableFormat
  readonly rows: number
  readonly dialect: TextDialect | null
  readonly columns: readonly ColumnProfile[]
  /** The first rows, one array per row in the order of the columns. */
  readonly preview: readonly (readonly Cell[])[]
  readonly notes: readonly string[]
}
