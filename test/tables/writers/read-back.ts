import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { openTable } from '../../../src/tables/open.ts'
import type { OutputColumn, OutputTable } from '../../../src/tables/writers/output-table.ts'
import { type FileFormat, type WriteOptions, writeTable } from '../../../src/tables/writers/write-table.ts'
import { rowsOf, temporaryDirectory } from '../read-table.ts'
import { cellsOf } from './sample-table.ts'

export const EXTENSIONS: Readonly<Record<FileFormat, string>> = {
  csv: 'csv',
  fits: 'fits',
  hdf5: 'hdf5',
  parquet: 'parquet',
  votable: 'vot',
}
/** Formats and options. */
export const WAYS: readonly (readonly [FileFormat, WriteOptions])[] = [
  ['csv', {}],
  ['fits', {}],
  ['hdf5', {}],
  ['hdf5', { hdf5Group: 'photometry' }],
  ['parquet', {}],
  ['parquet', { parquet: { compression: 'snappy', rowGroupRows: 2 } }],
  ['votable', {}],
  ['votable', { votable: 'tabledata' }],
]

/** Writes a table, and reads it back: the columns by name, and what is known of them. */
export async function readBack(format: FileFormat, table: OutputTable, options: WriteOptions = {}) {
  const path = join(temporaryDirectory(), `table.${EXTENSIONS[format]}`)
  await writeTable(format, table, path, options)
  expect(readdirSync(dirname(path))).toHaveLength(1)
  const reader = await openTable({ path, fileName: path })
  const { columns } = reader
  const rows = await rowsOf(reader)
  return {
    bytes: readFileSync(path),
    columns,
    cells: Object.fromEntries(columns.map(({ name }, i) => [name, rows.map((row) => plain(row[i]))])),
  }
}

/** A cell so that formats can be compared: NaN and blanks as null, numbers as text, truth values as words. */
export function plain(value: unknown): string | null {
  if (value === null || value === '' || (typeof value === 'number' && Number.isNaN(value))) return null
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  return Object.is(value, -0) ? '0' : String(value)
}

/** What a column reads as in a format that keeps less than we hold: CSV says `1` for true in our reader's eyes. */
export function expected(column: OutputColumn, format: FileFormat): (string | null)[] {
  return cellsOf(column).map((cell) => {
    if (typeof cell === 'boolean' && format === 'csv') return cell ? 'true' : 'false'
    if (typeof cell === 'number' && format === 'csv' && column.type === 'float32') return plain(Number(shortest(cell)))
    return plain(cell)
  })
}

function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits++)
    if (Math.fround(Number(value.toPrecision(digits))) === value) return value.toPrecision(digits)
  return value.toPrecision(9)
}
