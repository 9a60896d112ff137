// As in ../../coordinates.ts, operation by operation, so that the bits are the same; see there for the formulas.

const HALF_RADIANS: f64 = Math.PI / 180 / 2
const TWICE_ARCSEC: f64 = 2 * (3600 / (Math.PI / 180))

export function nearHalfChordSquared(dRa: f64, dDec: f64, decSum: f64): f64 {
  const sinDec = smallSine(dDec * HALF_RADIANS)
  const sinRa = smallSine(dRa * HALF_RADIANS)
  const cosMean = cosineOfTwice(decSum * (HALF_RADIANS / 2))
  const turned = sinRa * sinRa
  return sinDec * sinDec * (1 - turned) + cosMean * cosMean * turned
}

export function nearArcsecOfHalfChord(h: f64): f64 {
  return sqrt(h) * (1 + h * (1.0 / 6 + h * (3.0 / 40 + h * (5.0 / 112)))) * TWICE_ARCSEC
}

function smallSine(x: f64): f64 {
  const xx = x * x
  return x * (1 - xx * (1.0 / 6 - xx * (1.0 / 120 - xx * (1.0 / 5040))))
}

/** The cosine of an angle in degrees up to 90. */
export function cosine(angle: f64): f64 {
  return cosineOfTwice(angle * HALF_RADIANS)
}

function cosineOfTwice(x: f64): f64 {
  const xx = x * x
  const tail =
    xx * (1.0 / 362_880 - xx * (1.0 / 39_916_800 - xx * (1.0 / 6_227_020_800 - xx * (1.0 / 1_307_674_368_000))))
  const sin = x * (1 - xx * (1.0 / 6 - xx * (1.0 / 120 - xx * (1.0 / 5040 - tail))))
  return 1 - 2 * sin * sin
}
