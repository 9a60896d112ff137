import type { Data } from 'apache-arrow'
import type { ColumnProfile } from '../inspection.ts'
import type { ColumnDescription } from '../table.ts'
import { DistinctNumbers } from './distinct-numbers.ts'
import { markNulls, scratchOf } from './doubles.ts'
import { histogramOf, medianOf } from './histogram.ts'
import { Moments } from './moments.ts'
import { type ColumnProfiler, frequentOf, NOTHING } from './profile.ts'
import { SampledValues, type SampleStep } from './row-sample.ts'

/** Floating point numbers and integers of up to 32 bits. */
export class NumberProfiler implements ColumnProfiler {
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

function wordsOf(values: Float64Array, length: number): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, 2 * length)
}
