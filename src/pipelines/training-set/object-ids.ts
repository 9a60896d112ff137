import { type Data, DataType } from 'apache-arrow'
import { isValid, textAt } from '../../tables/cell.ts'
import type { ColumnType } from '../../tables/table.ts'

/**
 * Ids of objects, as they come: whole numbers as 64-bit integers, everything else as text. Missing ids sort behind all
 * others.
 */
export interface IdColumn {
  readonly length: number
  /** Takes the ids of rows of Arrow data, `count` from `from` on. */
  take(data: Data, from: number, count: number): void
  /** An object without an id. */
  pushMissing(): void
  /** Takes an id of another column of the same kind. */
  pushFrom(other: IdColumn, row: number): void
  /** Below 0 when a is before b. */
  compare(a: number, b: number): number
  text(row: number): string | null
  /** Forgets all ids but keeps the room. */
  clear(): void
  /** The places of the rows in ascending order of their ids, equal ones by row; null when they ascend already. */
  ranks(): Uint32Array | null
}

/** @param type the column's, null when there is none */
export function idColumnFor(type: ColumnType | null): IdColumn {
  if (type === 'uint64') return new IntegerIds(2n ** 63n)
  if (type !== null && /^u?int/.test(type)) return new IntegerIds(0n)
  return new TextIds(type === 'float32' || type === 'float64')
}

/** A missing id comes after all others. */
const MISSING = 2n ** 63n - 1n

class IntegerIds implements IdColumn {
  length = 0
  private values = new BigInt64Array(1024)

  /** @param offset taken off, so that unsigned ids fit and keep their order */
  constructor(private readonly offset: bigint) {}

  take(data: Data, from: number, count: number): void {
    if (data.nullCount === 0 && data.values instanceof BigInt64Array) {
      this.reserve(count)
      this.values.set(data.values.subarray(from, from + count), this.length)
      this.length += count
      return
    }
    for (let row = from; row < from + count; row++) {
      this.add(isValid(data, row) ? BigInt(data.values[row]) - this.offset : MISSING)
    }
  }

  pushMissing(): void {
    this.add(MISSING)
  }

  pushFrom(other: IdColumn, row: number): void {
    if (!(other instanceof IntegerIds)) throw new TypeError('Ids of two kinds do not mix.')
    this.add(other.values[row]!)
  }

  private add(value: bigint): void {
    this.reserve(1)
    this.values[this.length++] = value
  }

  private reserve(more: number): void {
    if (this.length + more <= this.values.length) return
    const grown = new BigInt64Array(Math.max(this.length + more, this.values.length * 2))
    grown.set(this.values)
    this.values = grown
  }

  compare(a: number, b: number): number {
    const x = this.values[a]!
    const y = this.values[b]!
    return x < y ? -1 : x > y ? 1 : 0
  }

  text(row: number): string | null {
    const value = this.values[row]!
    return value === MISSING ? null : String(value + this.offset)
  }

  clear(): void {
    this.length = 0
  }

  ranks(): Uint32Array | null {
    return radixRanks(this.values.subarray(0, this.length))
  }
}

class TextIds implements IdColumn {
  private readonly values: (string | null)[] = []

  /** @param isNumeric floating point numbers, which are in the order of numbers */
  constructor(private readonly isNumeric: boolean) {}

  get length(): number {
    return this.values.length
  }

  take(data: Data, from: number, count: number): void {
    const isText = DataType.isUtf8(data.type)
    for (let row = from; row < from + count; row++) {
      if (!isValid(data, row)) this.values.push(null)
      else this.values.push(isText ? textAt(data, row) : String(data.values[row]))
    }
  }

  pushMissing(): void {
    this.values.push(null)
  }

  pushFrom(other: IdColumn, row: number): void {
    this.values.push(other.text(row))
  }

  compare(a: number, b: number): number {
    const x = this.values[a] ?? null
    const y = this.values[b] ?? null
    if (x === y) return 0
    if (x === null || y === null) return x === null ? 1 : -1
    return (this.isNumeric ? Number(x) < Number(y) : x < y) ? -1 : 1
  }

  text(row: number): string | null {
    return this.values[row] ?? null
  }

  clear(): void {
    this.values.length = 0
  }

  ranks(): Uint32Array {
    const order = Uint32Array.from(this.values.keys()).sort((a, b) => this.compare(a, b) || a - b)
    return inverse(order)
  }
}

/** Ranks of 64-bit integers by a radix sort over 16 bits at a time: a comparison of bigints costs too much. */
function radixRanks(values: BigInt64Array): Uint32Array | null {
  const { length } = values
  const high = new Int32Array(length)
  const low = new Uint32Array(length)
  const words = new DataView(values.buffer, values.byteOffset)
  let ascends = true
  for (let i = 0; i < length; i++) {
    low[i] = words.getUint32(i * 8, LITTLE_ENDIAN)
    high[i] = words.getInt32(i * 8 + 4, LITTLE_ENDIAN)
    if (i > 0 && (high[i]! < high[i - 1]! || (high[i] === high[i - 1] && low[i]! < low[i - 1]!))) ascends = false
  }
  if (ascends) return null
  let order = Uint32Array.from({ length }, (_, i) => i)
  let next = new Uint32Array(length)
  const starts = new Uint32Array(65_537)
  const digit = [
    (i: number) => low[i]! & 0xffff,
    (i: number) => low[i]! >>> 16,
    (i: number) => high[i]! & 0xffff,
    (i: number) => (high[i]! >> 16) + 0x8000,
  ]
  for (const digitOf of digit) {
    starts.fill(0)
    for (let i = 0; i < length; i++) starts[digitOf(i) + 1]!++
    for (let d = 1; d < starts.length; d++) starts[d]! += starts[d - 1]!
    for (let k = 0; k < length; k++) {
      const i = order[k]!
      next[starts[digitOf(i)]!++] = i
    }
    ;[order, next] = [next, order]
  }
  return inverse(order)
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

function inverse(order: Uint32Array): Uint32Array {
  const rank = new Uint32Array(order.length)
  for (let place = 0; place < order.length; place++) rank[order[place]!] = place
  return rank
}
