import { decWindow } from './coordinates.ts'
import type { Positions } from './positions.ts'
import { workingMemory } from './working-memory.ts'

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
  /** Rows expected in each stripe, from a sample: how the work is shared out. */
  readonly weight: Float64Array
}

const BINS = 16_384
const SAMPLE = 50_000
const ROWS_PER_STRIPE = 16_384
const MOST_STRIPES = 1_024
const RADII_PER_STRIPE = 4

/** @param radius degrees */
export function planStripes(left: Positions, right: Positions, radius: number): Stripes {
  const reach = decWindow(radius)
  const low = Math.max(left.decRange[0], right.decRange[0] - reach)
  const high = Math.min(left.decRange[1], right.decRange[1] + reach)
  if (!(low <= high)) {
    return { count: 0, low, high, binsPerDegree: 0, stripeOfBin: new Uint16Array(1), weight: new Float64Array(0) }
  }
  const binsPerDegree = high > low ? BINS / (high - low) : 0
  const rowsOfBin = new Float64Array(BINS)
  for (const { dec } of left === right ? [left] : [left, right]) {
    const step = Math.max(1, Math.floor(dec.length / SAMPLE))
    for (let row = 0; row < dec.length; row += step) {
      const d = dec[row]!
      if (d >= low && d <= high) rowsOfBin[binOf(d, low, binsPerDegree)]! += step
    }
  }
  const all = rowsOfBin.reduce((sum, n) => sum + n, 0)
  const fullStripe = Math.max(ROWS_PER_STRIPE, all / MOST_STRIPES)
  const binsHigh = Math.max(1, Math.min(BINS, Math.ceil(RADII_PER_STRIPE * radius * binsPerDegree)))
  const stripeOfBin = new Uint16Array(BINS)
  const weight: number[] = []
  let rows = 0
  let bins = 0
  for (let bin = 0; bin < BINS; bin++) {
    stripeOfBin[bin] = weight.length
    rows += rowsOfBin[bin]!
    bins++
    if (bin === BINS - 1 || (rows >= fullStripe && bins >= binsHigh)) {
      weight.push(rows)
      rows = 0
      bins = 0
    }
  }
  return { count: weight.length, low, high, binsPerDegree, stripeOfBin, weight: Float64Array.from(weight) }
}

/** The thin bin of a declination; below and above the range the first and the last. */
export function binOf(dec: number, low: number, binsPerDegree: number): number {
  const bin = (dec - low) * binsPerDegree
  return bin <= 0 ? 0 : bin >= BINS - 1 ? BINS - 1 : bin | 0
}

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

/** Rows of a catalog put together by stripe: those of stripe z of the part are `[start[z], start[z + 1])`. */
export interface StripedRows {
  readonly start: Uint32Array
  readonly ra: Float64Array
  readonly dec: Float64Array
  readonly row: Uint32Array
}

/**
 * Gathers the rows of stripes `[from, to)`, in row order within a stripe. A row goes to every stripe that holds a
 * declination within `reach` degrees of its own: to two at most, since stripes are higher than that (the last may be
 * lower, but has no stripe behind it).
 * @param wanted rows are gathered only for stripes where this is not 0
 * @returns rows in working memory, to be given back
 */
export function gatherByStripe(
  { ra, dec }: Positions,
  stripes: Stripes,
  [from, to]: readonly [number, number],
  reach: number,
  wanted: Uint32Array | null,
): StripedRows {
  const { low, high, binsPerDegree } = stripes
  const lowest = low - reach
  const highest = high + reach
  // Rows of other stripes are written too, all to one place behind the rest: that is faster than to ask for each row.
  const elsewhere = to - from
  const slotOfBin = stripes.stripeOfBin.map((z) =>
    z >= from && z < to && (wanted === null || wanted[z - from] !== 0) ? z - from : elsewhere,
  )
  const rows = dec.length
  const start = new Uint32Array(elsewhere + 1)
  for (let row = 0; row < rows; row++) {
    const d = dec[row]!
    if (!(d >= lowest && d <= highest)) continue // NaN as well
    const a = slotOfBin[binOf(d - reach, low, binsPerDegree)]!
    const b = reach === 0 ? a : slotOfBin[binOf(d + reach, low, binsPerDegree)]!
    start[a]!++
    if (b !== a) start[b]!++
  }
  let total = 0
  for (let slot = 0; slot <= elsewhere; slot++) {
    const n = start[slot]!
    start[slot] = total
    if (slot < elsewhere) total += n
  }
  const next = start.slice()
  const step = new Uint32Array(elsewhere + 1).fill(1, 0, elsewhere)
  const outRa = workingMemory.float64(total + 1)
  const outDec = workingMemory.float64(total + 1)
  const outRow = workingMemory.uint32(total + 1)
  for (let row = 0; row < rows; row++) {
    const d = dec[row]!
    if (!(d >= lowest && d <= highest)) continue
    const a = slotOfBin[binOf(d - reach, low, binsPerDegree)]!
    const b = reach === 0 ? a : slotOfBin[binOf(d + reach, low, binsPerDegree)]!
    let at = next[a]!
    next[a] = at + step[a]!
    outRa[at] = ra[row]!
    outDec[at] = d
    outRow[at] = row
    if (b !== a) {
      at = next[b]!
      next[b] = at + step[b]!
      outRa[at] = ra[row]!
      outDec[at] = d
      outRow[at] = row
    }
  }
  return { start, ra: outRa, dec: outDec, row: outRow }
}
