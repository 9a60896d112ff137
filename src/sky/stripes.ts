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
  /** The declination at which each stripe begins, and at which the last one ends; rows may lie beyond by a rounding. */
  readonly edges: Float64Array
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
  const edges = [low]
  let rows = 0
  let bins = 0
  for (let bin = 0; bin < BINS; bin++) {
    stripeOfBin[bin] = weight.length
    rows += rowsOfBin[bin]!
    bins++
    if (bin === BINS - 1 || (rows >= fullStripe && bins >= binsHigh)) {
      weight.push(rows)
      edges.push(bin === BINS - 1 ? high : low + (bin + 1) / binsPerDegree)
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

/** Numbers of a row in a packed array: right ascension, declination, number of the row. They are looked at together. */
export const PACKED = 3

/** Rows of a catalog put together by stripe: those of stripe z of the part are `[start[z], start[z + 1])`. */
export interface StripedRows {
  readonly start: Uint32Array
  /** `PACKED` numbers for each row. */
  readonly packed: Float64Array
}

/** How many rows stripe z of the part has. */
export const rowsIn = ({ start }: StripedRows, z: number): number => start[z + 1]! - start[z]!

/** The mark of a row that goes to two stripes; there are fewer stripes than that. */
const TWICE = 0x8000

/**
 * Gathers the rows of stripes `[from, to)`. A row goes to every stripe that holds a declination within `reach` degrees of its
 * own: to two at most, since stripes are higher than that (the last may be lower, but has no stripe behind it).
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
  // Rows of other stripes are written too, all to one place behind the rest: that is faster than to ask for each row.
  const elsewhere = to - from
  const slotOfBin = stripes.stripeOfBin.map((z) =>
    z >= from && z < to && (wanted === null || wanted[z - from] !== 0) ? z - from : elsewhere,
  )
  const rows = dec.length
  const start = new Uint32Array(elsewhere + 1)
  const slots = workingMemory.uint16(rows)
  const deal = { ra, dec, slots, slotOfBin, elsewhere, reach, ...stripes }
  for (let row = 0; row < rows; row += BLOCK) assignSlots(deal, start, row, Math.min(row + BLOCK, rows))
  let total = 0
  for (let slot = 0; slot <= elsewhere; slot++) {
    const n = start[slot]!
    start[slot] = total
    if (slot < elsewhere) total += n
  }
  const next = start.map((place) => place * PACKED)
  const step = new Uint32Array(elsewhere + 1).fill(PACKED, 0, elsewhere)
  const packed = workingMemory.float64((total + 1) * PACKED)
  for (let row = 0; row < rows; row += BLOCK) dealOut(deal, next, step, packed, row, Math.min(row + BLOCK, rows))
  workingMemory.give(slots)
  return { start, packed }
}

/** Rows that are dealt with by one call: a function that is called often is compiled sooner, and better, than a long loop. */
const BLOCK = 16_384

interface Deal extends Stripes {
  readonly ra: Float64Array
  readonly dec: Float64Array
  readonly slots: Uint16Array
  readonly slotOfBin: Uint16Array
  readonly elsewhere: number
  readonly reach: number
}

/** Finds the slots of rows `[from, to)`, and counts the rows of each slot. */
function assignSlots(deal: Deal, counts: Uint32Array, from: number, to: number): void {
  const { dec, slots, slotOfBin, elsewhere, reach, low, high, binsPerDegree } = deal
  const lowest = low - reach
  const highest = high + reach
  for (let row = from; row < to; row++) {
    const d = dec[row]!
    let a = elsewhere
    let b = elsewhere
    // Not for NaN.
    if (d >= lowest && d <= highest) {
      a = slotOfBin[binOf(d - reach, low, binsPerDegree)]!
      b = slotOfBin[binOf(d + reach, low, binsPerDegree)]!
    }
    counts[a]!++
    if (b === a) {
      slots[row] = a
    } else {
      counts[b]!++
      slots[row] = a | TWICE
    }
  }
}

/** Copies rows `[from, to)` to their places, `next` in each slot. */
function dealOut(
  deal: Deal,
  next: Uint32Array,
  step: Uint32Array,
  packed: Float64Array,
  from: number,
  to: number,
): void {
  const { ra, dec, slots, slotOfBin, reach, low, binsPerDegree } = deal
  for (let row = from; row < to; row++) {
    const mark = slots[row]!
    const d = dec[row]!
    const slot = mark & ~TWICE
    let at = next[slot]!
    next[slot] = at + step[slot]!
    packed[at] = ra[row]!
    packed[at + 1] = d
    packed[at + 2] = row
    if (mark === slot) continue
    const other = slotOfBin[binOf(d + reach, low, binsPerDegree)]!
    at = next[other]!
    next[other] = at + step[other]!
    packed[at] = ra[row]!
    packed[at + 1] = d
    packed[at + 2] = row
  }
}
