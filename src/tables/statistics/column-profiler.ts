import type { Data } from 'apache-arrow'
import { isValid, textCell, timestampCell } from '../cell.ts'
import type { Cell, ColumnProfile } from '../inspection.ts'
import { HIGH_MASKS, LOW_MASKS, SHORT } from '../short-text.ts'
import type { ColumnDescription } from '../table.ts'
import { DistinctNumbers } from './distinct-numbers.ts'
import { DistinctTexts } from './distinct-texts.ts'
import { histogramOf, medianOf } from './histogram.ts'
import { Moments } from './moments.ts'
import { SampledValues, type SampleStep } from './row-sample.ts'

/** Most different values for which their frequencies are told, and how many of these are. */
const MOST_FREQUENT = 20

/** Collects what one column is like, batch by batch, and says it at the end. */
export interface ColumnProfiler {
  readonly column: ColumnDescription
  /** Infinite values, which the statistics leave out. */
  readonly infinities?: number
  /** @param step the rows that the shared sample takes from this batch. */
  add(data: Data, step: SampleStep): void
  profile(): ColumnProfile
}

/** @param distinctLimit most different values that are counted one by one. */
export function profilerFor(column: ColumnDescription, distinctLimit: number): ColumnProfiler {
  switch (column.type) {
    case 'bool':
      return new BoolProfiler(column)
    case 'string':
      return new TextProfiler(column, distinctLimit)
    case 'array':
      return new NullProfiler(column)
    case 'timestamp':
      return new TimestampProfiler(column, distinctLimit)
    case 'int64':
    case 'uint64':
      return new LongProfiler(column, distinctLimit)
    default:
      return new NumberProfiler(column, distinctLimit)
  }
}

const NOTHING = {
  nulls: 0,
  min: null,
  max: null,
  mean: null,
  standardDeviation: null,
  median: null,
  distinct: null,
  distinctIsExact: false,
  histogram: null,
  frequent: null,
} as const

/** Memory shared by all columns, for values as doubles. */
let scratch = new Float64Array(0)

function scratchOf(length: number): Float64Array {
  if (scratch.length < length) scratch = new Float64Array(length)
  return scratch
}

/** Writes NaN where the bitmap says null. @returns how many. */
function markNulls(data: Data, values: Float64Array): number {
  const bitmap = data.nullBitmap
  if (!bitmap || bitmap.length === 0 || data.nullCount === 0) return 0
  const { offset, length } = data
  let nulls = 0
  for (let row = 0; row < length; row++) {
    const bit = offset + row
    if ((bitmap[bit >> 3]! & (1 << (bit & 7))) === 0) {
      values[row] = Number.NaN
      nulls++
    }
  }
  return nulls
}

/** Floating point numbers and integers of up to 32 bits. */
class NumberProfiler implements ColumnProfiler {
  private readonly moments = new Moments()
  private readonly distinct: DistinctNumbers
  private readonly sample = new SampledValues()

  constructor(
    readonly column: ColumnDescription,
    distinctLimit: number,
  ) {
    this.distinct = new DistinctNumbers(distinctLimit, true)
  }

  get infinities(): number {
    return this.moments.below + this.moments.above
  }

  add(data: Data, step: SampleStep): void {
    const { length } = data
    let values: Float64Array = data.values
    if (this.column.type !== 'float64' || data.nullCount > 0) {
      values = scratchOf(length)
      values.set(data.values.length === length ? data.values : data.values.subarray(0, length))
      markNulls(data, values)
    }
    this.moments.add(values, length)
    this.distinct.add(wordsOf(values, length), values, length)
    this.sample.add(step, values)
  }

  profile(): ColumnProfile {
    const { moments, distinct, column } = this
    const sampled = this.sample.finite()
    const some = moments.count > 0
    const integers = !column.type.startsWith('float')
    const present = moments.count + moments.below + moments.above
    const doubles = new Float64Array(1)
    const words = new Int32Array(doubles.buffer)
    return {
      ...column,
      ...NOTHING,
      nulls: moments.missing,
      min: some ? moments.min + 0 : null,
      max: some ? moments.max + 0 : null,
      mean: moments.mean,
      standardDeviation: moments.standardDeviation,
      median: medianOf(sampled),
      distinct: Math.min(distinct.distinct, present),
      distinctIsExact: distinct.isExact,
      histogram: histogramOf(sampled, integers, moments.count, moments.below, moments.above),
      frequent: frequentOf(distinct, present, (entry) => {
        words[0] = distinct.low[entry]!
        words[1] = distinct.high[entry]!
        const value = doubles[0]!
        return Number.isFinite(value) ? value : value > 0 ? 'inf' : '-inf'
      }),
    }
  }
}

const SIGN = -2147483648

/** The smallest or largest 64-bit integer: the nearest double, and its two words, the order of which is turned to signed. */
interface Extreme {
  double: number
  low: number
  high: number
}

function isBefore(low: number, high: number, otherLow: number, otherHigh: number): boolean {
  return high < otherHigh || (high === otherHigh && low < otherLow)
}

/** 64-bit integers: smallest, largest and frequent values are exact, mean and the like those of the nearest doubles. */
class LongProfiler implements ColumnProfiler {
  private readonly moments = new Moments()
  private readonly distinct: DistinctNumbers
  private readonly sample = new SampledValues()
  private readonly signed: boolean
  private readonly least: Extreme = { double: Number.POSITIVE_INFINITY, low: 0, high: 0 }
  private readonly most: Extreme = { double: Number.NEGATIVE_INFINITY, low: 0, high: 0 }

  constructor(
    readonly column: ColumnDescription,
    distinctLimit: number,
  ) {
    this.signed = column.type === 'int64'
    this.distinct = new DistinctNumbers(distinctLimit, false)
  }

  add(data: Data, step: SampleStep): void {
    const { length } = data
    const words = new Int32Array(data.values.buffer, data.values.byteOffset, 2 * length)
    const values = scratchOf(length)
    this.convert(words, values, length)
    markNulls(data, values)
    this.moments.add(values, length)
    if (!this.isSafe(this.moments.min) || !this.isSafe(this.moments.max)) this.widen(words, values, length)
    this.distinct.add(words, values, length)
    this.sample.add(step, values)
  }

  profile(): ColumnProfile {
    const { moments, distinct } = this
    const sampled = this.sample.finite()
    return {
      ...this.column,
      ...NOTHING,
      nulls: moments.missing,
      min: moments.count === 0 ? null : this.isSafe(moments.min) ? moments.min + 0 : this.exactly(this.least),
      max: moments.count === 0 ? null : this.isSafe(moments.max) ? moments.max + 0 : this.exactly(this.most),
      mean: moments.mean,
      standardDeviation: moments.standardDeviation,
      median: medianOf(sampled),
      distinct: Math.min(distinct.distinct, moments.count),
      distinctIsExact: distinct.isExact,
      histogram: histogramOf(sampled, true, moments.count, 0, 0),
      frequent: frequentOf(distinct, moments.count, (entry) =>
        exact(this.integer(distinct.low[entry]!, distinct.high[entry]!)),
      ),
    }
  }

  private convert(words: Int32Array, values: Float64Array, length: number): void {
    if (this.signed) {
      for (let row = 0; row < length; row++) values[row] = words[2 * row + 1]! * 4294967296 + (words[2 * row]! >>> 0)
    } else {
      for (let row = 0; row < length; row++)
        values[row] = (words[2 * row + 1]! >>> 0) * 4294967296 + (words[2 * row]! >>> 0)
    }
  }

  /** Whether a double is the integer itself, and no other's nearest. */
  private isSafe(double: number): boolean {
    return Math.abs(double) < 2 ** 53
  }

  /** Smallest and largest: by the nearest doubles, and by words where these are equal. */
  private widen(words: Int32Array, values: Float64Array, length: number): void {
    const { least, most } = this
    for (let row = 0; row < length; row++) {
      const value = values[row]!
      if (!(value <= least.double || value >= most.double)) continue
      // Turned so that the order of signed words is that of the numbers.
      const low = words[2 * row]! ^ SIGN
      const high = this.signed ? words[2 * row + 1]! : words[2 * row + 1]! ^ SIGN
      if (value < least.double || (value === least.double && isBefore(low, high, least.low, least.high))) {
        least.double = value
        least.low = low
        least.high = high
      }
      if (value > most.double || (value === most.double && isBefore(most.low, most.high, low, high))) {
        most.double = value
        most.low = low
        most.high = high
      }
    }
  }

  private exactly({ low, high }: Extreme): number | string {
    return exact(this.integer(low ^ SIGN, this.signed ? high : high ^ SIGN))
  }

  private integer(low: number, high: number): bigint {
    return BigInt(this.signed ? high : high >>> 0) * 4294967296n + BigInt(low >>> 0)
  }
}

class TimestampProfiler implements ColumnProfiler {
  private readonly inner: LongProfiler

  constructor(
    readonly column: ColumnDescription,
    distinctLimit: number,
  ) {
    this.inner = new LongProfiler({ ...column, type: 'int64' }, distinctLimit)
  }

  add(data: Data, step: SampleStep): void {
    this.inner.add(data, step)
  }

  profile(): ColumnProfile {
    const { nulls, min, max, distinct, distinctIsExact, frequent } = this.inner.profile()
    const iso = (value: Cell) => (value === null ? null : timestampCell(Number(value)))
    return {
      ...this.column,
      ...NOTHING,
      nulls,
      min: iso(min),
      max: iso(max),
      distinct,
      distinctIsExact,
      frequent: frequent?.map(({ value, count }) => ({ value: iso(value), count })) ?? null,
    }
  }
}

class BoolProfiler implements ColumnProfiler {
  private nulls = 0
  private yes = 0
  private no = 0

  constructor(readonly column: ColumnDescription) {}

  add(data: Data): void {
    const bits: Uint8Array = data.values
    for (let row = 0; row < data.length; row++) {
      const bit = data.offset + row
      if (!isValid(data, row)) this.nulls++
      else if ((bits[bit >> 3]! & (1 << (bit & 7))) !== 0) this.yes++
      else this.no++
    }
  }

  profile(): ColumnProfile {
    const values = [
      { value: true, count: this.yes },
      { value: false, count: this.no },
    ].filter(({ count }) => count > 0)
    return {
      ...this.column,
      ...NOTHING,
      nulls: this.nulls,
      distinct: values.length,
      distinctIsExact: true,
      frequent: values.sort((a, b) => b.count - a.count),
    }
  }
}

class TextProfiler implements ColumnProfiler {
  private nulls = 0
  private count = 0
  private least: Uint8Array | null = null
  private most: Uint8Array | null = null
  private readonly distinct: DistinctTexts

  constructor(
    readonly column: ColumnDescription,
    distinctLimit: number,
  ) {
    this.distinct = new DistinctTexts(distinctLimit)
  }

  add(data: Data): void {
    const bytes: Uint8Array = data.values
    const offsets = data.valueOffsets
    const nullable = data.nullCount > 0
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const readable = this.distinct.isExact ? bytes.length - SHORT : -1
    const [lows, highs] = [LOW_MASKS, HIGH_MASKS]
    for (let row = 0; row < data.length; row++) {
      if (nullable && !isValid(data, row)) {
        this.nulls++
        continue
      }
      const start = offsets[row]!
      const end = offsets[row + 1]!
      this.count++
      // A text that was there before is neither the smallest nor the largest yet.
      const length = end - start
      if (length <= SHORT && start <= readable) {
        const low = view.getInt32(start, true) & lows[length]!
        const high = view.getInt32(start + 4, true) & highs[length]!
        if (this.distinct.addAgain(low, high, length)) continue
        if (!this.distinct.addShort(low, high, bytes, start, end)) continue
      } else if (!this.distinct.add(bytes, start, end)) continue
      if (this.least === null || this.most === null) this.least = this.most = bytes.slice(start, end)
      else if (compareBytes(bytes, start, end, this.least) < 0) this.least = bytes.slice(start, end)
      else if (compareBytes(bytes, start, end, this.most) > 0) this.most = bytes.slice(start, end)
    }
  }

  profile(): ColumnProfile {
    const { distinct } = this
    return {
      ...this.column,
      ...NOTHING,
      nulls: this.nulls,
      min: this.least && textCell(Buffer.from(this.least).toString()),
      max: this.most && textCell(Buffer.from(this.most).toString()),
      distinct: Math.min(distinct.distinct, this.count),
      distinctIsExact: distinct.isExact,
      frequent: frequentOf(distinct, this.count, (entry) => textCell(distinct.text(entry))),
    }
  }
}

/** Arrays: only whether they are there. */
class NullProfiler implements ColumnProfiler {
  private nulls = 0

  constructor(readonly column: ColumnDescription) {}

  add(data: Data): void {
    this.nulls += data.nullCount
  }

  profile(): ColumnProfile {
    return { ...this.column, ...NOTHING, nulls: this.nulls }
  }
}

/** UTF-8 bytes in their order, which is that of the code points. */
function compareBytes(bytes: Uint8Array, start: number, end: number, other: Uint8Array): number {
  const length = Math.min(end - start, other.length)
  for (let i = 0; i < length; i++) {
    const difference = bytes[start + i]! - other[i]!
    if (difference !== 0) return difference
  }
  return end - start - other.length
}

/** The most frequent values, when there are few different ones or most occur more than once. */
function frequentOf(
  distinct: { readonly isExact: boolean; readonly size: number; readonly counts: ArrayLike<number> },
  present: number,
  cell: (entry: number) => Cell,
): ColumnProfile['frequent'] {
  const { size, counts } = distinct
  if (!distinct.isExact || size === 0 || (size > MOST_FREQUENT && size * 2 > present)) return null
  return Array.from({ length: size }, (_, entry) => entry)
    .sort((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, MOST_FREQUENT)
    .map((entry) => ({ value: cell(entry), count: counts[entry]! }))
}

function wordsOf(values: Float64Array, length: number): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, 2 * length)
}

function exact(value: bigint): number | string {
  const asNumber = Number(value)
  return Number.isSafeInteger(asNumber) ? asNumber : `${value}`
}
