import { expect, test } from 'vitest'
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

test.each([0, 1, 499, 500, 501, 12_345])('the sample of %i rows is the same, known in advance or not', (rows) => {
  const streamed = new RowSample(CAPACITY)
  const known = new KnownSample(rows, CAPACITY)
  const expected = sampled(streamed, rows, 77)
  expect(sampled(known, rows, 1_000)).toEqual(expected)
  expect(sampled(known, rows, 13)).toEqual(expected)
  expect(known.size).toBe(streamed.size)
  expect(expected.length).toBeGreaterThanOrEqual(Math.min(rows, CAPACITY / 3))
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
