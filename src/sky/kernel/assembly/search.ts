import { CROWDED_BYTES, cellsPerDegree, endOf, firstFrom, last, low, rows, startOf, starts } from './cells'
import { hasRoom, pushPair } from './pairs'
import { decOf, numberOf, ROW_BYTES, raOf } from './rows'
import { cosine, nearArcsecOfHalfChord, nearHalfChordSquared } from './separation'
import { stripeOf } from './stripes'

/** Arcsec. */
let radius: f64 = 0
// `halfChordLimit` and `flatLimit` of the radius.
let limit: f64 = 0
let flatLimit: f64 = 0
/** Degrees by which declinations of partners can differ. */
let reach: f64 = 0
/** How far in right ascension (degrees) partners can lie in this stripe; 0: each row has its own window. */
let window: f64 = 0
/** The smallest square of a cosine of the declination in this stripe. */
let narrowing: f64 = 0

export function aim(radiusArcsec: f64, decWindow: f64, halfChordLimit: f64, flat: f64): void {
  radius = radiusArcsec
  reach = decWindow
  limit = halfChordLimit
  flatLimit = flat
}

export function enterStripe(raWindow: f64, smallestSquaredCosine: f64): void {
  window = raWindow
  narrowing = smallestSquaredCosine
}

/** `raWindow` of one row, as wide or a little wider, up to `NEAR`: below that an arcsine exceeds the sine by less than 2e-4 of it. */
function windowOf(dec: f64): f64 {
  return (reach / cosine(dec)) * (1 + 2e-4)
}

function narrowingOf(dec: f64): f64 {
  const smallest = cosine(min(abs(dec) + reach, 90))
  return smallest * smallest
}

/**
 * Finds the partners of the left rows in `[row, to)` among those in the cells, all near in the sense of `NEAR`.
 * @returns the first row not searched: `to`, or one whose window reaches across RA 0, or one with more candidates than room
 */
export function searchNear(row: usize, to: usize): usize {
  // Locals, for the reason that `startOf` gives.
  const cells = rows
  const begins = starts
  const lastCell = last
  const lowest = low
  const perDegree = cellsPerDegree
  const always = window
  const flat = flatLimit
  for (; row < to; row += ROW_BYTES) {
    const ra = raOf(row)
    const dec = decOf(row)
    const wide = always === 0 ? windowOf(dec) : always
    if (ra - wide < 0 || ra + wide >= 360) break
    let from = cells + <usize>load<u32>(startOf(ra - wide, begins, lastCell, lowest, perDegree)) * ROW_BYTES
    let end = cells + <usize>load<u32>(startOf(ra + wide, begins, lastCell, lowest, perDegree), 4) * ROW_BYTES
    if (end - from > CROWDED_BYTES) {
      from = firstFrom(ra - wide)
      end = endOf(ra + wide)
      if (from >= end) continue
    }
    if (!hasRoom(end - from)) break
    const narrow = always === 0 ? narrowingOf(dec) : narrowing
    for (let other = from; other < end; other += ROW_BYTES) {
      const separation = separationWithin(raOf(other) - ra, dec, decOf(other), narrow, flat)
      if (separation < radius) pushPair(numberOf(row), numberOf(other), separation)
    }
  }
  return row
}

/**
 * Finds the pairs among the rows in the cells, from `row` on, each from the row that comes first, so that only rows behind it
 * are looked at; across RA 0 the first ones follow the last. The smaller row is the left one; a pair belongs to the stripe of its left row.
 * @returns the first row not searched: the end, or one with more candidates than room
 */
export function searchWithin(row: usize, stripe: i32): usize {
  // Locals, for the reason that `startOf` gives.
  const cells = rows
  const begins = starts
  const lastCell = last
  const lowest = low
  const perDegree = cellsPerDegree
  const always = window
  const flat = flatLimit
  const lastEnd = cells + <usize>(lastCell + 1) * ROW_BYTES
  for (; row < lastEnd; row += ROW_BYTES) {
    const ra = raOf(row)
    const dec = decOf(row)
    const wide = always === 0 ? windowOf(dec) : always
    let end = cells + <usize>load<u32>(startOf(ra + wide, begins, lastCell, lowest, perDegree), 4) * ROW_BYTES
    if (end - row > CROWDED_BYTES) end = endOf(ra + wide)
    const across = ra + wide >= 360 ? endOf(ra + wide - 360) : cells
    if (!hasRoom(end - row + across - cells)) break
    const narrow = always === 0 ? narrowingOf(dec) : narrowing
    for (let other = row + ROW_BYTES; other < end; other += ROW_BYTES) {
      pairWithin(row, other, separationWithin(raOf(other) - ra, dec, decOf(other), narrow, flat), stripe)
    }
    for (let other = cells; other < across; other += ROW_BYTES) {
      pairWithin(row, other, separationWithin(raOf(other) - (ra - 360), dec, decOf(other), narrow, flat), stripe)
    }
  }
  return row
}

function pairWithin(row: usize, other: usize, separation: f64, stripe: i32): void {
  if (!(separation < radius)) return
  const a = numberOf(row)
  const b = numberOf(other)
  if (stripeOf(decOf(a < b ? row : other)) === stripe) pushPair(min(a, b), max(a, b), separation)
}

/** The separation in arcsec of two rows; infinite when it is clearly not within the radius. */
function separationWithin(dRa: f64, dec: f64, otherDec: f64, narrow: f64, flat: f64): f64 {
  const dDec = otherDec - dec
  // One comparison saves the sines of nearly all candidates.
  if (dDec * dDec + dRa * dRa * narrow > flat) return Infinity
  const h = nearHalfChordSquared(dRa, dDec, dec + otherDec)
  return h > limit ? Infinity : nearArcsecOfHalfChord(h)
}
