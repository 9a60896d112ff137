import type { Alias } from './column-role.ts'

/** What is known of a column before anybody has given it a role; an inspection's profile is one. */
export interface ColumnFacts {
  readonly name: string
  /** int64, float32, string, … */
  readonly type: string
  readonly unit: string | null
  readonly ucd: string | null
  /** Cells without a value. */
  readonly nulls: number
  readonly min: number | string | null
  readonly max: number | string | null
  readonly distinct: number | null
  readonly distinctIsExact: boolean
}

/** A role that a column seems to have, and why, to be read after "Suggested:". */
export interface RoleSuggestion {
  readonly role: Alias
  readonly reason: string
}

/** How sure a clue makes us, 0 to 100. Nothing below `ENOUGH` is suggested. */
const ENOUGH = 45
/** What values that do not fit cost: a column called exactly `RA` is suggested all the same, a vague name is not. */
const MISFIT = 50

interface Verdict {
  readonly fits: boolean
  /** After "its name, and " when it fits, after "its name; but " when not. */
  readonly words: string
}

interface Rule {
  readonly role: Alias
  /** How well a name fits, 0 to 100. `plain` has lower-case letters and digits alone; `words` are the parts of the name. */
  readonly name: (plain: string, words: readonly string[]) => number
  /** How well a UCD fits (IVOA UCD1+, lower case). */
  readonly ucd: (ucd: string) => number
  /** Whether a column of this type and unit can have the role at all. */
  readonly possible: (column: ColumnFacts) => boolean
  readonly values: (column: ColumnFacts, rows: number) => Verdict
}

const among =
  (...names: readonly string[]) =>
  (plain: string): boolean =>
    names.includes(plain)

const isFloat = ({ type }: ColumnFacts): boolean => type.startsWith('float')
const isInteger = ({ type }: ColumnFacts): boolean => /^u?int/.test(type)
const isNumber = (column: ColumnFacts): boolean => isFloat(column) || isInteger(column)
const isText = ({ type }: ColumnFacts): boolean => type === 'string'
const unitOf = ({ unit }: ColumnFacts): string => unit?.trim().toLowerCase() ?? ''
const isAngle = (column: ColumnFacts): boolean =>
  isNumber(column) && ['', 'deg', 'degree', 'degrees', 'd', '°', 'angle[deg]', 'degr'].includes(unitOf(column))
/** Redshifts have no unit; what has one is a magnitude in the z band, a flux, a distance. */
const hasNoUnit = (column: ColumnFacts): boolean => ['', '1', '-', '--', 'none', 'redshift'].includes(unitOf(column))

const shown = (value: number | string | null): string => String(value).replace(/^-/, '−')

function between({ min, max }: ColumnFacts, low: number, high: number, words: string): Verdict {
  const [smallest, largest] = [Number(min), Number(max)]
  if (smallest < low) return { fits: false, words: `its smallest value is ${shown(min)}` }
  if (largest > high) return { fits: false, words: `its largest value is ${shown(max)}` }
  return { fits: true, words }
}

/** Positions of something else than the object (plates, fibers), parts of sexagesimal ones, motions, errors, other equinoxes. */
const NO_POSITION =
  /^(pm|del|d)(ra|de)|(^|_)(pm|err|error|e|sigma|std|rms|cov|plate|fiber|fibre|b1950|1950|fk4|h|m|s|hms|dms|hour|min|sec|str|offset|delta_ra|rad)(_|$)/

const NO_ERROR = /(^|_)(err|error|e|sigma|std|unc|var|ivar|warn|flag|flags|qual|quality|conf)(_|$)/

function position(names: readonly string[], token: RegExp) {
  const best = among(...names)
  return (plain: string, words: readonly string[]): number => {
    const name = words.join('_')
    if (NO_POSITION.test(name)) return 0
    if (plain === names[0]) return 100
    if (best(plain)) return 95
    return words.some((word) => token.test(word)) ? 60 : 0
  }
}

const RULES: readonly Rule[] = [
  {
    role: 'RA',
    name: position(
      [
        'ra',
        'raj2000',
        'radeg',
        'rajdeg',
        'raj2000deg',
        'raicrs',
        'targetra',
        'alphaj2000',
        'coordra',
        'alpha',
        'rightascension',
        'alphawinj2000',
        'ra2000',
        'radecra',
      ],
      /^(ra|raj2000|rajdeg|alpha)$/,
    ),
    ucd: (ucd) => (/^pos\.eq\.ra(;meta\.main)?$/.test(ucd) ? (ucd.includes('main') ? 100 : 90) : 0),
    possible: isAngle,
    values: (column) => between(column, 0, 360, 'all values lie between 0 and 360'),
  },
  {
    role: 'Dec',
    name: position(
      [
        'dec',
        'dej2000',
        'decj2000',
        'decdeg',
        'dedeg',
        'dejdeg',
        'decj2000deg',
        'dej2000deg',
        'deicrs',
        'decicrs',
        'targetdec',
        'deltaj2000',
        'coorddec',
        'decl',
        'declination',
        'deltawinj2000',
        'dec2000',
      ],
      /^(dec|dej2000|decj2000|dejdeg|decl|de)$/,
    ),
    ucd: (ucd) => (/^pos\.eq\.dec(;meta\.main)?$/.test(ucd) ? (ucd.includes('main') ? 100 : 90) : 0),
    possible: isAngle,
    values: (column) => between(column, -90, 90, 'all values lie between −90 and 90'),
  },
  {
    role: 'z',
    name: (plain) => {
      if (plain === 'z') return 100
      if (among('redshift', 'zspec', 'specz', 'zbest', 'redshiftspec', 'specredshift', 'zspectroscopic')(plain))
        return 97
      if (among('ztrue', 'redshifttrue', 'truez', 'trueredshift', 'zfinal', 'zhelio', 'zobs', 'zcosmo')(plain))
        return 85
      if (among('zphot', 'photoz', 'zmode', 'zmedian', 'zmean', 'zpeak', 'redshiftphot', 'zmc')(plain)) return 75
      return 0
    },
    ucd: (ucd) => (ucd === 'src.redshift' ? 100 : ucd.startsWith('src.redshift') && !ucd.includes('stat.') ? 80 : 0),
    possible: (column) => isNumber(column) && hasNoUnit(column),
    values: (column) => {
      // A band called z holds magnitudes: no redshift survey begins at 8.
      if (Number(column.min) > 8)
        return { fits: false, words: `its smallest value is ${shown(column.min)}: a magnitude?` }
      return between(column, -0.01, 20, 'all values are at least −0.01')
    },
  },
  {
    role: 'z_err',
    name: (plain) => {
      const exact = among('zerr', 'ez', 'zerror', 'errz', 'redshifterr', 'redshifterror', 'zspecerr', 'zspecerror')
      const others = among(
        'speczerr',
        'dz',
        'sigmaz',
        'zsigma',
        'eredshift',
        'errredshift',
        'zunc',
        'zbesterr',
        'zuncertainty',
      )
      return exact(plain) ? 97 : others(plain) ? 85 : 0
    },
    ucd: (ucd) => (/^stat\.error.*;src\.redshift/.test(ucd) ? 100 : 0),
    possible: (column) => isNumber(column) && hasNoUnit(column),
    values: (column) => between(column, 0, Number.POSITIVE_INFINITY, 'no value is negative'),
  },
  {
    role: 'z_flag',
    name: (plain, words) => {
      if (
        among(
          'zflag',
          'zwarn',
          'zwarning',
          'zquality',
          'zqual',
          'zspecflag',
          'redshiftflag',
          'qz',
          'zq',
          'zconf',
        )(plain)
      )
        return 97
      if (among('quality', 'qual', 'qf', 'nq', 'qop', 'zspecquality', 'redshiftquality', 'zflags', 'confidence')(plain))
        return 90
      if (among('q', 'flag')(plain)) return 50
      return words.at(-1) === 'qf' ? 60 : 0
    },
    ucd: (ucd) => (ucd === 'stat.rank' ? 100 : /^meta\.code\.qual/.test(ucd) ? 70 : 0),
    possible: (column) => isNumber(column) || isText(column),
    values: ({ distinct }) =>
      distinct !== null && distinct > 1000
        ? { fits: false, words: 'it has many different values' }
        : {
            fits: true,
            words:
              distinct === null ? 'it may be a flag' : `it has ${distinct} different value${distinct === 1 ? '' : 's'}`,
          },
  },
  {
    role: 'survey',
    name: (plain) => (plain === 'surveyname' ? 100 : plain === 'survey' ? 95 : plain === 'source' ? 60 : 0),
    ucd: (ucd) => (ucd === 'meta.curation' ? 100 : 0),
    possible: isText,
    values: ({ distinct }) =>
      distinct !== null && distinct > 1000
        ? { fits: false, words: 'it has many different values' }
        : { fits: true, words: `it has ${distinct ?? 'few'} different value${distinct === 1 ? '' : 's'}` },
  },
  {
    role: 'ID',
    name: (plain, words) => {
      if (
        among(
          'targetid',
          'objectid',
          'uniqueid',
          'sourceid',
          'coaddobjectid',
          'objid',
          'galaxyid',
          'galid',
          'id',
        )(plain)
      )
        return 95
      if (among('specobjid', 'catid', 'tmid', 'idspec', 'srcid', 'catalogid')(plain)) return 80
      return words.includes('id') ? 60 : among('name', 'serial')(plain) ? 50 : 0
    },
    ucd: (ucd) => (ucd === 'meta.id;meta.main' ? 100 : ucd === 'meta.id' ? 70 : 0),
    possible: (column) => isInteger(column) || isText(column),
    values: ({ distinct, distinctIsExact, nulls }, rows) => {
      const filled = rows - nulls
      // Estimates of many different values are good to a few percent.
      const differ = distinct !== null && (distinctIsExact ? distinct === filled : distinct > 0.93 * filled)
      return differ ? { fits: true, words: 'all values differ' } : { fits: false, words: 'some values repeat' }
    },
  },
]

interface Candidate extends RoleSuggestion {
  readonly column: number
  readonly score: number
}

/**
 * The role that each column seems to have, by name, UCD, unit, type and range of values; null where none is likely. No role
 * is suggested twice: the likeliest column gets it, and of equals the first.
 * @param columns in the order of the file
 * @param rows of the table
 */
export function suggestRoles(columns: readonly ColumnFacts[], rows: number): readonly (RoleSuggestion | null)[] {
  const candidates = columns.flatMap((column, index) =>
    RULES.map((rule) => candidate(rule, column, index, rows)).filter((each) => each !== null),
  )
  const suggestions: (RoleSuggestion | null)[] = columns.map(() => null)
  const given = new Set<Alias>()
  const likeliest = candidates.toSorted((a, b) => b.score - a.score || a.column - b.column)
  for (const { column, role, reason } of likeliest) {
    if (given.has(role) || suggestions[column] !== null) continue
    given.add(role)
    suggestions[column] = { role, reason }
  }
  return suggestions
}

function candidate(rule: Rule, column: ColumnFacts, index: number, rows: number): Candidate | null {
  if (!rule.possible(column) || column.nulls >= rows) return null
  const words = wordsOf(column.name)
  const byName = rule.role === 'z' && NO_ERROR.test(words.join('_')) ? 0 : rule.name(words.join(''), words)
  const ucd = column.ucd?.trim().toLowerCase() ?? ''
  const byUcd = rule.ucd(ucd)
  const clue = Math.max(byName, byUcd)
  if (clue === 0) return null
  const verdict = rule.values(column, rows)
  const score = clue - (verdict.fits ? 0 : MISFIT)
  if (score < ENOUGH) return null
  const source = byUcd >= byName ? `its UCD ${column.ucd}` : 'its name'
  const reason = verdict.fits ? `${source}, and ${verdict.words}` : `${source}; but ${verdict.words}`
  return { role: rule.role, reason, column: index, score }
}

/** The parts of a name in lower case: `photometry/RA_TARG` is ra, targ (the group of an HDF5 file tells nothing). */
function wordsOf(name: string): string[] {
  return (name.split('/').at(-1) ?? name)
    .replaceAll(/([a-z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}
