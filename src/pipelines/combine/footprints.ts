import limit from './rubin-dec-limit.json' with { type: 'json' }

const RADIANS = Math.PI / 180

/** Centres of the DP1 fields, in degrees (ICRS), and how far from one a position may be, in degrees. */
const DP1_FIELDS = [
  { name: '47 Tuc', ra: 6.02, dec: -72.08 },
  { name: 'SV 38 7', ra: 37.86, dec: 6.98 },
  { name: 'Fornax dSph', ra: 40.0, dec: -34.45 },
  { name: 'ECDFS', ra: 53.13, dec: -28.1 },
  { name: 'EDFS', ra: 59.1, dec: -48.73 },
  { name: 'SV 95 -25', ra: 95.0, dec: -25.0 },
  { name: 'Seagull', ra: 106.23, dec: -10.51 },
].map(({ ra, dec }) => ({ ra, sin: Math.sin(dec * RADIANS), cos: Math.cos(dec * RADIANS) }))
const DP1_RADIUS = 2.5

/** Whether a position (degrees) lies in one of the seven DP1 fields. */
export function isInDP1Fields(ra: number, dec: number): boolean {
  const sin = Math.sin(dec * RADIANS)
  const cos = Math.cos(dec * RADIANS)
  return DP1_FIELDS.some((field) => {
    const cosine = field.sin * sin + field.cos * cos * Math.cos((ra - field.ra) * RADIANS)
    return Math.acos(Math.min(1, Math.max(-1, cosine))) / RADIANS <= DP1_RADIUS
  })
}

/**
 * Whether a position (degrees, 0 <= ra < 360) lies south of the northern limit of the Rubin footprint: the knots of
 * rubin-dec-limit.json, joined by straight lines across RA 0/360.
 */
export const isInRubinFootprint = (ra: number, dec: number): boolean => dec <= northernLimit(ra)

function northernLimit(ra: number): number {
  const knots = limit.ra.length
  // The first knot beyond ra.
  let low = 0
  let high = knots
  while (low < high) {
    const middle = (low + high) >> 1
    if (limit.ra[middle]! <= ra) low = middle + 1
    else high = middle
  }
  const before = low === 0 ? knots - 1 : low - 1
  const after = low === knots ? 0 : low
  const raBefore = limit.ra[before]! - (low === 0 ? 360 : 0)
  const raAfter = limit.ra[after]! + (low === knots ? 360 : 0)
  const slope = (limit.dec[after]! - limit.dec[before]!) / (raAfter - raBefore)
  return slope * (ra - raBefore) + limit.dec[before]!
}
