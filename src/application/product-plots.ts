import { createHash } from 'node:crypto'
import type { AppContext } from '../context.ts'
import type { ColumnRow } from '../projections/columns/tables.ts'
import type { FileRow } from '../projections/files/tables.ts'
import type { ChildTask } from '../tables/child/task.ts'
import type { ColumnProfile, Histogram, Inspection } from '../tables/inspection.ts'
import type { PickleImports } from '../tables/pickle.ts'
import { DEFAULT_LIMITS } from '../tables/table.ts'
import type { Derived } from './derived-files.ts'
import { isNumericType } from './plots/column-values.ts'
import type { Bins, RedshiftArguments, RedshiftCounts } from './plots/redshift-task.ts'
import type { SkyCounts } from './plots/sky-counts.ts'
import type { SkyArguments } from './plots/sky-task.ts'

/** Named by their addresses, so that the server does not load the readers of tables itself. */
const task = <Arguments, Result>(name: string): ChildTask<Arguments, Result> => ({
  name,
  module: new URL(`./plots/${name}-task.ts`, import.meta.url),
})
const SKY = task<SkyArguments, SkyCounts>('sky')
const REDSHIFT = task<RedshiftArguments, RedshiftCounts>('redshift')
const PICKLE = task<{ readonly path: string }, PickleImports>('pickle')

/** Raise it when a task would give another answer for the same file. */
const FORM = 3

const nameOf = (what: string, sha256: string, args: object): string =>
  `${sha256}.${what}${FORM}.${createHash('sha256').update(JSON.stringify(args)).digest('hex').slice(0, 16)}`

/** A main file that is a table, with what is known of it. */
export interface TableFile {
  readonly file: FileRow
  readonly columns: readonly ColumnRow[]
  readonly inspection: Inspection
}

/** Why there is nothing to draw. */
export interface Missing {
  readonly state: 'missing'
  readonly why: string
}

const missing = (why: string): Missing => ({ state: 'missing', why })

/** The column with a role, and its statistics. */
function profileOf({ columns, inspection }: TableFile, alias: string): ColumnProfile | null {
  const name = columns.find((column) => column.alias === alias)?.name
  return inspection.columns.find((column) => column.name === name) ?? null
}

/** Where on the sky the rows are, by the columns with the roles RA and Dec. @param patience ms */
export async function skyCounts(
  context: AppContext,
  table: TableFile,
  patience: number,
): Promise<Derived<SkyCounts> | Missing> {
  const [ra, dec] = [profileOf(table, 'RA'), profileOf(table, 'Dec')]
  if (ra === null || dec === null) {
    return missing('The map is drawn when two columns have the roles RA and Dec.')
  }
  if (!isNumericType(ra.type) || !isNumericType(dec.type)) {
    return missing(`The columns ${ra.name} and ${dec.name} hold no numbers: positions must be in degrees.`)
  }
  const columns = {
    ra: { column: ra.name, degrees: degreesPer(ra.unit) },
    dec: { column: dec.name, degrees: degreesPer(dec.unit) },
  }
  const source = await sourceOf(context, table.file)
  return context.derived.get(
    nameOf('sky', table.file.sha256, columns),
    () => context.runTask(SKY, { source, limits: DEFAULT_LIMITS, ...columns }),
    patience,
  )
}

/** How many degrees the unit of an angle is (VOUnits 1.1; hours occur in old catalogs). */
export function degreesPer(unit: string | null): number {
  if (unit !== null && /^(h|hr|hour|hours|hourangle)$/i.test(unit.trim())) return 15
  if (unit !== null && /^rad(ians?)?$/i.test(unit.trim())) return 180 / Math.PI
  return 1
}

const REDSHIFT_BINS = 50
const MAGNITUDE_BINS = 56
const GRID_BINS = 40

export interface RedshiftPlot {
  readonly column: string
  readonly bins: Bins
  readonly flag: string | null
  /** Which flags mean a redshift to rely on; null without flags. */
  readonly secure: SecureFlags | null
  readonly magnitude: (Bins & { readonly column: string; readonly unit: string | null }) | null
  readonly gridBins: number
  readonly counts: RedshiftCounts
}

/** How the redshifts are spread, by the column with the role z; with flags and a magnitude where there are such columns. */
export async function redshiftPlot(
  context: AppContext,
  table: TableFile,
  patience: number,
): Promise<Derived<RedshiftPlot> | Missing> {
  const z = profileOf(table, 'z')
  if (z === null) return missing('The distribution is drawn when a column has the role z.')
  if (z.histogram === null || !isNumericType(z.type)) return missing(`The column ${z.name} holds no numbers.`)
  const bins = roundBins(z.histogram, REDSHIFT_BINS)
  const flags = profileOf(table, 'z_flag')
  const flag = flags?.name ?? null
  const secure = flags === null ? null : secureFlagsOf(flags)
  const profile = magnitudeColumn(table.inspection.columns)
  const magnitude = profile?.histogram
    ? { ...roundBins(withoutZero(profile.histogram), MAGNITUDE_BINS), column: profile.name, unit: profile.unit }
    : null
  const secureFlags = secure?.values ?? []
  const args = { redshift: { ...bins, column: z.name }, flag, secureFlags, magnitude, gridBins: GRID_BINS }
  const source = await sourceOf(context, table.file)
  const result = await context.derived.get(
    nameOf('redshift', table.file.sha256, args),
    () => context.runTask(REDSHIFT, { source, limits: DEFAULT_LIMITS, ...args }),
    patience,
  )
  if (result.state !== 'ready') return result
  const value = { column: z.name, bins, flag, secure, magnitude, gridBins: GRID_BINS, counts: result.value }
  return { state: 'ready', value }
}

export interface SecureFlags {
  readonly values: readonly number[]
  /** What these flags say, in a few words. */
  readonly meaning: string
}

/**
 * Which flags mean a secure redshift. In the flags of most surveys 3 and 4, "secure" and "very secure" (Le Fèvre et al., A&A
 * 559, A14, 2013), and 5 where the scale goes up to it, as in 2dFGRS (Colless et al., MNRAS 328, 1039, 2001); 6 is a star. In
 * those that our pipelines homogenised 3 and 4 too. In the warnings of SDSS and DESI (ZWARN), bits of what went wrong, 0.
 */
export function secureFlagsOf({ name, max }: Pick<ColumnProfile, 'name' | 'max'>): SecureFlags {
  if (/warn/i.test(name)) return { values: [0], meaning: 'no warning' }
  if (/^z_flag_homogenized$/i.test(name)) return { values: [3, 4], meaning: 'galaxies more than 90 % sure' }
  return { values: Number(max) === 5 ? [3, 4, 5] : [3, 4], meaning: 'secure' }
}

/** The range of a histogram without the bin of 0 at its beginning, where catalogs put what they did not measure. */
function withoutZero({ low, high, counts }: Histogram): { readonly low: number; readonly high: number } {
  const step = (high - low) / counts.length
  const second = counts.findIndex((rows, bin) => bin > 0 && rows > 0)
  return low <= 0 && low + step > 0 && second > 1 ? { low: low + second * step, high } : { low, high }
}

/** About `wanted` bins whose edges are round numbers, over a range that leaves outliers aside. */
export function roundBins(range: { readonly low: number; readonly high: number }, wanted: number): Bins {
  const { low, high } = readable(range)
  const rough = (high - low) / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 2.5, 5].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10)
  const first = Math.floor(low / step + 1e-9)
  const bins = Math.max(1, Math.ceil(high / step - 1e-9) - first)
  const exact = (value: number) => Number(value.toPrecision(12))
  return { low: exact(first * step), high: exact((first + bins) * step), bins }
}

/** A range so narrow that its axis would say one number everywhere, such as that of a single value, with room around it. */
function readable({ low, high }: { readonly low: number; readonly high: number }) {
  const middle = (low + high) / 2
  const room = 0.1 * Math.abs(middle)
  return high - low > 1e-4 * room ? { low, high } : { low: middle - room, high: middle + room }
}

const BANDS = ['i', 'r', 'z', 'g', 'y', 'u', 'k', 'h', 'j', 'b', 'v']

/**
 * The column that is most likely a magnitude, in the band that photo-z are usually shown against: the unit `mag`, or a name
 * such as `mag_i_lsst`, `i_cModelMag`, `imag`, `MAG_AUTO`. Errors and extinctions are none.
 */
export function magnitudeColumn(columns: readonly ColumnProfile[]): ColumnProfile | null {
  const candidates = columns.filter(
    ({ name, unit, type, histogram }) =>
      histogram !== null &&
      /^float/.test(type) &&
      (/^mag(\b|$)/i.test(unit ?? '') || /mag(?![a-z])|mag_|^mag/i.test(name)) &&
      !/err|sig|_e$|^e_|ext|flag|a_[ugrizy]$|ebv|dered_?corr|image|magn?if/i.test(name),
  )
  const rank = ({ name }: ColumnProfile) => {
    const band = BANDS.indexOf(bandOf(name))
    return band < 0 ? BANDS.length : band
  }
  return candidates.toSorted((a, b) => rank(a) - rank(b))[0] ?? null
}

function bandOf(name: string): string {
  const lower = name.toLowerCase()
  return (
    /^([a-z])_?(?:cmodel|psf|gaap|kron|auto|mag)/.exec(lower)?.[1] ??
    /mag_?(?:auto_|psf_|cmodel_)?([a-z])(?:_|$)/.exec(lower)?.[1] ??
    /(?:^|_)([a-z])(?:_|$)/.exec(lower)?.[1] ??
    ''
  )
}

const sourceOf = async (context: AppContext, file: FileRow) => ({
  path: await context.blobs.path(file.sha256),
  fileName: file.name,
})

const PICKLE_NAMES = /\.(pkl|pickle|pcl|pckl)$/i

export const isPickle = (file: FileRow): boolean => PICKLE_NAMES.test(file.name)

/** What a pickle would import; it is never loaded. */
export function importsOf(context: AppContext, file: FileRow, patience: number): Promise<Derived<PickleImports>> {
  const make = async () => context.runTask(PICKLE, { path: await context.blobs.path(file.sha256) })
  return context.derived.get(nameOf('pickle', file.sha256, {}), make, patience)
}
