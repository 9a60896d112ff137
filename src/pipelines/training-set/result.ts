import type { Column } from '../combine/columns.ts'
import type { MatchCounts } from './match-objects.ts'
import type { ColumnWords } from './naming.ts'
import type { OutputFormat } from './parameters.ts'
import type { RedshiftReport } from './redshifts.ts'

export interface TrainingSetColumn {
  readonly name: string
  readonly column: Column
}

/** A training set, with what its file and its product need. */
export interface TrainingSetResult {
  /** By redshift row, then separation, then object id. */
  readonly table: { readonly rows: number; readonly columns: readonly TrainingSetColumn[] }
  /** Units, UCDs and descriptions by the result's columns. */
  readonly words: Readonly<Record<string, ColumnWords>>
  /** Which column stands for what (`ra`, `dec`, `z` …), for the product that the result becomes. */
  readonly columnsAssoc: Readonly<Record<string, string>>
  /** The group of an HDF5 file in which the columns lie; null: at its root. */
  readonly hdf5Group: string | null
  readonly report: TrainingSetReport
}

/** What a run did, for its log and metrics. Plain JSON. */
export interface TrainingSetReport {
  readonly redshifts: RedshiftReport
  readonly objects: MatchCounts & { readonly name: string; readonly rows: number | null }
  readonly rows: number
  /** Redshift rows and objects that have a match. */
  readonly redshiftsMatched: number
  readonly objectsMatched: number
  /** Arcsec; null without matches. */
  readonly medianSeparation: number | null
  /** The flux of the photometry, in the catalog's spelling. */
  readonly fluxType: string | null
  /** Columns that were computed, by their names in the result. */
  readonly computedColumns: readonly string[]
  /** Rows by subset; empty without a split. */
  readonly subsets: Readonly<Record<string, number>>
  readonly warnings: readonly string[]
}

/** The format of the result's file. @param redshiftFormat that of the redshift catalog's file */
export function outputFormat(asked: OutputFormat | null, redshiftFormat: OutputFormat): OutputFormat {
  return asked ?? redshiftFormat
}
