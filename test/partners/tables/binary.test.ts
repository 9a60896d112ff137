import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFits } from '../../../src/tables/fits/fits-reader.ts'
import { openHdf5 } from '../../../src/tables/hdf5/hdf5-reader.ts'
import { openParquet } from '../../../src/tables/parquet/parquet-reader.ts'
import { type ColumnType, DEFAULT_LIMITS } from '../../../src/tables/table.ts'

/**
 * Binary tables as astropy, h5py, pandas, PyTables and pyarrow write them, read by our readers: every value, unit and
 * description is compared with what those libraries say.
 */

interface Expected {
  readonly format: 'fits' | 'hdf5' | 'parquet'
  readonly columns: Readonly<Record<string, readonly unknown[]>>
  readonly units: Readonly<Record<string, string>>
  readonly descriptions: Readonly<Record<string, string>>
  readonly ucds: Readonly<Record<string, string>>
}

const READERS = { fits: openFits, hdf5: openHdf5, parquet: openParquet }

const FILES = [
  ...['kinds', 'special', 'ascii', 'masked', 'unsigned', 'described', 'empty'].map((name) => `${name}.fits`),
  ...['columns', 'gzip', 'compound', 'compound-strings', 'astropy'].map((name) => `${name}.hdf5`),
  ...['pandas-fixed', 'pandas-table', 'pandas-data-columns', 'pytables'].map((name) => `${name}.h5`),
  ...['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4', 'int96', 'groups', 'astropy', 'votable'].map(
    (n) => `${n}.parquet`,
  ),
]

let directory: string
let expected: Readonly<Record<string, Expected>>

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'pz-binary-'))
  const script = join(import.meta.dirname, 'binary-files.py')
  execFileSync(process.env.PARTNER_PYTHON ?? 'python3', [script, directory], { stdio: ['ignore', 'ignore', 'inherit'] })
  expected = JSON.parse(readFileSync(join(directory, 'expected.json'), 'utf8'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('binary tables of other libraries', () => {
  it.each(FILES)('%s has the same values, units and descriptions', async (fileName) => {
    const want = expected[fileName]!
    const reader = await READERS[want.format]({ path: join(directory, fileName), fileName }, DEFAULT_LIMITS)
    const names = Object.keys(want.columns)
    expect(reader.columns.map((column) => column.name).sort()).toEqual([...names].sort())
    const types = new Map(reader.columns.map((column) => [column.name, column.type]))
    const found = new Map(names.map((name) => [name, [] as unknown[]]))
    for await (const batch of reader.batches({ columns: names, batchRows: 3 })) {
      names.forEach((name, place) => {
        for (const value of batch.getChildAt(place)!) found.get(name)!.push(ours(value, types.get(name)!))
      })
    }
    for (const name of names) expect(found.get(name), name).toEqual(want.columns[name]!.map(canonical))
    for (const column of reader.columns) {
      if (want.units[column.name]) expect(column.unit).toBe(want.units[column.name])
      if (want.descriptions[column.name]) expect(column.description).toBe(want.descriptions[column.name])
      if (want.ucds[column.name]) expect(column.ucd).toBe(want.ucds[column.name])
    }
    await reader.close()
  })

  it('covers every file that the script makes', () => {
    expect(Object.keys(expected).sort()).toEqual([...FILES].sort())
  })
})

/** Our value in the words of expected.json. */
function ours(value: unknown, type: ColumnType): unknown {
  return canonical(type === 'array' && value !== null ? JSON.parse(String(value)) : value)
}

/** Numbers as text, written the same way whatever wrote them; NaN as null. */
function canonical(value: unknown): unknown {
  if (typeof value === 'number') return Number.isNaN(value) ? null : String(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'string')
    return /^-?\d+$/.test(value) || value.trim() === '' || Number.isNaN(Number(value)) ? value : String(Number(value))
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, canonical(inner)]))
}
