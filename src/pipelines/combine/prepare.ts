import { Texts } from '../../tables/texts.ts'
import type { CatalogInput } from './catalog.ts'
import { FOOTPRINT_COLUMNS, HOMOGENIZED_COLUMNS, MEASURED_COLUMNS } from './column-names.ts'
import { type Column, floatColumn, takeRows, takeValues, textColumn, textsOf, toNumbers } from './columns.ts'
import { checkCoordinates } from './coordinates.ts'
import { castColumn } from './extra-columns.ts'
import { isInDP1Fields, isInRubinFootprint } from './footprints.ts'
import { type HomogenizationPath, homogenizeFlags, homogenizeTypes } from './homogenize.ts'
import { type Frame, nameColumns } from './mapping.ts'
import { normalise } from './normalise.ts'
import type { CombineParameters } from './parameters.ts'
import type { Problem } from './problems.ts'
import { columnsReadBy, type Rules } from './rules/rules.ts'
import type { Settings } from './settings.ts'

/** The flag of stars, which are kept apart from duplicates. */
export const STAR = 6

/** A catalog that is ready to be combined: clean values, homogenized, without the rows that were cut. */
export interface PreparedCatalog {
  readonly name: string
  readonly rows: number
  readonly crdIds: Texts
  /** The columns that may become columns of the output, by their names there. */
  readonly columns: ReadonlyMap<string, Column>
  /** The columns named in tiebreaking_priority, as they are. */
  readonly priorities: ReadonlyMap<string, Column>
  /** The tie_result of an earlier combination; 1 where there is none. */
  readonly priorTieResult: Int8Array
}

/** What became of a catalog on its way, for the run's log and metrics. */
export interface PreparationReport {
  readonly name: string
  readonly rowsRead: number
  readonly rowsBelowCut: number
  readonly starsRemoved: number
  readonly rowsWithInvalidCoordinates: number
  readonly rowsKept: number
  readonly isEarlierResult: boolean
  readonly flagPath: HomogenizationPath | null
  readonly typePath: HomogenizationPath | null
  /** Kept rows by homogenized flag, and by homogenized type; `null` counts rows without one. */
  readonly flags: Readonly<Record<string, number>>
  readonly types: Readonly<Record<string, number>>
  readonly warnings: readonly string[]
}

export interface Preparation {
  /** Null when nothing of the catalog is left, or when it has problems. */
  readonly catalog: PreparedCatalog | null
  readonly report: PreparationReport
  /** Everything that is wrong with the catalog; without any it can be combined. */
  readonly problems: readonly Problem[]
}

/** Prepares one catalog (section 1.3 of the reference). All its problems are found, as far as one does not hide another. */
export function prepare(
  input: CatalogInput,
  parameters: CombineParameters,
  settings: Settings,
  rules: Rules,
): Preparation {
  const { frame, problems } = nameColumns(input, parameters.extraColumns)
  if (input.rows === 0) problems.push(emptyInput(input))
  const prefix = /^(\d+)_/.exec(input.name)?.[1] ?? null
  if (prefix === null) problems.push(noPrefix(input))
  problems.push(...normalise(frame))
  const unusable = new Set(problems.flatMap(({ columns }) => columns))
  const isUsable = (...columns: string[]) => input.rows > 0 && columns.every((column) => !unusable.has(column))
  const paths = homogenize(frame, settings, rules, isUsable, problems)

  const selection = selectRows(frame, parameters, problems)
  const { rows } = selection
  const ra = takeValues(toNumbers(frame.columns.get('ra')!), rows)
  const dec = takeValues(toNumbers(frame.columns.get('dec')!), rows)
  let dropped = 0
  let kept = rows
  if (isUsable('ra', 'dec')) {
    const associated = {
      ra: input.columnNames.includes(frame.mapping.get('ra') ?? 'ra'),
      dec: input.columnNames.includes(frame.mapping.get('dec') ?? 'dec'),
    }
    const check = checkCoordinates(input.name, ra, dec, (row) => rows[row]! + 1, associated)
    frame.columns.set('ra', replaced(frame.columns.get('ra')!, rows, ra))
    if (check.wrapped > 0)
      frame.warnings.push(
        `[${input.name}] ${check.wrapped} right ascensions in [-180, 0) or equal to 360 were brought into [0, 360)`,
      )
    if (check.problem && (parameters.onInvalidRows === 'fail' || !associated.ra || !associated.dec))
      problems.push(check.problem)
    else if (check.problem) {
      dropped = check.invalid.length
      frame.warnings.push(
        `${check.problem.message.replace(/ Coordinates are in degrees.*/, '')} These rows were left out.`,
      )
      const invalid = new Set(check.invalid)
      kept = rows.filter((_, i) => !invalid.has(i))
    }
  }
  if (kept.length === 0 && input.rows > 0 && problems.length === 0)
    frame.warnings.push(`[${input.name}] No row is left (flag cut, stars, coordinates): the catalog is skipped`)
  const catalog =
    problems.length === 0 && kept.length > 0 ? assemble(frame, kept, prefix!, parameters, settings, rules) : null
  const report: PreparationReport = {
    name: input.name,
    rowsRead: input.rows,
    rowsBelowCut: selection.belowCut,
    starsRemoved: selection.stars,
    rowsWithInvalidCoordinates: dropped,
    rowsKept: kept.length,
    isEarlierResult: frame.isEarlierResult,
    ...paths,
    flags: countValues(frame.columns.get('z_flag_homogenized'), kept),
    types: countValues(frame.columns.get('instrument_type_homogenized'), kept),
    warnings: frame.warnings,
  }
  return { catalog, report, problems }
}

const emptyInput = ({ name }: CatalogInput): Problem => ({
  code: 'empty_input',
  input: name,
  columns: [],
  message: `[${name}] The catalog has no rows. Leave it out, or upload the file again.`,
  rows: [],
  examples: [],
})

const noPrefix = ({ name }: CatalogInput): Problem => ({
  code: 'no_numeric_prefix',
  input: name,
  columns: [],
  message: `[${name}] Could not extract numeric prefix from internal_name '${name}': it must begin with the product's number and an underscore, as in 12_name.`,
  rows: [],
  examples: [name],
})

function homogenize(
  frame: Frame,
  settings: Settings,
  rules: Rules,
  isUsable: (...columns: string[]) => boolean,
  problems: Problem[],
): { flagPath: HomogenizationPath | null; typePath: HomogenizationPath | null } {
  let flagPath: HomogenizationPath | null = null
  let typePath: HomogenizationPath | null = null
  if (settings.needsFlags && isUsable('z_flag', 'survey', 'z_flag_homogenized')) {
    const flags = homogenizeFlags(frame, rules)
    problems.push(...flags.problems)
    frame.columns.set('z_flag_homogenized', flags.column)
    flagPath = flags.path
  }
  if (settings.needsTypes && isUsable('instrument_type', 'survey')) {
    const types = homogenizeTypes(frame, rules)
    problems.push(...types.problems)
    frame.columns.set('instrument_type_homogenized', types.column)
    typePath = types.path
  }
  if (flagPath === 'translated' || typePath === 'translated') {
    const surveys = textsOf(frame.columns.get('survey')!)
    let nameless = 0
    for (let row = 0; row < frame.rows; row++) if (surveys.isNull(row)) nameless++
    if (nameless > 0 && nameless < frame.rows)
      frame.warnings.push(
        `[${frame.name}] ${nameless} rows have no survey; their flags and types could not be translated and are empty`,
      )
  }
  return { flagPath, typePath }
}

/** The rows that the flag cut and the removal of stars leave. Without flags (they have problems) all rows stay. */
function selectRows(frame: Frame, parameters: CombineParameters, problems: readonly Problem[]) {
  const column = frame.columns.get('z_flag_homogenized')
  const flags = column && problems.length === 0 ? toNumbers(column) : null
  const rows = new Uint32Array(frame.rows)
  let count = 0
  let belowCut = 0
  let stars = 0
  for (let row = 0; row < frame.rows; row++) {
    if (flags && parameters.flagCut !== null && !(flags[row]! >= parameters.flagCut)) belowCut++
    else if (flags && parameters.removeStars && flags[row] === STAR) stars++
    else rows[count++] = row
  }
  return { rows: rows.subarray(0, count), belowCut, stars }
}

/** A copy of a column with other values in the given rows. */
function replaced(column: Column, rows: Uint32Array, values: Float64Array): Column {
  const numbers = toNumbers(column).slice()
  for (let i = 0; i < rows.length; i++) numbers[rows[i]!] = values[i]!
  return floatColumn(numbers)
}

function assemble(
  frame: Frame,
  rows: Uint32Array,
  prefix: string,
  parameters: CombineParameters,
  settings: Settings,
  rules: Rules,
): PreparedCatalog {
  const columns = new Map<string, Column>()
  const kept = (column: Column) => (rows.length === frame.rows ? column : takeRows(column, rows))
  const take = (name: string, column: Column | undefined) => column && columns.set(name, kept(column))
  for (const name of [...MEASURED_COLUMNS, ...HOMOGENIZED_COLUMNS]) take(name, frame.columns.get(name))
  if (frame.originalSource) take('original_source', textColumn(frame.originalSource))
  for (const name of FOOTPRINT_COLUMNS) {
    const stale = frame.columns.get(name)
    if (stale) take(name, castColumn(stale, 'int'))
  }
  insertFootprints(columns, parameters)
  const priorities = new Map<string, Column>()
  for (const { column: name } of settings.tiebreakingPriority) {
    const column = frame.extras.get(name) ?? frame.columns.get(name)
    if (!column) continue
    priorities.set(name, kept(column))
    if (!columns.has(name) && name !== 'tie_result') columns.set(name, priorities.get(name)!)
  }
  if (rules.saveExpressionColumns)
    for (const name of columnsReadBy(rules)) if (!columns.has(name)) take(name, expressionColumn(name, frame, rules))
  for (const [name, column] of frame.extras) take(name, column)
  return {
    name: frame.name,
    rows: rows.length,
    crdIds: crdIds(prefix, rows),
    columns,
    priorities,
    priorTieResult: priorTieResults(frame, rows, parameters),
  }
}

/** A column that conditions read, in the type that the rules file gives it. */
function expressionColumn(name: string, frame: Frame, rules: Rules): Column | undefined {
  const column = frame.columns.get(name)
  const type = rules.expressionColumnTypes.get(name)
  return column && type ? castColumn(column, type) : column
}

/** `CRD<number of the product>_<row, from 1>`. */
function crdIds(prefix: string, rows: Uint32Array): Texts {
  const head = Buffer.from(`CRD${prefix}_`)
  return Texts.printed(rows.length, (i, buffer) => {
    buffer.utf8(head, 0, head.length)
    buffer.integer(rows[i]! + 1)
  })
}

function insertFootprints(columns: Map<string, Column>, parameters: CombineParameters): void {
  const insert = (name: string, contains: (ra: number, dec: number) => boolean) => {
    const ra = toNumbers(columns.get('ra')!)
    const dec = toNumbers(columns.get('dec')!)
    const values = new BigInt64Array(ra.length)
    for (let row = 0; row < ra.length; row++) if (contains(ra[row]!, dec[row]!)) values[row] = 1n
    columns.set(name, { kind: 'integer', values, nulls: null })
  }
  if (parameters.insertDP1FootprintFlag) insert('is_in_DP1_fields', isInDP1Fields)
  if (parameters.insertRubinFootprintFlag) insert('is_in_rubin_footprint', isInRubinFootprint)
}

function priorTieResults(frame: Frame, rows: Uint32Array, parameters: CombineParameters): Int8Array {
  const column = parameters.restorePriorTieResult ? frame.columns.get('tie_result') : undefined
  if (!column) return new Int8Array(rows.length).fill(1)
  const values = toNumbers(column)
  return Int8Array.from(rows, (row) => ([0, 1, 2, 3].includes(values[row]!) ? values[row]! : 1))
}

function countValues(column: Column | undefined, rows: Uint32Array): Record<string, number> {
  if (!column) return {}
  const counts = new Map<string | number, number>()
  const values = column.kind === 'text' ? column.values.strings() : toNumbers(column)
  for (const row of rows) counts.set(values[row]!, (counts.get(values[row]!) ?? 0) + 1)
  const named = [...counts].map(([value, count]) => [Number.isNaN(value) ? 'null' : String(value), count] as const)
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)))
}
