import type { ColumnFacts } from './role-suggestion.ts'

/** Something odd in the values of a column that has a role. */
export interface ValueProblem {
  readonly column: string
  /** Impossible: the product should not be published so. Else it is only odd. */
  readonly serious: boolean
  readonly text: string
  /** Which cells are meant, for who can look at all rows: numbers outside this closed range, or exactly this value. */
  readonly cells: { readonly low: number; readonly high: number } | { readonly value: number } | null
}

/** A column with the role that it has or is to have. */
export interface RoleHolder extends ColumnFacts {
  readonly role: string
  /** The most frequent values of a column that has few different ones. */
  readonly frequent?: readonly { readonly value: unknown; readonly count: number }[] | null
}

/** Numbers that stand for "no value" in catalogs of our field. */
const SENTINELS = [-99.9, -99, -99.99, -999, -999.9, -9999, -9.999, -9.99, 99, 99.9, 99.99, 999, 9999] as const
/** What the values of each role may be, and in which unit. */
const LIMITS: Readonly<Record<string, { readonly low: number; readonly high: number; readonly words: string }>> = {
  RA: { low: 0, high: 360, words: 'outside 0–360°' },
  Dec: { low: -90, high: 90, words: 'beyond ±90°' },
}

/**
 * What is wrong, or odd, with the values of the columns that have roles: positions that no sky has, marks for "no value"
 * among redshifts, columns without any value.
 * @param rows of the table
 */
export function valueProblems(columns: readonly RoleHolder[], rows: number): ValueProblem[] {
  if (rows === 0 && columns.length > 0) {
    return [{ column: '', serious: true, text: 'The table has no rows.', cells: null }]
  }
  return columns.flatMap((column) => problemsOf(column, rows))
}

function problemsOf(column: RoleHolder, rows: number): ValueProblem[] {
  const { name, role, type, nulls, min, max } = column
  const problem = (serious: boolean, text: string, cells: ValueProblem['cells'] = null) => ({
    column: name,
    serious,
    text,
    cells,
  })
  const needsNumbers = ['RA', 'Dec', 'z', 'z_err'].includes(role)
  if (!needsNumbers) return role === 'ID' ? idProblems(column, rows, problem) : []
  if (nulls >= rows) return [problem(true, `${name} (${role}) has no values at all.`)]
  if (typeof min !== 'number' || typeof max !== 'number' || type === 'string') {
    return [problem(true, `${name} (${role}) is not a column of numbers${foreignWords(column)}`)]
  }
  const found: ValueProblem[] = []
  if (nulls > 0) found.push(problem(false, `${name} (${role}) is empty in ${rowsInWords(nulls)}.`))
  const mark = markFor(role, min, max)
  if (mark !== null) {
    found.push(
      problem(
        false,
        `${name} (${role}) is ${shown(mark)} in some rows: a mark for “no value”? Empty cells say it better.`,
        {
          value: mark,
        },
      ),
    )
  }
  const limits = LIMITS[role]
  if (limits !== undefined) found.push(...positionProblems(column, limits, mark, problem))
  if (role === 'z' && mark === null && min < -0.01) {
    found.push(problem(false, `${name} (z) goes down to ${shown(min)}.`, { low: -0.01, high: Number.MAX_VALUE }))
  }
  if (role === 'z' && max > 20 && max !== mark) {
    const text = `${name} (z) goes up to ${shown(max)}: is it a redshift, or a magnitude or velocity?`
    found.push(problem(min > 20, text, { low: -Number.MAX_VALUE, high: 20 }))
  }
  return found
}

/** The end of a sentence: which values are no numbers, as far as they are known, and what to do. */
function foreignWords({ role, min, max, frequent }: RoleHolder): string {
  const known =
    frequent?.map(({ value, count: rows }) => ({ value, where: ` in ${rowsInWords(rows)}` })) ??
    [...new Set([min, max])].map((value) => ({ value, where: '' }))
  const words = known
    .filter(({ value }) => typeof value === 'string' && (value.trim() === '' || Number.isNaN(Number(value))))
    .slice(0, MOST_WORDS)
    .map(({ value, where }) => `“${String(value).slice(0, LONGEST_WORD)}”${where}`)
  const named = words.length === 0 ? '.' : `: it has ${words.join(', ')}.`
  if (role === 'RA' || role === 'Dec') return `${named} Decimal degrees are needed, not hours and minutes.`
  return words.length === 0 ? named : `${named} Leave those cells empty.`
}

const MOST_WORDS = 5
/** Characters of a value that are shown. */
const LONGEST_WORD = 40

type Say = (serious: boolean, text: string, cells?: ValueProblem['cells']) => ValueProblem

function positionProblems(
  { name, role, unit, min, max }: RoleHolder,
  limits: { readonly low: number; readonly high: number; readonly words: string },
  mark: number | null,
  say: Say,
): ValueProblem[] {
  const found: ValueProblem[] = []
  const unitName = unit?.trim().toLowerCase() ?? ''
  if (/^(rad|h|hr|hour)/.test(unitName)) found.push(say(true, `${name} (${role}) is in ${unit}; degrees are needed.`))
  const beyond = [min, max].filter((value) => typeof value === 'number' && value !== mark)
  if (beyond.every((value) => Number(value) >= limits.low && Number(value) <= limits.high)) return found
  // West of the meridian, counted backwards: −10 is 350. The pipelines take both in one column.
  if (role === 'RA' && Number(min) >= -180 && Number(max) <= limits.high && mark === null) {
    return [...found, say(false, `${name} (RA) has values below 0; they are taken to mean 360 more.`, limits)]
  }
  const text = `${name} (${role}) is ${limits.words} in some rows. Correct the file, or choose another column.`
  return [...found, say(true, text, limits)]
}

function idProblems({ name, distinct, distinctIsExact, nulls }: RoleHolder, rows: number, say: Say): ValueProblem[] {
  const filled = rows - nulls
  if (distinct === null || !distinctIsExact || distinct === filled) return []
  return [say(false, `${name} (ID) is not unique: ${count(distinct)} different values in ${rowsInWords(filled)}.`)]
}

/** The mark for "no value" that a column seems to use: its smallest or largest value, when that is a well-known one. */
function markFor(role: string, min: number, max: number): number | null {
  const limits = LIMITS[role]
  const isMark = (value: number): boolean =>
    SENTINELS.some((each) => Math.abs(each - value) < 1e-4) || (role === 'z' && (value === -1 || value === -9))
  const impossible = (value: number): boolean =>
    limits === undefined ? value < 0 || value > 20 : value < limits.low || value > limits.high
  return [min, max].find((value) => isMark(value) && impossible(value)) ?? null
}

const count = (value: number): string => value.toLocaleString('en-GB')
const rowsInWords = (value: number): string => (value === 1 ? '1 row' : `${count(value)} rows`)
const shown = (value: number): string => String(value).replace('-', '−')
