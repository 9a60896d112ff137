import { ARCSEC_PER_DEGREE } from '../../sky/coordinates.ts'
import { healpix29Of, MAX_NUMBER_ORDER, pixelAndDepth, pixelsOfKeys } from '../../sky/healpix.ts'
import { pixelsInCone } from '../../sky/healpix-cone.ts'
import type { Positions } from '../../sky/positions.ts'

/** The rows of a catalog in the order of its partitions, and where each partition begins and ends there. */
export interface Partitioning {
  /** The `_healpix_29` of each row of the table. */
  readonly keys: BigInt64Array
  /** Rows of the table, by key, then as they come. */
  readonly rows: Uint32Array
  readonly partitions: readonly PixelRange[]
}

/** A pixel, and which of `rows` lie in it: from `start` up to `end`. */
export interface PixelRange {
  readonly order: number
  readonly pixel: number
  readonly start: number
  readonly end: number
}

/** Pixels of this order (51 arcsec) are not divided further, however many rows they have. */
const FINEST_ORDER = 12

/** Divides the sky until no pixel has more than `maxRows` rows; pixels without rows are left out. */
export function partitionSky(positions: Positions, maxRows: number): Partitioning {
  const keys = healpix29Of(positions.ra, positions.dec)
  const coarse = pixelsOfKeys(keys, MAX_NUMBER_ORDER)
  const rows = Uint32Array.from(keys, (_, row) => row).sort(
    (a, b) => coarse[a]! - coarse[b]! || compareKeys(keys, a, b),
  )
  const sorted = Float64Array.from(rows, (row) => coarse[row]!)
  const partitions: PixelRange[] = []
  const divide = (order: number, pixel: number, start: number, end: number): void => {
    if (start === end) return
    if (end - start <= maxRows || order === FINEST_ORDER) {
      partitions.push({ order, pixel, start, end })
      return
    }
    let from = start
    for (let child = 4 * pixel; child < 4 * pixel + 4; child++) {
      const to = firstAtLeast(sorted, (child + 1) * 4 ** (MAX_NUMBER_ORDER - order - 1), from, end)
      divide(order + 1, child, from, to)
      from = to
    }
  }
  let from = 0
  for (let face = 0; face < 12; face++) {
    const to = firstAtLeast(sorted, (face + 1) * 4 ** MAX_NUMBER_ORDER, from, rows.length)
    divide(0, face, from, to)
    from = to
  }
  return { keys, rows, partitions }
}

function compareKeys(keys: BigInt64Array, a: number, b: number): number {
  return keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : a - b
}

function firstAtLeast(sorted: Float64Array, value: number, start: number, end: number): number {
  let low = start
  let high = end
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** On a face one radian is nowhere more than this many faces' edges (see src/sky/healpix-cone.ts). */
const EDGES_PER_RADIAN = 1.5

/**
 * The margin of each partition: the rows (of the table, ascending by key) that lie outside of it, but within the threshold of its
 * edge. A row that is outside by a few hundredths more may be among them.
 */
export function marginRows(
  { rows, partitions }: Partitioning,
  positions: Positions,
  thresholdArcsec: number,
): Uint32Array[] {
  const found: number[][] = partitions.map(() => [])
  const starts = Float64Array.from(partitions, ({ order, pixel }) => pixel * 4 ** (MAX_NUMBER_ORDER - order))
  const ends = Float64Array.from(partitions, ({ order, pixel }) => (pixel + 1) * 4 ** (MAX_NUMBER_ORDER - order))
  const finest = partitions.reduce((order, partition) => Math.max(order, partition.order), 0)
  const step = 4 ** (MAX_NUMBER_ORDER - finest)
  const radians = (thresholdArcsec / ARCSEC_PER_DEGREE) * (Math.PI / 180)
  partitions.forEach(({ order, start, end }, own) => {
    const shallow = radians * EDGES_PER_RADIAN * 2 ** order
    for (let place = start; place < end; place++) {
      const row = rows[place]!
      const ra = positions.ra[row]!
      const dec = positions.dec[row]!
      if (pixelAndDepth(ra, dec, order).depth > shallow) continue
      const touched = new Set<number>()
      for (const pixel of pixelsInCone(ra, dec, thresholdArcsec, finest)) {
        const at = firstAtLeast(ends, pixel * step + 1, 0, ends.length)
        if (at < starts.length && at !== own && starts[at]! <= pixel * step) touched.add(at)
      }
      for (const at of touched) found[at]!.push(row)
    }
  })
  return found.map((list) => Uint32Array.from(list))
}

/** The share of the sky that partitions cover. */
export function skyFraction(partitions: readonly PixelRange[]): number {
  return partitions.reduce((sum, { order }) => sum + 1 / (12 * 4 ** order), 0)
}
