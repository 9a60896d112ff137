import { closestNames, quoted } from '../names.ts'
import { type CatalogInput, PRESENCE_COLUMNS, ROLES, type Role, TEXT_ROLES } from './catalog.ts'
import { type Column, nullFloats, nullTexts, toTexts } from './columns.ts'
import { castColumn, castLosses, type ExtraColumn, nullColumn } from './extra-columns.ts'
import type { Problem } from './problems.ts'

/** A catalog whose columns have the pipeline's names. */
export interface Frame {
  readonly name: string
  readonly rows: number
  readonly columns: Map<string, Column>
  /** The extra columns, as the output will have them. */
  readonly extras: ReadonlyMap<string, Column>
  /** Where an earlier combination's rows came from; null when this is not one. */
  readonly originalSource: readonly (string | null)[] | null
  readonly isEarlierResult: boolean
  /** The mapping that was used. */
  readonly mapping: ReadonlyMap<Role, string>
  readonly warnings: string[]
}

const EARLIER_REQUIRED = ['CRD_ID', 'ra', 'dec', 'z', 'source']
const EARLIER_EVIDENCE = [
  'tie_result',
  'compared_to',
  'group_id',
  'z_flag_homogenized',
  'instrument_type_homogenized',
  'is_in_DP1_fields',
  'is_in_rubin_footprint',
]
const PREVIOUS_RESULTS = /^(CRD_ID$|(CRD_ID|compared_to|group_id)_prev)/

/**
 * Gives a catalog's columns the pipeline's names (sections 1.3.2 to 1.3.6 of the reference): extra columns are set aside,
 * mapped columns renamed, columns in their way parked as `<name>__orig`, missing ones added as nulls, and what an earlier
 * combination left behind is dropped or taken up.
 */
export function nameColumns(
  input: CatalogInput,
  extraColumns: readonly ExtraColumn[],
): { frame: Frame; problems: Problem[] } {
  const names = new Set(input.columnNames)
  const isEarlierResult =
    EARLIER_REQUIRED.every((name) => names.has(name)) && EARLIER_EVIDENCE.some((name) => names.has(name))
  const warnings = (input.warnings ?? []).map((warning) => `[${input.name}] ${warning}`)
  const { mapping, emptied } = finalMapping(input, isEarlierResult, warnings)
  const missing = [...mapping].filter(([, source]) => !names.has(source))
  const problems = missing.length > 0 ? [missingColumns(input, missing)] : []

  const columns = new Map(input.columns)
  const extras = setExtrasAside(input, extraColumns, columns, new Set(mapping.values()), warnings)
  const originalSource = isEarlierResult ? earlierSource(input) : null
  rename(columns, mapping, emptied)
  for (const role of ROLES)
    if (!columns.has(role)) columns.set(role, TEXT_ROLES.has(role) ? nullTexts(input.rows) : nullFloats(input.rows))
  for (const name of [...columns.keys()])
    if (PREVIOUS_RESULTS.test(name) || PRESENCE_COLUMNS.includes(name)) columns.delete(name)
  honourHomogenized(columns, mapping)
  const { name, rows } = input
  return { frame: { name, rows, columns, extras, originalSource, isEarlierResult, mapping, warnings }, problems }
}

/** The mapped roles, in the order they were given. One column has one role: the last that names it; others are `emptied`. */
function finalMapping(
  input: CatalogInput,
  isEarlierResult: boolean,
  warnings: string[],
): { mapping: ReadonlyMap<Role, string>; emptied: readonly Role[] } {
  const given = { ...input.mapping }
  if (isEarlierResult) {
    given.id = input.columnNames.includes('id') ? 'id' : 'CRD_ID'
    warnings.push(`[${input.name}] This is an earlier result of Combine Redshift Catalogs: its '${given.id}' is the id`)
  }
  const bySource = new Map<string, Role>()
  const emptied: Role[] = []
  for (const role of Object.keys(given) as Role[]) {
    const source = given[role]
    if (source === null || source === undefined || source === '') continue
    const earlier = bySource.get(source)
    if (earlier !== undefined) {
      emptied.push(earlier)
      warnings.push(
        `[${input.name}] '${source}' is associated with both ${earlier} and ${role}: it is ${role}, and ${earlier} is empty`,
      )
    }
    bySource.set(source, role)
  }
  return { mapping: new Map([...bySource].map(([source, role]) => [role, source])), emptied }
}

function missingColumns(input: CatalogInput, missing: readonly (readonly [Role, string])[]): Problem {
  const each = missing.map(([role, source]) => {
    const close = closestNames(source, input.columnNames)
    return `${role} <- '${source}'${close.length > 0 ? ` (closest matches: ${quoted(close)})` : ''}`
  })
  const sample = input.columnNames.slice(0, 20)
  const more = input.columnNames.length - sample.length
  return {
    code: 'missing_columns',
    input: input.name,
    columns: missing.map(([role]) => role),
    message:
      `[${input.name}] Missing mapped source columns: ${each.join('; ')}. The catalog has ${quoted(sample)}` +
      `${more > 0 ? ` and ${more} more` : ''}. Correct the column association of this product; case matters.`,
    rows: [],
    examples: missing.map(([, source]) => source),
  }
}

/**
 * The extra columns as the output will have them. Conditions also see them by their new names, unless that name is
 * mapped to a role.
 */
function setExtrasAside(
  input: CatalogInput,
  extraColumns: readonly ExtraColumn[],
  columns: Map<string, Column>,
  mapped: ReadonlySet<string>,
  warnings: string[],
): ReadonlyMap<string, Column> {
  const extras = new Map<string, Column>()
  for (const extra of extraColumns) {
    const { name, source, type } = extra
    const column = input.columns.get(source)
    const cast = column ? castColumn(column, type) : nullColumn(type, input.rows)
    const losses = column ? castLosses(column, cast, extra) : null
    if (losses !== null) warnings.push(`[${input.name}] ${losses}`)
    extras.set(name, cast)
    if (name === source || mapped.has(name)) continue
    if (column) columns.set(name, column)
    else columns.delete(name)
  }
  return extras
}

/** The oldest source that is known of each row. */
function earlierSource(input: CatalogInput): readonly (string | null)[] {
  const source = toTexts(input.columns.get('source') ?? nullTexts(input.rows))
  const original = input.columns.get('original_source')
  return original ? toTexts(original).map((text, row) => text ?? source[row]!) : source
}

/** @param emptied roles that have no column, not even one of their name */
function rename(columns: Map<string, Column>, mapping: ReadonlyMap<Role, string>, emptied: readonly Role[]): void {
  const moved = new Map<Role, Column>()
  for (const [role, source] of mapping) {
    const column = columns.get(source)
    if (column) moved.set(role, column)
  }
  const sources = new Set(mapping.values())
  for (const role of [...mapping.keys(), ...emptied]) {
    const inTheWay = columns.get(role)
    if (!inTheWay || sources.has(role)) continue
    columns.set(parkingName(role, columns), inTheWay)
    columns.delete(role)
  }
  for (const source of sources) columns.delete(source)
  for (const [role, column] of moved) columns.set(role, column)
}

function parkingName(role: Role, columns: ReadonlyMap<string, Column>): string {
  for (let i = 0; ; i++) {
    const name = `${role}__orig${i === 0 ? '' : i}`
    if (!columns.has(name)) return name
  }
}

/** A role that was given to a homogenized column makes that column the homogenized one. */
function honourHomogenized(columns: Map<string, Column>, mapping: ReadonlyMap<Role, string>): void {
  for (const role of ['z_flag', 'instrument_type'] as const) {
    const target = `${role}_homogenized`
    if (mapping.get(role)?.trim().toLowerCase() === target) columns.set(target, columns.get(role)!)
  }
}
