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
/** The dust map of that column: Schlegel, Finkbeiner & Davis 1998. */
const EBV_MAP = 'sfd'

const sameWord = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Whether the best flux is to be found, rather than a certain one. */
export const isAutomatic = (fluxType: string): boolean => sameWord(fluxType, 'auto')

/** The best of some fluxes, in its own spelling; null when none is known to be better. */
export function preferredFlux(types: readonly string[]): string | null {
  for (const preferred of PREFERRED) {
    const found = types.find((type) => type === preferred) ?? types.find((type) => sameWord(type, preferred))
    if (found !== undefined) return found
  }
  return null
}

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
  readonly warnings: readonly string[]
  /** What is wrong with the choice of flux or dust map. */
  readonly problems: readonly { readonly code: 'unknown_flux' | 'unknown_dust_map'; readonly message: string }[]
}

const FLUX_OR_MAGNITUDE = /^([ugrizy])_(.+?)(Flux|Mag)(_dered)?$/

/**
 * The columns to compute: magnitudes of the chosen flux unless the catalog has them, without the Galactic extinction where
 * it is to be taken off (`i_cModelMag_dered`). With `convertFluxToMag` off, fluxes without extinction.
 * @param columns names of the stored columns
 */
export function photometryOf(columns: readonly string[], parameters: TrainingSetParameters): Photometry {
  const names = new Set(columns)
  const { fluxType: wanted, dereddening, convertFluxToMag } = parameters
  const problems = dustProblems(dereddening)
  const types = fluxTypesIn(columns)
  const isAuto = isAutomatic(wanted)
  const fluxType = isAuto
    ? (preferredFlux(types) ?? types[0] ?? null)
    : (types.find((type) => sameWord(type, wanted)) ?? null)
  if (fluxType === null && isAuto) {
    const note = 'The object catalog has no fluxes like i_cModelFlux: its columns are taken as they are.'
    return { fluxType, computed: [], notes: [note], warnings: [], problems }
  }
  if (fluxType === null) {
    const known = types.length > 0 ? `It has ${types.join(', ')}.` : 'It has no columns like i_cModelFlux.'
    const message = `flux_type: the object catalog has no flux or magnitude of type '${wanted}'. ${known}`
    return {
      fluxType,
      computed: [],
      notes: [],
      warnings: [],
      problems: [{ code: 'unknown_flux', message }, ...problems],
    }
  }
  const dereddens = dereddening !== null && names.has(EBV)
  const computed = BANDS.flatMap((band) => {
    const stem = `${band}_${fluxType}`
    return convertFluxToMag ? magnitudes(band, stem, names, dereddens) : fluxes(band, stem, names, dereddens)
  })
  return {
    fluxType,
    computed: computed.filter(({ description }) => !names.has(description.name)),
    notes: [`Photometry: ${fluxType}.`],
    warnings: dereddening === null || dereddens ? [] : reddeningWarnings(fluxType, names),
    problems,
  }
}

function dustProblems(dereddening: string | null): Photometry['problems'] {
  if (dereddening === null || sameWord(dereddening, EBV_MAP)) return []
  const message = `dereddening: the object catalog is not precomputed for the dust map '${dereddening}', and its column ${EBV} is that of SFD98. Choose ${EBV_MAP} or none.`
  return [{ code: 'unknown_dust_map', message }]
}

/** Says that extinction stays, unless the catalog itself has every band without it. */
function reddeningWarnings(fluxType: string, names: ReadonlySet<string>): string[] {
  const isReddened = BANDS.some((band) => {
    const measured = [`${band}_${fluxType}Mag`, `${band}_${fluxType}Flux`]
    return measured.some((name) => names.has(name)) && !measured.some((name) => names.has(`${name}_dered`))
  })
  if (!isReddened) return []
  return [`The object catalog has no column ${EBV}: photometry is not corrected for Galactic extinction.`]
}

/** The fluxes of which a catalog has columns: `cModel` of `i_cModelFlux`. */
export function fluxTypesIn(columns: readonly string[]): string[] {
  return [...new Set(columns.flatMap((name) => FLUX_OR_MAGNITUDE.exec(name)?.[2] ?? []))]
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
      // Not 10 ** x, which Node 24 rounds otherwise than Node 20: a replay would differ.
      value: ([f, ebv]) => f! * Math.exp(0.4 * Math.LN10 * extinction * ebv!),
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
