import type { RecordBatch } from 'apache-arrow'
import type { ObjectRoles, ObjectSource } from '../../../src/pipelines/training-set/object-source.ts'
import type { RedshiftCatalog } from '../../../src/pipelines/training-set/redshifts.ts'
import type { TrainingSetResult } from '../../../src/pipelines/training-set/result.ts'
import { fixedWidthData, recordBatch, Validity } from '../../../src/tables/arrow-columns.ts'
import type { ColumnDescription } from '../../../src/tables/table.ts'
import { TextColumn } from '../../../src/tables/text-column.ts'
import { catalog } from '../combine/catalogs.ts'

export type Cells = readonly (number | bigint | string | null)[]
export type Table = Readonly<Record<string, Cells>>

/** A redshift catalog with columns named like their roles. */
export function redshiftCatalog(data: Table, name = '7_redshifts'): RedshiftCatalog {
  const columns = { z: Object.values(data)[0]!.map(() => 0.5), ...data }
  const roles = Object.fromEntries(
    ['id', 'ra', 'dec', 'z', 'z_flag'].filter((role) => Object.hasOwn(columns, role)).map((role) => [role, role]),
  )
  return { ...catalog(name, columns, roles), words: new Map() }
}

/** An object catalog in memory, in the given parts, which all have the same columns. */
export function objectCatalog(
  parts: readonly Table[],
  { roles = {}, batchRows = 3 }: { readonly roles?: Partial<ObjectRoles>; readonly batchRows?: number } = {},
): ObjectSource & { readonly read: string[][] } {
  const columns = Object.keys(parts[0]!).map((name) => descriptionOf(name, parts))
  const read: string[][] = []
  const rowsOf = (table: Table) => Object.values(table)[0]!.length
  return {
    name: 'objects',
    columns,
    rows: parts.reduce((sum, part) => sum + rowsOf(part), 0),
    roles: { id: 'objectId', ra: 'ra', dec: 'dec', ...roles },
    precomputed: null,
    partsNear: async () =>
      parts.map((part, i) => ({
        name: `part ${i}`,
        rows: rowsOf(part),
        async *batches(names: readonly string[]) {
          read.push([...names])
          for (let from = 0; from < rowsOf(part); from += batchRows) {
            yield batchOf(part, names, columns, from, Math.min(rowsOf(part), from + batchRows))
          }
        },
      })),
    close: async () => undefined,
    read,
  }
}

function descriptionOf(name: string, parts: readonly Table[]): ColumnDescription {
  const sample = parts.flatMap((part) => part[name]!).find((value) => value !== null)
  const type = typeof sample === 'string' ? 'string' : typeof sample === 'bigint' ? 'int64' : 'float64'
  return { name, type, nativeType: type, unit: null, ucd: null, description: null }
}

function batchOf(
  table: Table,
  names: readonly string[],
  columns: readonly ColumnDescription[],
  from: number,
  to: number,
): RecordBatch {
  const wanted = names.map((name) => columns.find((column) => column.name === name)!)
  const data = wanted.map(({ name, type }) => {
    const cells = table[name]!.slice(from, to)
    if (type === 'string') {
      const texts = new TextColumn(name, cells.length)
      for (const text of cells) text === null ? texts.appendNull() : texts.append(String(text))
      return texts.finish()
    }
    const validity = new Validity(cells.length)
    for (const [row, value] of cells.entries()) if (value === null) validity.setNull(row)
    const values =
      type === 'int64'
        ? BigInt64Array.from(cells, (value) => BigInt(value ?? 0))
        : Float64Array.from(cells, (value) => Number(value ?? 0))
    return fixedWidthData(type, cells.length, values, validity)
  })
  return recordBatch(wanted, data, to - from)
}

type Value = string | number | bigint | null

/** The rows of a result as records; NaN and nulls are null. */
export function rowsOf({ table }: TrainingSetResult): Record<string, Value>[] {
  return Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(
      table.columns.map(({ name, column }): [string, Value] => {
        if (column.kind === 'text') return [name, column.values.at(row)]
        const value = column.values[row]!
        const isNull = 'nulls' in column && column.nulls?.[row] === 1
        return [name, isNull || (typeof value === 'number' && Number.isNaN(value)) ? null : value]
      }),
    ),
  )
}
