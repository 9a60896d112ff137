import type { ColumnSpec, OutputColumn, OutputTable } from '../tables/writers/output-table.ts'
import type { Random } from './random.ts'
import { BANDS, type Galaxy } from './sky.ts'

/** What surveys make of the demonstration's galaxies: each with its own names, selection, errors and flags. */

type Words = Omit<ColumnSpec, 'name' | 'type'>
const RA: Words = { unit: 'deg', ucd: 'pos.eq.ra;meta.main', description: 'Right ascension, ICRS' }
const DEC: Words = { unit: 'deg', ucd: 'pos.eq.dec;meta.main', description: 'Declination, ICRS' }

const floats = <Row>(name: string, rows: readonly Row[], value: (row: Row) => number, words: Words = {}) =>
  ({ name, type: 'float64', values: Float64Array.from(rows, value), ...words }) as const
const singles = <Row>(name: string, rows: readonly Row[], value: (row: Row) => number, words: Words = {}) =>
  ({ name, type: 'float32', values: Float32Array.from(rows, value), ...words }) as const
const integers = <Row>(name: string, rows: readonly Row[], value: (row: Row) => number, words: Words = {}) =>
  ({ name, type: 'int32', values: Int32Array.from(rows, value), ...words }) as const
const longs = <Row>(name: string, rows: readonly Row[], value: (row: Row) => bigint, words: Words = {}) =>
  ({ name, type: 'int64', values: BigInt64Array.from(rows, value), ...words }) as const
const texts = <Row>(name: string, rows: readonly Row[], value: (row: Row) => string, words: Words = {}) =>
  ({ name, type: 'string', values: rows.map(value), ...words }) as const

const tableOf = (title: string, rows: number, columns: readonly OutputColumn[]): OutputTable => ({
  rows,
  columns,
  metadata: { title },
})

/** A fiber survey of bright galaxies, quasars left out: `Z`, `ZERR`, `ZWARN`, fluxes in nanomaggies. */
export function fiberSurvey(random: Random, galaxies: readonly Galaxy[]): OutputTable {
  const seen = galaxies.filter(({ mags }) => random.next() < 1 / (1 + Math.exp((mags.r - 21.6) / 0.45)))
  const flux = (magnitude: number) => 10 ** ((22.5 - magnitude) / 2.5) + random.normal(0.05)
  return tableOf('Fiber spectra of bright galaxies', seen.length, [
    longs('TARGETID', seen, ({ id }) => id, { ucd: 'meta.id;meta.main', description: 'Unique target identifier' }),
    floats('TARGET_RA', seen, ({ ra }) => ra + random.normal(2e-5), RA),
    floats('TARGET_DEC', seen, ({ dec }) => dec + random.normal(2e-5), DEC),
    floats('Z', seen, ({ z }) => z + random.normal(8e-5 * (1 + z)), { description: 'Redshift' }),
    floats('ZERR', seen, ({ z }) => Math.abs(8e-5 * (1 + z) * (1 + random.normal(0.2))), {
      description: 'Error of the redshift from the fit',
    }),
    integers('ZWARN', seen, () => (random.chance(0.94) ? 0 : random.pick([4, 4, 5, 516])), {
      description: '0 where the redshift is secure',
    }),
    ...(['g', 'r', 'z'] as const).map((band) =>
      singles(`FLUX_${band.toUpperCase()}`, seen, ({ mags }) => flux(mags[band]), { unit: 'nanomaggy' }),
    ),
    texts('SURVEY', seen, () => random.pick(['main', 'main', 'sv3'])),
  ])
}

/** What a slit survey wrote down of a galaxy. */
interface SlitSpectrum extends Galaxy {
  readonly flag: number
  /** The redshift, as far as it was understood. */
  readonly measured: number
}

/** A deep slit survey in one field, with confidence flags from 1 (a guess) to 4 (certain). */
export function slitSpectra(random: Random, galaxies: readonly Galaxy[]): SlitSpectrum[] {
  const seen = galaxies.filter(({ mags }) => mags.i < 23.9 && random.chance(0.3))
  const flags = seen.map(({ mags }) => {
    const sure = 1 / (1 + Math.exp((mags.i - 23.1) / 0.5))
    return random.chance(sure) ? 4 : random.chance(0.6) ? 3 : random.chance(0.7) ? 2 : 1
  })
  // One in six of the guesses is another line, and so another redshift.
  const redshift = ({ z }: Galaxy, flag: number) =>
    flag < 3 && random.chance(0.17) ? random.between(0.1, 4) : z + random.normal(6e-4)
  const redshifts = seen.map((one, index) => redshift(one, flags[index] ?? 1))
  return seen.map((one, index) => ({
    ...one,
    ra: one.ra + random.normal(4e-5),
    dec: one.dec + random.normal(4e-5),
    mags: { ...one.mags, i: one.mags.i + random.normal(0.03) },
    flag: flags[index] ?? 1,
    measured: redshifts[index] ?? one.z,
  }))
}

/** The next release: a third of the guesses observed again, the others left out. */
export const observedAgain = (random: Random, spectra: readonly SlitSpectrum[]): SlitSpectrum[] =>
  spectra.flatMap((one) => {
    if (one.flag > 1) return [one]
    return random.chance(0.33) ? [{ ...one, flag: 3, measured: one.z + random.normal(6e-4) }] : []
  })

/** The spectra as their survey publishes them. */
export const slitSurvey = (rows: readonly SlitSpectrum[], name: string): OutputTable =>
  tableOf(name, rows.length, [
    texts('ID', rows, ({ id }) => `${name}-${id % 10_000_000n}`),
    floats('RAJ2000', rows, ({ ra }) => ra, RA),
    floats('DEJ2000', rows, ({ dec }) => dec, DEC),
    floats('zspec', rows, ({ measured }) => Number(measured.toFixed(4))),
    integers('zflag', rows, ({ flag }) => flag, { description: '4 certain, 3 secure, 2 likely, 1 a guess' }),
    singles('imag', rows, ({ mags }) => mags.i, { unit: 'mag' }),
    texts('survey_name', rows, () => name),
  ])

/** A redshift survey of the whole southern sky, shallow, with a quality from 1 to 5. */
export function wideRedshifts(random: Random, galaxies: readonly Galaxy[]): OutputTable {
  const rows = galaxies.map((one) => ({ ...one, quality: random.pick([5, 4, 4, 3, 3, 2]) }))
  return tableOf('Wide redshift survey', rows.length, [
    integers('serial', rows, ({ id }) => Number(id % 1_000_000_000n), { ucd: 'meta.id;meta.main' }),
    floats('ra', rows, ({ ra }) => ra, RA),
    floats('dec', rows, ({ dec }) => dec, DEC),
    floats('z', rows, ({ z }) => z + random.normal(2.8e-4), { ucd: 'src.redshift' }),
    integers('quality', rows, ({ quality }) => quality, { ucd: 'stat.rank', description: '3 and more are reliable' }),
    singles('bj', rows, ({ mags }) => mags.g + 0.2 + random.normal(0.1), { unit: 'mag', description: 'b_J magnitude' }),
  ])
}

/** Magnitudes and their errors with a redshift, as photo-z codes want them; the deepest bands miss some. */
export function trainingSet(random: Random, galaxies: readonly Galaxy[]): OutputTable {
  const depth = { u: 25.2, g: 26.3, r: 26.4, i: 25.9, z: 25.2, y: 24.3 } as const
  const seen = galaxies.filter(({ mags }) => mags.i < 24.5 && random.chance(0.55))
  const photometry = BANDS.flatMap((band) => {
    const errors = seen.map(({ mags }) => 0.004 + 0.2 * 10 ** (0.4 * (mags[band] - depth[band])))
    const values = seen.map(({ mags }, row) => {
      const error = errors[row] ?? 0
      return error > 0.6 ? Number.NaN : mags[band] + random.normal(error)
    })
    return [
      { name: `mag_${band}`, type: 'float32', values: Float32Array.from(values), unit: 'mag' } as const,
      {
        name: `magerr_${band}`,
        type: 'float32',
        values: Float32Array.from(errors, (error) => (error > 0.6 ? Number.NaN : error)),
        unit: 'mag',
      } as const,
    ]
  })
  return tableOf('Training set', seen.length, [
    longs('objectId', seen, ({ id }) => id, { ucd: 'meta.id;meta.main' }),
    floats('coord_ra', seen, ({ ra }) => ra, RA),
    floats('coord_dec', seen, ({ dec }) => dec, DEC),
    floats('redshift', seen, ({ z }) => z, { ucd: 'src.redshift' }),
    ...photometry,
  ])
}

/** Point estimates of a photo-z code: scatter that grows with redshift, a bias, and a few outliers. */
export function estimates(random: Random, galaxies: readonly Galaxy[]): OutputTable {
  const rows = galaxies.map((one) => {
    const width = 0.025 * (1 + one.z) * (1 + Math.max(0, one.mags.i - 23) * 0.6)
    const outlier = random.chance(0.035)
    const mode = outlier ? random.between(0.02, 3) : Math.max(0.005, one.z + random.normal(width) - 0.004)
    return { ...one, mode, width }
  })
  return tableOf('Photo-z estimates', rows.length, [
    longs('objectId', rows, ({ id }) => id, { ucd: 'meta.id;meta.main' }),
    singles('z_mode', rows, ({ mode }) => mode, { ucd: 'src.redshift.phot' }),
    singles('z_median', rows, ({ mode, width }) => mode + random.normal(width * 0.1)),
    singles('z_err', rows, ({ width }) => width),
    singles('odds', rows, ({ width }) => Math.min(1, Math.max(0, 1.1 - width * 5 + random.normal(0.05)))),
  ])
}

/** The objects of a field themselves. */
export function objectCatalog(galaxies: readonly Galaxy[]): OutputTable {
  return tableOf('Objects', galaxies.length, [
    longs('objectId', galaxies, ({ id }) => id, { ucd: 'meta.id;meta.main' }),
    floats('coord_ra', galaxies, ({ ra }) => ra, RA),
    floats('coord_dec', galaxies, ({ dec }) => dec, DEC),
    ...BANDS.map((band) => singles(`${band}_cModelMag`, galaxies, ({ mags }) => mags[band], { unit: 'mag' })),
  ])
}
