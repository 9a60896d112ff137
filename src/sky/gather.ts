import type { Positions } from './positions.ts'
import type { Sieve } from './sieve.ts'
import { lastBin, type Stripes } from './stripes.ts'
import { workingMemory } from './working-memory.ts'

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

/**
 * Gathers the rows of stripes `[from, to)`. A row goes to every stripe that holds a declination within `reach` degrees of its
 * own: to two at most, since stripes are higher than that (the last may be lower, but has no stripe behind it).
 * @param wanted rows are gathered only for stripes where this is not 0
 * @param sieve only rows that pass it are gathered
 * @returns rows in working memory, to be given back
 */
export function gatherByStripe(
  { ra, dec }: Positions,
  stripes: Stripes,
  [from, to]: readonly [number, number],
  reach: number,
  wanted: Uint32Array | null,
  sieve: Sieve | null,
): StripedRows {
  const elsewhere = to - from
  const slotOfBin = stripes.stripeOfBin.map((z) =>
    z >= from && z < to && (wanted === null || wanted[z - from] !== 0) ? z - from : elsewhere,
  )
  const dealing = new Dealing(dec.length, elsewhere)
  const list = sieve && sifted(ra, dec, sieve)
  const taking = list ? list.length : dec.length
  for (let i = 0; i < taking; i += BLOCK) {
    dealing.assign(dec, list, i, Math.min(i + BLOCK, taking), slotOfBin, stripes, reach)
  }
  const packed = workingMemory.float64(dealing.places() * PACKED)
  for (let i = 0; i < dealing.length; i += BLOCK) {
    dealing.dealOut(ra, dec, i, Math.min(i + BLOCK, dealing.length), packed)
  }
  dealing.dispose()
  if (list) workingMemory.give(list)
  return { start: dealing.start, packed }
}

/** The rows that pass a sieve, in working memory. */
function sifted(ra: Float64Array, dec: Float64Array, sieve: Sieve): Uint32Array {
  const rows = workingMemory.uint32(dec.length)
  let n = 0
  for (let row = 0; row < dec.length; row += BLOCK) {
    n = sift(ra, dec, sieve, row, Math.min(row + BLOCK, dec.length), rows, n)
  }
  return rows.subarray(0, n)
}

/** Puts those of rows `[from, to)` that pass at place n of `kept` and on. @returns the place behind them */
function sift(
  ra: Float64Array,
  dec: Float64Array,
  sieve: Sieve,
  from: number,
  to: number,
  kept: Uint32Array,
  n: number,
) {
  let at = n
  for (let row = from; row < to; row++) {
    kept[at] = row
    at += sieve.passes(ra[row]!, dec[row]!)
  }
  return at
}

/** Rows that are dealt with by one call: a function that is called often is compiled sooner, and better, than a long loop. */
const BLOCK = 16_384

/** Rows on their way to the slots of their stripes; rows for elsewhere stay behind. */
class Dealing {
  /** First the rows of each slot, then where each begins. */
  readonly start: Uint32Array
  private next = new Uint32Array(0)
  /** The rows that take part, with their slots. */
  length = 0
  private readonly rows: Uint32Array
  private readonly slots: Uint16Array

  constructor(
    rows: number,
    private readonly elsewhere: number,
  ) {
    this.start = new Uint32Array(elsewhere + 1)
    // Every row can go to two slots; what is not touched costs nothing.
    this.rows = workingMemory.uint32(2 * rows + 1)
    this.slots = workingMemory.uint16(2 * rows + 1)
  }

  /** Finds the slots of rows `[from, to)`, or of the rows at these places of a list. */
  assign(
    dec: Float64Array,
    list: Uint32Array | null,
    from: number,
    to: number,
    slotOfBin: Uint16Array,
    stripes: Stripes,
    reach: number,
  ): void {
    const { rows, slots, start, elsewhere } = this
    const { low, high, binsPerDegree } = stripes
    const lowest = low - reach
    const highest = high + reach
    let n = this.length
    for (let i = from; i < to; i++) {
      const row = list === null ? i : list[i]!
      const d = dec[row]!
      if (!(d >= lowest && d <= highest)) continue // or NaN
      const a = (d - reach - low) * binsPerDegree
      const b = (d + reach - low) * binsPerDegree
      const slot = slotOfBin[a <= 0 ? 0 : a >= lastBin ? lastBin : a | 0]!
      const other = slotOfBin[b <= 0 ? 0 : b >= lastBin ? lastBin : b | 0]!
      // Written in any case, and kept or not (a slot before `elsewhere` counts 1): that is faster than to ask.
      rows[n] = row
      slots[n] = slot
      start[slot]!++
      n += (slot - elsewhere) >>> 31
      if (other !== slot) {
        rows[n] = row
        slots[n] = other
        start[other]!++
        n += (other - elsewhere) >>> 31
      }
    }
    this.length = n
  }

  /** Turns the counts into places. @returns how many there are */
  places(): number {
    const { start, elsewhere } = this
    let total = 0
    for (let slot = 0; slot <= elsewhere; slot++) {
      const n = start[slot]!
      start[slot] = total
      if (slot < elsewhere) total += n
    }
    this.next = start.map((place) => place * PACKED)
    return total
  }

  /** Copies the assigned rows `[from, to)` to their places. */
  dealOut(ra: Float64Array, dec: Float64Array, from: number, to: number, packed: Float64Array): void {
    const { rows, slots, next } = this
    for (let i = from; i < to; i++) {
      const row = rows[i]!
      const slot = slots[i]!
      const at = next[slot]!
      next[slot] = at + PACKED
      packed[at] = ra[row]!
      packed[at + 1] = dec[row]!
      packed[at + 2] = row
    }
  }

  dispose(): void {
    workingMemory.give(this.rows, this.slots)
  }
}
