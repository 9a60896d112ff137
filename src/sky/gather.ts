import { ALSO_NEXT, type Kernel, ROW_BYTES } from './kernel/kernel.ts'
import type { Positions } from './positions.ts'
import type { Sieve } from './sieve.ts'
import type { Stripes } from './stripes.ts'

/**
 * Rows of a catalog put together by stripe in the memory of the kernel, `ROW_BYTES` each: those of stripe z of the part lie at the
 * addresses `[start[z], start[z + 1])`.
 */
export interface StripedRows {
  readonly start: Uint32Array
}

/** How many rows stripe z of the part has. */
export const rowsIn = ({ start }: StripedRows, z: number): number => (start[z + 1]! - start[z]!) / ROW_BYTES

/**
 * Gathers the rows of stripes `[from, to)`. A row goes to every stripe that holds a declination within `reach` degrees of its
 * own: to two at most, since stripes are higher than that (the last may be lower, but has no stripe behind it).
 * @param kernel knows the stripes
 * @param wanted rows are gathered only for stripes where this is not 0
 * @param sieve only rows that pass it are gathered
 */
export function gatherByStripe(
  kernel: Kernel,
  positions: Positions,
  stripes: Stripes,
  [from, to]: readonly [number, number],
  reach: number,
  wanted: Uint32Array | null,
  sieve: Sieve | null,
): StripedRows {
  const { code } = kernel
  const isWanted = (z: number) => z >= from && z < to && (wanted === null || wanted[z - from] !== 0)
  const list = sieve && sifted(kernel, positions, sieve)
  const taking = list ? list.length : positions.ra.length
  const block = new Block(kernel, positions, list?.at ?? null)
  const bins = binsOfStripes(kernel, stripes, isWanted, reach)
  const counts = kernel.reserve(4 * (stripes.count + 1))
  kernel.uint32.fill(0, counts / 4, counts / 4 + stripes.count + 1)
  const found = kernel.reserve(4 * (taking + 1))
  const ends: number[] = [] // of what was found in each block
  let next = found
  for (let i = 0; i < taking; i += BLOCK) {
    const n = block.fetchDec(i, Math.min(i + BLOCK, taking))
    next += 4 * code.findStripes(bins, block.dec, n, reach, next, counts)
    ends.push(next)
  }
  const start = new Uint32Array(to - from + 1)
  const rows = kernel.uint32.slice(counts / 4 + from, counts / 4 + to)
  start[0] = kernel.reserve(ROW_BYTES * rows.reduce((sum, n) => sum + n, 0))
  for (let z = 0; z < rows.length; z++) start[z + 1] = start[z]! + ROW_BYTES * rows[z]!
  const places = counts // what was counted is where rows go now
  kernel.uint32.set(start.subarray(0, -1), places / 4 + from)
  next = found
  for (const [b, end] of ends.entries()) {
    const i = b * BLOCK
    if (end > next) {
      block.fetch(i, Math.min(i + BLOCK, taking))
      code.dealRows(block.ra, block.dec, block.numbers, i, (end - next) / 4, next, places)
    }
    next = end
  }
  return { start }
}

/**
 * Puts the stripe of each bin into the memory of the kernel, the one behind the last for stripes that are not wanted, marked where a row may
 * be within `reach` of another stripe.
 */
function binsOfStripes(
  kernel: Kernel,
  { stripeOfBin, count, edges, low, binsPerDegree }: Stripes,
  isWanted: (z: number) => boolean,
  reach: number,
): number {
  const address = kernel.reserve(stripeOfBin.byteLength)
  const bins = kernel.uint16.subarray(address / 2, address / 2 + stripeOfBin.length)
  const slots = Uint16Array.from({ length: count }, (_, z) => (isWanted(z) ? z : count))
  for (let bin = 0; bin < bins.length; bin++) bins[bin] = slots[stripeOfBin[bin]!]!
  const near = reach > 0 ? Math.ceil(reach * binsPerDegree) + 1 : 0
  for (let z = 1; z < count; z++) {
    const edge = Math.round((edges[z]! - low) * binsPerDegree)
    for (let bin = Math.max(0, edge - near); bin < Math.min(bins.length, edge + near); bin++) bins[bin]! |= ALSO_NEXT
  }
  return address
}

/** Rows that the kernel takes with one call: their coordinates stay in the processor's cache. */
const BLOCK = 16_384

/** Rows on their way into the memory of the kernel. */
class Block {
  /** Addresses of the coordinates. */
  readonly ra: number
  readonly dec: number
  /** Address of the numbers of the rows at hand; 0: they follow one another. */
  numbers = 0

  /** @param list address of the numbers of the rows that take part; null: all */
  constructor(
    private readonly kernel: Kernel,
    private readonly positions: Positions,
    private readonly list: number | null,
  ) {
    this.ra = kernel.reserve(8 * BLOCK)
    this.dec = kernel.reserve(8 * BLOCK)
  }

  /** Fetches the coordinates of rows `[from, to)`, or of those at these places of the list. @returns how many */
  fetch(from: number, to: number): number {
    this.take(this.positions.ra, this.ra, from, to)
    return this.fetchDec(from, to)
  }

  /** Fetches the declinations alone. */
  fetchDec(from: number, to: number): number {
    this.take(this.positions.dec, this.dec, from, to)
    return to - from
  }

  private take(column: Float64Array, address: number, from: number, to: number): void {
    const { float64, uint32 } = this.kernel
    if (this.list === null) {
      float64.set(column.subarray(from, to), address / 8)
      return
    }
    this.numbers = this.list + 4 * from
    for (let i = from, at = address / 8, place = this.list / 4 + from; i < to; i++) {
      float64[at++] = column[uint32[place++]!]!
    }
  }
}

/** Puts the numbers of the rows that pass a sieve into the memory of the kernel, one after the other. */
function sifted(kernel: Kernel, { ra, dec }: Positions, sieve: Sieve): { at: number; length: number } {
  const at = kernel.reserve(4 * (dec.length + 1))
  const first = at / 4
  let next = first
  for (let row = 0; row < dec.length; row += BLOCK) {
    next = sift(ra, dec, sieve, row, Math.min(row + BLOCK, dec.length), kernel.uint32, next)
  }
  return { at, length: next - first }
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
