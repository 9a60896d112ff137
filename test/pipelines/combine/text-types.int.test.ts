import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromBatches } from '../../../src/pipelines/combine/catalog.ts'
import { combine } from '../../../src/pipelines/combine/combine.ts'
import { readParameters } from '../../../src/pipelines/combine/parameters.ts'
import { readDefaultRules } from '../../../src/pipelines/combine/rules/rules-file.ts'
import { openTable } from '../../../src/tables/open.ts'
import { type FileFormat, writeTable } from '../../../src/tables/writers/write-table.ts'
import { temporaryDirectory } from '../../tables/read-table.ts'
import { rowsOf } from './catalogs.ts'

type Cells = readonly (number | string | null)[]

/** Concatenates one file, without a cut. */
async function concatenated(path: string, sent: object = {}) {
  const parameters = readParameters({ z_flag_homogenized_value_to_cut: null, ...sent })
  const rules = readDefaultRules()
  const reader = await openTable({ path, fileName: path })
  const input = await fromBatches(reader, { name: '1_a', mapping: {} }, parameters, rules)
  await reader.close()
  const { table, report } = await combine([input], parameters, rules)
  const rows = rowsOf(table)
  const valuesOf = (name: string) => rows.map((row) => row[name] ?? null)
  const [flags, types] = [valuesOf('z_flag_homogenized'), valuesOf('instrument_type_homogenized')]
  return { flags, types, warnings: report.warnings, valuesOf }
}

let files = 0
const newPath = (format: string) => join(temporaryDirectory(), `${++files}.${format}`)

/** Rows of one survey in a file of the format, with a position and a redshift. */
async function fileOf(format: FileFormat, survey: string, data: Readonly<Record<string, Cells>>): Promise<string> {
  const rows = Object.values(data)[0]!.length
  const all = { ra: Array.from({ length: rows }, (_, row) => row), dec: Array(rows).fill(1), z: Array(rows).fill(0.5) }
  const columns = Object.entries<Cells>({ ...all, survey: Array(rows).fill(survey), ...data }).map(([name, cells]) =>
    cells.some((cell) => typeof cell === 'string')
      ? { name, type: 'string' as const, values: cells.map((cell) => (cell === null ? null : String(cell))) }
      : { name, type: 'float64' as const, values: Float64Array.from(cells, (cell) => Number(cell ?? Number.NaN)) },
  )
  const path = newPath(format)
  await writeTable(format, { rows, columns, metadata: {} }, path)
  return path
}

async function csvOf(survey: string, data: Readonly<Record<string, readonly (number | string)[]>>): Promise<string> {
  const rows = Object.values(data)[0]!.length
  const lines = Array.from({ length: rows }, (_, row) =>
    [row % 360, 1, survey, ...Object.values(data).map((cells) => cells[row])].join(','),
  )
  const path = newPath('csv')
  await writeFile(path, [['ra', 'dec', 'survey', ...Object.keys(data)].join(','), ...lines].join('\n'))
  return path
}

const repeated = <T>(count: number, value: T): T[] => Array<T>(count).fill(value)

describe.each(['fits', 'hdf5'] as const)('text in %s', (format) => {
  it('that is blank, or a word for no value, is null in the columns of rules', async () => {
    const words = { zspec_survey: ['-', '', 'None', 'V', 'NA', '<na>'], z_flag: repeated(6, 1) }
    const { flags, types } = await concatenated(await fileOf(format, 'ASTRODEEP', words))
    expect(flags).toEqual([3, 0, 0, 3, 0, 0])
    expect(types).toEqual(['p', 'p', 'p', 's', 'p', 'p'])
  })

  it('that says true and false is boolean', async () => {
    const good = { SPECTYPE: repeated(4, 'GALAXY'), z_flag: repeated(4, 4), z_err: repeated(4, 1e-4) }
    const path = await fileOf(format, 'DESI', { ...good, ZCAT_PRIMARY: ['True', 'false', '', 'TRUE'] })
    const { flags, valuesOf } = await concatenated(path, { extra_columns: { ZCAT_PRIMARY: 'bool' } })
    expect(flags).toEqual([1, 0, 0, 1])
    expect(valuesOf('ZCAT_PRIMARY')).toEqual([true, false, null, true])
  })
})

it.each<[FileFormat, string]>([
  ['csv', '7'],
  ['fits', '7'],
  ['hdf5', '7'],
  ['parquet', '7.0'],
])('whole floats in %s print as %s', async (format, printed) => {
  const floats = { id: [7, null, 9], label: [7, 8, null], other: [7, 0.5, null], z_flag: [3, 3, 3] }
  const path = await fileOf(format, '2DFGRS', floats)
  const { valuesOf } = await concatenated(path, { extra_columns: { label: 'str', other: 'str' } })
  expect(valuesOf('id')).toEqual([printed, null, printed.replace('7', '9')])
  expect(valuesOf('label')).toEqual([printed, printed.replace('7', '8'), null])
  expect(valuesOf('other')).toEqual(['7.0', '0.5', null])
})

it.each(['parquet', 'votable'] as const)('text in %s is a value, even if it is a word for none', async (format) => {
  const path = await fileOf(format, 'ASTRODEEP', { zspec_survey: ['-', 'None', null, 'V'], z_flag: repeated(4, 1) })
  expect((await concatenated(path)).types).toEqual(['p', 's', 'p', 's'])
})

it('a blank text in Parquet is a value', async () => {
  const path = await fileOf('parquet', 'ASTRODEEP', { zspec_survey: ['-', '', null], z_flag: repeated(3, 1) })
  expect((await concatenated(path)).types).toEqual(['p', 's', 'p'])
})

describe('text in CSV', () => {
  it('that is a word for no value in any case is null', async () => {
    const path = await csvOf('ASTRODEEP', {
      z: [1, 2, 3, 4, 5, 6],
      zspec_survey: ['-', 'none', 'na', 'nan', 'NONE', 'V'],
    })
    const { flags, types } = await concatenated(path)
    expect(flags).toEqual([3, 0, 0, 0, 0, 3])
    expect(types).toEqual(['p', 'p', 'p', 'p', 'p', 's'])
  })

  it('with at least 99.5 % numbers is numbers where rules read it, which is told', async () => {
    const zspec = [...repeated(400, -99), 'bad', ...repeated(600, 0.5)]
    const rest = { z: repeated(1001, 1), z_flag: repeated(1001, 1) }
    const { types, warnings } = await concatenated(await csvOf('ASTRODEEP-JWST', { zspec, ...rest }))
    // A null is not -99, as in the reference.
    expect(types).toEqual([...repeated(400, 'p'), ...repeated(601, 's')])
    expect(warnings).toEqual([
      "[1_a] 'zspec' is a column of numbers: 1 of its 1001 cells are no numbers and were taken as null: 'bad'",
    ])
  })

  it('is null in a column of numbers up to 0.5 %, and refused beyond', async () => {
    const z = [...repeated(199, '0.5'), 'bad']
    const { valuesOf, warnings } = await concatenated(await csvOf('2DFGRS', { z, z_flag: repeated(200, 3) }))
    expect(valuesOf('z')).toEqual([...repeated(199, 0.5), null])
    expect(warnings[0]).toContain("'z' is a column of numbers: 1 of its 200 cells")
    const worse = await csvOf('2DFGRS', { z: z.slice(1), z_flag: repeated(199, 3) })
    await expect(concatenated(worse)).rejects.toThrow('Failed to convert')
  })

  it('stays text in ids and in columns that are only carried along', async () => {
    const labels = [...repeated(999, '007'), 'x']
    const path = await csvOf('2DFGRS', { z: repeated(1000, 1), z_flag: repeated(1000, 3), id: labels, label: labels })
    const { valuesOf, warnings } = await concatenated(path, { extra_columns: { label: 'str' } })
    expect(valuesOf('id')).toEqual(labels)
    expect(valuesOf('label')).toEqual(labels)
    expect(warnings).toEqual([])
  })
})
