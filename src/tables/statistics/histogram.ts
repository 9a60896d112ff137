import type { Histogram } from '../inspection.ts'

const BINS = 40
/** Numbers that catalogs write for "not observed" or "not detected". */
const SENTINELS = new Set([-99999, -9999, -999, -99.9, -99, 99, 99.9, 999, 9999, 99999])

/**
 * The middle value; the mean of the middle two.
 * @param values in any order; they are moved.
 */
export function medianOf(values: Float64Array): number | null {
  const { length } = values
  if (length === 0) return null
  const upper = nthSmallest(values, length >> 1)
  if (length % 2 === 1) return upper
  const lower = nthSmallest(values, (length >> 1) - 1)
  return lower + (upper - lower) / 2
}

/**
 * Counts in 40 equal bins, over the range where the values are: within three interquartile ranges of the quartiles
 * (Tukey's far-out fences), and without sentinels such as -99 at the ends, so that these do not press everything else
 * into one bin. Integers in a small range get a bin each. When the values are a sample, counts are scaled to `total`.
 * @param values finite, in any order; they are moved.
 * @param below -inf values; @param above +inf values
 */
export function histogramOf(
  values: Float64Array,
  integers: boolean,
  total: number,
  below: number,
  above: number,
): Histogram | null {
  if (values.length === 0) return null
  const { low, high, bins } = binsFor(values, integers)
  const width = (high - low) / bins
  const counts = new Float64Array(bins + 2)
  countInto(counts, values, low, high, width)
  const scaled = scale(counts, values.length, total)
  return {
    low,
    high,
    counts: scaled.slice(1, -1),
    below: scaled[0]! + below,
    above: scaled.at(-1)! + above,
  }
}

/** The first count is of what lies below, the last of what lies above. */
function countInto(counts: Float64Array, values: Float64Array, low: number, high: number, width: number): void {
  const last = counts.length - 1
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value < low) counts[0]!++
    else if (value > high) counts[last]!++
    else counts[Math.min(last - 1, Math.floor((value - low) / width) + 1)]!++
  }
}

function binsFor(values: Float64Array, integers: boolean): { low: number; high: number; bins: number } {
  const body = withoutSentinels(values)
  const at = (fraction: number) => nthSmallest(body, Math.floor(fraction * (body.length - 1)))
  const [quarter, threeQuarters] = [at(0.25), at(0.75)]
  const spread = 3 * (threeQuarters - quarter)
  const [low, high] =
    spread > 0 ? rangeWithin(body, quarter - spread, threeQuarters + spread) : rangeWithin(body, -Infinity, Infinity)
  // Beyond 2^53 there are no halves.
  if (integers && high - low < BINS && low - 0.5 < low)
    return { low: low - 0.5, high: high + 0.5, bins: Math.round(high - low) + 1 }
  // A single value, or a range too small or too large to divide: one bin around it, or halves that stay finite.
  const width = (high - low) / BINS
  if (!(width > 0) || !(low + width > low)) {
    const margin = Math.abs(low) * 1e-6 || 0.5
    return { low: low - margin, high: high + margin, bins: 1 }
  }
  if (!Number.isFinite(width)) return { low: -Number.MAX_VALUE / 4, high: Number.MAX_VALUE / 4, bins: BINS }
  return { low, high, bins: BINS }
}

/** The values from the smallest to the largest that is no sentinel; all when there are none but sentinels. */
function withoutSentinels(values: Float64Array): Float64Array {
  const [least, most] = rangeWithin(values, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  if (!SENTINELS.has(least) && !SENTINELS.has(most)) return values
  const others = values.filter((value) => !SENTINELS.has(value))
  if (others.length === 0) return values
  const [low, high] = rangeWithin(others, least, most)
  return values.filter((value) => value >= low && value <= high)
}

/** Smallest and largest of the values between two bounds, which some value is. */
function rangeWithin(values: Float64Array, floor: number, ceiling: number): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value < low && value >= floor) low = value
    if (value > high && value <= ceiling) high = value
  }
  return [low, high]
}

/** The value that sorting would put at `n`; moves the values (quickselect, Hoare 1961). */
function nthSmallest(values: Float64Array, n: number): number {
  let from = 0
  let to = values.length - 1
  while (from < to) {
    const pivot = values[(from + to) >> 1]!
    let left = from
    let right = to
    while (left <= right) {
      while (values[left]! < pivot) left++
      while (values[right]! > pivot) right--
      if (left > right) break
      const value = values[left]!
      values[left++] = values[right]!
      values[right--] = value
    }
    if (n <= right) to = right
    else if (n >= left) from = left
    else break
  }
  return values[n]!
}

/** Scales counts so that they stay whole and add up to `total`. */
function scale(counts: Float64Array, sum: number, total: number): number[] {
  if (sum === total) return [...counts]
  let seen = 0
  let given = 0
  return Array.from(counts, (count) => {
    seen += count
    const upTo = Math.round((seen / sum) * total)
    const share = upTo - given
    given = upTo
    return share
  })
}
