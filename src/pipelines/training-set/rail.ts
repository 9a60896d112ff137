import { floatColumn, toNumbers } from '../combine/columns.ts'
import { BANDS, type Band } from './photometry.ts'
import type { TrainingSetColumn } from './result.ts'

/** What stands for a magnitude that was not detected. */
const NOT_DETECTED = 99

/** The group of the HDF5 file in which RAIL looks for columns. */
export const RAIL_GROUP = 'photometry'

/**
 * Shapes of names of a magnitude and its error, `B` for the band and `F` for the flux, best first; at the end those of RAIL's
 * catalog tags `dc2`, `hsc` and `rubin`.
 */
const MAGNITUDES = [
  'mag_B_lsst',
  'B_FMag_dered',
  'B_FMag',
  'mag_B_F_dered',
  'mag_B_F',
  'mag_B',
  'B_mag',
  'mag_B_cModel_obj_dered',
  'HSCB_cmodel_dered',
  'LSST_obs_B',
]
const ERRORS = [
  'mag_err_B_lsst',
  'B_FMagErr_dered',
  'B_FMagErr',
  'magerr_B_F_dered',
  'magerr_B_F',
  'mag_err_B',
  'magerr_B',
  'B_mag_err',
  'magerr_B_cModel_obj',
  'B_cmodel_magerr',
  'LSST_obs_B_err',
]

/** Which columns of a result are what. */
interface RailRoles {
  readonly z: string
  readonly objectId: string | null
  /** The columns of the objects. */
  readonly objects: ReadonlySet<string>
}

/** Columns under RAIL's names. */
export interface RailColumns {
  readonly columns: TrainingSetColumn[]
  /** The new names by the old ones. */
  readonly renamed: ReadonlyMap<string, string>
  /** The columns that had one of RAIL's names, but are something else. */
  readonly gaveWay: readonly string[]
}

/**
 * The names that RAIL's stages look for: `mag_i_lsst`, `mag_err_i_lsst`, `redshift` and `objectId`; magnitudes are those of
 * the objects, and without a value 99.0. All other columns stay as they are, unless one of these names is theirs.
 * @param fluxType the flux in the names, or null
 */
export function railReady(
  columns: readonly TrainingSetColumn[],
  fluxType: string | null,
  roles: RailRoles,
): RailColumns {
  const names = new Set(columns.map(({ name }) => name))
  const renamed = new Map<string, string>()
  const magnitudes = new Set<string>()
  const rename = (from: string | undefined | null, to: string) => {
    if (!from || from === to || renamed.has(from)) return
    renamed.set(from, to)
  }
  for (const [shapes, band, to] of PHOTOMETRY) {
    const from = namesOf(shapes, band, fluxType).find((name) => roles.objects.has(name))
    if (from === undefined) continue
    magnitudes.add(from)
    rename(from, to)
  }
  rename(roles.z, 'redshift')
  rename(roles.objectId, 'objectId')
  const foreign = PHOTOMETRY.map(([, , name]) => name).filter((name) => names.has(name) && !roles.objects.has(name))
  const gaveWay = makeRoom(names, renamed, foreign)
  return {
    renamed,
    gaveWay,
    columns: columns.map((each) => {
      const name = renamed.get(each.name) ?? each.name
      if (!magnitudes.has(each.name)) return { ...each, name }
      const values = toNumbers(each.column).map((value) => (Number.isFinite(value) ? value : NOT_DETECTED))
      return { name, column: floatColumn(values) }
    }),
  }
}

/** The bands of which some columns of objects have no magnitude that RAIL could use. */
export function bandsWithout(columns: readonly string[], fluxType: string | null): Band[] {
  const names = new Set(columns)
  return BANDS.filter((band) => !namesOf(MAGNITUDES, band, fluxType).some((name) => names.has(name)))
}

/** Magnitudes and their errors: shapes of names, band, RAIL's name. */
const PHOTOMETRY = BANDS.flatMap((band) => [
  [MAGNITUDES, band, `mag_${band}_lsst`] as const,
  [ERRORS, band, `mag_err_${band}_lsst`] as const,
])

const namesOf = (shapes: readonly string[], band: Band, fluxType: string | null): string[] =>
  shapes
    .filter((shape) => fluxType !== null || !shape.includes('F'))
    .map((shape) => shape.replace('B', band).replace('F', fluxType ?? ''))

/** A column that has one of RAIL's names, but is something else, gives way. */
function makeRoom(
  names: ReadonlySet<string>,
  renamed: Map<string, string>,
  foreign: readonly string[],
): readonly string[] {
  const gaveWay: string[] = []
  for (const wanted of new Set([...renamed.values(), ...foreign])) {
    if (!names.has(wanted) || renamed.has(wanted)) continue
    let other = `${wanted}_original`
    while (names.has(other)) other += '_original'
    renamed.set(wanted, other)
    gaveWay.push(wanted)
  }
  return gaveWay
}
