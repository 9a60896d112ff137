import type { ColumnDescription } from '../../tables/table.ts'
import { type Column, floatColumn, toNumbers } from '../combine/columns.ts'
import { closestNames, quoted } from '../names.ts'
import { PLACE_COLUMNS } from '../place-columns.ts'
import type { ObjectSource } from './object-source.ts'
import type { TrainingSetParameters } from './parameters.ts'
import { BANDS, type ComputedColumn, type Photometry, photometryOf } from './photometry.ts'
import { columnProblem, type Problem } from './problems.ts'
import { bandsWithout } from './rail.ts'

/** A column of the object catalog in the training set: stored, or computed from stored ones. */
export interface ObjectColumn {
  readonly description: ColumnDescription
  /** Null: stored. */
  readonly computed: ComputedColumn | null
}

/** Which columns of the object catalog the training set has. */
export interface ObjectColumns {
  readonly columns: readonly ObjectColumn[]
  /** The stored columns to read. */
  readonly read: readonly ColumnDescription[]
  readonly fluxType: string | null
  readonly notes: readonly string[]
  readonly warnings: readonly string[]
}

/** What is known of an object catalog before it is read. */
export type ObjectSchema = Pick<ObjectSource, 'name' | 'columns' | 'roles' | 'precomputed'>

/** Chooses the object columns. What is wrong is added to `problems`; what a parameter has to do with names it first. */
export function chooseObjectColumns(
  source: ObjectSchema,
  parameters: TrainingSetParameters,
  problems: Problem[],
): ObjectColumns {
  const { fluxType, computed, notes, warnings, problems: found } = photometryIn(source, parameters)
  for (const { code, message } of found) problems.push(columnProblem(code, source.name, [], message))
  problems.push(...positionProblems(source))
  const offered = new Map<string, ObjectColumn>()
  for (const description of source.columns) offered.set(description.name, { description, computed: null })
  for (const column of computed) offered.set(column.description.name, { ...column, computed: column })
  const { selectedColumns } = parameters
  const columns =
    selectedColumns.length === 0 ? everything(offered) : chosen(selectedColumns, offered, source, problems)
  const rail = parameters.railReady ? railGaps(source, columns, fluxType) : { problems: [], warnings: [] }
  problems.push(...rail.problems)
  const needed = new Set(columns.flatMap(({ description, computed: from }) => from?.from ?? [description.name]))
  return {
    columns,
    read: source.columns.filter(({ name }) => needed.has(name)),
    fluxType,
    notes,
    warnings: [...warnings, ...rail.warnings],
  }
}

/** What RAIL will miss among the chosen columns. */
function railGaps(
  { name }: ObjectSchema,
  columns: readonly ObjectColumn[],
  fluxType: string | null,
): { readonly problems: readonly Problem[]; readonly warnings: readonly string[] } {
  const names = columns.map(({ description }) => description.name)
  const missing = bandsWithout(names, fluxType)
  if (missing.length === 0) return { problems: [], warnings: [] }
  if (missing.length < BANDS.length) {
    const message = `The object catalog ${name} has no magnitudes in the bands ${missing.join(', ')}: RAIL will not find mag_${missing[0]}_lsst`
    return { problems: [], warnings: [message] }
  }
  const message = `rail_ready: the chosen columns of the object catalog ${name} have no magnitudes. Choose a flux that it has and selected_cols with magnitudes, or turn rail_ready off.`
  return { problems: [columnProblem('no_magnitudes', name, [], message)], warnings: [] }
}

/** The photometry of a catalog. The folder of a precomputed one says which it is; there nothing is to be computed. */
function photometryIn({ name, columns, precomputed }: ObjectSchema, parameters: TrainingSetParameters): Photometry {
  const names = columns.map((column) => column.name)
  if (precomputed === null) return photometryOf(names, parameters)
  const { fluxType } = precomputed
  const spelled = photometryOf(names, { ...parameters, fluxType }).fluxType ?? fluxType
  const notes = [`Photometry: ${spelled}, precomputed in ${name}.`]
  return { fluxType: spelled, computed: [], notes, warnings: [], problems: [] }
}

const everything = (offered: ReadonlyMap<string, ObjectColumn>): ObjectColumn[] =>
  [...offered.values()].filter(({ description }) => !PLACE_COLUMNS.has(description.name))

/** The named columns; and the magnitudes of the named fluxes, unless computed columns are named themselves. */
function chosen(
  names: readonly string[],
  offered: ReadonlyMap<string, ObjectColumn>,
  source: ObjectSchema,
  problems: Problem[],
): ObjectColumn[] {
  const unknown = names.filter((name) => !offered.has(name))
  if (unknown.length > 0) {
    const meant = unknown.flatMap((name) => closestNames(name, offered.keys()).slice(0, 1))
    const hint = meant.length > 0 ? ` Did you mean ${quoted(meant)}?` : ''
    const message = `selected_cols: the object catalog ${source.name} has no column ${quoted(unknown)}.${hint}`
    problems.push(columnProblem('unknown_columns', source.name, unknown, message))
  }
  const columns = names.flatMap((name) => offered.get(name) ?? [])
  if (columns.some(({ computed }) => computed !== null)) return columns
  const named = new Set(names)
  const implied = [...offered.values()].filter(({ computed }) => computed !== null && named.has(computed.from[0]!))
  return [...columns, ...implied]
}

function positionProblems({ name, columns, roles }: ObjectSchema): Problem[] {
  const problems: Problem[] = []
  for (const role of ['ra', 'dec'] as const) {
    const column = columns.find((each) => each.name === roles[role])
    if (column === undefined) {
      const message = `The object catalog ${name} has no column '${roles[role]}' for ${role}.`
      problems.push(columnProblem('missing_columns', name, [roles[role]], message))
    } else if (!/^(float|u?int)/.test(column.type)) {
      const message = `The column '${column.name}' of the object catalog ${name} holds ${column.type}, not degrees.`
      problems.push(columnProblem('not_a_position', name, [column.name], message))
    }
  }
  if (roles.id !== null && !columns.some((each) => each.name === roles.id)) {
    const message = `The object catalog ${name} has no column '${roles.id}' for ids.`
    problems.push(columnProblem('missing_columns', name, [roles.id], message))
  }
  return problems
}

/** The values of a column in the matches. @param stored the stored columns in the matches, by name */
export function valuesOf({ description, computed }: ObjectColumn, stored: ReadonlyMap<string, Column>): Column {
  if (computed === null) return stored.get(description.name)!
  const from = computed.from.map((name) => toNumbers(stored.get(name)!))
  const row: number[] = new Array(from.length)
  return floatColumn(
    from[0]!.map((_, i) => {
      for (const [k, values] of from.entries()) row[k] = values[i]!
      return computed.value(row)
    }),
  )
}
