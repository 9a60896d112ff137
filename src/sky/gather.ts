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
  const isWanted = (z: number) => z >= from && z < to && (wanted === null || wanted[z - from] !== 0)
  const blocks = new Blocks(kernel, positions, sieve && sifted(kernel, positions, sieve))
  return deal(kernel, blocks, find(kernel, blocks, stripes, isWanted, reach), [from, to])
}

/** The stripes of the rows that take part, as the kernel found them. */
interface Found {
  /** Where it begins, and behind what was found in each block. */
  readonly address: number
  readonly ends: readonly number[]
  /** Address of the number of rows of each stripe. */
  readonly counts: number
}

function find(
  kernel: Kernel,
  blocks: Blocks,
  stripes: Stripes,
  isWanted: (z: number) => boolean,
  reach: number,
): Found {
  const bins = binsOfStripes(kernel, stripes, isWanted, reach)
  const counts = kernel.reserve(4 * (stripes.count + 1))
  kernel.uint32.fill(0, counts / 4, counts / 4 + stripes.count + 1)
  const address = kernel.reserve(4 * (blocks.rows + 1))
  const ends: number[] = []
  let next = address
  for (let first = 0; first < blocks.rows; first += BLOCK) {
    const n = blocks.fetchDec(first)
    next += 4 * kernel.code.findStripes(bins, blocks.dec, n, reach, next, counts)
    ends.push(next)
  }
  return { address, ends, counts }
}

function deal(kernel: Kernel, blocks: Blocks, found: Found, [from, to]: readonly [number, number]): StripedRows {
  const places = found.counts // what was counted is where rows go now
  const rows = kernel.uint32.slice(found.counts / 4 + from, found.counts / 4 + to)
  const start = new Uint32Array(rows.length + 1)
  start[0] = kernel.reserve(ROW_BYTES * rows.reduce((sum, n) => sum + n, 0))
  for (let z = 0; z < rows.length; z++) start[z + 1] = start[z]! + ROW_BYTES * rows[z]!
  kernel.uint32.set(start.subarray(0, -1), places / 4 + from)
  let begin = found.address
  for (const [block, end] of found.ends.entries()) {
    const first = block * BLOCK
    if (end > begin) {
      blocks.fetch(first)
      kernel.code.dealRows(blocks.ra, blocks.dec, blocks.numbers, first, (end - begin) / 4, begin, places)
    }
    begin = end
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

/** The rows of a catalog on their way into the memory of the kernel. */
class Blocks {
  /** How many take part. */
  readonly rows: number
  /** Addresses of the coordinates of a block. */
  readonly ra: number
  readonly dec: number
  /** Address of the numbers of its rows; 0: they follow one another. */
  numbers = 0

  /** @param list the numbers of the rows that take part, in the memory of the kernel; null: all */
  constructor(
    private readonly kernel: Kernel,
    private readonly positions: Positions,
    private readonly list: RowList | null,
  ) {
    this.rows = list?.length ?? positions.ra.length
    this.ra = kernel.reserve(8 * BLOCK)
    this.dec = kernel.reserve(8 * BLOCK)
  }

  /** Fetches the coordinates of the block that begins with the row at this place. */
  fetch(first: number): void {
    this.take(this.positions.ra, this.ra, first)
    this.take(this.positions.dec, this.dec, first)
  }

  /** Fetches the declinations alone. @returns how many */
  fetchDec(first: number): number {
    return this.take(this.positions.dec, this.dec, first)
  }

  private take(column: Float64Array, address: number, first: number): number {
    const { float64, uint32 } = this.kernel
    const end = Math.min(first + BLOCK, this.rows)
    if (this.list === null) {
      float64.set(column.subarray(first, end), address / 8)
    } else {
      this.numbers = this.list.address + 4 * first
      for (let i = first, at = address / 8, place = this.numbers / 4; i < end; i++) {
        float64[at++] = column[uint32[place++]!]!
      }
    }
    return end - first
  }
}

/** Numbers of rows (u32) in the memory of the kernel. */
interface RowList {
  readonly address: number
  readonly length: number
}

/** Puts the numbers of the rows that pass a sieve into the memory of the kernel, one after the other. */
function sifted(kernel: Kernel, { ra, dec }: Positions, sieve: Sieve): RowList {
  const address = kernel.reserve(4 * (dec.length + 1))
  const first = address / 4
  let next = first
  for (let row = 0; row < dec.length; row += BLOCK) {
    next = sift(ra, dec, sieve, row, Math.min(row + BLOCK, dec.length), kernel.uint32, next)
  }
  return { address, length: next - first }
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
