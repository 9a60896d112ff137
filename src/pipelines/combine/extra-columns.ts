import { closestNames } from '../names.ts'
import { FOOTPRINT_COLUMNS, HOMOGENIZED_COLUMNS, MEASURED_COLUMNS } from './column-names.ts'
import {
  type Column,
  cleanTexts,
  countValues,
  floatColumn,
  isAllNull,
  nullFloats,
  nullTexts,
  textColumn,
  textsOf,
  toNumbers,
} from './columns.ts'

/** The types that a column can be cast to. */
export type CastType = 'str' | 'float' | 'int' | 'bool'

const CAST_TYPES: ReadonlyMap<string, CastType> = new Map([
  ['str', 'str'],
  ['string', 'str'],
  ['float', 'float'],
  ['float64', 'float'],
  ['double', 'float'],
  ['int', 'int'],
  ['int64', 'int'],
  ['bool', 'bool'],
  ['boolean', 'bool'],
])

/** The type that a word of the configuration means; null when it means none. */
export const readCastType = (word: unknown): CastType | null =>
  typeof word === 'string' ? (CAST_TYPES.get(word.trim().toLowerCase()) ?? null) : null

/** A column of the inputs that is carried into the output. */
export interface ExtraColumn {
  /** Its name in the output. */
  readonly name: string
  /** Its name in the inputs. */
  readonly source: string
  readonly type: CastType
}

/** The pipeline's own columns, which an extra column cannot replace. */
const PIPELINE_COLUMNS: ReadonlySet<string> = new Set([
  'CRD_ID',
  ...MEASURED_COLUMNS,
  'original_source',
  'tie_result',
  'compared_to',
  'group_id',
  ...HOMOGENIZED_COLUMNS,
  ...FOOTPRINT_COLUMNS,
])

const MOST_EXTRA_COLUMNS = 500

/**
 * Reads `extra_columns`: `{OUT: type}` or `{OUT: {source, type}}`. Problems are handed to `report`. The columns come in the
 * order of their names: a database may keep a mapping in another order than it was sent in, and a replay must not differ.
 */
export function readExtraColumns(value: unknown, report: (message: string) => void): ExtraColumn[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report('extra_columns must be a mapping from column names to types, or to {source, type}')
    return []
  }
  const entries = Object.entries(value)
  if (entries.length > MOST_EXTRA_COLUMNS) {
    report(`extra_columns names ${entries.length} columns; at most ${MOST_EXTRA_COLUMNS} are possible`)
    return []
  }
  const columns: ExtraColumn[] = []
  for (const [key, option] of entries) {
    const column = readExtraColumn(key.trim(), option, (message) => report(`extra_columns['${key}']: ${message}`))
    if (column && columns.some(({ name }) => name === column.name)) report(`extra_columns['${key}'] is there twice`)
    else if (column) columns.push(column)
  }
  return columns.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function readExtraColumn(name: string, option: unknown, report: (message: string) => void): ExtraColumn | null {
  if (name === '') report('the name of a column cannot be empty')
  if (PIPELINE_COLUMNS.has(name))
    report('this is a column of the pipeline; choose another name and give {source, type}')
  const isMapping = typeof option === 'object' && option !== null && !Array.isArray(option)
  const { type: word, source = name, ...rest } = isMapping ? (option as Record<string, unknown>) : { type: option }
  for (const key of Object.keys(rest)) report(`unknown option '${key}'; options are source and type`)
  if (typeof source !== 'string' || source.trim() === '') report('source must be the name of a column')
  const type = readCastType(word)
  if (type === null) report(`unsupported type ${JSON.stringify(word)}. Supported types: str, float, int, bool`)
  const fine = name !== '' && !PIPELINE_COLUMNS.has(name) && Object.keys(rest).length === 0
  return fine && type !== null && typeof source === 'string' && source.trim() !== ''
    ? { name, source: source.trim(), type }
    : null
}

/**
 * A column of the given type; values that cannot be cast become null. Texts are cleaned as those of the pipeline's own
 * columns, integers stay exact, only booleans are booleans.
 */
export function castColumn(column: Column, type: CastType): Column {
  switch (type) {
    case 'str':
      return textColumn(cleanTexts(textsOf(column)))
    case 'float':
      return floatColumn(toNumbers(column))
    case 'int':
      return toIntegers(column)
    case 'bool':
      return column.kind === 'boolean' ? column : nullColumn('bool', column.values.length)
  }
}

/**
 * Says how many values a cast could not keep; null when it kept them all.
 * @param cast the same column, cast to `type`
 */
export function castLosses(column: Column, cast: Column, { source, type }: ExtraColumn): string | null {
  if (type === 'str' || column === cast) return null
  const values = countValues(column)
  const lost = values - countValues(cast)
  if (lost <= 0) return null
  const isLarge = type === 'int' && column.values instanceof BigUint64Array
  const advice = isLarge ? '. Integers of 2^63 and more do not fit: use str' : ''
  const are = lost === 1 ? `is no ${type} and is` : `are no ${type} and are`
  return `extra_columns: ${lost} of ${values} values of '${source}' ${are} empty in the result${advice}`
}

/** Says which extra columns no input has, and what may be meant. @param names of the columns of all inputs */
export function missingExtras(columns: readonly ExtraColumn[], names: ReadonlySet<string>): string[] {
  return columns
    .filter(({ source }) => !names.has(source))
    .map(({ source }) => {
      const [meant] = closestNames(source, names)
      const hint = meant === undefined ? '' : ` Did you mean '${meant}'?`
      return `extra_columns: no input has '${source}', so the column is empty.${hint}`
    })
}

/** A column of the given type without any value. */
export function nullColumn(type: CastType, rows: number): Column {
  switch (type) {
    case 'str':
      return nullTexts(rows)
    case 'float':
      return nullFloats(rows)
    case 'int':
      return { kind: 'integer', values: new BigInt64Array(rows), nulls: new Uint8Array(rows).fill(1) }
    case 'bool':
      return { kind: 'boolean', values: new Uint8Array(rows), nulls: new Uint8Array(rows).fill(1) }
  }
}

const LEAST_INT64 = -(2n ** 63n)
const MOST_INT64 = 2n ** 63n - 1n

function toIntegers(column: Column): Column {
  if (column.kind === 'integer' && column.values instanceof BigInt64Array) return column
  const rows = column.values.length
  const cells = column.kind === 'text' ? column.values.strings() : column.values
  const nullsOf = 'nulls' in column ? column.nulls : null
  const values = new BigInt64Array(rows)
  const nulls = new Uint8Array(rows)
  for (let row = 0; row < rows; row++) {
    const value = nullsOf?.[row] ? null : integerOf(cells[row]!)
    if (value === null || value < LEAST_INT64 || value > MOST_INT64) nulls[row] = 1
    else values[row] = value
  }
  return { kind: 'integer', values, nulls: nulls.includes(1) ? nulls : null }
}

function integerOf(value: number | bigint | string | null): bigint | null {
  if (typeof value === 'bigint' || value === null) return value
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : null
  const text = value.trim()
  if (/^[+-]?\d{1,19}$/.test(text)) return BigInt(text.replace('+', ''))
  return /^[+-]?\d+\.0*$/.test(text) ? integerOf(Number(text)) : null
}

/**
 * One type for a column that several catalogs have in different types: the type they share, else float for numbers of
 * several kinds, else text. Columns without any value do not count.
 */
export function commonType(columns: readonly Column[]): CastType {
  const kinds = new Set(columns.filter((column) => !isAllNull(column)).map(({ kind }) => kind))
  if (kinds.size === 0) for (const { kind } of columns) kinds.add(kind)
  if (kinds.has('text')) return 'str'
  if (kinds.size === 1) return kinds.has('integer') ? 'int' : kinds.has('boolean') ? 'bool' : 'float'
  return 'float'
}
