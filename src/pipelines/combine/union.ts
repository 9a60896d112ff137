import { Texts } from '../../tables/texts.ts'
import { FOOTPRINT_COLUMNS, HOMOGENIZED_COLUMNS, MEASURED_COLUMNS } from './column-names.ts'
import { type Column, floatColumn, textColumn, textsOf, toNumbers } from './columns.ts'
import { type CastType, castColumn, commonType } from './extra-columns.ts'
import type { CombineParameters } from './parameters.ts'
import type { PreparedCatalog } from './prepare.ts'
import { columnsReadBy, type Rules } from './rules/rules.ts'
import type { Settings } from './settings.ts'

/** The columns of all catalogs put together, by name. */
export type Union = ReadonlyMap<string, Column>

const TYPES: ReadonlyMap<string, CastType> = new Map<string, CastType>([
  ...['id', 'instrument_type', 'survey', 'source', 'original_source', 'instrument_type_homogenized'].map(
    (name) => [name, 'str'] as const,
  ),
  ...['ra', 'dec', 'z', 'z_flag', 'z_err', 'z_flag_homogenized'].map((name) => [name, 'float'] as const),
  ...FOOTPRINT_COLUMNS.map((name) => [name, 'int'] as const),
])

/** The fixed columns of the output, in order. `tie_result` and `compared_to` have their places among them. */
const COLUMN_ORDER: readonly string[] = [
  'CRD_ID',
  ...MEASURED_COLUMNS,
  'original_source',
  'tie_result',
  ...FOOTPRINT_COLUMNS,
  'compared_to',
  ...HOMOGENIZED_COLUMNS,
]

/** The columns of all catalogs, one catalog's rows after the other's. */
export function uniteColumns(
  catalogs: readonly PreparedCatalog[],
  parameters: CombineParameters,
  settings: Settings,
  rules: Rules,
): Union {
  const types = new Map<string, CastType>(TYPES)
  const rows = catalogs.map(({ rows: count }) => count)
  for (const [name, type] of rules.expressionColumnTypes) if (!types.has(name)) types.set(name, type)
  for (const { column } of settings.tiebreakingPriority) if (!types.has(column)) types.set(column, 'float')
  for (const { name, type } of parameters.extraColumns) types.set(name, type)
  const union = new Map<string, Column>([
    [
      'CRD_ID',
      textColumn(
        Texts.concatenate(
          catalogs.map(({ crdIds }) => crdIds),
          rows,
        ),
      ),
    ],
  ])
  const names = new Set([
    ...COLUMN_ORDER,
    ...settings.tiebreakingPriority.map(({ column }) => column),
    ...columnsReadBy(rules),
    ...parameters.extraColumns.map(({ name }) => name),
  ])
  for (const name of names) {
    const parts = catalogs.map(({ columns }) => columns.get(name) ?? null)
    if (parts.some((part) => part !== null)) union.set(name, concatenate(parts, rows, types.get(name) ?? null))
  }
  return union
}

/** The columns that tell of duplicates. */
export interface DuplicateColumns {
  readonly tieResult: Int8Array
  readonly groupId: BigInt64Array
  readonly comparedTo: Texts
}

/** The columns of the output in their order: the fixed ones, with the results of this run among them, then the others. */
export function* inOutputOrder(union: Union, duplicates: DuplicateColumns | null): Generator<[string, Column]> {
  const results = new Map<string, Column>()
  if (duplicates) {
    results.set('tie_result', { kind: 'integer', values: duplicates.tieResult, nulls: null })
    results.set('compared_to', textColumn(duplicates.comparedTo))
  }
  for (const name of COLUMN_ORDER) {
    const column = results.get(name) ?? union.get(name)
    if (column) yield [name, column]
  }
  for (const [name, column] of union) if (!COLUMN_ORDER.includes(name)) yield [name, column]
  if (duplicates) yield ['group_id', { kind: 'integer', values: duplicates.groupId, nulls: null }]
}

/**
 * One column from those of several catalogs, one after the other.
 * @param parts the catalogs' columns; null where a catalog has none
 * @param rows the catalogs' numbers of rows
 * @param type the type of the result; null for the one that the columns have in common
 */
export function concatenate(parts: readonly (Column | null)[], rows: readonly number[], type: CastType | null): Column {
  const to = type ?? commonType(parts.filter((part) => part !== null))
  if (to === 'str') {
    const texts = parts.map((part) => (part ? textsOf(part) : null))
    return textColumn(Texts.concatenate(texts, rows))
  }
  const total = rows.reduce((sum, count) => sum + count, 0)
  const each = (place: (column: Column, from: number) => void) => {
    let from = 0
    for (const [i, part] of parts.entries()) {
      if (part) place(castColumn(part, to), from)
      from += rows[i]!
    }
  }
  if (to === 'float') {
    const values = new Float64Array(total).fill(Number.NaN)
    each((column, from) => values.set(toNumbers(column), from))
    return floatColumn(values)
  }
  const nulls = new Uint8Array(total).fill(1)
  const values = to === 'int' ? new BigInt64Array(total) : new Uint8Array(total)
  each((column, from) => {
    if (column.kind === 'text' || column.kind === 'float') return
    const length = column.values.length
    if (column.nulls) nulls.set(column.nulls, from)
    else nulls.fill(0, from, from + length)
    if (values instanceof BigInt64Array) values.set(column.values as BigInt64Array, from)
    else values.set(column.values as Uint8Array, from)
  })
  const mask = nulls.includes(1) ? nulls : null
  return values instanceof BigInt64Array
    ? { kind: 'integer', values, nulls: mask }
    : { kind: 'boolean', values, nulls: mask }
}
