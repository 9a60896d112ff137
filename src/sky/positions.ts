import { normaliseRa } from './coordinates.ts'
import { SkyError } from './errors.ts'

/** What was found wrong with the coordinates of a catalog. Counts of rows; a row is counted once, at its first fault. */
export interface PositionReport {
  readonly rows: number
  /** Rows with a usable position. */
  readonly valid: number
  /** RA or Dec is missing (NaN). */
  readonly missing: number
  /** RA or Dec is infinite. */
  readonly infinite: number
  /** RA below -180. */
  readonly raBelow: number
  /** RA above 360. */
  readonly raAbove: number
  readonly decBelow: number
  readonly decAbove: number
  /** Usable rows whose RA was brought from [-180, 0) or 360 into [0, 360). */
  readonly normalised: number
  /** The first unusable rows, counted from 0; at most `SAMPLE_ROWS`. */
  readonly sampleRows: readonly number[]
}

const SAMPLE_ROWS = 5

/**
 * The positions of a catalog: degrees, one per row, `ra` in [0, 360). Rows without a usable position have NaN in both and
 * take part in no match, so a row's number stays the row's number in the catalog.
 */
export interface Positions {
  readonly ra: Float64Array
  readonly dec: Float64Array
  /** The lowest and the highest declination; infinite the wrong way round when no row has a position. */
  readonly decRange: readonly [low: number, high: number]
  readonly report: PositionReport
}

/**
 * Checks and normalises coordinates in degrees. Rows that cannot be placed on the sky are dropped from matching and
 * counted in the report; whether that is an error is the caller's choice. The arrays are used as they are when nothing
 * had to be changed, and copied otherwise.
 * @throws SkyError `bad_coordinates` when the columns differ in length.
 */
export function positionsOf(ra: Float64Array, dec: Float64Array): Positions {
  const rows = ra.length
  if (dec.length !== rows) {
    throw new SkyError('bad_coordinates', `The RA column has ${rows} rows and the Dec column ${dec.length}.`)
  }
  const count = { missing: 0, infinite: 0, raBelow: 0, raAbove: 0, decBelow: 0, decAbove: 0 }
  const sampleRows: number[] = []
  const range = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY }
  let normalised = 0
  let bad = 0
  let outRa = ra
  let outDec = dec
  for (let row = passUsual(ra, dec, 0, range); row < rows; row = passUsual(ra, dec, row + 1, range)) {
    const a = ra[row]!
    const d = dec[row]!
    const usable = d >= -90 && d <= 90 && !Number.isNaN(normaliseRa(a))
    if (usable && d < range.low) range.low = d
    if (usable && d > range.high) range.high = d
    if (usable && a >= 0 && a < 360) continue
    if (outRa === ra) {
      outRa = sharedLike(ra)
      outDec = sharedLike(dec)
    }
    if (usable) {
      outRa[row] = normaliseRa(a)
      normalised++
      continue
    }
    count[faultOf(a, d)]++
    bad++
    if (sampleRows.length < SAMPLE_ROWS) sampleRows.push(row)
    outRa[row] = Number.NaN
    outDec[row] = Number.NaN
  }
  const report = { rows, valid: rows - bad, ...count, normalised, sampleRows }
  return { ra: outRa, dec: outDec, decRange: [range.low, range.high], report }
}

/**
 * Passes over rows, from `row` on, that are positions as they stand, and widens the range of declinations by theirs. A loop of few
 * comparisons: rows at the very ends of the range of RA are left to the caller, since rounding blurs them.
 * @returns the row to look at, or the number of rows
 */
function passUsual(ra: Float64Array, dec: Float64Array, row: number, range: { low: number; high: number }): number {
  const rows = ra.length
  let { low, high } = range
  for (; row < rows; row++) {
    const d = dec[row]!
    if (!(Math.abs(ra[row]! - 180) < 180 && Math.abs(d) <= 90)) break
    if (d < low) low = d
    if (d > high) high = d
  }
  range.low = low
  range.high = high
  return row
}

function faultOf(ra: number, dec: number) {
  if (Number.isNaN(ra) || Number.isNaN(dec)) return 'missing'
  if (!Number.isFinite(ra) || !Number.isFinite(dec)) return 'infinite'
  if (ra < -180) return 'raBelow'
  if (ra > 360) return 'raAbove'
  if (dec < -90) return 'decBelow'
  return 'decAbove'
}

/** A column that threads can share; matching with workers copies columns that are not. */
export function sharedFloat64(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * 8))
}

function sharedLike(column: Float64Array): Float64Array {
  const copy = isShared(column) ? sharedFloat64(column.length) : new Float64Array(column.length)
  copy.set(column)
  return copy
}

function isShared(column: Float64Array): boolean {
  return column.buffer instanceof SharedArrayBuffer
}

/** The same positions in memory that threads can share; nothing is copied when they lie there already. */
export function sharedPositions(positions: Positions): Positions {
  const share = (column: Float64Array): Float64Array => {
    if (isShared(column)) return column
    const copy = sharedFloat64(column.length)
    copy.set(column)
    return copy
  }
  return { ...positions, ra: share(positions.ra), dec: share(positions.dec) }
}
