import type { Data } from 'apache-arrow'
import { timestampCell } from '../cell.ts'
import type { Cell, ColumnProfile } from '../inspection.ts'
import type { ColumnDescription } from '../table.ts'
import { DistinctNumbers } from './distinct-numbers.ts'
import { markNulls, scratchOf } from './doubles.ts'
import { histogramOf, medianOf } from './histogram.ts'
import { Moments } from './moments.ts'
import { type ColumnProfiler, frequentOf, NOTHING } from './profile.ts'
import { SampledValues, type SampleStep } from './row-sample.ts'

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
export class LongProfiler implements ColumnProfiler {
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

/** Times, which are 64-bit integers of milliseconds. */
export class TimestampProfiler implements ColumnProfiler {
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

function exact(value: bigint): number | string {
  const asNumber = Number(value)
  return Number.isSafeInteger(asNumber) ? asNumber : `${value}`
}
