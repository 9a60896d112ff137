import {
  Bool,
  BufferType,
  Data,
  type DataType,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMillisecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow'
import { type ColumnDescription, type ColumnType, TableError } from './table.ts'

/**
 * Arrow columns made from typed arrays, as the binary readers (FITS, HDF5, Parquet) fill them.
 */

/** Rows of a batch when the caller does not say. */
export const BATCH_ROWS = 65_536

/** Most bytes of file that a batch is made from: with it, memory does not depend on how wide a table is. */
export const BATCH_BYTES = 16 * 1024 * 1024

/** Most elements of `array` cells in a batch (they become JSON text). */
export const BATCH_ELEMENTS = 2_000_000

/** Rows of a batch: what was asked, or fewer where rows are wide. Never less than one. */
export function rowsPerBatch(
  requested: number | undefined,
  rowBytes: number,
  elementsPerRow = 0,
  mostBytes = BATCH_BYTES,
): number {
  const asked = Math.max(1, Math.floor(requested ?? BATCH_ROWS))
  const byBytes = rowBytes > 0 ? Math.floor(mostBytes / rowBytes) : asked
  const byElements = elementsPerRow > 0 ? Math.floor(BATCH_ELEMENTS / elementsPerRow) : asked
  return Math.max(1, Math.min(asked, byBytes, byElements))
}

/** Most bytes of file that a batch of recycled memory is made from: they stay in the cache of a processor's core. */
export const CACHE_BYTES = 1024 * 1024

/** Where the columns of a batch get their memory; what is in it is left to chance. */
export interface Memory {
  take(bytes: number): ArrayBuffer
}

/** New memory, full of zeros, for whoever keeps it. */
export const FRESH_MEMORY: Memory = { take: (bytes) => new ArrayBuffer(bytes) }

/** Gives every batch the same memory again. */
export class RecycledMemory implements Memory {
  readonly #buffers: ArrayBuffer[] = []
  #taken = 0

  /** The batch before is over. */
  startBatch(): void {
    this.#taken = 0
  }

  take(bytes: number): ArrayBuffer {
    const known = this.#buffers[this.#taken]
    const buffer = known !== undefined && known.byteLength >= bytes ? known : new ArrayBuffer(bytes)
    this.#buffers[this.#taken++] = buffer
    return buffer
  }
}

/** Which rows of a column have a value. Costs nothing until the first null. */
export class Validity {
  readonly #rows: number
  #bits: Uint8Array | null = null
  #nulls = 0

  constructor(rows: number) {
    this.#rows = rows
  }

  get nulls(): number {
    return this.#nulls
  }

  /** Arrow's validity bitmap: bit set where there is a value; null when every row has one. */
  get bitmap(): Uint8Array | null {
    return this.#bits
  }

  /** Marks a row as null; at most once per row. */
  setNull(row: number): void {
    this.#bits ??= new Uint8Array(Math.ceil(this.#rows / 64) * 8).fill(0xff)
    this.#bits[row >> 3]! &= ~(1 << (row & 7))
    this.#nulls++
  }
}

/** A typed array that holds the values of a numeric column. */
export type NumericValues =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array

/** Column types whose values lie in a typed array. */
export type NumericType = Exclude<ColumnType, 'bool' | 'string' | 'timestamp' | 'array'>

/** A typed array for `rows` values of a numeric type, all of which the caller sets. */
export function numericValues(type: NumericType, rows: number, memory = FRESH_MEMORY): NumericValues {
  switch (type) {
    case 'int8':
      return new Int8Array(memory.take(rows), 0, rows)
    case 'int16':
      return new Int16Array(memory.take(2 * rows), 0, rows)
    case 'int32':
      return new Int32Array(memory.take(4 * rows), 0, rows)
    case 'int64':
      return new BigInt64Array(memory.take(8 * rows), 0, rows)
    case 'uint8':
      return new Uint8Array(memory.take(rows), 0, rows)
    case 'uint16':
      return new Uint16Array(memory.take(2 * rows), 0, rows)
    case 'uint32':
      return new Uint32Array(memory.take(4 * rows), 0, rows)
    case 'uint64':
      return new BigUint64Array(memory.take(8 * rows), 0, rows)
    case 'float32':
      return new Float32Array(memory.take(4 * rows), 0, rows)
    case 'float64':
      return new Float64Array(memory.take(8 * rows), 0, rows)
  }
}

/** The Arrow type that carries a column type in a batch. */
export function arrowType(type: ColumnType): DataType {
  switch (type) {
    case 'bool':
      return new Bool()
    case 'int8':
      return new Int8()
    case 'int16':
      return new Int16()
    case 'int32':
      return new Int32()
    case 'int64':
      return new Int64()
    case 'uint8':
      return new Uint8()
    case 'uint16':
      return new Uint16()
    case 'uint32':
      return new Uint32()
    case 'uint64':
      return new Uint64()
    case 'float32':
      return new Float32()
    case 'float64':
      return new Float64()
    case 'timestamp':
      return new TimestampMillisecond()
    case 'string':
    case 'array':
      return new Utf8()
  }
}

/** Values of fixed width as an Arrow column: numbers, timestamps (milliseconds since 1970) or bits (Bool, packed). */
export function fixedWidthData(
  type: ColumnType,
  rows: number,
  values: NumericValues,
  validity: Validity | { readonly nulls: number; readonly bitmap: Uint8Array | null },
): Data {
  return new Data(arrowType(type), 0, rows, validity.nulls, {
    [BufferType.DATA]: values,
    [BufferType.VALIDITY]: validity.bitmap ?? new Uint8Array(0),
  })
}

/** Bits of a Bool column, packed as Arrow does. */
export class Bits {
  readonly packed: Uint8Array

  constructor(rows: number) {
    this.packed = new Uint8Array(Math.ceil(rows / 64) * 8)
  }

  set(row: number): void {
    this.packed[row >> 3]! |= 1 << (row & 7)
  }
}

/** Schemas by the columns that they were made of: a table has many batches. */
const schemas = new WeakMap<readonly ColumnDescription[], Schema>()

/** A batch of columns that all have `rows` rows, under the names that the table gives them. */
export function recordBatch(columns: readonly ColumnDescription[], data: readonly Data[], rows: number): RecordBatch {
  let schema = schemas.get(columns)
  if (schema === undefined) {
    schema = new Schema(columns.map((column) => new Field(column.name, arrowType(column.type), true)))
    schemas.set(columns, schema)
  }
  const type = new Struct(schema.fields)
  return new RecordBatch(schema, makeData({ type, length: rows, nullCount: 0, children: [...data] }))
}

/** The columns asked for by name, in the order of the names; all when no names are given. @throws TableError */
export function chosenColumns<C extends ColumnDescription>(columns: readonly C[], names?: readonly string[]): C[] {
  if (names === undefined) return [...columns]
  const byName = new Map(columns.map((column) => [column.name, column]))
  return names.map((name) => {
    const column = byName.get(name)
    if (column === undefined) throw new TableError('malformed', `The table has no column "${name}".`)
    return column
  })
}

/** Names made different: the second `ra` becomes `ra.1`, as pandas does. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names)
  const seen = new Set<string>()
  return names.map((name) => {
    let unique = name
    for (let n = 1; seen.has(unique); n++) {
      const candidate = `${name}.${n}`
      if (!taken.has(candidate)) unique = candidate
    }
    seen.add(unique)
    return unique
  })
}

/** @throws TableError when a table has no columns, too many, or too many cells (rows x columns). */
export function checkSize(
  fileName: string,
  rows: number,
  columns: number,
  limits: { readonly columns: number; readonly cells: number },
): void {
  if (columns === 0) throw new TableError('no_columns', `${fileName} holds a table without columns.`)
  if (columns > limits.columns) {
    throw new TableError('too_large', `${fileName} has ${columns} columns; at most ${limits.columns} can be read.`)
  }
  if (rows * columns > limits.cells) {
    throw new TableError(
      'too_large',
      `${fileName} has too many cells: ${rows} rows x ${columns} columns; at most ${limits.cells} cells can be read.`,
    )
  }
}

/** A single-precision number as the shortest decimal that reads back as the same number: 0.1, not 0.10000000149011612. */
export function shortestFloat32(value: number): number {
  for (let digits = 7; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return Number(value.toPrecision(9))
}

/** A value inside an `array` cell, before it becomes JSON. */
export type CellValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly CellValue[]
  | { readonly [key: string]: CellValue }

/** A float inside of an `array` cell: JSON has no infinities, which become the words that single cells have. */
export function floatCell(value: number): CellValue {
  if (value === Number.POSITIVE_INFINITY) return 'inf'
  return value === Number.NEGATIVE_INFINITY ? '-inf' : value
}

/** A flat list folded into nested lists; `shape` is outermost first, e.g. [2, 3] makes two lists of three. */
export function nested(values: readonly CellValue[], shape: readonly number[]): CellValue {
  if (shape.length <= 1) return values
  const inner = shape.slice(1)
  const step = inner.reduce((product, size) => product * size, 1)
  return Array.from({ length: shape[0]! }, (_, i) => nested(values.slice(i * step, (i + 1) * step), inner))
}

/** A column with more nulls than it had; the values under them stay where they are. */
export function withNulls(data: Data, isNull: (row: number) => boolean): Data {
  const { type, offset, length, children } = data
  const validity = new Validity(offset + length)
  for (let row = 0; row < length; row++) if (isNull(row) || !data.getValid(row)) validity.setNull(offset + row)
  if (validity.bitmap === null) return data
  const buffers = {
    [BufferType.OFFSET]: data.valueOffsets,
    [BufferType.DATA]: data.values,
    [BufferType.VALIDITY]: validity.bitmap,
  }
  return new Data(type, offset, length, validity.nulls, buffers, children)
}
