import { type CROWDED as Crowded, RaCells } from './cells.ts'
import { FEW } from './choice.ts'
import {
  arcsecOfHalfChord,
  cosine,
  decWindow,
  flatLimit,
  halfChordLimit,
  halfChordSquared,
  NEAR,
  nearArcsecOfHalfChord,
  nearHalfChordSquared,
  raWindow,
  WHOLE_CIRCLE,
} from './coordinates.ts'
import { gatherByStripe, type PACKED as Packed, rowsIn, type StripedRows } from './gather.ts'
import type { PairRequest, PairSink } from './pairs.ts'
import type { Positions } from './positions.ts'
import { Sieve } from './sieve.ts'
import { type Stripes, stripeOf } from './stripes.ts'
import { workingMemory } from './working-memory.ts'

/**
 * The zone sweep, for bulk joins (idea: J. Gray, A. Szalay, M. Nieto-Santisteban, "The Zones Algorithm", 2006,
 * arXiv:cs/0408031). Both catalogs are gathered by stripe of declination, the right one with copies of the rows within a
 * radius of a neighbour; in each stripe the right rows are put into cells of right ascension and each left row looks into
 * the cells its radius touches. A stripe is small enough to stay in the processor's cache, and trigonometry is spent on
 * candidate pairs alone. A catalog that is matched with itself is gathered once.
 */
export class ZoneSweep implements Disposable {
  /** Null: the catalog is matched with itself, so these are rows of the right one, without the copies. */
  private readonly left: StripedRows | null
  private readonly right: StripedRows
  private readonly cells = new RaCells()
  /** Degrees. */
  private readonly radius: number
  private readonly reach: number
  private readonly limit: number
  private readonly flatLimit: number
  /** The smallest square of a cosine of the declination in the stripe. */
  private narrowing = 1

  /**
   * @param part the stripes to sweep, `[from, to)`
   * @param counts gets the number of pairs of each left row of these stripes
   */
  constructor(
    left: Positions,
    right: Positions,
    private readonly request: PairRequest,
    private readonly stripes: Stripes,
    private readonly part: readonly [number, number],
    private readonly sink: PairSink,
    private readonly counts: Uint32Array,
  ) {
    this.radius = request.radius / 3600
    this.reach = decWindow(this.radius)
    this.limit = halfChordLimit(request.radius)
    this.flatLimit = flatLimit(this.limit)
    const gather = (positions: Positions, reach: number, wanted: Uint32Array | null, few: StripedRows | null) =>
      gatherByStripe(positions, stripes, part, reach, wanted, few && this.sieveOf(few))
    const [leftRows, rightRows] = [left.report.valid, right.report.valid]
    if (request.internal) {
      this.left = null
      this.right = gather(right, this.reach, null, null)
    } else if (rightRows * FEW <= leftRows) {
      this.right = gather(right, this.reach, null, null)
      this.left = gather(left, 0, null, this.right)
    } else {
      this.left = gather(left, 0, null, null)
      const wanted = Uint32Array.from({ length: part[1] - part[0] }, (_, z) => rowsIn(this.left!, z))
      this.right = gather(right, this.reach, wanted, leftRows * FEW <= rightRows ? this.left : null)
    }
  }

  private sieveOf({ packed, start }: StripedRows): Sieve {
    return new Sieve(packed, start.at(-1)!, this.radius, this.reach)
  }

  /** Gives the working memory back; no stripe can be swept any more. */
  [Symbol.dispose](): void {
    if (this.left) workingMemory.give(this.left.packed)
    workingMemory.give(this.right.packed)
  }

  /** Finds the pairs whose left row lies in stripe z. @throws TooManyPairs */
  sweep(z: number): void {
    const { cells, left, sink, counts } = this
    const place = z - this.part[0]
    cells.fill(this.right, place)
    if (cells.length === 0) return
    const window = this.stripeWindow(z)
    if (!left && window > 0) {
      this.searchWithin(z, window)
      return
    }
    const packed = left ? left.packed : cells.packed
    const from = (left ? left.start[place]! : 0) * PACKED
    const to = (left ? left.start[place + 1]! : cells.length) * PACKED
    for (let k = from; k < to; k += PACKED) {
      if (left && window > 0) k = this.searchNear(packed, k, to, window)
      if (k === to) return
      if (!left && stripeOf(packed[k + 1]!, this.stripes) !== z) continue // a copy
      this.searchAround(packed[k]!, packed[k + 1]!, packed[k + 2]!)
      if (sink.hasOpenRow) counts[packed[k + 2]!] = sink.closeRow()
    }
  }

  /**
   * Looks for the partners of the left rows from place `k` on, all within `window` degrees of right ascension, in one loop:
   * this is where the time of a match is spent, and a call for each row costs more than its search.
   * @returns the place of the first row that is not so simple, or `to`
   */
  private searchNear(packed: Float64Array, k: number, to: number, window: number): number {
    const { cells, sink, counts, limit, narrowing, flatLimit } = this
    const { radius } = this.request
    const { packed: others, start, low, high, cellsPerDegree, last } = cells
    for (; k < to; k += PACKED) {
      const ra = packed[k]!
      const dec = packed[k + 1]!
      const from = ra - window
      const until = ra + window
      if (from < 0 || until >= 360) return k
      const first = from <= low ? 0 : ((from - low) * cellsPerDegree) | 0
      const final = until >= high ? last : ((until - low) * cellsPerDegree) | 0
      const begin = start[Math.min(first, last)]!
      const end = start[Math.min(final, last) + 1]!
      if (end - begin > CROWDED) return k
      for (let j = begin * PACKED; j < end * PACKED; j += PACKED) {
        const dRa = others[j]! - ra
        const dDec = others[j + 1]! - dec
        if (dDec * dDec + dRa * dRa * narrowing > flatLimit) continue
        const h = nearHalfChordSquared(dRa, dDec, dec + others[j + 1]!)
        if (h > limit) continue
        const separation = nearArcsecOfHalfChord(h)
        if (separation < radius) sink.push(packed[k + 2]!, others[j + 2]!, separation)
      }
      if (sink.hasOpenRow) counts[packed[k + 2]!] = sink.closeRow()
    }
    return to
  }

  /**
   * Finds the pairs within the stripe's catalog, each from the row that comes first in the order of the cells, so that only rows
   * behind it are looked at. The smaller row of a pair is its left one; pairs are not ordered by it.
   */
  private searchWithin(z: number, window: number): void {
    const { cells, limit, narrowing, flatLimit, stripes, sink, counts } = this
    const { radius } = this.request
    const { packed, start, length, low, high, cellsPerDegree, last } = cells
    for (let k = 0; k < length; k++) {
      const ra = packed[k * PACKED]!
      const dec = packed[k * PACKED + 1]!
      const until = ra + window
      const final = until >= high ? last : ((until - low) * cellsPerDegree) | 0
      let end = start[Math.min(final, last) + 1]!
      if (end - k > CROWDED) end = cells.endOf(until)
      let across = until < 360 ? 0 : cells.endOf(until - 360)
      for (let j = k + 1; j < end || across > 0; j++) {
        // Behind the last row the first ones follow, when the window reaches across RA 0.
        if (j >= end) {
          j = 0
          end = across
          across = 0
        }
        const at = j * PACKED
        let dRa = packed[at]! - ra
        if (dRa < -180) dRa = packed[at]! - (ra - 360)
        const otherDec = packed[at + 1]!
        const dDec = otherDec - dec
        if (dDec * dDec + dRa * dRa * narrowing > flatLimit) continue
        const h = nearHalfChordSquared(dRa, dDec, dec + otherDec)
        if (h > limit) continue
        const separation = nearArcsecOfHalfChord(h)
        if (!(separation < radius)) continue
        const row = packed[k * PACKED + 2]!
        const otherRow = packed[at + 2]!
        const left = Math.min(row, otherRow)
        if (stripeOf(left === row ? dec : otherDec, stripes) !== z) continue
        sink.push(left, Math.max(row, otherRow), separation)
        counts[left]!++
      }
    }
    sink.closeStripe()
  }

  /** Looks for the partners of any left row. */
  private searchAround(ra: number, dec: number, row: number): void {
    const window = raWindow(dec, this.radius)
    const low = ra - window
    const high = ra + window
    if (window === WHOLE_CIRCLE) {
      this.searchBetween(0, 360, ra, dec, row)
    } else if (low < 0) {
      this.searchBetween(0, high, ra, dec, row)
      this.searchBetween(low + 360, 360, ra, dec, row)
    } else if (high >= 360) {
      this.searchBetween(low, 360, ra, dec, row)
      this.searchBetween(0, high - 360, ra, dec, row)
    } else {
      this.searchBetween(low, high, ra, dec, row)
    }
  }

  /** Looks for partners of a left row among the right rows between two right ascensions. */
  private searchBetween(low: number, high: number, ra: number, dec: number, row: number): void {
    const { cells, reach, limit, sink, request } = this
    const { packed } = cells
    const end = cells.endOf(high) * PACKED
    for (let j = cells.firstFrom(low) * PACKED; j < end; j += PACKED) {
      const otherRa = packed[j]!
      if (otherRa < low || otherRa > high) continue
      const otherDec = packed[j + 1]!
      const dDec = otherDec - dec
      if (dDec > reach || dDec < -reach) continue
      const otherRow = packed[j + 2]!
      if (request.internal && otherRow <= row) continue
      const h = halfChordSquared(ra, dec, otherRa, otherDec)
      if (h > limit) continue
      const separation = arcsecOfHalfChord(h, ra, dec, otherRa, otherDec)
      if (separation < request.radius) sink.push(row, otherRow, separation)
    }
  }

  /** One window that serves all rows of a stripe; 0 when they differ too much (near a pole), or are not all near in the sense of `NEAR`. */
  private stripeWindow(z: number): number {
    const low = this.stripes.edges[z]! - ROUNDING
    const high = this.stripes.edges[z + 1]! + ROUNDING
    const nearest = low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high))
    const widest = raWindow(Math.max(Math.abs(low), Math.abs(high)), this.radius)
    if (widest > NEAR || this.reach > NEAR) return 0
    this.narrowing = cosine(Math.max(Math.abs(low), Math.abs(high)) + this.reach) ** 2
    return widest <= 1.5 * raWindow(nearest, this.radius) ? widest : 0
  }
}

// Written here again, and held equal by their types: V8 looks an imported constant up at every turn of a loop, which costs a tenth.
const PACKED: typeof Packed = 3
const CROWDED: typeof Crowded = 16
/** Degrees by which a row may lie beyond the edges of its stripe. */
const ROUNDING = 1e-9
