import type { Histogram } from '../inspection.ts'

const BINS = 40
/** Numbers that catalogs write for "not observed" or "not detected". */
const SENTINELS = new Set([-99999, -9999, -999, -99.9, -99, 99, 99.9, 999, 9999, 99999])

/** The middle value; the mean of the middle two. */
export function medianOf(sorted: Float64Array): number | null {
  const { length } = sorted
  if (length === 0) return null
  const upper = sorted[length >> 1]!
  if (length % 2 === 1) return upper
  const lower = sorted[(length >> 1) - 1]!
  return lower + (upper - lower) / 2
}

/**
 * Counts in 40 equal bins, over the range where the values are: within three interquartile ranges of the quartiles
 * (Tukey's far-out fences), and without sentinels such as -99 at the ends, so that these do not press everything else
 * into one bin. Integers in a small range get a bin each. When the values are a sample, counts are scaled to `total`.
 * @param sorted finite values, rising.
 * @param below -inf values; @param above +inf values
 */
export function histogramOf(
  sorted: Float64Array,
  integers: boolean,
  total: number,
  below: number,
  above: number,
): Histogram | null {
  if (sorted.length === 0) return null
  const { low, high, bins } = binsFor(sorted, integers)
  const width = (high - low) / bins
  const counts = new Array<number>(bins).fill(0)
  let under = 0
  let over = 0
  for (const value of sorted) {
    if (value < low) under++
    else if (value > high) over++
    else counts[Math.min(bins - 1, Math.floor((value - low) / width))]!++
  }
  const scaled = scale([under, ...counts, over], sorted.length, total)
  return {
    low,
    high,
    counts: scaled.slice(1, -1),
    below: scaled[0]! + below,
    above: scaled.at(-1)! + above,
  }
}

function binsFor(sorted: Float64Array, integers: boolean): { low: number; high: number; bins: number } {
  const body = withoutSentinels(sorted)
  const at = (fraction: number) => body[Math.floor(fraction * (body.length - 1))]!
  const spread = 3 * (at(0.75) - at(0.25))
  let low = body[0]!
  let high = body.at(-1)!
  if (spread > 0) {
    const [floor, ceiling] = [at(0.25) - spread, at(0.75) + spread]
    low = body.find((value) => value >= floor) ?? low
    high = body.findLast((value) => value <= ceiling) ?? high
  }
  if (integers && high - low < BINS) return { low: low - 0.5, high: high + 0.5, bins: Math.round(high - low) + 1 }
  // A single value, or a range too small or too large to divide: one bin around it, or halves that stay finite.
  const width = (high - low) / BINS
  if (!(width > 0) || !(low + width > low)) {
    const margin = Math.abs(low) * 1e-6 || 0.5
    return { low: low - margin, high: high + margin, bins: 1 }
  }
  if (!Number.isFinite(width)) return { low: -Number.MAX_VALUE / 4, high: Number.MAX_VALUE / 4, bins: BINS }
  return { low, high, bins: BINS }
}

function withoutSentinels(sorted: Float64Array): Float64Array {
  let from = 0
  let to = sorted.length
  while (from < to && SENTINELS.has(sorted[from]!)) from++
  while (to > from && SENTINELS.has(sorted[to - 1]!)) to--
  return to > from ? sorted.subarray(from, to) : sorted
}

/** Scales counts so that they stay whole and add up to `total`. */
function scale(counts: readonly number[], sum: number, total: number): number[] {
  if (sum === total) return [...counts]
  let seen = 0
  let given = 0
  return counts.map((count) => {
    seen += count
    const upTo = Math.round((seen / sum) * total)
    const share = upTo - given
    given = upTo
    return share
  })
}
