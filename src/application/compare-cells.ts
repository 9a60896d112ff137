import type { Data } from 'apache-arrow'
import type { Lanes } from '../provenance/compare/keyed-rows.ts'
import { cellAt, isValid } from '../tables/cell.ts'
import type { ColumnType } from '../tables/table.ts'

/** How the cells of a column are brought into a form in which those of two files can be compared. */
export interface Comparability {
  readonly kind: 'number' | 'timestamp' | 'text' | 'array' | 'mixed'
  /** One side has single precision: numbers are compared with that. */
  readonly single: boolean
}

/** How a column of this type here is compared with one of that type there. */
export function comparabilityOf(left: ColumnType, right: ColumnType): Comparability {
  const kind = kindOf(left) === kindOf(right) ? kindOf(left) : 'mixed'
  return { kind, single: kind === 'number' && (left === 'float32') !== (right === 'float32') }
}

function kindOf(type: ColumnType): Comparability['kind'] {
  if (type === 'string') return 'text'
  return type === 'timestamp' || type === 'array' ? type : 'number'
}

/** What the lanes of a cell hold. Texts have the highest bit set, and 31 more bits of their hash. */
const NOTHING = 0
const NUMBER = 1
const MOMENT = 2
/** Integers beyond 2^53, exact. */
const LARGE = 3
const LARGE_NEGATIVE = 4
const TEXT = 0x80000000

const double = new Float64Array(1)
const halves = new Uint32Array(double.buffer)

/**
 * Cells of a column, each as 96 bits that are equal when the cells are: numbers are equal whatever their types, 64-bit integers
 * to the last digit; NaN, null and the empty text are all "nothing"; of texts these are 95 bits of a hash.
 */
export class CellLanes {
  readonly low: Uint32Array
  readonly high: Uint32Array
  readonly tag: Uint32Array

  /** @param rows most rows that are read at a time */
  constructor(rows: number) {
    this.low = new Uint32Array(rows)
    this.high = new Uint32Array(rows)
    this.tag = new Uint32Array(rows)
  }

  /** Takes the cells of a batch, in place of those before. */
  read(data: Data, type: ColumnType, { kind, single }: Comparability): void {
    if (kind === 'text' || kind === 'array') this.#texts(data)
    else if (kind === 'timestamp') this.#timestamps(data)
    else if (kind === 'mixed' || type === 'bool') this.#mixed(data, type)
    else if (type === 'int64' || type === 'uint64') this.#longs(data, type === 'int64', single)
    else this.#numbers(data, single)
  }

  at(row: number): Lanes {
    return { low: this.low[row]!, high: this.high[row]!, tag: this.tag[row]! }
  }

  isNothing(row: number): boolean {
    return this.tag[row] === NOTHING
  }

  /** 32 bits of the cell, to find out which cells of two rows that are known to differ do so. */
  digest(row: number): number {
    return mixed(this.low[row]! ^ Math.imul(mixed(this.high[row]!), 0x9e3779b1) ^ Math.imul(this.tag[row]!, 0xc2b2ae35))
  }

  #numbers(data: Data, single: boolean): void {
    const { values, length } = data
    for (let row = 0; row < length; row++) {
      if (isValid(data, row)) this.#number(row, single ? Math.fround(values[row]) : values[row])
      else this.#nothing(row)
    }
  }

  #longs(data: Data, isSigned: boolean, single: boolean): void {
    const longs: BigInt64Array | BigUint64Array = data.values
    const words = new Uint32Array(longs.buffer, longs.byteOffset, longs.length * 2) // little-endian, as Arrow is
    for (let row = 0; row < data.length; row++) {
      if (!isValid(data, row)) {
        this.#nothing(row)
        continue
      }
      const low = words[2 * row]!
      const high = words[2 * row + 1]!
      const signed = isSigned ? high | 0 : high
      if (single) this.#number(row, Math.fround(Number(longs[row])))
      else if (signed >= -0x200000 && signed < 0x200000) this.#number(row, signed * 0x100000000 + low)
      else this.#set(row, low, high, signed < 0 ? LARGE_NEGATIVE : LARGE)
    }
  }

  #timestamps(data: Data): void {
    for (let row = 0; row < data.length; row++) {
      if (!isValid(data, row)) this.#nothing(row)
      else {
        this.#number(row, Number(data.values[row]))
        this.tag[row] = MOMENT
      }
    }
  }

  #texts(data: Data): void {
    const offsets = data.valueOffsets
    const bytes: Uint8Array = data.values
    for (let row = 0; row < data.length; row++) {
      const [start, end] = [offsets[row]!, offsets[row + 1]!]
      if (start === end || !isValid(data, row)) this.#nothing(row)
      else this.#text(row, bytes, start, end)
    }
  }

  /** Cells of unlike types are equal when they read the same: the text "42" and the number 42, "true" and true. */
  #mixed(data: Data, type: ColumnType): void {
    for (let row = 0; row < data.length; row++) {
      const cell = cellAt(data, type, row)
      if (cell === null) this.#nothing(row)
      else if (typeof cell === 'boolean') this.#number(row, Number(cell))
      else if (typeof cell === 'number') this.#number(row, cell)
      else this.#read(row, typeof cell === 'string' ? cell.trim() : JSON.stringify(cell))
    }
  }

  #read(row: number, text: string): void {
    if (text === '') this.#nothing(row)
    else if (/^[+-]?\d+$/.test(text)) this.#integer(row, BigInt(text.replace(/^\+/, '')))
    else if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) this.#number(row, Number(text))
    else if (/^(true|false)$/i.test(text)) this.#number(row, Number(text.toLowerCase() === 'true'))
    else if (/^[+-]?inf(inity)?$/i.test(text)) this.#number(row, text.startsWith('-') ? -Infinity : Infinity)
    else {
      const bytes = Buffer.from(text)
      this.#text(row, bytes, 0, bytes.length)
    }
  }

  #number(row: number, value: number): void {
    if (Number.isNaN(value)) this.#nothing(row)
    else if (Math.abs(value) >= 2 ** 53 && Math.abs(value) < 2 ** 64) this.#integer(row, BigInt(value))
    else {
      double[0] = value + 0 // -0 is 0
      this.#set(row, halves[0]!, halves[1]!, NUMBER)
    }
  }

  #integer(row: number, value: bigint): void {
    const isLong = value < 1n << 64n && value > -(1n << 64n)
    if (!isLong || Number.isSafeInteger(Number(value))) this.#number(row, Number(value))
    else {
      const bits = BigInt.asUintN(64, value)
      this.#set(row, Number(bits & 0xffffffffn), Number(bits >> 32n), value < 0n ? LARGE_NEGATIVE : LARGE)
    }
  }

  #nothing(row: number): void {
    this.#set(row, 0, 0, NOTHING)
  }

  /** Three hashes that have nothing to do with each other (FNV-1a and two of its kind, with the finalizer of MurmurHash3). */
  #text(row: number, bytes: Uint8Array, start: number, end: number): void {
    let [a, b, c] = [0x811c9dc5, 0x2f0b4c47, end - start]
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!
      a = Math.imul(a ^ byte, 0x01000193)
      b = Math.imul((b << 5) ^ (b >>> 27) ^ byte, 0x85ebca6b)
      c = (Math.imul(c + byte, 0xc2b2ae35) << 13) | (Math.imul(c + byte, 0xc2b2ae35) >>> 19)
    }
    this.#set(row, mixed(a), mixed(b), (TEXT | mixed(c)) >>> 0)
  }

  #set(row: number, low: number, high: number, tag: number): void {
    this.low[row] = low
    this.high[row] = high
    this.tag[row] = tag
  }
}

/** 64 bits for each row of a batch: of all its cells, in the order in which they are mixed in. */
export class RowHashes {
  readonly low: Uint32Array
  readonly high: Uint32Array

  constructor(rows: number) {
    this.low = new Uint32Array(rows)
    this.high = new Uint32Array(rows)
  }

  clear(): void {
    this.low.fill(0x9e3779b1)
    this.high.fill(0x7f4a7c15)
  }

  /** Mixes a column into the rows (in the way of MurmurHash3, 64 bits on words of 32). */
  mix({ low, high, tag }: CellLanes, rows: number): void {
    for (let row = 0; row < rows; row++) {
      let [a, b] = [this.low[row]!, this.high[row]!]
      a ^= scrambled(low[row]!, 0xcc9e2d51, 0x1b873593)
      a = (((a << 19) | (a >>> 13)) + b) | 0
      a = (Math.imul(a, 5) + 0x561ccd1b) | 0
      b ^= scrambled(high[row]!, 0x239b961b, 0xab0e9789)
      b = (((b << 17) | (b >>> 15)) + a) | 0
      b = (Math.imul(b, 5) + 0x0bcaa747) | 0
      a ^= scrambled(tag[row]!, 0x38b34ae5, 0xa1e38b93)
      this.low[row] = mixed(a + b)
      this.high[row] = mixed(b + a + b)
    }
  }
}

function scrambled(word: number, first: number, second: number): number {
  const product = Math.imul(word, first)
  return Math.imul((product << 15) | (product >>> 17), second)
}

function mixed(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
