import { expect, it } from 'vitest'
import { readColumns } from '../../../src/pipelines/combine/catalog.ts'
import { type CombinedTable, columnType } from '../../../src/pipelines/combine/result.ts'
import { writeResult } from '../../../src/pipelines/combine/write-result.ts'
import { openTable } from '../../../src/tables/open.ts'
import { temporaryDirectory } from '../../tables/read-table.ts'
import { column, rowsOf } from './catalogs.ts'

const data = { ra: [1, 2, 3], dec: [0, 0, 0], first: [true, false, true], second: [true, null, false] }
const table: CombinedTable = {
  rows: 3,
  columns: Object.entries(data).map(([name, values]) => {
    const values_ = column(values)
    return { name, type: columnType(values_), column: values_ }
  }),
}

const TRUTHS = [
  [true, true],
  [false, null],
  [true, false],
]
const TEXTS = [
  ['true', 'true'],
  ['false', null],
  ['true', 'false'],
]

it.each([
  ['parquet', TRUTHS],
  ['csv', TRUTHS],
  ['fits', TEXTS],
  ['hdf5', TEXTS],
] as const)('writes truth values in %s as the reference does', async (format, expected) => {
  const { path, name } = await writeResult(format, table, temporaryDirectory(), {})
  const reader = await openTable({ path, fileName: name })
  const { rows, columns } = await readColumns(reader, ['first', 'second'])
  await reader.close()
  const read = rowsOf({
    rows,
    columns: [...columns].map(([name_, column_]) => ({ name: name_, type: 'string', column: column_ })),
  })
  expect(read.map(({ first, second }) => [first, second === '' ? null : second])).toEqual(expected)
})
