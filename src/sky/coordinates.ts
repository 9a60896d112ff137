/**
 * Positions on the sphere and the angle between them. Right ascension and declination are in degrees, separations in
 * arcsec. Separations of near positions are made of `+ - * /` and the square root alone, which give the same bits everywhere.
 * `Math.sin` and its kin are software in V8 (fdlibm): the same on every machine, and from Node 20 to 26 (`**` is not; a test
 * watches over them).
 */

export const ARCSEC_PER_DEGREE = 3600
export const RADIANS = Math.PI / 180
const HALF_RADIANS = RADIANS / 2
/** Arcsec in two radians. */
const TWICE_ARCSEC = 2 * (ARCSEC_PER_DEGREE / RADIANS)

/** The unit vector of a position in degrees: x towards (0, 0), y towards (90, 0), z towards the north pole. */
export function unitVector(ra: number, dec: number): [x: number, y: number, z: number] {
  const cosDec = Math.cos(dec * RADIANS)
  return [cosDec * Math.cos(ra * RADIANS), cosDec * Math.sin(ra * RADIANS), Math.sin(dec * RADIANS)]
}

/**
 * Right ascension brought into [0, 360) degrees. Values in [-180, 360] are the two conventions in use; for anything else
 * the answer is NaN, because such a number is more likely a mistake than an angle.
 */
export function normaliseRa(ra: number): number {
  if (ra >= 0 && ra < 360) return ra === 0 ? 0 : ra
  if (ra === 360) return 0
  if (ra < 0 && ra >= -180) {
    const turned = ra + 360
    return turned === 360 ? 0 : turned // a tiny negative angle rounds up to the full turn
  }
  return Number.NaN
}

/** Below this angle (radians, half a degree) a short series has all digits of a double, and saves the slow call. */
const SMALL = 0.01
/** Positions whose right ascensions and declinations differ by no more than this (degrees) are near: half of it is below `SMALL`. */
export const NEAR = 1

function sine(x: number): number {
  return x > SMALL || x < -SMALL ? Math.sin(x) : smallSine(x)
}

function smallSine(x: number): number {
  const xx = x * x
  return x * (1 - xx * (1 / 6 - xx * (1 / 120 - xx * (1 / 5040))))
}

/** cos 2x for |x| up to 45°, by the series of the sine: good to 5e-16, and three times as fast as `Math.cos`. */
export function cosineOfTwice(x: number): number {
  const xx = x * x
  const tail = xx * (1 / 362_880 - xx * (1 / 39_916_800 - xx * (1 / 6_227_020_800 - xx * (1 / 1_307_674_368_000))))
  const sin = x * (1 - xx * (1 / 6 - xx * (1 / 120 - xx * (1 / 5040 - tail))))
  return 1 - 2 * sin * sin
}

/**
 * `halfChordSquared` of near positions, with the same bits: what bulk matching calls, short enough to be compiled into its loop.
 * @param dRa, dDec differences of the coordinates, at most `NEAR`; either sign
 * @param decSum the sum of the declinations
 */
export function nearHalfChordSquared(dRa: number, dDec: number, decSum: number): number {
  const sinDec = smallSine(dDec * HALF_RADIANS)
  const sinRa = smallSine(dRa * HALF_RADIANS)
  const cosMean = cosineOfTwice(decSum * (HALF_RADIANS / 2))
  const turned = sinRa * sinRa
  return sinDec * sinDec * (1 - turned) + cosMean * cosMean * turned
}

/** `arcsecOfHalfChord` for small angles (h below 1e-4, 1.1 degrees): the series of the arcsine. */
export function nearArcsecOfHalfChord(h: number): number {
  const x = Math.sqrt(h)
  return x * (1 + h * (1 / 6 + h * (3 / 40 + h * (5 / 112)))) * TWICE_ARCSEC
}

/**
 * The square of half the chord between two positions: sin²(Δδ/2) cos²(Δα/2) + cos²(δ₁/2 + δ₂/2) sin²(Δα/2), the haversine
 * formula (R. W. Sinnott, Sky & Telescope 68, 159, 1984) with its product of cosines written by their sum: both terms are
 * positive, so nothing cancels, and one cosine does. Differences are taken in degrees, across 0/360 the short way, so
 * small angles keep all their digits; exchanging the positions gives the same bits. RA in [0, 360).
 */
export function halfChordSquared(ra1: number, dec1: number, ra2: number, dec2: number): number {
  let dRa = ra1 > ra2 ? ra1 - ra2 : ra2 - ra1
  if (dRa > 180) dRa = ra1 > ra2 ? ra2 - (ra1 - 360) : ra1 - (ra2 - 360)
  const dDec = dec1 - dec2
  if (dRa <= NEAR && dDec <= NEAR && dDec >= -NEAR) return nearHalfChordSquared(dRa, dDec, dec1 + dec2)
  const sinDec = sine(dDec * HALF_RADIANS)
  const sinRa = sine(dRa * HALF_RADIANS)
  const cosMean = Math.cos((dec1 + dec2) * HALF_RADIANS)
  const turned = sinRa * sinRa
  return sinDec * sinDec * (1 - turned) + cosMean * cosMean * turned
}

/**
 * The angle in arcsec that belongs to `halfChordSquared` of the same positions: 2 asin(chord / 2). Where the sine is flat
 * (beyond 90°) the complement, cos²(Δδ/2) cos²(Δα/2) + sin²(δ₁/2 + δ₂/2) sin²(Δα/2), is used, so that it is stable up to
 * 180°.
 */
export function arcsecOfHalfChord(h: number, ra1: number, dec1: number, ra2: number, dec2: number): number {
  if (h < SMALL * SMALL) return nearArcsecOfHalfChord(h)
  if (h < 0.5) return Math.asin(Math.sqrt(h)) * TWICE_ARCSEC
  const cosDec = Math.cos((dec1 - dec2) * HALF_RADIANS)
  const cosRa = Math.cos((ra1 - ra2) * HALF_RADIANS)
  const sinRa = Math.sin((ra1 - ra2) * HALF_RADIANS)
  const sinMean = Math.sin((dec1 + dec2) * HALF_RADIANS)
  const rest = cosDec * cosDec * (cosRa * cosRa) + sinMean * sinMean * (sinRa * sinRa)
  return (Math.PI - 2 * Math.asin(Math.sqrt(Math.min(rest, 1)))) * (ARCSEC_PER_DEGREE / RADIANS)
}

/**
 * The angle between two positions in degrees, in arcsec, good to 1e-10 arcsec. This very function defines what a match
 * is: a pair whose separation is strictly smaller than the radius.
 */
export function separation(ra1: number, dec1: number, ra2: number, dec2: number): number {
  return arcsecOfHalfChord(halfChordSquared(ra1, dec1, ra2, dec2), ra1, dec1, ra2, dec2)
}

/**
 * A bound on `halfChordSquared` for positions closer than `radius` arcsec, a hair too wide: saves the arcsine of nearly
 * all pairs that are further apart.
 */
export function halfChordLimit(radius: number): number {
  const angle = (radius / ARCSEC_PER_DEGREE) * RADIANS
  return angle < Math.PI ? Math.sin(angle / 2) ** 2 * (1 + 1e-9) + 1e-300 : 2
}

/** The whole circle, as a half-width in right ascension. */
export const WHOLE_CIRCLE = 180

/**
 * How far in right ascension (degrees, either way) a point within `radius` degrees of declination `dec` can lie:
 * asin(sin r / cos δ), or the whole circle when the cap holds a pole. Widened by parts in 1e9, so that rounding never
 * loses a row; the exact test follows.
 */
export function raWindow(dec: number, radius: number): number {
  if (radius >= 90) return WHOLE_CIRCLE
  const sine = (Math.sin(radius * RADIANS) / Math.cos(dec * RADIANS)) * (1 + 1e-9)
  if (!(sine < 1) || Math.abs(dec) + radius >= 90 - 1e-9) return WHOLE_CIRCLE
  return Math.asin(sine) / RADIANS + 1e-12
}

/** `radius` degrees widened for a comparison of declinations, so that rounding never loses a row. */
export function decWindow(radius: number): number {
  return radius * (1 + 1e-9) + 1e-12
}

/**
 * What Δδ² + cos²δ Δα² (degrees²) does not exceed for near positions whose `halfChordSquared` is within `limit`, with δ the
 * declination furthest from the equator that their mean can have: sin²x is less than x² by no more than x⁴/3, so 2e-4 is ample.
 * Saves the sines of nearly all candidates with one comparison.
 */
export function flatLimit(limit: number): number {
  return (limit / (HALF_RADIANS * HALF_RADIANS)) * (1 + 2e-4)
}

/** The cosine of an angle in degrees, at most 90. */
export function cosine(angle: number): number {
  return Math.cos(Math.min(angle, 90) * RADIANS)
}
