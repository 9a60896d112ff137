/** Degrees in a turn of 24 hours, per hour. */
const DEGREES_PER_HOUR = 15

const PARTS =
  /^([+\-−]?)(\d{1,3})(?:\s*[h:d°]\s*|\s+)(\d{1,2})(?:\s*[m:′']\s*|\s+)(\d{1,2}(?:\.\d*)?)\s*(?:s|″|"|'')?$/i

/**
 * The degrees of an angle that is written in three parts, as papers and finding charts do: `10:00:28.6`, `10 00 28.6`,
 * `10h00m28.6s`, `+02d12m21s`, `−0°30′00″`. Right ascensions are in hours of 15 degrees, unless they are written with a degree sign.
 * @returns null for anything else, decimal degrees among it
 */
export function degreesOfParts(text: string, kind: 'ra' | 'dec'): number | null {
  const parts = PARTS.exec(text.trim())
  if (parts === null) return null
  const [whole, sign, units, minutes, seconds] = parts
  if (Number(minutes) >= 60 || Number(seconds) >= 60) return null
  if (kind === 'dec' && /h/i.test(whole)) return null
  const isHours = kind === 'ra' && !/[d°]/i.test(whole)
  const size = Number(units) + Number(minutes) / 60 + Number(seconds) / 3600
  return (sign === '' || sign === '+' ? 1 : -1) * size * (isHours ? DEGREES_PER_HOUR : 1)
}
