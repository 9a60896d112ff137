import { normaliseRa, RADIANS, unitVector } from '../../sky/coordinates.ts'
import { parentPixel, pixelCentre, pixelCount, pixelOf } from '../../sky/healpix.ts'

/** Rows per HEALPix pixel (nested numbering), pixels rising; those without rows are left out. */
export interface PixelCounts {
  readonly order: number
  readonly pixels: readonly number[]
  readonly counts: readonly number[]
}

/** A part of the sky to look at closely. Degrees. */
export interface SkyField {
  readonly ra: number
  readonly dec: number
  readonly radius: number
}

export interface CountedField extends SkyField {
  readonly rows: number
  readonly cells: PixelCounts
}

/** Where the rows of a table are. */
export interface SkyCounts {
  readonly cells: PixelCounts
  /** The fullest first. */
  readonly fields: readonly CountedField[]
  /** How many fields there are, with those that are too many to be shown. */
  readonly fieldCount: number
  /** Rows with a position, and rows without one that can be. */
  readonly rows: number
  readonly without: number
}

/** Pixels of 3.4′: fine enough to find where a field ends, and all of them fit into 50 MB. */
const FINE = 10
/** Pixels of 1.8°: neighbours of these make a field. */
const COARSE = 5
const MOST_CELLS = 2_500
const MOST_FIELDS = 12
/** What is wider is a survey, not a field; its fullest spots are shown instead. Degrees. */
const WIDEST_FIELD = 20
const SPOT_ORDER = 3
const SPOT_RADIUS = 4
/** Cells across a field. */
const ACROSS = 48

/** Counts rows on the sky as they come, in a memory that does not depend on how many there are. */
export class SkyCounter {
  readonly #counts = new Uint32Array(pixelCount(FINE))
  #rows = 0
  #without = 0

  /** Degrees; NaN where there is no position. */
  add(ra: Float64Array, dec: Float64Array): void {
    for (let row = 0; row < ra.length; row++) {
      const turned = normaliseRa(ra[row]!)
      const height = dec[row]!
      if (Number.isNaN(turned) || !(height >= -90 && height <= 90)) {
        this.#without++
        continue
      }
      this.#counts[pixelOf(turned, height, FINE)]!++
      this.#rows++
    }
  }

  get rows(): number {
    return this.#rows
  }

  get without(): number {
    return this.#without
  }

  /** The whole sky in the smallest pixels that are not too many to draw. */
  cells(): PixelCounts {
    for (let order = COARSE + 1; order > COARSE - 1; order--) {
      const cells = this.#at(order)
      if (cells.pixels.length <= MOST_CELLS) return cells
    }
    return this.#at(COARSE - 1)
  }

  /** The fields that the rows make, of wide surveys spots; the fullest ones, and how many there are. */
  fields(): { readonly fullest: readonly SkyField[]; readonly count: number } {
    const coarse = this.#at(COARSE)
    const groups = connected(coarse.pixels)
    const fields = groups.map((group) => this.#extent(group))
    const narrow = fields.filter((field) => field.radius <= WIDEST_FIELD)
    const chosen = narrow.length === fields.length ? narrow : [...narrow, ...this.#spots()]
    const fullest = chosen
      .toSorted((a, b) => b.rows - a.rows || a.ra - b.ra)
      .slice(0, MOST_FIELDS)
      .map(({ ra, dec, radius }) => ({ ra, dec, radius }))
    return { fullest, count: chosen.length }
  }

  #at(order: number): PixelCounts {
    const sums = new Float64Array(pixelCount(order))
    const inside = 4 ** (FINE - order)
    for (let pixel = 0; pixel < this.#counts.length; pixel++) {
      const count = this.#counts[pixel]!
      if (count > 0) sums[Math.floor(pixel / inside)]! += count
    }
    const pixels: number[] = []
    sums.forEach((sum, pixel) => {
      if (sum > 0) pixels.push(pixel)
    })
    return { order, pixels, counts: pixels.map((pixel) => sums[pixel]!) }
  }

  /** The circle around the middle of the rows in some coarse pixels that holds them all. */
  #extent(group: readonly number[]): SkyField & { readonly rows: number } {
    const fine: number[] = []
    let rows = 0
    const inside = 4 ** (FINE - COARSE)
    for (const pixel of group) {
      for (let child = pixel * inside; child < (pixel + 1) * inside; child++) {
        const count = this.#counts[child]!
        if (count === 0) continue
        fine.push(child)
        rows += count
      }
    }
    const vectors = fine.map((pixel) => centreOf(pixel, FINE))
    const sum = vectors.reduce((total, v) => [total[0] + v[0], total[1] + v[1], total[2] + v[2]] as const, ZERO)
    const middle = unit(sum) ?? vectors[0]!
    const nearest = vectors.reduce((least, v) => Math.min(least, dot(v, middle)), 1)
    return { ...position(middle), radius: Math.acos(Math.max(-1, nearest)) / RADIANS + pixelSize(FINE), rows }
  }

  #spots(): (SkyField & { readonly rows: number })[] {
    const { pixels, counts } = this.#at(SPOT_ORDER)
    return pixels.map((pixel, index) => ({
      ...pixelCentre(pixel, SPOT_ORDER),
      radius: SPOT_RADIUS,
      rows: counts[index]!,
    }))
  }
}

/** Counts the rows of a few fields in pixels that suit the size of each. */
export class FieldCounter {
  readonly #fields: readonly (SkyField & {
    readonly order: number
    readonly middle: Vector
    readonly limit: number
    readonly counts: Map<number, number>
  })[]

  constructor(fields: readonly SkyField[]) {
    this.#fields = fields.map((field) => ({
      ...field,
      order: Math.max(COARSE + 1, Math.min(16, Math.round(Math.log2(pixelSize(0) / ((2 * field.radius) / ACROSS))))),
      middle: unitVector(field.ra, field.dec),
      limit: Math.cos(field.radius * RADIANS),
      counts: new Map(),
    }))
  }

  add(ra: Float64Array, dec: Float64Array): void {
    for (let row = 0; row < ra.length; row++) {
      const turned = normaliseRa(ra[row]!)
      const height = dec[row]!
      if (Number.isNaN(turned) || !(height >= -90 && height <= 90)) continue
      const here = unitVector(turned, height)
      for (const field of this.#fields) {
        if (dot(here, field.middle) < field.limit) continue
        const pixel = pixelOf(turned, height, field.order)
        field.counts.set(pixel, (field.counts.get(pixel) ?? 0) + 1)
      }
    }
  }

  counted(): readonly CountedField[] {
    return this.#fields
      .map(({ ra, dec, radius, order, counts }) => {
        const sorted = [...counts].sort(([a], [b]) => a - b)
        return {
          ra,
          dec,
          radius,
          rows: sorted.reduce((sum, [, count]) => sum + count, 0),
          cells: { order, pixels: sorted.map(([pixel]) => pixel), counts: sorted.map(([, count]) => count) },
        }
      })
      .filter((field) => field.rows > 0)
      .toSorted((a, b) => b.rows - a.rows || a.ra - b.ra)
  }
}

type Vector = readonly [number, number, number]
const ZERO: Vector = [0, 0, 0]

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

function unit([x, y, z]: Vector): Vector | null {
  const length = Math.hypot(x, y, z)
  return length < 1e-9 ? null : [x / length, y / length, z / length]
}

const position = ([x, y, z]: Vector): { ra: number; dec: number } => ({
  ra: (Math.atan2(y, x) / RADIANS + 360) % 360,
  dec: Math.asin(Math.max(-1, Math.min(1, z))) / RADIANS,
})

function centreOf(pixel: number, order: number): Vector {
  const { ra, dec } = pixelCentre(pixel, order)
  return unitVector(ra, dec)
}

/** The side of a square with the area of a pixel, degrees. */
export const pixelSize = (order: number): number => Math.sqrt((4 * Math.PI) / pixelCount(order)) / RADIANS

/** Pixels of the coarse order that touch, in groups. Corners touch at 1.41 sides, and pixels are not quite square. */
function connected(pixels: readonly number[]): readonly (readonly number[])[] {
  const reach = Math.cos(1.8 * pixelSize(COARSE) * RADIANS)
  const vectors = new Map(pixels.map((pixel) => [pixel, centreOf(pixel, COARSE)]))
  // Near pixels have near parents: only those are compared.
  const blocks = new Map<number, number[]>()
  for (const pixel of pixels) {
    const block = parentPixel(pixel, 2)
    blocks.set(block, [...(blocks.get(block) ?? []), pixel])
  }
  const centres = new Map([...blocks.keys()].map((block) => [block, centreOf(block, COARSE - 2)]))
  const near = Math.cos(3 * pixelSize(COARSE - 2) * RADIANS)
  const neighbours = new Map(
    [...centres].map(([block, centre]) => [
      block,
      [...centres].filter(([, other]) => dot(centre, other) > near).map(([other]) => other),
    ]),
  )
  const left = new Set(pixels)
  const groups: number[][] = []
  for (const first of pixels) {
    if (!left.delete(first)) continue
    const group = [first]
    for (const pixel of group) {
      const here = vectors.get(pixel)!
      for (const block of neighbours.get(parentPixel(pixel, 2)) ?? []) {
        for (const other of blocks.get(block) ?? []) {
          if (left.has(other) && dot(here, vectors.get(other)!) > reach) {
            left.delete(other)
            group.push(other)
          }
        }
      }
    }
    groups.push(group)
  }
  return groups
}
