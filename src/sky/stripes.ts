import { decWindow, RADIANS } from './coordinates.ts'
import type { Positions } from './positions.ts'

/**
 * Stripes of declination over the part of the sky where both catalogs have rows. They are at least four radii high, so
 * that few rows lie near an edge, and hold about the same number of rows each, few enough to stay in the processor's
 * cache; a crowded field gets many thin stripes, an empty sky one.
 */
export interface Stripes {
  readonly count: number
  /** Declinations that can take part, degrees. */
  readonly low: number
  readonly high: number
  readonly binsPerDegree: number
  /** Thin bins of declination, each the share of one stripe. */
  readonly stripeOfBin: Uint16Array
  /** The declination at which each stripe begins, and at which the last one ends; rows may lie beyond by a rounding. */
  readonly edges: Float64Array
  /** Rows expected in each stripe, from a sample: how the work is shared out. */
  readonly weight: Float64Array
}

const BINS = 16_384
const SAMPLE = 20_000
/** Of each catalog. */
const ROWS_PER_STRIPE = 24_576
const MOST_STRIPES = 1_024
/** Where windows in right ascension are wider than this (degrees; a little less than `NEAR`), around the poles, stripes are apart. */
const STEEP = 0.9
const RADII_PER_STRIPE = 4

/** @param radius degrees */
export function planStripes(left: Positions, right: Positions, radius: number): Stripes {
  const reach = decWindow(radius)
  const low = Math.max(left.decRange[0], right.decRange[0] - reach)
  const high = Math.min(left.decRange[1], right.decRange[1] + reach)
  if (!(low <= high)) {
    return {
      count: 0,
      low,
      high,
      binsPerDegree: 0,
      stripeOfBin: new Uint16Array(1),
      edges: Float64Array.of(low),
      weight: new Float64Array(0),
    }
  }
  const binsPerDegree = high > low ? BINS / (high - low) : 0
  const rowsOfBin = new Float64Array(BINS)
  const catalogs = left === right ? [left] : [left, right]
  for (const { dec } of catalogs) {
    const step = Math.max(1, Math.floor(dec.length / SAMPLE))
    for (let row = 0; row < dec.length; row += step) {
      const d = dec[row]!
      if (d >= low && d <= high) rowsOfBin[binOf(d, low, binsPerDegree)]! += step
    }
  }
  const all = rowsOfBin.reduce((sum, n) => sum + n, 0)
  const fullStripe = Math.max(ROWS_PER_STRIPE * catalogs.length, all / MOST_STRIPES)
  const binsHigh = Math.max(1, Math.min(BINS, Math.ceil(RADII_PER_STRIPE * radius * binsPerDegree)))
  const edge = (bin: number) => (binsPerDegree > 0 ? low + bin / binsPerDegree : low)
  const steep = steepFrom(radius)
  const isSteep = (bin: number) => Math.max(-edge(bin), edge(bin + 1)) > steep
  const stripeOfBin = new Uint16Array(BINS)
  const weight: number[] = []
  const edges = [low]
  let rows = 0
  let bins = 0
  for (let bin = 0; bin < BINS; bin++) {
    stripeOfBin[bin] = weight.length
    rows += rowsOfBin[bin]!
    bins++
    const full = rows >= fullStripe || isSteep(bin) !== isSteep(bin + 1)
    if (bin === BINS - 1 || (full && bins >= binsHigh)) {
      weight.push(rows)
      edges.push(bin === BINS - 1 ? high : edge(bin + 1))
      rows = 0
      bins = 0
    }
  }
  return {
    count: weight.length,
    low,
    high,
    binsPerDegree,
    stripeOfBin,
    edges: Float64Array.from(edges),
    weight: Float64Array.from(weight),
  }
}

/** The distance from the equator at which windows become wider than `STEEP`. */
function steepFrom(radius: number): number {
  const cosine = Math.sin(radius * RADIANS) / Math.sin(STEEP * RADIANS)
  return cosine < 1 ? Math.acos(cosine) / RADIANS : 0
}

/** The thin bin of a declination; below and above the range the first and the last. */
export function binOf(dec: number, low: number, binsPerDegree: number): number {
  const bin = (dec - low) * binsPerDegree
  return bin <= 0 ? 0 : bin >= BINS - 1 ? BINS - 1 : bin | 0
}

/** The stripe of a declination between `low` and `high`. */
export const stripeOf = (dec: number, { low, binsPerDegree, stripeOfBin }: Stripes): number =>
  stripeOfBin[binOf(dec, low, binsPerDegree)]!

/** Cuts the stripes into `parts` runs of about equal work: part p is `[cuts[p], cuts[p + 1])`. */
export function shareOut(stripes: Stripes, parts: number): number[] {
  const all = stripes.weight.reduce((sum, n) => sum + n, 0)
  const cuts = [0]
  let sum = 0
  for (let z = 0; z < stripes.count; z++) {
    sum += stripes.weight[z]!
    while (cuts.length < parts && sum >= (all * cuts.length) / parts) cuts.push(z + 1)
  }
  while (cuts.length <= parts) cuts.push(stripes.count)
  cuts[parts] = stripes.count
  return cuts
}
