import { readFileSync } from 'node:fs'
import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { CatalogInput, ColumnMapping } from '../../../src/pipelines/combine/catalog.ts'
import { type Column, floatColumn, textColumn } from '../../../src/pipelines/combine/columns.ts'

/** A Parquet file as an input of the pipeline, read with hyparquet. */
export async function readParquetCatalog(path: string, name: string, mapping: ColumnMapping): Promise<CatalogInput> {
  const bytes = readFileSync(path)
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const metadata = await parquetMetadataAsync(file)
  const records = await parquetReadObjects({ file, compressors })
  const columns = new Map<string, Column>()
  for (const { element } of parquetSchema(metadata).children)
    columns.set(
      element.name,
      columnOf(
        element.type ?? 'BYTE_ARRAY',
        records.map((record) => record[element.name]),
      ),
    )
  return { name, mapping, rows: records.length, columnNames: [...columns.keys()], columns }
}

function columnOf(type: string, values: readonly unknown[]): Column {
  const nulls = Uint8Array.from(values, (value) => (value === null || value === undefined ? 1 : 0))
  const mask = nulls.includes(1) ? nulls : null
  const numbers = () => values.map((value) => (typeof value === 'number' ? value : Number.NaN))
  switch (type) {
    case 'FLOAT':
      return floatColumn(Float32Array.from(numbers()))
    case 'DOUBLE':
      return floatColumn(Float64Array.from(numbers()))
    case 'INT64':
      return {
        kind: 'integer',
        values: BigInt64Array.from(values, (value) => BigInt((value as bigint | null) ?? 0)),
        nulls: mask,
      }
    case 'INT32':
      return { kind: 'integer', values: Int32Array.from(values, (value) => Number(value ?? 0)), nulls: mask }
    case 'BOOLEAN':
      return { kind: 'boolean', values: Uint8Array.from(values, Number), nulls: mask }
    default:
      return textColumn(values.map((value) => (value === null || value === undefined ? null : String(value))))
  }
}
