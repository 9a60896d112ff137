import type { NumericValues } from '../arrow-columns.ts'
import type { ColumnType } from '../table.ts'
import { Texts } from '../texts.ts'

/** The types that a column can be written with. */
export type OutputType = Exclude<ColumnType, 'timestamp' | 'array'>

/** A column as it will be described in its file. */
export interface ColumnSpec {
  readonly name: string
  readonly type: OutputType
  /** In the syntax of VOUnits, e.g. `deg`, `nJy`. */
  readonly unit?: string | null
  /** UCD1+. */
  readonly ucd?: string | null
  readonly description?: string | null
}

/** Texts in UTF-8 as Arrow keeps them: the text of row i is bytes[offsets[i]] up to bytes[offsets[i + 1]]. */
export interface Utf8Values {
  readonly bytes: Uint8Array
  readonly offsets: Int32Array
}

/**
 * The values of a column, one per row. Numbers in the typed array of the column's type (`bool`: 0 and 1 in a Uint8Array),
 * texts as `Texts`, as strings or in UTF-8. NaN is "no value", as is a row whose `nulls` is not 0; what lies under a null is never
 * written.
 */
export interface ColumnData {
  readonly values: NumericValues | readonly (string | null)[] | Utf8Values | Texts
  readonly nulls?: Uint8Array | null
}

export interface OutputColumn extends ColumnSpec, ColumnData {}

/** What a table says about itself. All of it goes into the file: nothing that differs between two writings belongs here. */
export interface TableMetadata {
  readonly title?: string
  readonly description?: string
  /** INFOs of "Data Origin in the VO" (IVOA Note 1.1), e.g. publisher, citation, rights_uri; not request_date. */
  readonly dataOrigin?: Readonly<Record<string, string>>
}

/** A table to write, in memory. */
export interface OutputTable {
  readonly rows: number
  readonly columns: readonly OutputColumn[]
  readonly metadata: TableMetadata
}

/** Some rows of a table: the values of each of its columns. */
export interface Chunk {
  readonly rows: number
  readonly columns: readonly ColumnData[]
}

/** A table to write that comes in pieces. How it is cut does not change the file. */
export interface TableStream {
  readonly columns: readonly ColumnSpec[]
  readonly metadata: TableMetadata
  readonly chunks: AsyncIterable<Chunk> | Iterable<Chunk>
}

/** Why a table cannot be written. `code` is stable. */
export class TableWriteError extends Error {
  constructor(
    readonly code: 'bad_table' | 'too_many_columns' | 'too_large' | 'bad_coordinates' | 'exists',
    message: string,
  ) {
    super(message)
    this.name = 'TableWriteError'
  }
}

/** A column of a pipeline's result: its kind tells what the values are (see src/pipelines/combine/columns.ts). */
export type PipelineColumn =
  | { readonly kind: 'float'; readonly values: Float64Array | Float32Array }
  | {
      readonly kind: 'integer' | 'boolean'
      readonly values: Exclude<NumericValues, Float32Array | Float64Array>
      readonly nulls: Uint8Array | null
    }
  | { readonly kind: 'text'; readonly values: Texts }

export interface PipelineTable {
  readonly rows: number
  readonly columns: readonly { readonly name: string; readonly column: PipelineColumn }[]
}

/**
 * The result of a pipeline as a table to write.
 * @param words units, UCDs and descriptions by the name of the column
 */
export function outputTableOf(
  table: PipelineTable,
  metadata: TableMetadata,
  words: Readonly<Record<string, Omit<ColumnSpec, 'name' | 'type'>>> = {},
): OutputTable {
  const columns = table.columns.map(
    ({ name, column }): OutputColumn => ({
      name,
      type: typeOf(column),
      ...(Object.hasOwn(words, name) ? words[name] : {}),
      values: column.values,
      nulls: 'nulls' in column ? column.nulls : null,
    }),
  )
  return { rows: table.rows, columns, metadata }
}

function typeOf(column: PipelineColumn): OutputType {
  if (column.kind === 'text') return 'string'
  if (column.kind === 'boolean') return 'bool'
  const { values } = column
  if (values instanceof Float64Array) return 'float64'
  if (values instanceof Float32Array) return 'float32'
  if (values instanceof Int8Array) return 'int8'
  if (values instanceof Int16Array) return 'int16'
  if (values instanceof Int32Array) return 'int32'
  if (values instanceof BigInt64Array) return 'int64'
  if (values instanceof Uint8Array) return 'uint8'
  if (values instanceof Uint16Array) return 'uint16'
  if (values instanceof Uint32Array) return 'uint32'
  return 'uint64'
}

/** A table that is in memory, in pieces. */
export function streamOf(table: OutputTable, chunkRows: number): TableStream {
  return { columns: table.columns, metadata: table.metadata, chunks: slices(table, chunkRows) }
}

function* slices({ rows, columns }: OutputTable, chunkRows: number): Generator<Chunk> {
  for (const column of columns) {
    if (rowsOf(column) !== rows) {
      throw new TableWriteError(
        'bad_table',
        `Column "${column.name}" has ${rowsOf(column)} values, the table ${rows} rows.`,
      )
    }
  }
  for (let start = 0; start < rows; start += chunkRows) {
    const end = Math.min(rows, start + chunkRows)
    yield { rows: end - start, columns: columns.map((column) => sliceOf(column, start, end)) }
  }
}

/** How many values a column has. */
export function rowsOf({ values }: ColumnData): number {
  return 'offsets' in values ? values.offsets.length - 1 : values.length
}

function sliceOf({ values, nulls }: ColumnData, start: number, end: number): ColumnData {
  const mask = nulls?.subarray(start, end) ?? null
  if (values instanceof Texts) return { values: values.slice(start, end), nulls: mask }
  if ('offsets' in values) {
    return { values: { bytes: values.bytes, offsets: values.offsets.subarray(start, end + 1) }, nulls: mask }
  }
  return { values: 'buffer' in values ? values.subarray(start, end) : values.slice(start, end), nulls: mask }
}

/** The given rows of a table, in the given order. */
export function takeRows(table: OutputTable, rows: Uint32Array): OutputTable {
  return {
    ...table,
    rows: rows.length,
    columns: table.columns.map((column) => ({ ...column, ...takeColumn(column, rows) })),
  }
}

function takeColumn({ values, nulls }: ColumnData, rows: Uint32Array): ColumnData {
  const mask = nulls ? takeNumbers(nulls, rows) : null
  if (values instanceof Texts) return { values: values.take(rows), nulls: mask }
  if ('offsets' in values) return { values: takeUtf8(values, rows), nulls: mask }
  if ('buffer' in values) return { values: takeNumbers(values, rows), nulls: mask }
  const texts: (string | null)[] = new Array(rows.length)
  for (let i = 0; i < rows.length; i++) texts[i] = values[rows[i]!]!
  return { values: texts, nulls: mask }
}

function takeUtf8({ bytes, offsets }: Utf8Values, rows: Uint32Array): Utf8Values {
  const taken = new Int32Array(rows.length + 1)
  for (let i = 0; i < rows.length; i++) taken[i + 1] = taken[i]! + offsets[rows[i]! + 1]! - offsets[rows[i]!]!
  const text = new Uint8Array(taken[rows.length]!)
  for (let i = 0; i < rows.length; i++) text.set(bytes.subarray(offsets[rows[i]!]!, offsets[rows[i]! + 1]!), taken[i]!)
  return { bytes: text, offsets: taken }
}

/** The given rows of a typed array. */
export function takeNumbers<T extends NumericValues>(values: T, rows: Uint32Array): T {
  const taken = new (values.constructor as new (length: number) => T)(rows.length)
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!
  return taken
}
