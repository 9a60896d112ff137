import type { NumericValues } from '../arrow-columns.ts'
import { Texts } from '../texts.ts'
import {
  type Chunk,
  type ColumnData,
  type ColumnSpec,
  type OutputType,
  rowsOf,
  TableWriteError,
  type Utf8Values,
} from './output-table.ts'

/** A numeric or boolean column of a chunk. Floats have no mask: their nulls are NaN. */
export interface EncodedNumbers {
  readonly values: NumericValues
  /** 1 where there is no value (which is 0 then); null when every row has one. */
  readonly nulls: Uint8Array | null
}

/** A text column of a chunk, in UTF-8; a null is of length 0. */
export interface EncodedTexts extends Utf8Values {
  readonly nulls: Uint8Array | null
}

export type EncodedColumn = EncodedNumbers | EncodedTexts

/** A chunk in the one form that all writers take. */
export interface EncodedChunk {
  readonly rows: number
  readonly columns: readonly EncodedColumn[]
}

/** A typed array of zeros for the values of a numeric or boolean column. */
export function zeros(type: Exclude<OutputType, 'string'>, rows: number): NumericValues {
  switch (type) {
    case 'bool':
    case 'uint8':
      return new Uint8Array(rows)
    case 'int8':
      return new Int8Array(rows)
    case 'int16':
      return new Int16Array(rows)
    case 'int32':
      return new Int32Array(rows)
    case 'int64':
      return new BigInt64Array(rows)
    case 'uint16':
      return new Uint16Array(rows)
    case 'uint32':
      return new Uint32Array(rows)
    case 'uint64':
      return new BigUint64Array(rows)
    case 'float32':
      return new Float32Array(rows)
    case 'float64':
      return new Float64Array(rows)
  }
}

/** Whether the column holds texts, not numbers. */
export const isTexts = (column: EncodedColumn): column is EncodedTexts => 'offsets' in column

/** @throws TableWriteError bad_table */
export function numbersOf(column: EncodedColumn | undefined): EncodedNumbers {
  if (column === undefined || isTexts(column))
    throw new TableWriteError('bad_table', 'A column of numbers holds texts.')
  return column
}

/** @throws TableWriteError bad_table */
export function textsOf(column: EncodedColumn | undefined): EncodedTexts {
  if (column === undefined || !isTexts(column))
    throw new TableWriteError('bad_table', 'A column of texts holds numbers.')
  return column
}

/** Checks a chunk against its table and encodes it. @throws TableWriteError bad_table */
export function encoded({ rows, columns }: Chunk, specs: readonly ColumnSpec[]): EncodedChunk {
  if (columns.length !== specs.length) {
    throw new TableWriteError('bad_table', `A chunk has ${columns.length} columns, its table ${specs.length}.`)
  }
  return {
    rows,
    columns: columns.map((column, i) => {
      const spec = specs[i]!
      if (rowsOf(column) !== rows) {
        throw new TableWriteError(
          'bad_table',
          `Column "${spec.name}" has ${rowsOf(column)} values in a chunk of ${rows}.`,
        )
      }
      return encodedColumn(column, spec)
    }),
  }
}

function encodedColumn({ values, nulls }: ColumnData, spec: ColumnSpec): EncodedColumn {
  const mask = nulls?.some((isNull) => isNull !== 0) ? nulls : null
  if (spec.type === 'string') {
    if ('buffer' in values) throw wrongValues(spec)
    if (values instanceof Texts) return mask === null ? values.utf8() : encodedTexts(values.strings(), mask)
    return 'offsets' in values ? copiedTexts(values, mask) : encodedTexts(values, mask)
  }
  const expected = zeros(spec.type, 0)
  if (!('buffer' in values) || values.constructor !== expected.constructor) throw wrongValues(spec)
  if (values instanceof Float64Array || values instanceof Float32Array) {
    return { values: withOneNaN(values, mask), nulls: null }
  }
  if (mask === null) return { values, nulls: null }
  const cleaned = values.slice()
  for (let row = 0; row < mask.length; row++) {
    if (mask[row] === 0) continue
    if (cleaned instanceof BigInt64Array || cleaned instanceof BigUint64Array) cleaned[row] = 0n
    else cleaned[row] = 0
  }
  return { values: cleaned, nulls: mask }
}

/**
 * Floats in which whatever has no value is the same NaN. Of one that was computed, sign and payload depend on the processor, and on
 * whether V8 had compiled the code yet: a replay would not have the same bytes.
 */
function withOneNaN(values: Floats, mask: Uint8Array | null): Floats {
  const isDouble = values instanceof Float64Array
  const highest = isDouble ? 0x7ff80000 : 0x7fc00000
  let cleaned = values
  let words = wordsOf(values)
  for (let row = 0; row < values.length; row++) {
    if (!Number.isNaN(values[row]!) && (mask === null || mask[row] === 0)) continue
    const low = isDouble ? 2 * row : row
    const high = isDouble ? low + 1 : low
    if (words[high] === highest && (low === high || words[low] === 0)) continue
    if (cleaned === values) {
      cleaned = values.slice()
      words = wordsOf(cleaned)
    }
    words[low] = 0
    words[high] = highest
  }
  return cleaned
}

type Floats = Float64Array | Float32Array

/** The bits of floats as integers, which nothing rewrites on the way; little-endian, as Arrow's memory is. */
const wordsOf = ({ buffer, byteOffset, byteLength }: Floats) => new Uint32Array(buffer, byteOffset, byteLength / 4)

function wrongValues({ name, type }: ColumnSpec): TableWriteError {
  return new TableWriteError('bad_table', `Column "${name}" is of type ${type}, its values are not.`)
}

const encoder = new TextEncoder()

function encodedTexts(texts: readonly (string | null)[], mask: Uint8Array | null): EncodedTexts {
  const rows = texts.length
  const offsets = new Int32Array(rows + 1)
  let bytes = new Uint8Array(Math.max(64, rows * 16))
  let nulls: Uint8Array | null = null
  let length = 0
  for (let row = 0; row < rows; row++) {
    const text = texts[row]!
    if (text === null || (mask !== null && mask[row] !== 0)) {
      nulls ??= new Uint8Array(rows)
      nulls[row] = 1
    } else {
      if (length + text.length * 3 > bytes.length) bytes = grown(bytes, length + text.length * 3)
      length = appendText(text, bytes, length)
    }
    offsets[row + 1] = length
  }
  return { bytes, offsets, nulls }
}

/** Short ASCII is faster written by hand. */
function appendText(text: string, bytes: Uint8Array, start: number): number {
  const { length } = text
  if (length > 64) return start + encoder.encodeInto(text, bytes.subarray(start)).written
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return start + encoder.encodeInto(text, bytes.subarray(start)).written
    bytes[start + i] = code
  }
  return start + length
}

function grown(bytes: Uint8Array, needed: number): Uint8Array<ArrayBuffer> {
  if (needed > 0x7fff_ffff) throw new TableWriteError('too_large', 'The texts of a chunk have more than 2 GB.')
  const larger = new Uint8Array(Math.min(0x7fff_ffff, Math.max(needed, bytes.length * 2)))
  larger.set(bytes)
  return larger
}

/** Texts that are UTF-8 already; those under nulls are taken out. */
function copiedTexts({ bytes, offsets }: Utf8Values, mask: Uint8Array | null): EncodedTexts {
  const clean = mask === null || mask.every((isNull, row) => isNull === 0 || offsets[row + 1] === offsets[row])
  if (clean) return { bytes, offsets, nulls: mask }
  const rows = offsets.length - 1
  const cleaned = new Int32Array(rows + 1)
  const text = new Uint8Array(offsets[rows]! - offsets[0]!)
  for (let row = 0, at = 0; row < rows; row++) {
    if (mask[row] === 0) {
      text.set(bytes.subarray(offsets[row]!, offsets[row + 1]!), at)
      at += offsets[row + 1]! - offsets[row]!
    }
    cleaned[row + 1] = at
  }
  return { bytes: text, offsets: cleaned, nulls: mask }
}
