import { RADIANS } from './coordinates.ts'
import { SkyError } from './errors.ts'

/**
 * HEALPix (K. M. Górski et al., ApJ 622, 759, 2005) in nested numbering, orders 0 to 29, written from the projection of
 * M. R. Calabretta & B. F. Roukema (MNRAS 381, 865, 2007): the sphere becomes twelve squares that stand on a corner, a
 * pixel is a square of such a face, and its number is the face followed by the interleaved bits of its x and y.
 * Positions are in degrees. Pixel numbers up to order `MAX_NUMBER_ORDER` are plain numbers; beyond it they are bigint.
 */
export const MAX_ORDER = 29
/** 12 · 4^24 < 2^53. */
export const MAX_NUMBER_ORDER = 24

/** A point on one of the twelve faces, x towards the north-east edge and y towards the north-west, both in [0, 1]. */
interface FacePoint {
  face: number
  x: number
  y: number
}

const WIDEST_Z = 2 / 3 // beyond this |sin dec| the polar caps begin

/** Projects a position; writes into `out`, so that bulk work makes no garbage. */
function project(ra: number, dec: number, out: FacePoint): void {
  const z = Math.sin(dec * RADIANS)
  const quarters = ra / 90 // in units of a face's diagonal along the equator
  if (z <= WIDEST_Z && z >= -WIDEST_Z) {
    // Cylindrical: height 3z/4 in the same units. p and q run along the faces' edges, one face per unit.
    const height = 0.75 * z
    const q = quarters + 0.5 + height
    const p = quarters + 0.5 - height
    const column = Math.floor(q)
    const row = Math.floor(p)
    // Equatorial faces have p - q even (column = row), northern ones column = row + 1, southern ones row = column + 1.
    if (column === row) out.face = 4 + (column & 3)
    else if (column > row) out.face = row & 3
    else out.face = 8 + (column & 3)
    out.x = q - column
    out.y = 1 - (p - row)
    return
  }
  // Collignon: the meridians of a quarter run together towards the pole. σ = √(3 (1 - |z|)), without cancellation.
  const quarter = Math.min(3, Math.floor(quarters))
  const along = quarters - quarter
  const sigma = Math.sqrt(6) * Math.sin((90 - Math.abs(dec)) * (RADIANS / 2))
  const east = along * sigma
  const west = (1 - along) * sigma
  if (z > 0) {
    out.face = quarter
    out.x = 1 - west
    out.y = 1 - east
  } else {
    out.face = 8 + quarter
    out.x = east
    out.y = west
  }
}

/** The position of a point of a face. */
function unproject({ face, x, y }: FacePoint): { ra: number; dec: number } {
  const ring = face >> 2 // 0 north, 1 equator, 2 south
  const quarter = face & 3
  // Height above the equator in units of a face's diagonal half: -2 … 2; and the offset east of the face's middle.
  const height = x + y - ring
  const offset = (x - y) / 2
  if (Math.abs(height) <= 1) {
    const middle = ring === 1 ? quarter : quarter + 0.5
    return { ra: turn((middle + offset) * 90), dec: Math.asin((2 / 3) * height) / RADIANS }
  }
  const sigma = 2 - Math.abs(height)
  const along = sigma > 0 ? offset / sigma : 0
  const polar = 90 - (2 * Math.asin(Math.min(1, sigma / Math.sqrt(6)))) / RADIANS
  return { ra: turn((quarter + 0.5 + along) * 90), dec: height > 0 ? polar : -polar }
}

const turn = (ra: number) => (ra < 0 ? ra + 360 : ra >= 360 ? ra - 360 : ra)

/** Spreads the low 16 bits to the even places of 32. */
function spread(v: number): number {
  let b = v & 0xffff
  b = (b | (b << 8)) & 0x00ff00ff
  b = (b | (b << 4)) & 0x0f0f0f0f
  b = (b | (b << 2)) & 0x33333333
  return (b | (b << 1)) & 0x55555555
}

/** Gathers the even places of 32 bits; the inverse of `spread`. */
function squeeze(v: number): number {
  let b = v & 0x55555555
  b = (b | (b >>> 1)) & 0x33333333
  b = (b | (b >>> 2)) & 0x0f0f0f0f
  b = (b | (b >>> 4)) & 0x00ff00ff
  return (b | (b >>> 8)) & 0xffff
}

const lowWord = (x: number, y: number) => (spread(x) | (spread(y) << 1)) >>> 0
const highWord = (x: number, y: number) => (spread(x >>> 16) | (spread(y >>> 16) << 1)) >>> 0

/** The cell of a coordinate in [0, 1], the far edge counted to the last cell. */
const cellOf = (coordinate: number, cells: number) => {
  const cell = Math.floor(coordinate * cells)
  return cell < 0 ? 0 : cell < cells ? cell : cells - 1
}

const scratch: FacePoint = { face: 0, x: 0, y: 0 }
const TWO_32 = 2 ** 32

/** The pixel that holds a position; RA in [0, 360). @throws SkyError when the order is above `MAX_NUMBER_ORDER` */
export function pixelOf(ra: number, dec: number, order: number): number {
  checkOrder(order, MAX_NUMBER_ORDER)
  checkPosition(ra, dec)
  project(ra, dec, scratch)
  return numberOf(scratch.face, cellOf(scratch.x, 2 ** order), cellOf(scratch.y, 2 ** order), order)
}

/**
 * The `_healpix_29` column of HATS: the pixel of each row at order 29; -1 for rows without a position. No bigint is made,
 * the words are written as they lie in memory (little-endian).
 */
export function healpix29Of(ra: Float64Array, dec: Float64Array): BigInt64Array {
  const cells = 2 ** MAX_ORDER
  const keys = new BigInt64Array(ra.length)
  const words = new Uint32Array(keys.buffer)
  for (let row = 0; row < ra.length; row++) {
    if (Number.isNaN(ra[row]!) || Number.isNaN(dec[row]!)) {
      words[2 * row] = words[2 * row + 1] = 0xffffffff
      continue
    }
    project(ra[row]!, dec[row]!, scratch)
    const x = cellOf(scratch.x, cells)
    const y = cellOf(scratch.y, cells)
    words[2 * row] = lowWord(x, y)
    words[2 * row + 1] = (scratch.face << 26) | highWord(x, y)
  }
  return keys
}

/** The pixels at a lower order that hold `_healpix_29` keys: key >> 2 (29 - order). -1 stays -1. */
export function pixelsOfKeys(keys: BigInt64Array, order: number): Float64Array {
  checkOrder(order, MAX_NUMBER_ORDER)
  const words = new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2)
  const divisor = 4 ** (MAX_ORDER - order)
  // Exact in doubles: up to order 24 at least ten low bits are dropped, so mask them off before the words are joined.
  const mask = divisor >= TWO_32 ? 0 : ~(divisor - 1)
  const pixels = new Float64Array(keys.length)
  for (let row = 0; row < keys.length; row++) {
    const high = words[2 * row + 1]!
    const low = (words[2 * row]! & mask) >>> 0
    pixels[row] = high >>> 31 === 1 ? -1 : Math.floor((high * TWO_32 + low) / divisor)
  }
  return pixels
}

/** The middle of a pixel, degrees. */
export function pixelCentre(pixel: number | bigint, order: number): { ra: number; dec: number } {
  const { face, x, y } = cellOfPixel(pixel, order)
  const cells = 2 ** order
  return unproject({ face, x: (x + 0.5) / cells, y: (y + 0.5) / cells })
}

/** The corners of a pixel, degrees: south, east, north, west. */
export function pixelCorners(pixel: number | bigint, order: number): { ra: number; dec: number }[] {
  const { face, x, y } = cellOfPixel(pixel, order)
  const cells = 2 ** order
  return [
    [x, y],
    [x + 1, y],
    [x + 1, y + 1],
    [x, y + 1],
  ].map(([cx, cy]) => unproject({ face, x: cx! / cells, y: cy! / cells }))
}

/** The pixel `levels` orders up that holds a pixel. */
export function parentPixel(pixel: number, levels = 1): number {
  return Math.floor(pixel / 4 ** levels)
}

/** The four pixels of the next order inside a pixel. */
export function childPixels(pixel: number): [number, number, number, number] {
  return [4 * pixel, 4 * pixel + 1, 4 * pixel + 2, 4 * pixel + 3]
}

/** How many pixels an order has. */
export function pixelCount(order: number): number {
  checkOrder(order, MAX_NUMBER_ORDER)
  return 12 * 4 ** order
}

/** Where a position lies on its pixel: the pixel, and how far (in pixels) the nearest of its edges is. */
export function pixelAndDepth(ra: number, dec: number, order: number): { pixel: number; depth: number } {
  const cells = 2 ** order
  project(ra, dec, scratch)
  const x = cellOf(scratch.x, cells)
  const y = cellOf(scratch.y, cells)
  const dx = scratch.x * cells - x
  const dy = scratch.y * cells - y
  return { pixel: numberOf(scratch.face, x, y, order), depth: Math.max(0, Math.min(dx, 1 - dx, dy, 1 - dy)) }
}

function numberOf(face: number, x: number, y: number, order: number): number {
  return face * 4 ** order + highWord(x, y) * TWO_32 + lowWord(x, y)
}

function cellOfPixel(pixel: number | bigint, order: number): FacePoint {
  checkOrder(order, typeof pixel === 'bigint' ? MAX_ORDER : MAX_NUMBER_ORDER)
  const whole = BigInt(pixel)
  if (whole < 0n || whole >= 12n << BigInt(2 * order)) {
    throw new SkyError('bad_order', `There is no pixel ${pixel} at order ${order}.`)
  }
  const inFace = BigInt.asUintN(2 * order, whole)
  const low = Number(inFace & 0xffffffffn)
  const high = Number(inFace >> 32n)
  return {
    face: Number(whole >> BigInt(2 * order)),
    x: squeeze(low) + squeeze(high) * 65_536,
    y: squeeze(low >>> 1) + squeeze(high >>> 1) * 65_536,
  }
}

/** @throws SkyError unless the order is a whole number from 0 to `highest` */
export function checkOrder(order: number, highest: number): void {
  if (!(Number.isInteger(order) && order >= 0 && order <= highest)) {
    throw new SkyError('bad_order', `A HEALPix order here is a whole number from 0 to ${highest}, not ${order}.`)
  }
}

/** Degrees. @throws SkyError unless RA is in [0, 360) and Dec in [-90, 90]; NaN is neither */
export function checkPosition(ra: number, dec: number): void {
  if (!(ra >= 0 && ra < 360 && dec >= -90 && dec <= 90)) {
    throw new SkyError(
      'bad_coordinates',
      `(${ra}, ${dec}) is not a position: RA is in [0, 360), Dec in [-90, 90] degrees.`,
    )
  }
}
