import { NOTHING } from '../../../src/tables/statistics/profile.ts'
/** A table as the server describes it: columns, rows, maps. */

import type { ProductColumn } from '../../../views/pages/product/model.ts'
import type { SkyCell } from '../../../views/plots/sky-map.tsx'
import { bell, histogram, nz, random } from './site.ts'

const column = (name: string, type: ProductColumn['type'], more: Partial<ProductColumn> = {}): ProductColumn => ({
  name,
  type,
  nativeType: type,
  unit: null,
  ucd: null,
  description: null,
  ...NOTHING,
  role: null,
  ...more,
})

export const columns: readonly ProductColumn[] = [
  column('TARGETID', 'int64', {
    role: 'ID',
    ucd: 'meta.id;meta.main',
    min: '2305843019946942123',
    max: '2305843031201884160',
    distinct: 14302,
    distinctIsExact: true,
  }),
  column('TARGET_RA', 'float64', {
    role: 'RA',
    unit: 'deg',
    ucd: 'pos.eq.ra;meta.main',
    min: 37.0123,
    max: 106.4,
    median: 53.2,
    mean: 55.31,
    standardDeviation: 18.2,
    distinct: 14290,
    histogram: histogram(37, 107, bell(32, 9, 3, 900, 40)),
  }),
  column('TARGET_DEC', 'float64', {
    role: 'Dec',
    unit: 'deg',
    ucd: 'pos.eq.dec;meta.main',
    min: -72.4,
    max: 7.1,
    median: -28.0,
    mean: -27.8,
    standardDeviation: 14,
    distinct: 14290,
    histogram: histogram(-73, 8, bell(32, 17, 3, 900, 40)),
  }),
  column('Z', 'float64', {
    role: 'z',
    ucd: 'src.redshift',
    description: 'Redshift measured by Redrock',
    min: 0.003,
    max: 3.41,
    median: 0.92,
    mean: 1.02,
    standardDeviation: 0.61,
    distinct: 14100,
    histogram: nz,
  }),
  column('ZERR', 'float64', {
    role: 'z_err',
    min: 2.1e-6,
    max: 0.0041,
    median: 4.7e-5,
    mean: 6.1e-5,
    histogram: histogram(0, 0.004, bell(32, 3, 2, 700)),
  }),
  column('ZWARN', 'int64', {
    role: 'z_flag',
    min: 0,
    max: 4,
    distinct: 2,
    distinctIsExact: true,
    frequent: [
      { value: 0, count: 13114 },
      { value: 4, count: 1188 },
    ],
  }),
  column('SPECTYPE', 'string', {
    min: 'GALAXY',
    max: 'STAR',
    distinct: 3,
    distinctIsExact: true,
    frequent: [
      { value: 'GALAXY', count: 13301 },
      { value: 'QSO', count: 715 },
      { value: 'STAR', count: 286 },
    ],
  }),
  column('FLUX_R', 'float32', {
    unit: 'nanomaggy',
    nulls: 212,
    min: -0.4,
    max: 512.1,
    median: 12.9,
    histogram: histogram(-0.4, 60, bell(32, 7, 5, 600, 20)),
  }),
]

const chance = random(7)
const TYPES = ['GALAXY', 'GALAXY', 'GALAXY', 'QSO', 'STAR']
export const previewRows = Array.from({ length: 12 }, (_, row) => [
  String(2305843019946942123n + BigInt(row * 137)),
  Number((52 + 2 * chance()).toFixed(6)),
  Number((-28 + chance()).toFixed(6)),
  Number((1.6 * chance()).toFixed(5)),
  Number((1e-4 * chance()).toPrecision(2)),
  chance() < 0.8 ? 0 : 4,
  TYPES[Math.floor(5 * chance())] ?? null,
  row === 2 ? null : Number((40 * chance()).toFixed(3)),
])

/** The seven fields of DP1, as cells of a quarter of a degree. */
export const fieldCells = (ra: number, dec: number, sizeDeg = 0.25, radius = 0.9, seed = 3): readonly SkyCell[] => {
  const next = random(seed)
  const cells: SkyCell[] = []
  for (let y = -radius; y <= radius; y += sizeDeg) {
    for (let x = -radius; x <= radius; x += sizeDeg) {
      const away = Math.hypot(x, y) / radius
      if (away > 1 || Math.abs(dec + y) > 90) continue
      const count = Math.round(60 * Math.exp(-2 * away * away) * (0.4 + next()))
      if (count > 0) cells.push({ raDeg: ra + x / Math.cos((dec * Math.PI) / 180), decDeg: dec + y, sizeDeg, count })
    }
  }
  return cells
}

export const FIELDS = [
  ['47 Tuc', 6.02, -72.08],
  ['SV 38 7', 37.86, 6.98],
  ['Fornax dSph', 40, -34.45],
  ['ECDFS', 53.13, -28.1],
  ['EDFS', 59.1, -48.73],
  ['SV 95 -25', 95, -25],
  ['Seagull', 106.23, -10.51],
] as const

export const skyCells: readonly SkyCell[] = FIELDS.flatMap(([, ra, dec], index) =>
  fieldCells(ra, dec, 0.9, 1.6, index + 1),
)

const magnitudes = { label: 'r magnitude (AB)', low: 16, high: 26, bins: 40 }
const redshifts = { label: 'redshift z', low: 0, high: 3.5, bins: 28 }
export const density = {
  x: magnitudes,
  y: redshifts,
  counts: Array.from({ length: magnitudes.bins * redshifts.bins }, (_, index) => {
    const mag = (index % magnitudes.bins) / magnitudes.bins
    const z = Math.floor(index / magnitudes.bins) / redshifts.bins
    return Math.floor(
      400 * Math.exp(-(((z - 0.55 * mag * mag) / 0.09) ** 2)) * mag * mag * (1.3 - mag) * (0.6 + chance()),
    )
  }),
}

/** 1,300 columns, as a catalog of the whole object table has. */
export const manyColumns: readonly ProductColumn[] = Array.from({ length: 1300 }, (_, index) =>
  column(`${'ugrizy'[index % 6]}_measurement_${index}`, index % 4 === 0 ? 'int32' : 'float32', {
    unit: index % 2 ? 'nJy' : null,
    min: 0,
    max: 100 + index,
    median: 12.5,
    histogram: histogram(0, 100, bell(32, index % 32, 4, 500)),
  }),
)
