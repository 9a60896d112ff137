import type { CatalogInput, ColumnMapping } from '../../../src/pipelines/combine/catalog.ts'
import { type Column, floatColumn, textColumn } from '../../../src/pipelines/combine/columns.ts'
import type { CombinedTable } from '../../../src/pipelines/combine/result.ts'

type Cells = readonly (number | bigint | string | boolean | null)[]

/** A column of plain values: bigints are int64, numbers float64, else booleans or text; all null is float. */
export function column(values: Cells): Column {
  const sample = values.find((value) => value !== null)
  const nulls = Uint8Array.from(values, (value) => (value === null ? 1 : 0))
  const mask = nulls.includes(1) ? nulls : null
  if (typeof sample === 'string') return textColumn(values.map((value) => (value === null ? null : String(value))))
  if (typeof sample === 'boolean') return { kind: 'boolean', values: Uint8Array.from(values, Number), nulls: mask }
  if (typeof sample === 'bigint')
    return { kind: 'integer', values: BigInt64Array.from(values, (value) => BigInt(value ?? 0)), nulls: mask }
  return floatColumn(Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))))
}

/** A catalog of plain values. Columns with the names of roles have these roles, unless `mapping` says otherwise. */
export function catalog(
  name: string,
  data: Readonly<Record<string, Cells>>,
  mapping: ColumnMapping = {},
): CatalogInput {
  const columns = new Map(Object.entries(data).map(([column_, values]) => [column_, column(values)]))
  const rows = Object.values(data)[0]?.length ?? 0
  return { name, mapping, rows, columnNames: [...columns.keys()], columns }
}

/** The rows of a result as records; nulls and NaN are null, int64 are bigints. */
export function rowsOf(table: CombinedTable): Record<string, string | number | bigint | boolean | null>[] {
  return Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(table.columns.map((output) => [output.name, cell(output.column, row)])),
  )
}

function cell(column: Column, row: number): string | number | bigint | boolean | null {
  if (column.kind === 'text') return column.values.at(row)
  const value = column.values[row]!
  if (column.kind === 'float') return Number.isNaN(value) ? null : (value as number)
  if (column.nulls?.[row]) return null
  return column.kind === 'boolean' ? value === 1 : (value as number | bigint)
}
