import { EXAMPLES, type Problem } from './problems.ts'

/** What was found about the coordinates of a catalog. */
export interface CoordinateCheck {
  /** Rows (0-based) without a valid position. */
  readonly invalid: readonly number[]
  readonly problem: Problem | null
  /** Rows whose right ascension was brought into [0, 360). */
  readonly wrapped: number
}

/**
 * Checks positions (degrees): finite, 0 <= ra < 360, -90 <= dec <= 90. Right ascensions in [-180, 0), and 360 itself, are
 * brought into that range, in place.
 * @param rowNumber the 1-based number in the file of a row
 * @param associated whether the catalog has columns for right ascension and declination
 */
export function checkCoordinates(
  name: string,
  ra: Float64Array,
  dec: Float64Array,
  rowNumber: (row: number) => number,
  associated: { readonly ra: boolean; readonly dec: boolean },
): CoordinateCheck {
  const wrapped = wrap(ra)
  const invalid: number[] = []
  const counts = { 'RA or DEC missing': 0, 'not finite': 0, 'RA<0': 0, 'RA>=360': 0, 'DEC<-90': 0, 'DEC>90': 0 }
  for (let row = 0; row < ra.length; row++) {
    const alpha = ra[row]!
    const delta = dec[row]!
    if (alpha >= 0 && alpha < 360 && delta >= -90 && delta <= 90) continue
    invalid.push(row)
    if (Number.isNaN(alpha) || Number.isNaN(delta)) counts['RA or DEC missing']++
    if (Math.abs(alpha) === Number.POSITIVE_INFINITY || Math.abs(delta) === Number.POSITIVE_INFINITY)
      counts['not finite']++
    if (alpha < 0) counts['RA<0']++
    if (alpha >= 360) counts['RA>=360']++
    if (delta < -90) counts['DEC<-90']++
    if (delta > 90) counts['DEC>90']++
  }
  if (invalid.length === 0) return { invalid, problem: null, wrapped }
  const shown = invalid.slice(0, EXAMPLES)
  const examples = shown.map((row) => `RA ${ra[row]}, DEC ${dec[row]}`)
  const kinds = Object.entries(counts).filter(([, count]) => count > 0)
  const unassociated = (['ra', 'dec'] as const).filter((role) => !associated[role])
  const advice =
    unassociated.length > 0
      ? `No column is associated with ${unassociated.join(' and ')}: associate one on the product's page.`
      : 'Coordinates are in degrees, 0 <= RA < 360 (or -180 to 180) and -90 <= DEC <= 90: correct these rows, or run with on_invalid_rows: drop to leave them out.'
  const problem: Problem = {
    code: 'invalid_coordinates',
    input: name,
    columns: ['ra', 'dec'],
    message:
      `[${name}] Invalid RA/DEC rows: ${invalid.length} of ${ra.length} (${kinds.map(([kind, n]) => `${kind}: ${n}`).join(', ')}). ` +
      `For example ${shown.map((row, i) => `row ${rowNumber(row)} (${examples[i]})`).join(', ')}. ${advice}`,
    rows: shown.map(rowNumber),
    examples,
  }
  return { invalid, problem, wrapped }
}

function wrap(ra: Float64Array): number {
  let wrapped = 0
  for (let row = 0; row < ra.length; row++) {
    const alpha = ra[row]!
    if (alpha !== 360 && !(alpha >= -180 && alpha < 0)) continue
    const turned = alpha === 360 ? 0 : alpha + 360
    ra[row] = turned >= 360 ? 0 : turned
    wrapped++
  }
  return wrapped
}
