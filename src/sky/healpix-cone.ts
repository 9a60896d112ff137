import { ARCSEC_PER_DEGREE, separation } from './coordinates.ts'
import { SkyError } from './errors.ts'
import {
  checkOrder,
  checkPosition,
  childPixels,
  MAX_NUMBER_ORDER,
  pixelAndDepth,
  pixelCentre,
  pixelCorners,
  pixelOf,
} from './healpix.ts'
import type { Positions } from './positions.ts'

/** A pixel lies within this times the distance to its furthest corner; the edges bulge a little. */
const BULGE = 1.1
/** An undecided pixel is looked into until its parts are this small against the radius. */
const FINEST = 1 / 32

/**
 * The pixels that a cone touches, ascending. Never leaves one out; a pixel that the cone misses by less than a few
 * hundredths of the radius may be among them.
 * @param radius arcsec
 */
export function pixelsInCone(ra: number, dec: number, radius: number, order: number): number[] {
  checkOrder(order, MAX_NUMBER_ORDER)
  checkPosition(ra, dec)
  if (!(radius >= 0 && radius <= 180 * ARCSEC_PER_DEGREE)) {
    throw new SkyError('bad_radius', `The radius must be from 0 to 648000 arcsec, not ${radius}.`)
  }
  const found: number[] = []
  const descend = (pixel: number, depth: number): void => {
    if (depth === order) {
      if (touches(pixel, depth)) found.push(pixel)
      return
    }
    if (circleOf(pixel, depth).gap <= 0) for (const child of childPixels(pixel)) descend(child, depth + 1)
  }
  /** The circle around a pixel, and how far (arcsec) the cone is away from it; negative when they overlap. */
  const circleOf = (pixel: number, depth: number) => {
    const centre = pixelCentre(pixel, depth)
    const away = separation(ra, dec, centre.ra, centre.dec)
    let extent = 0
    for (const corner of pixelCorners(pixel, depth)) {
      extent = Math.max(extent, separation(centre.ra, centre.dec, corner.ra, corner.dec))
    }
    extent *= BULGE
    return { away, extent, gap: away - extent - radius }
  }
  const touches = (pixel: number, depth: number): boolean => {
    if (pixelOf(ra, dec, depth) === pixel) return true
    const { away, extent, gap } = circleOf(pixel, depth)
    if (gap > 0) return false
    if (away <= radius || depth === MAX_NUMBER_ORDER || extent <= radius * FINEST) return true
    return childPixels(pixel).some((child) => touches(child, depth + 1))
  }
  for (let face = 0; face < 12; face++) descend(face, 0)
  return found
}

/** On a face one radian is nowhere more than this many faces' edges: bounds the derivative of the projection. */
const EDGES_PER_RADIAN = 1.5

/**
 * The pixels touched by the cones around any row of a catalog, ascending: which partitions of a HATS catalog can hold a
 * partner. A row deep inside its pixel costs one projection.
 * @param radius arcsec
 */
export function pixelsNear(positions: Positions, radius: number, order: number): number[] {
  checkOrder(order, MAX_NUMBER_ORDER)
  const shallow = ((radius / ARCSEC_PER_DEGREE) * Math.PI * EDGES_PER_RADIAN * 2 ** order) / 180
  const touched = new Set<number>()
  const { ra, dec } = positions
  for (let row = 0; row < ra.length; row++) {
    if (Number.isNaN(ra[row]!)) continue
    const { pixel, depth } = pixelAndDepth(ra[row]!, dec[row]!, order)
    touched.add(pixel)
    if (depth > shallow) continue
    for (const other of pixelsInCone(ra[row]!, dec[row]!, radius, order)) touched.add(other)
  }
  return [...touched].sort((a, b) => a - b)
}
