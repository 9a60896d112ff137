/** Projections of the sky on the page. Angles in degrees; right ascension increases to the left, as seen from inside. */

export interface Point {
  readonly x: number
  readonly y: number
}

const RADIANS = Math.PI / 180

/**
 * The Mollweide projection, of equal areas: the whole sky in an ellipse, x from -2 to 2 and y from -1 to 1 (up).
 * Source: Snyder, Map Projections: A Working Manual (USGS Professional Paper 1395), section 31.
 *
 * @param longitude from the centre, -180 to 180, positive to the east (drawn to the left); beyond, it continues outside
 *   the ellipse, so that a cell across the edge keeps its shape and can be clipped
 */
export function mollweide(longitude: number, latitude: number): Point {
  const theta = auxiliaryAngle(latitude * RADIANS)
  return { x: -(longitude / 90) * Math.cos(theta), y: Math.sin(theta) }
}

/** Solves 2θ + sin 2θ = π sin φ by Newton's method; near the poles the slope vanishes, there the series is used. */
function auxiliaryAngle(phi: number): number {
  const target = Math.PI * Math.sin(phi)
  const beyond = Math.PI / 2 - Math.abs(phi)
  if (beyond < 1e-3) return Math.sign(phi) * (Math.PI / 2 - Math.cbrt((3 * Math.PI * beyond * beyond) / 8))
  let theta = phi
  for (let step = 0; step < 50; step++) {
    const change = (2 * theta + Math.sin(2 * theta) - target) / (2 + 2 * Math.cos(2 * theta))
    theta -= change
    if (Math.abs(change) < 1e-12) break
  }
  return theta
}

/**
 * Lambert's azimuthal equal-area projection around a point, in degrees on the page: x to the left is east. Good for a
 * field, up to a hemisphere. Source: Snyder, section 24. Null on the other side of the sky.
 */
export function lambert(centre: SkyPoint): (point: SkyPoint) => Point | null {
  const sin0 = Math.sin(centre.decDeg * RADIANS)
  const cos0 = Math.cos(centre.decDeg * RADIANS)
  return ({ raDeg, decDeg }) => {
    const longitude = (raDeg - centre.raDeg) * RADIANS
    const sin = Math.sin(decDeg * RADIANS)
    const cos = Math.cos(decDeg * RADIANS)
    const away = sin0 * sin + cos0 * cos * Math.cos(longitude)
    if (away < -0.2) return null
    const k = Math.sqrt(2 / (1 + away)) / RADIANS
    return { x: -k * cos * Math.sin(longitude), y: k * (cos0 * sin - sin0 * cos * Math.cos(longitude)) }
  }
}

/** A place on the sky, ICRS, degrees. */
export interface SkyPoint {
  readonly raDeg: number
  readonly decDeg: number
}

/** The difference of two longitudes, -180 to 180. */
export const wrapped = (degrees: number): number => {
  const turned = (((degrees + 180) % 360) + 360) % 360
  return turned - 180
}

/** The middle of places on the sky, by the sum of their unit vectors. Null when they cancel out, or there are none. */
export function middle(points: readonly (SkyPoint & { readonly weight?: number })[]): SkyPoint | null {
  let [x, y, z] = [0, 0, 0]
  for (const { raDeg, decDeg, weight = 1 } of points) {
    x += weight * Math.cos(decDeg * RADIANS) * Math.cos(raDeg * RADIANS)
    y += weight * Math.cos(decDeg * RADIANS) * Math.sin(raDeg * RADIANS)
    z += weight * Math.sin(decDeg * RADIANS)
  }
  const length = Math.hypot(x, y, z)
  if (length < 1e-9) return null
  return {
    raDeg: (Math.atan2(y, x) / RADIANS + 360) % 360,
    decDeg: Math.asin(Math.max(-1, Math.min(1, z / length))) / RADIANS,
  }
}
