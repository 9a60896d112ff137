import { Int64, Utf8, vectorFromArray } from 'apache-arrow'
import { expect, test } from 'vitest'
import { profilerFor } from '../../../src/tables/statistics/column-profiler.ts'
import { histogramOf, medianOf } from '../../../src/tables/statistics/histogram.ts'
import { KnownSample, RowSample, SampledValues, type Sampler } from '../../../src/tables/statistics/row-sample.ts'

const CAPACITY = 500

function sampled(sampler: Sampler, rows: number, batchRows: number): number[] {
  const values = new SampledValues()
  for (let first = 0; first < rows; first += batchRows) {
    const count = Math.min(batchRows, rows - first)
    values.add(
      sampler.next(first, count),
      Float64Array.from({ length: count }, (_, i) => first + i),
    )
  }
  return [...values.finite()]
}

test.each([0, 1, 499, 500, 501, 999, 1_000, 1_001, 2_100, 12_345, 100_000])(
  'the sample of %i rows is the same, known in advance or not',
  (rows) => {
    const streamed = new RowSample(CAPACITY)
    const known = new KnownSample(rows, CAPACITY)
    const expected = sampled(streamed, rows, 77)
    expect(sampled(known, rows, 1_000)).toEqual(expected)
    expect(sampled(known, rows, 13)).toEqual(expected)
    expect(known.size).toBe(streamed.size)
    expect(expected.length).toBeGreaterThanOrEqual(Math.min(rows, CAPACITY / 3))
  },
)

test('the mean of integers is the nearest double', () => {
  const column = { name: 'n', type: 'int64', nativeType: 'K', unit: null, ucd: null, description: null } as const
  for (const values of [
    [1, 2, 2],
    [-7, 3, 4, 6, 11, 13, 0],
    Array.from({ length: 999 }, (_, i) => 10 ** 9 + (i % 7)),
  ]) {
    const profiler = profilerFor(column, 300)
    const data = vectorFromArray(values.map(BigInt), new Int64()).data[0]!
    profiler.add(data, new RowSample(CAPACITY).next(0, values.length))
    expect(profiler.profile().mean).toBe(values.reduce((sum, value) => sum + value, 0) / values.length)
  }
})

test('short texts are counted as long ones are, one by one and by the sketch', () => {
  const column = { name: 'survey', type: 'string', nativeType: 'A', unit: null, ucd: null, description: null } as const
  const texts = (rows: number, kinds: number) =>
    Array.from({ length: rows }, (_, row) => (row % 13 === 0 ? null : `s${((row * 7919) % kinds).toString(36)}`))
  const profileOf = (values: (string | null)[], batchRows: number) => {
    const profiler = profilerFor(column, 300)
    for (let at = 0; at < values.length; at += batchRows) {
      const data = vectorFromArray(values.slice(at, at + batchRows), new Utf8()).data[0]!
      profiler.add(data, { keep: null, chosen: new Int32Array(0) })
    }
    return profiler.profile()
  }
  // As the same texts, made too long for the short way.
  const long = (text: string | null) => text && `${text}/of the survey`
  const short = (value: unknown) => String(value).replace('/of the survey', '')
  for (const kinds of [1, 5, 290, 5_000]) {
    const values = texts(20_000, kinds)
    const profile = profileOf(values, 777)
    const other = profileOf(values.map(long), 777)
    expect(profile).toEqual(profileOf(values, 20_000))
    expect(profile.nulls).toBe(other.nulls)
    expect(profile.distinctIsExact).toBe(kinds < 300)
    expect(profile.frequent).toEqual(
      other.frequent?.map(({ value, count }) => ({ value: short(value), count })) ?? null,
    )
    if (kinds < 300) {
      expect(profile.distinct).toBe(kinds)
      expect([profile.min, profile.max]).toEqual([short(other.min), short(other.max)])
    } else expect(Math.abs(profile.distinct! - kinds) / kinds).toBeLessThan(0.06)
  }
})

test('integers around 2^53 keep their smallest and largest', () => {
  const column = { name: 'id', type: 'int64', nativeType: 'K', unit: null, ucd: null, description: null } as const
  const profileOf = (...batches: bigint[][]) => {
    const profiler = profilerFor(column, 300)
    for (const batch of batches) {
      const data = vectorFromArray(batch, new Int64()).data[0]!
      profiler.add(data, { keep: null, chosen: new Int32Array(0) })
    }
    const { min, max } = profiler.profile()
    return [min, max]
  }
  const edge = 2n ** 53n
  expect(profileOf([1n, 2n], [edge + 1n, edge], [-5n])).toEqual([-5, '9007199254740993'])
  expect(profileOf([edge, edge + 1n], [3n])).toEqual([3, '9007199254740993'])
  expect(profileOf([-edge - 1n, -edge], [edge - 1n])).toEqual(['-9007199254740993', 9007199254740991])
  expect(profileOf([0n, -0n])).toEqual([0, 0])
})

test('the median and the quartiles behind a histogram are those of the sorted values', () => {
  for (let length = 1; length < 60; length++) {
    const values = Float64Array.from({ length }, (_, i) => ((i * 7919) % 31) - 5)
    const sorted = values.toSorted()
    const middle = (sorted[Math.floor((length - 1) / 2)]! + sorted[Math.ceil((length - 1) / 2)]!) / 2
    expect(medianOf(values.slice())).toBe(middle)
    const histogram = histogramOf(values.slice(), true, length, 0, 0)!
    expect([histogram.low, histogram.high]).toEqual([sorted[0]! - 0.5, sorted[length - 1]! + 0.5])
    expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(length)
  }
})

test('a histogram counts integers beyond 2^53 that are as good as equal', () => {
  for (const value of [2 ** 54, -(2 ** 60), 2 ** 61 + 2 ** 33]) {
    const next = value + 2 ** 12
    for (const values of [[value], [value, value], [value, next]]) {
      const { low, high, counts, below, above } = histogramOf(Float64Array.from(values), true, values.length, 0, 0)!
      expect(high).toBeGreaterThan(low)
      expect(counts.reduce((sum, count) => sum + count, below + above)).toBe(values.length)
    }
  }
})

test('sentinels at the ends do not stretch a histogram; those between the values are counted', () => {
  const values = Float64Array.from([
    -99,
    -99,
    10.5,
    11,
    12.25,
    99,
    120,
    9999,
    ...Array.from({ length: 50 }, (_, i) => 20 + i),
  ])
  const histogram = histogramOf(values, false, values.length, 0, 1)!
  expect([histogram.low, histogram.high]).toEqual([10.5, 120])
  expect([histogram.below, histogram.above]).toEqual([2, 2])
})
