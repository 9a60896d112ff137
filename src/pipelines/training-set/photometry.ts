import type { ColumnDescription } from '../../tables/table.ts'
import type { TrainingSetParameters } from './parameters.ts'

/** The bands of LSST, from blue to red. */
export const BANDS = ['u', 'g', 'r', 'i', 'z', 'y'] as const
export type Band = (typeof BANDS)[number]

/** AB magnitude of a flux of 1 nJy. */
export const ZERO_POINT = 31.4
/** 2.5 / ln 10. */
const MAGNITUDES_PER_RELATIVE_ERROR = 1.0857362047581296
/** Extinction in a band over E(B-V), `band_a_env` of RAIL (DC2 and LSSTComCam). */
export const EXTINCTION: Readonly<Record<Band, number>> = { u: 4.81, g: 3.64, r: 2.7, i: 2.06, z: 1.58, y: 1.31 }

/** The same of LSSTCam. */
export const LSSTCAM_EXTINCTION: Readonly<Record<Band, number>> = { ...EXTINCTION, u: 4.78, g: 3.65 }
/** A column that DP2, the first release of LSSTCam, has, and none before it. */
const OF_LSSTCAM = 'griz_model_extendedness'

/** The fluxes that `auto` looks for, best first. */
const PREFERRED = ['cModel', 'gaap1p0', 'gaapOptimal', 'kron', 'psf']
/** The column with E(B-V), in magnitudes. */
const EBV = 'ebv'

/** AB magnitude of a flux in nJy; NaN when the flux is not above 0. */
export const magnitudeOf = (flux: number): number => (flux > 0 ? ZERO_POINT - 2.5 * Math.log10(flux) : Number.NaN)

/** Error of that magnitude; NaN when the flux is not above 0. */
export const magnitudeError = (flux: number, error: number): number =>
  flux > 0 ? (MAGNITUDES_PER_RELATIVE_ERROR * error) / flux : Number.NaN

/** A column that is computed, row by row, from stored ones. */
export interface ComputedColumn {
  readonly description: ColumnDescription
  readonly band: Band
  readonly isError: boolean
  /** The stored columns that it needs. */
  readonly from: readonly string[]
  /** The value from those of `from`, in their order; NaN is null. */
  readonly value: (values: readonly number[]) => number
}

/** What the photometry of an object catalog offers for the parameters. */
export interface Photometry {
  /** The flux in the catalog's own spelling; null when there is none to be had. */
  readonly fluxType: string | null
  readonly computed: readonly ComputedColumn[]
  readonly notes: readonly string[]
  /** What is wrong with the choice of flux. */
  readonly problem: string | null
}

const FLUX_OR_MAGNITUDE = /^([ugrizy])_(.+?)(Flux|Mag)(_dered)?$/

/**
 * The columns to compute: magnitudes of the chosen flux unless the catalog has them, without the Galactic extinction where
 * it is to be taken off (`i_cModelMag_dered`). With `convertFluxToMag` off, fluxes without extinction.
 */
export function photometryOf(columns: readonly ColumnDescription[], parameters: TrainingSetParameters): Photometry {
  const names = new Set(columns.map(({ name }) => name))
  const types = fluxTypesIn(columns)
  const { fluxType: wanted, dereddening, convertFluxToMag } = parameters
  const isAuto = wanted.toLowerCase() === 'auto'
  const fluxType =
    (isAuto ? PREFERRED.find((type) => types.includes(type)) : undefined) ??
    types.find((type) => isAuto || type.toLowerCase() === wanted.toLowerCase()) ??
    null
  if (fluxType === null) {
    const known = types.length > 0 ? `It has ${types.join(', ')}.` : 'It has no columns like i_cModelFlux.'
    return {
      fluxType,
      computed: [],
      notes: isAuto ? ['The object catalog has no fluxes like i_cModelFlux: its columns are taken as they are.'] : [],
      problem: isAuto ? null : `The object catalog has no flux or magnitude of type '${wanted}'. ${known}`,
    }
  }
  const notes = [`Photometry: ${fluxType}.`]
  const dereddens = dereddening !== null && names.has(EBV)
  if (dereddening !== null && !dereddens) {
    notes.push(`The object catalog has no column ${EBV}: photometry is not corrected for Galactic extinction.`)
  }
  const computed = BANDS.flatMap((band) => {
    const stem = `${band}_${fluxType}`
    return convertFluxToMag ? magnitudes(band, stem, names, dereddens) : fluxes(band, stem, names, dereddens)
  })
  return {
    fluxType,
    computed: computed.filter(({ description }) => !names.has(description.name)),
    notes,
    problem: null,
  }
}

/** The fluxes of which a catalog has columns: `cModel` of `i_cModelFlux`. */
export function fluxTypesIn(columns: readonly ColumnDescription[]): string[] {
  return [...new Set(columns.flatMap(({ name }) => FLUX_OR_MAGNITUDE.exec(name)?.[2] ?? []))]
}

function extinctionIn(names: ReadonlySet<string>, band: Band): number {
  return (names.has(OF_LSSTCAM) ? LSSTCAM_EXTINCTION : EXTINCTION)[band]
}

function magnitudes(band: Band, stem: string, names: ReadonlySet<string>, dereddens: boolean): ComputedColumn[] {
  const flux = `${stem}Flux`
  const fluxError = `${flux}Err`
  const magnitude = `${stem}Mag`
  const isStored = names.has(magnitude)
  if (!isStored && !names.has(flux)) return []
  const observed = isStored ? { from: magnitude, of: (m: number) => m } : { from: flux, of: magnitudeOf }
  const extinction = extinctionIn(names, band)
  const columns: ComputedColumn[] = [
    dereddens
      ? {
          ...named(band, `${magnitude}_dered`, 'mag', `AB magnitude without Galactic extinction, - ${extinction} ebv`),
          from: [observed.from, EBV],
          value: ([m, ebv]) => observed.of(m!) - extinction * ebv!,
        }
      : {
          ...named(band, magnitude, 'mag', 'AB magnitude, -2.5 log10(flux / nJy) + 31.4'),
          from: [observed.from],
          value: ([m]) => observed.of(m!),
        },
  ]
  if (names.has(flux) && names.has(fluxError)) {
    columns.push({
      ...named(band, `${magnitude}Err`, 'mag', 'Error of the magnitude, 1.0857 fluxErr / flux', true),
      from: [flux, fluxError],
      value: ([f, error]) => magnitudeError(f!, error!),
    })
  }
  return columns
}

function fluxes(band: Band, stem: string, names: ReadonlySet<string>, dereddens: boolean): ComputedColumn[] {
  if (!dereddens) return []
  const extinction = extinctionIn(names, band)
  return [`${stem}Flux`, `${stem}FluxErr`]
    .filter((column) => names.has(column))
    .map((column, i) => ({
      ...named(band, `${column}_dered`, 'nJy', `Without Galactic extinction, x 10^(0.4 ${extinction} ebv)`, i === 1),
      from: [column, EBV],
      value: ([f, ebv]) => f! * 10 ** (0.4 * extinction * ebv!),
    }))
}

function named(band: Band, name: string, unit: string, words: string, isError = false) {
  const ucd = isError ? 'stat.error;phot.mag' : unit === 'mag' ? 'phot.mag' : 'phot.flux.density'
  const description: ColumnDescription = {
    name,
    type: 'float64',
    nativeType: 'computed',
    unit,
    ucd,
    description: `${band} band. ${words}`,
  }
  return { description, band, isError }
}
