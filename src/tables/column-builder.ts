import { type Data, makeData, Utf8 } from 'apache-arrow'
import { fixedWidthData, type NumericType, type NumericValues, numericValues } from './arrow-columns.ts'
import type { ColumnType } from './table.ts'

/** How a column is kept while it is being filled. */
export type Storage = 'number' | 'integer' | 'bool' | 'text'

const NO_FLOATS = new Float64Array(0)
const NO_WORDS = new Int32Array(0)
const NO_BYTES = new Uint8Array(0)
const TWO_32 = 4294967296

/** How columns of a type are kept; arrays as their JSON, timestamps as integers. */
export function storageOf(type: ColumnType): Storage {
  switch (type) {
    case 'bool':
      return 'bool'
    case 'string':
    case 'array':
      return 'text'
    case 'int64':
    case 'uint64':
    case 'timestamp':
      return 'integer'
    default:
      return 'number'
  }
}

/**
 * Collects the cells of one column of one batch. Rows are written by index, in any order of columns; a row that turns out
 * to be incomplete is simply written again after `forget`.
 */
export class ColumnBuilder {
  readonly storage: Storage
  floats: Float64Array = NO_FLOATS
  /** 64-bit integers as pairs of words, the low one first. */
  words: Int32Array = NO_WORDS
  bits: Uint8Array = NO_BYTES
  text: Uint8Array = NO_BYTES
  offsets: Int32Array = NO_WORDS
  validity: Uint8Array = NO_BYTES

  constructor(
    readonly type: ColumnType,
    readonly capacity: number,
    private readonly recycle = false,
  ) {
    this.storage = storageOf(type)
    this.allocate()
  }

  /** Makes ready for the next batch. The memory of the last one belongs to whoever received it, unless it is recycled. */
  reset(): void {
    if (this.recycle) this.validity = allValid(this.capacity)
    else this.allocate()
  }

  private allocate(): void {
    const { capacity } = this
    this.validity = allValid(capacity)
    if (this.storage === 'number') this.floats = new Float64Array(capacity)
    else if (this.storage === 'integer') this.words = new Int32Array(2 * capacity)
    else if (this.storage === 'bool') this.bits = new Uint8Array((capacity + 7) >> 3)
    else {
      this.text = new Uint8Array(Math.max(1024, this.text.length >> 1, capacity))
      this.offsets = new Int32Array(capacity + 1)
    }
  }

  forget(row: number): void {
    this.validity[row >> 3]! |= 1 << (row & 7)
  }

  setNull(row: number): void {
    this.validity[row >> 3]! &= ~(1 << (row & 7))
    if (this.storage === 'text') this.offsets[row + 1] = this.offsets[row]!
    else if (this.storage === 'number') this.floats[row] = Number.NaN
  }

  setBool(row: number, value: boolean): void {
    if (value) this.bits[row >> 3]! |= 1 << (row & 7)
    else this.bits[row >> 3]! &= ~(1 << (row & 7))
  }

  /** An integer that a double holds exactly. */
  setInteger(row: number, value: number): void {
    const high = Math.floor(value / TWO_32)
    this.words[2 * row] = value - high * TWO_32
    this.words[2 * row + 1] = high
  }

  /** A 64-bit integer of the given magnitude. */
  setWords(row: number, low: number, high: number, negative: boolean): void {
    if (negative) {
      this.words[2 * row] = -low
      this.words[2 * row + 1] = low === 0 ? -high : ~high
    } else {
      this.words[2 * row] = low
      this.words[2 * row + 1] = high
    }
  }

  setText(row: number, bytes: Uint8Array, start: number, end: number): void {
    const at = this.offsets[row]!
    const length = end - start
    if (at + length > this.text.length) this.grow(at + length)
    const { text } = this
    if (length < 32) for (let i = 0; i < length; i++) text[at + i] = bytes[start + i]!
    else text.set(bytes.subarray(start, end), at)
    this.offsets[row + 1] = at + length
  }

  /** Bytes of text up to a row; 0 for other columns. */
  textBytes(row: number): number {
    return this.storage === 'text' ? this.offsets[row]! : 0
  }

  /** The first `rows` cells as Arrow data. */
  data(rows: number): Data {
    const nulls = this.nulls(rows)
    const bitmap = nulls === 0 ? null : this.validity.subarray(0, ((rows + 63) >> 6) << 3)
    const { type } = this
    if (type !== 'string' && type !== 'array')
      return fixedWidthData(type, rows, this.values(type, rows), { nulls, bitmap })
    return makeData({
      type: new Utf8(),
      length: rows,
      nullCount: nulls,
      nullBitmap: bitmap,
      valueOffsets: this.offsets.subarray(0, rows + 1),
      data: this.text.subarray(0, this.offsets[rows]!),
    })
  }

  private values(type: NumericType | 'bool' | 'timestamp', rows: number): NumericValues {
    if (type === 'bool') return this.bits
    if (type === 'uint64') return new BigUint64Array(this.words.buffer, 0, rows)
    if (type === 'int64' || type === 'timestamp') return new BigInt64Array(this.words.buffer, 0, rows)
    const floats = this.floats.subarray(0, rows)
    if (type === 'float64') return floats
    const values = numericValues(type, rows)
    if (!(values instanceof BigInt64Array || values instanceof BigUint64Array)) values.set(floats)
    return values
  }

  private grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, 2 * this.text.length))
    larger.set(this.text)
    this.text = larger
  }

  private nulls(rows: number): number {
    const { validity } = this
    let valid = 0
    const whole = rows >> 3
    for (let i = 0; i < whole; i++) {
      const byte = validity[i]!
      if (byte === 0xff) valid += 8
      else for (let bit = byte; bit !== 0; bit &= bit - 1) valid++
    }
    for (let row = whole << 3; row < rows; row++) if (validity[row >> 3]! & (1 << (row & 7))) valid++
    return rows - valid
  }
}

function allValid(rows: number): Uint8Array {
  return new Uint8Array((rows + 7) >> 3).fill(0xff)
}

/**
 * Rows of a batch such that a batch of any number of columns stays near 16 MB; near 1 MB, what the cache of a processor
 * holds, when its memory is recycled.
 */
export function defaultBatchRows(columns: number, recycle = false): number {
  return Math.max(64, Math.min(65_536, Math.floor(2 ** (recycle ? 17 : 21) / Math.max(1, columns))))
}
