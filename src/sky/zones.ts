import { FEW } from './choice.ts'
import {
  arcsecOfHalfChord,
  cosine,
  decWindow,
  flatLimit,
  halfChordLimit,
  halfChordSquared,
  NEAR,
  raWindow,
  WHOLE_CIRCLE,
} from './coordinates.ts'
import { gatherByStripe, rowsIn, type StripedRows } from './gather.ts'
import { type Kernel, ROW_BYTES } from './kernel/kernel.ts'
import type { PairRequest, PairSink } from './pairs.ts'
import type { Positions } from './positions.ts'
import { Sieve } from './sieve.ts'
import { type Stripes, stripeOf } from './stripes.ts'

/**
 * The zone sweep, for bulk joins (idea: J. Gray, A. Szalay, M. Nieto-Santisteban, "The Zones Algorithm", 2006,
 * arXiv:cs/0408031). Both catalogs are gathered by stripe of declination, the right one with copies of the rows within a
 * radius of a neighbour; in each stripe the right rows are put into cells of right ascension and each left row looks into
 * the cells its radius touches. A stripe is small enough to stay in the processor's cache, and trigonometry is spent on
 * candidate pairs alone. A catalog that is matched with itself is gathered once. The usual rows are the kernel's; what is left to do
 * here are those around the poles and across RA 0, and wide radii.
 */
export class ZoneSweep {
  /** Null: the catalog is matched with itself, so these are rows of the right one, without the copies. */
  private readonly left: StripedRows | null
  private readonly right: StripedRows
  /** Where the kernel lays cells. */
  private readonly cells: number
  private readonly starts: number
  /** Degrees. */
  private readonly radius: number
  private readonly reach: number
  private readonly limit: number

  /**
   * @param kernel for this sweep alone; once it stands, only the sink reserves memory
   * @param part the stripes to sweep, `[from, to)`
   */
  constructor(
    private readonly kernel: Kernel,
    left: Positions,
    right: Positions,
    private readonly request: PairRequest,
    private readonly stripes: Stripes,
    private readonly part: readonly [number, number],
  ) {
    this.radius = request.radius / 3600
    this.reach = decWindow(this.radius)
    this.limit = halfChordLimit(request.radius)
    kernel.code.aim(request.radius, this.reach, this.limit, flatLimit(this.limit))
    const { stripeOfBin, count, low, high, binsPerDegree } = stripes
    const bins = kernel.reserve(stripeOfBin.byteLength)
    kernel.uint16.set(stripeOfBin, bins / 2)
    kernel.code.planStripes(bins, stripeOfBin.length, count, low, high, binsPerDegree)
    const gather = (positions: Positions, reach: number, wanted: Uint32Array | null, few: StripedRows | null) =>
      gatherByStripe(kernel, positions, stripes, part, reach, wanted, few && this.sieveOf(few))
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
    let most = 0
    for (let z = 0; z < part[1] - part[0]; z++) most = Math.max(most, rowsIn(this.right, z))
    this.cells = kernel.reserve(most * ROW_BYTES)
    this.starts = kernel.reserve((most + 2) * 4)
  }

  private sieveOf({ start }: StripedRows): Sieve {
    return new Sieve(this.kernel.float64.subarray(start[0]! / 8, start.at(-1)! / 8), this.radius, this.reach)
  }

  /** Finds the pairs whose left row lies in stripe z. @throws TooManyPairs */
  sweep(z: number, sink: PairSink): void {
    const { left, right, kernel } = this
    const place = z - this.part[0]
    if (rowsIn(right, place) === 0) return
    kernel.code.layCells(right.start[place]!, right.start[place + 1]!, this.cells, this.starts)
    const first = left ? left.start[place]! : this.cells
    const end = left ? left.start[place + 1]! : this.cells + rowsIn(right, place) * ROW_BYTES
    const near = this.enterStripe(z)
    for (let row = first; row < end; ) {
      if (near) {
        const needed = sink.receive(() => {
          row = (left ? kernel.code.searchNear(row, end) : kernel.code.searchWithin(row, z)) >>> 0
        })
        if (needed > 0) sink.makeRoom(needed)
        if (needed > 0 || row === end) continue
      }
      this.searchAround(row, z, sink)
      row += ROW_BYTES
    }
    sink.settle()
  }

  /** Looks for the partners of any left row. */
  private searchAround(row: number, z: number, sink: PairSink): void {
    const { float64 } = this.kernel
    const ra = float64[row / 8]!
    const dec = float64[row / 8 + 1]!
    const number = float64[row / 8 + 2]!
    if (!this.left && stripeOf(dec, this.stripes) !== z) return // a copy
    const window = raWindow(dec, this.radius)
    const low = ra - window
    const high = ra + window
    const between = (from: number, to: number) => this.searchBetween(from, to, ra, dec, number, sink)
    if (window === WHOLE_CIRCLE) {
      between(0, 360)
    } else if (low < 0) {
      between(0, high)
      between(low + 360, 360)
    } else if (high >= 360) {
      between(low, 360)
      between(0, high - 360)
    } else {
      between(low, high)
    }
  }

  /** Looks for partners of a left row among the right rows between two right ascensions. */
  private searchBetween(low: number, high: number, ra: number, dec: number, number: number, sink: PairSink): void {
    const { kernel, reach, limit, request } = this
    const end = (kernel.code.endOf(high) >>> 0) / 8
    for (let at = (kernel.code.firstFrom(low) >>> 0) / 8; at < end; at += ROW_BYTES / 8) {
      const { float64 } = kernel // the sink may have moved it
      const otherRa = float64[at]!
      if (otherRa < low || otherRa > high) continue
      const otherDec = float64[at + 1]!
      const dDec = otherDec - dec
      if (dDec > reach || dDec < -reach) continue
      const other = float64[at + 2]!
      if (request.internal && other <= number) continue
      const h = halfChordSquared(ra, dec, otherRa, otherDec)
      if (h > limit) continue
      const separation = arcsecOfHalfChord(h, ra, dec, otherRa, otherDec)
      if (separation < request.radius) sink.push(number, other, separation)
    }
  }

  /**
   * Tells the kernel the window that serves all rows of a stripe, if they differ little; else it works out one for each.
   * @returns false when rows are not all near in the sense of `NEAR`
   */
  private enterStripe(z: number): boolean {
    const low = this.stripes.edges[z]! - ROUNDING
    const high = this.stripes.edges[z + 1]! + ROUNDING
    const nearest = low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high))
    const furthest = Math.max(Math.abs(low), Math.abs(high)) + this.reach // of the copies
    const widest = raWindow(furthest, this.radius)
    const alike = widest <= 1.5 * raWindow(nearest, this.radius)
    this.kernel.code.enterStripe(alike ? widest : 0, cosine(furthest + this.reach) ** 2)
    return widest <= NEAR && this.reach <= NEAR
  }
}

/** Degrees by which a row may lie beyond the edges of its stripe. */
const ROUNDING = 1e-9
