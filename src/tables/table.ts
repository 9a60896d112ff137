import type { RecordBatch } from 'apache-arrow'

/** The formats of tables that we read. */
export type TableFormat = 'csv' | 'fits' | 'hats' | 'hdf5' | 'parquet' | 'votable'

/**
 * The type of a column, in the words of the field. `array` columns hold several values in a cell (FITS vectors, Parquet
 * lists and structs); they are shown, but have no statistics of their own.
 */
export type ColumnType =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'string'
  | 'timestamp'
  | 'array'

/** A column as its file describes it. */
export interface ColumnDescription {
  readonly name: string
  readonly type: ColumnType
  /** The type in the file's own words, e.g. `301E`, `list<double>`. */
  readonly nativeType: string
  readonly unit: string | null
  readonly ucd: string | null
  readonly description: string | null
}

/** How a text table was understood. */
export interface TextDialect {
  readonly delimiter: ',' | ';' | '\t' | '|' | ' '
  readonly hasHeader: boolean
  /** `latin1` is Windows-1252. */
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1'
  readonly decimalComma: boolean
  readonly comment: '#' | null
}

export interface BatchOptions {
  /** Names of the columns wanted, in this order; all when left out. */
  readonly columns?: readonly string[]
  readonly batchRows?: number
  /**
   * The memory of a batch may be used again for the next one, so that it stays in the cache of the processor: take from
   * a batch what you need before you ask for another.
   */
  readonly recycle?: boolean
  /** Cells of `array` columns in rows from this one on are left empty: nobody looks at their JSON. Nulls stay nulls. */
  readonly arrayRows?: number
  /** false: nothing is read ahead by another thread, because all processors have work already. */
  readonly readAhead?: boolean
}

/**
 * An open table. Batches carry one Arrow vector per requested column, in the requested order, nulls in the validity
 * bitmap; 64-bit integers stay 64-bit. Types per `ColumnType`: Bool, Int8 … Uint64, Float32/64, Utf8, TimestampMillisecond;
 * `array` cells are Utf8 holding JSON.
 */
export interface TableReader {
  readonly format: TableFormat
  /** Rows, when the file says so before it is read; text tables do not. */
  readonly rows: number | null
  readonly columns: readonly ColumnDescription[]
  readonly dialect: TextDialect | null
  /** What a person should know, e.g. "The file holds 3 tables; this is the first (PHOT)." */
  readonly notes: readonly string[]
  /**
   * Names of columns that lie together in the file, in the order of `columns`: reading these groups one after the other
   * costs no more than reading all at once, and needs less memory. Left out when all columns lie together.
   */
  readonly groups?: readonly (readonly string[])[]
  /** Columns that are not asked for cost next to nothing: two who look at half of the columns each are sooner done. */
  readonly skipsColumns?: true
  /** Reads the table from its beginning, each time it is called. @throws TableError */
  batches(options?: BatchOptions): AsyncIterable<RecordBatch>
  close(): Promise<void>
}

export interface TableLimits {
  /** Most columns of a table. */
  readonly columns: number
  /** Most cells (rows x columns) of a table: stops a 132 kB Parquet file that holds 20 million rows of nothing. */
  readonly cells: number
  /** Most bytes of one text line. */
  readonly lineBytes: number
  /** Most bytes that a .gz or a zip member may unpack to. */
  readonly unpackedBytes: number
}

export const DEFAULT_LIMITS: TableLimits = {
  columns: 5_000,
  cells: 2_000_000_000,
  lineBytes: 16 * 1024 * 1024,
  unpackedBytes: 2_000_000_000,
}

/** Where a table lies: a path on disk, and the name that the person gave it (its extension is checked against the content). */
export interface TableSource {
  readonly path: string
  readonly fileName: string
  /** Bytes of the file in which the table lies (Parquet), when it is inside of another file. */
  readonly stretch?: { readonly start: number; readonly size: number }
}

/** Why a file is not a table that we can read. `code` is stable; `message` names the file, line or column and what to do. */
export class TableError extends Error {
  constructor(
    readonly code:
      | 'not_a_table'
      | 'extension_lies'
      | 'malformed'
      | 'unsupported'
      | 'too_large'
      | 'no_columns'
      | 'empty'
      | 'unsafe_archive'
      | 'out_of_memory'
      | 'out_of_time'
      | 'cancelled',
    message: string,
    /** 1-based line or row where it went wrong, when known. */
    readonly line: number | null = null,
  ) {
    super(message)
    this.name = 'TableError'
  }
}

/** While a table is read whose size is not known before. @throws TableError when the rows so far have too many cells */
export function requireCells(rows: number, columns: number, limits: { readonly cells: number }): void {
  if (rows * columns > limits.cells) {
    throw new TableError('too_large', `The table has more than ${limits.cells} cells (rows times columns).`)
  }
}
