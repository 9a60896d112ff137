import { tick } from '../../../views/format.ts'
import { separation } from '../../sky/coordinates.ts'

/** Fields of the sky that everybody in the field knows, ICRS, degrees: the deep drilling fields of LSST, and those of DP1. */
const FIELDS: readonly (readonly [name: string, ra: number, dec: number])[] = [
  ['COSMOS', 150.11, 2.23],
  ['ECDFS', 53.13, -28.1],
  ['ELAIS-S1', 9.45, -44.02],
  ['XMM-LSS', 35.57, -4.82],
  ['EDFS', 59.1, -48.73],
  ['Rubin SV 38 7', 37.86, 6.98],
  ['Rubin SV 95 -25', 95, -25],
  ['47 Tuc', 6.02, -72.08],
  ['Fornax dSph', 40, -34.45],
  ['Seagull', 106.23, -10.51],
  ['GOODS-N', 189.23, 62.24],
  ['EGS', 214.9, 52.87],
  ['UDS', 34.4, -5.2],
]
const NEAR_ARCSEC = 1.2 * 3600

/** What to call a part of the sky: the name of a field that is there, else its position. Degrees. */
export function fieldName(ra: number, dec: number): string {
  const nearest = FIELDS.map(([name, fieldRa, fieldDec]) => ({ name, away: separation(ra, dec, fieldRa, fieldDec) }))
    .filter(({ away }) => away < NEAR_ARCSEC)
    .toSorted((a, b) => a.away - b.away)[0]
  // 359.96 rounds to 360, which is 0.
  const turned = Number(ra.toFixed(1)) % 360
  return nearest?.name ?? `RA ${turned.toFixed(1)}°, Dec ${tick(Number(dec.toFixed(1)))}°`
}
