import {
  arcsecOfHalfChord,
  decWindow,
  halfChordLimit,
  halfChordSquared,
  raWindow,
  WHOLE_CIRCLE,
} from './coordinates.ts'
import type { PairRequest, PairSink } from './pairs.ts'
import type { Positions } from './positions.ts'
import { sortByKey } from './sorting.ts'
import { gatherByStripe, PACKED, rowsIn, type StripedRows, type Stripes, stripeOf } from './stripes.ts'
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
    this.left = request.internal ? null : gatherByStripe(left, stripes, part, 0, null)
    const rowsOf = this.left && Uint32Array.from({ length: part[1] - part[0] }, (_, z) => rowsIn(this.left!, z))
    this.right = gatherByStripe(right, stripes, part, this.reach, rowsOf)
  }

  /** Gives the working memory back; no stripe can be swept any more. */
  [Symbol.dispose](): void {
    if (this.left) workingMemory.give(this.left.packed)
    workingMemory.give(this.right.packed)
  }

  /** Finds the pairs whose left row lies in stripe z. @throws TooManyPairs */
  sweep(z: number): void {
    const { cells, sink, counts } = this
    const place = z - this.part[0]
    cells.fill(this.right, place)
    const { packed } = this.left ?? cells
    const from = this.left ? this.left.start[place]! : 0
    const to = this.left ? this.left.start[place + 1]! : cells.length
    if (from === to || cells.length === 0) return
    const fixed = this.stripeWindow(z)
    for (let k = from * PACKED; k < to * PACKED; k += PACKED) {
      const ra = packed[k]!
      const dec = packed[k + 1]!
      const row = packed[k + 2]!
      if (!this.left && stripeOf(dec, this.stripes) !== z) continue // a copy
      const window = fixed > 0 ? fixed : raWindow(dec, this.radius)
      if (window === WHOLE_CIRCLE) {
        this.scan(row, ra, dec, 0, 360)
      } else {
        const low = ra - window
        const high = ra + window
        if (low < 0) {
          this.scan(row, ra, dec, 0, high)
          this.scan(row, ra, dec, low + 360, 360)
        } else if (high >= 360) {
          this.scan(row, ra, dec, low, 360)
          this.scan(row, ra, dec, 0, high - 360)
        } else {
          this.scan(row, ra, dec, low, high)
        }
      }
      if (sink.hasOpenRow) counts[row] = sink.closeRow()
    }
  }

  /** One window that serves all left rows of a stripe; 0 when they differ too much (near a pole). */
  private stripeWindow(z: number): number {
    const low = this.stripes.edges[z]! - ROUNDING
    const high = this.stripes.edges[z + 1]! + ROUNDING
    const nearest = low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high))
    const widest = raWindow(Math.max(Math.abs(low), Math.abs(high)), this.radius)
    return widest <= 1.5 * raWindow(nearest, this.radius) ? widest : 0
  }

  /** Looks for partners of a left row among the right rows between two right ascensions. */
  private scan(row: number, ra: number, dec: number, low: number, high: number): void {
    const { cells, reach, limit, sink, request } = this
    const first = cells.firstFrom(low)
    const end = cells.endOf(high) * PACKED
    const { packed } = cells
    for (let j = first * PACKED; j < end; j += PACKED) {
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
}

/** The right rows of one stripe in cells of right ascension; the arrays are used again for the next stripe. */
class RaCells {
  packed = new Float64Array(0)
  length = 0
  private start = new Uint32Array(0)
  private cells = 0
  private low = 0
  private high = 0
  private perDegree = 0

  /** Takes over the rows of stripe z of the part. Cells with many rows are sorted by right ascension. */
  fill({ packed, start: stripes }: StripedRows, z: number): void {
    const from = stripes[z]!
    const to = stripes[z + 1]!
    this.length = to - from
    if (this.length === 0) return
    this.reserve(this.length)
    let low = 360
    let high = 0
    for (let k = from * PACKED; k < to * PACKED; k += PACKED) {
      const a = packed[k]!
      if (a < low) low = a
      if (a > high) high = a
    }
    const cells = this.length
    const perDegree = high > low ? cells / (high - low) : 0
    this.cells = cells
    this.low = low
    this.high = high
    this.perDegree = perDegree
    // Counting sort; start[c + 1] first counts cell c, then is where its next row goes, and ends as where it ends.
    const start = this.start.fill(0, 0, cells + 2)
    for (let k = from * PACKED; k < to * PACKED; k += PACKED) start[this.cellOf(packed[k]!) + 2]!++
    for (let c = 2; c <= cells; c++) start[c]! += start[c - 1]!
    const sorted = this.packed
    for (let k = from * PACKED; k < to * PACKED; k += PACKED) {
      const at = start[this.cellOf(packed[k]!) + 1]!++ * PACKED
      sorted[at] = packed[k]!
      sorted[at + 1] = packed[k + 1]!
      sorted[at + 2] = packed[k + 2]!
    }
    for (let c = 0; c < cells; c++) if (start[c + 1]! - start[c]! > CROWDED) this.sort(start[c]!, start[c + 1]!)
  }

  private sort(from: number, to: number): void {
    const { packed } = this
    const rows = {
      key: new Float64Array(to - from),
      other: new Float64Array(to - from),
      row: new Uint32Array(to - from),
    }
    for (let i = 0, k = from * PACKED; i < to - from; i++, k += PACKED) {
      rows.key[i] = packed[k]!
      rows.other[i] = packed[k + 1]!
      rows.row[i] = packed[k + 2]!
    }
    sortByKey(rows, 0, to - from)
    for (let i = 0, k = from * PACKED; i < to - from; i++, k += PACKED) {
      packed[k] = rows.key[i]!
      packed[k + 1] = rows.other[i]!
      packed[k + 2] = rows.row[i]!
    }
  }

  /** The first place where a row at or beyond this right ascension can be. */
  firstFrom(ra: number): number {
    if (ra <= this.low) return 0
    if (ra > this.high) return this.length
    const cell = this.cellOf(ra)
    const begin = this.start[cell]!
    const end = this.start[cell + 1]!
    return end - begin > CROWDED ? this.search(ra, begin, end, false) : begin
  }

  /** The place behind the last row at or before this right ascension. */
  endOf(ra: number): number {
    if (ra >= this.high) return this.length
    if (ra < this.low) return 0
    const cell = this.cellOf(ra)
    const begin = this.start[cell]!
    const end = this.start[cell + 1]!
    return end - begin > CROWDED ? this.search(ra, begin, end, true) : end
  }

  private search(ra: number, begin: number, end: number, behindEqual: boolean): number {
    const { packed } = this
    let a = begin
    let b = end
    while (a < b) {
      const middle = (a + b) >>> 1
      const value = packed[middle * PACKED]!
      if (value < ra || (behindEqual && value === ra)) a = middle + 1
      else b = middle
    }
    return a
  }

  private cellOf(ra: number): number {
    const cell = ((ra - this.low) * this.perDegree) | 0
    return cell < this.cells ? cell : this.cells - 1
  }

  private reserve(length: number): void {
    if (this.packed.length >= length * PACKED) return
    const size = length + (length >> 2)
    this.packed = new Float64Array(size * PACKED)
    this.start = new Uint32Array(size + 2)
  }
}

/** Degrees by which a row may lie beyond the edges of its stripe. */
const ROUNDING = 1e-9
/** A cell with more rows than this is kept sorted. */
const CROWDED = 16
