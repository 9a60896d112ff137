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
import { gatherByStripe, type StripedRows, type Stripes } from './stripes.ts'
import { workingMemory } from './working-memory.ts'

/**
 * The zone sweep, for bulk joins (idea: J. Gray, A. Szalay, M. Nieto-Santisteban, "The Zones Algorithm", 2006,
 * arXiv:cs/0408031). Both catalogs are gathered by stripe of declination, the right one with copies of the rows within a
 * radius of a neighbour; in each stripe the right rows are put into cells of right ascension and each left row looks into
 * the cells its radius touches. A stripe is small enough to stay in the processor's cache, and trigonometry is spent on
 * candidate pairs alone.
 */
export class ZoneSweep implements Disposable {
  private readonly left: StripedRows
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
    stripes: Stripes,
    private readonly part: readonly [number, number],
    private readonly sink: PairSink,
    private readonly counts: Uint32Array,
  ) {
    this.radius = request.radius / 3600
    this.reach = decWindow(this.radius)
    this.limit = halfChordLimit(request.radius)
    this.left = gatherByStripe(left, stripes, part, 0, null)
    const rowsOf = new Uint32Array(part[1] - part[0])
    for (let z = 0; z < rowsOf.length; z++) rowsOf[z] = this.left.start[z + 1]! - this.left.start[z]!
    this.right = gatherByStripe(right, stripes, part, this.reach, rowsOf)
  }

  /** Gives the working memory back; no stripe can be swept any more. */
  [Symbol.dispose](): void {
    for (const { ra, dec, row } of [this.left, this.right]) workingMemory.give(ra, dec, row)
  }

  /** Finds the pairs whose left row lies in stripe z. @throws TooManyPairs */
  sweep(z: number): void {
    const from = this.left.start[z - this.part[0]]!
    const to = this.left.start[z - this.part[0] + 1]!
    const { cells, left, sink, counts } = this
    cells.fill(this.right, this.right.start[z - this.part[0]]!, this.right.start[z - this.part[0] + 1]!)
    if (from === to || cells.length === 0) return
    const fixed = this.stripeWindow(from, to)
    for (let k = from; k < to; k++) {
      const ra = left.ra[k]!
      const window = fixed > 0 ? fixed : raWindow(left.dec[k]!, this.radius)
      if (window === WHOLE_CIRCLE) {
        this.scan(k, 0, 360)
      } else {
        const low = ra - window
        const high = ra + window
        if (low < 0) {
          this.scan(k, 0, high)
          this.scan(k, low + 360, 360)
        } else if (high >= 360) {
          this.scan(k, low, 360)
          this.scan(k, 0, high - 360)
        } else {
          this.scan(k, low, high)
        }
      }
      const found = sink.closeRow()
      if (found > 0) counts[left.row[k]!] = found
    }
  }

  /** One window that serves all left rows of a stripe; 0 when they differ too much (near a pole). */
  private stripeWindow(from: number, to: number): number {
    const { dec } = this.left
    let nearest = 90
    let furthest = 0
    for (let k = from; k < to; k++) {
      const d = Math.abs(dec[k]!)
      if (d < nearest) nearest = d
      if (d > furthest) furthest = d
    }
    const widest = raWindow(furthest, this.radius)
    return widest <= 1.5 * raWindow(nearest, this.radius) ? widest : 0
  }

  /** Looks for partners of a left row among the right rows between two right ascensions. */
  private scan(k: number, low: number, high: number): void {
    const { cells, left, reach, limit, sink, request } = this
    const first = cells.firstFrom(low)
    const end = cells.endOf(high)
    if (first >= end) return
    const ra = left.ra[k]!
    const dec = left.dec[k]!
    const row = left.row[k]!
    const { internal, radius } = request
    const { key: cellRa, other: cellDec, row: cellRow } = cells.rows
    for (let j = first; j < end; j++) {
      const dDec = cellDec[j]! - dec
      if (dDec > reach || dDec < -reach) continue
      const otherRa = cellRa[j]!
      if (otherRa < low || otherRa > high) continue
      const otherRow = cellRow[j]!
      if (internal && otherRow <= row) continue
      const otherDec = cellDec[j]!
      const h = halfChordSquared(ra, dec, otherRa, otherDec)
      if (h > limit) continue
      const separation = arcsecOfHalfChord(h, ra, dec, otherRa, otherDec)
      if (separation < radius) sink.push(row, otherRow, separation)
    }
  }
}

/** The right rows of one stripe in cells of right ascension; the arrays are used again for the next stripe. */
class RaCells {
  rows = { key: new Float64Array(0), other: new Float64Array(0), row: new Uint32Array(0) }
  length = 0
  private start = new Uint32Array(0)
  private cells = 0
  private low = 0
  private high = 0
  private perDegree = 0

  /** Takes over the striped rows `[from, to)`. Cells with many rows are sorted by right ascension. */
  fill(striped: StripedRows, from: number, to: number): void {
    const { ra, dec, row } = striped
    this.length = to - from
    if (this.length === 0) return
    this.reserve(this.length)
    let low = 360
    let high = 0
    for (let k = from; k < to; k++) {
      const a = ra[k]!
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
    for (let k = from; k < to; k++) start[this.cellOf(ra[k]!) + 2]!++
    for (let c = 2; c <= cells; c++) start[c]! += start[c - 1]!
    const { key, other, row: outRow } = this.rows
    for (let k = from; k < to; k++) {
      const at = start[this.cellOf(ra[k]!) + 1]!++
      key[at] = ra[k]!
      other[at] = dec[k]!
      outRow[at] = row[k]!
    }
    for (let c = 0; c < cells; c++) {
      if (start[c + 1]! - start[c]! > CROWDED) sortByKey(this.rows, start[c]!, start[c + 1]!)
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
    const { key } = this.rows
    let a = begin
    let b = end
    while (a < b) {
      const middle = (a + b) >>> 1
      const value = key[middle]!
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
    if (this.rows.key.length >= length) return
    const size = length + (length >> 2)
    this.rows = { key: new Float64Array(size), other: new Float64Array(size), row: new Uint32Array(size) }
    this.start = new Uint32Array(size + 2)
  }
}

/** A cell with more rows than this is kept sorted. */
const CROWDED = 16
