import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { File, ready } from 'h5wasm'
import { describe, expect, it } from 'vitest'
import { openHdf5 } from '../../../src/tables/hdf5/hdf5-reader.ts'
import { DEFAULT_LIMITS } from '../../../src/tables/table.ts'
import { expectMaskedColumns } from '../astropy-masked.ts'
import { rowsOf, tableError, temporaryFile } from '../read-table.ts'

const fixture = (fileName: string) => ({ path: join(import.meta.dirname, '../fixtures', fileName), fileName })

let made = 0

/** An HDF5 file that h5wasm writes in its memory. */
async function hdf5(fill: (file: File) => void) {
  const { FS } = await ready
  const inside = `/made-${++made}.h5`
  const file = new File(inside, 'w')
  fill(file)
  file.close()
  return temporaryFile('catalog.hdf5', FS.readFile(inside))
}

describe('an HDF5 file', () => {
  it('with a dataset per column in a group is flattened (RAIL)', async () => {
    const source = await hdf5((file) => {
      const group = file.create_group('photometry')
      group.create_dataset({ name: 'objectId', data: BigInt64Array.of(2305843019946942123n, 2n) })
      group.create_dataset({ name: 'ra', data: Float64Array.of(0.5, 1.5) }).create_attribute('unit', 'deg')
      group.create_dataset({ name: 'name', data: ['São', 'b'] })
      group.create_dataset({ name: 'code', data: ['ab ', 'c'], dtype: 'S4' })
      group.create_dataset({ name: 'pdf', data: Float32Array.of(0.1, 0.2, 0.3, 0.4), shape: [2, 2] })
      file.create_dataset({ name: 'zgrid', data: Float64Array.of(1, 2, 3) })
    })
    const reader = await openHdf5(source, DEFAULT_LIMITS)
    expect(reader.columns.map(({ name, type, unit }) => [name, type, unit])).toEqual([
      ['code', 'string', null],
      ['name', 'string', null],
      ['objectId', 'int64', null],
      ['pdf', 'array', null],
      ['ra', 'float64', 'deg'],
    ])
    expect(reader.notes).toEqual(['1 datasets without 2 rows, or of other types, are left out: zgrid.'])
    expect(await rowsOf(reader, { columns: ['objectId', 'name', 'code', 'pdf', 'ra'] })).toEqual([
      [2305843019946942123n, 'São', 'ab', '[0.1,0.2]', 0.5],
      [2n, 'b', 'c', '[0.3,0.4]', 1.5],
    ])
  })

  it('has infinities in its arrays', async () => {
    const values = [Number.NEGATIVE_INFINITY, 1.5, Number.POSITIVE_INFINITY, Number.NaN]
    const source = await hdf5((file) => {
      file.create_dataset({ name: 'd', data: Float64Array.from(values), shape: [2, 2] })
      file.create_dataset({ name: 'f', data: Float32Array.from(values), shape: [2, 2] })
    })
    expect(await rowsOf(await openHdf5(source, DEFAULT_LIMITS))).toEqual([
      ['["-inf",1.5]', '["-inf",1.5]'],
      ['["inf",null]', '["inf",null]'],
    ])
  })

  it('is read in slices that lie across compressed chunks', async () => {
    const ra = Float64Array.from({ length: 1000 }, (_, i) => i / 8)
    const ids = Int32Array.from({ length: 1000 }, (_, i) => i)
    const source = await hdf5((file) => {
      file.create_dataset({ name: 'ra', data: ra, chunks: [300], compression: 'gzip' })
      file.create_dataset({ name: 'id', data: ids, chunks: [7], compression: 'gzip' })
    })
    const reader = await openHdf5(source, DEFAULT_LIMITS)
    const rows = await rowsOf(reader, { columns: ['id', 'ra'], batchRows: 64 })
    expect(rows).toEqual(Array.from({ length: 1000 }, (_, i) => [i, i / 8]))
  })

  it('with a compound dataset is a table', async () => {
    const source = await hdf5((file) => {
      const data = new Map<string, Float64Array | BigInt64Array>([
        ['z', Float64Array.of(0.5, 1.5)],
        ['id', BigInt64Array.of(2305843019946942123n, 7n)],
      ])
      file.create_dataset({ name: 'catalog', data, shape: [2] })
    })
    const reader = await openHdf5(source, DEFAULT_LIMITS)
    expect(await rowsOf(reader)).toEqual([
      [0.5, 2305843019946942123n],
      [1.5, 7n],
    ])
  })

  it('of qp is told as an ensemble', async () => {
    const source = await hdf5((file) => {
      const meta = file.create_group('meta')
      meta.create_dataset({ name: 'pdf_name', data: ['interp'], dtype: 'S6' })
      meta.create_dataset({ name: 'xvals', data: Float64Array.of(0, 1, 2) })
      file
        .create_group('data')
        .create_dataset({ name: 'yvals', data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] })
      file.create_group('ancil').create_dataset({ name: 'zmode', data: Float64Array.of(0.5, 1) })
    })
    const reader = await openHdf5(source, DEFAULT_LIMITS)
    expect(reader.notes).toEqual(['qp ensemble, 3-point interp, n = 2'])
    expect(await rowsOf(reader, { columns: ['zmode', 'yvals'] })).toEqual([
      [0.5, '[1,2,3]'],
      [1, '[4,5,6]'],
    ])
  })

  it('of pandas (format="table") has its columns back from the blocks', async () => {
    const reader = await openHdf5(fixture('pandas-table.h5'), DEFAULT_LIMITS)
    expect(reader.columns.map((column) => column.name)).toEqual(['objectId', 'ra', 'dec'])
    expect(await rowsOf(reader)).toEqual([
      [2305843019946942123n, 0.5, 2.5],
      [2n, 1.5, 3.5],
    ])
  })

  it('of pandas with categories has their words, not their numbers', async () => {
    const reader = await openHdf5(fixture('pandas-categories.h5'), DEFAULT_LIMITS)
    expect(reader.columns.map(({ name, type }) => [name, type])).toEqual([
      ['ra', 'float64'],
      ['survey', 'string'],
      ['flag', 'string'],
    ])
    expect(await rowsOf(reader)).toEqual([
      [0.5, 'VVDS', '4'],
      [1.5, 'São', '1'],
      [2.5, null, '4'],
    ])
  })

  it('of pandas (format="table") has its index, times, missing texts and the order of its columns', async () => {
    const reader = await openHdf5(fixture('pandas-named-index.h5'), DEFAULT_LIMITS)
    expect(reader.columns.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'int64'],
      ['s', 'string'],
      ['t', 'timestamp'],
      ['mág', 'float64'],
      ['n', 'int64'],
    ])
    expect(await rowsOf(reader)).toEqual([
      [2305843019946942123n, 'a', Date.parse('2026-01-02T03:04:05.678Z'), 0.5, 1n],
      [2n, null, null, 1.5, 2n],
      [3n, 'nano', -1, 2.5, 3n],
    ])
  })

  it('of pandas (format="fixed") has its index and times', async () => {
    const reader = await openHdf5(fixture('pandas-fixed.h5'), DEFAULT_LIMITS)
    expect(reader.columns.map(({ name }) => name)).toEqual(['id', 't', 'mág', 'n'])
    expect(await rowsOf(reader)).toEqual([
      [2305843019946942123n, Date.parse('2026-01-02T03:04:05.678Z'), 0.5, 1n],
      [2n, null, 1.5, 2n],
      [3n, -1, 2.5, 3n],
    ])
  })

  it('of pandas (format="fixed") may have no rows', async () => {
    const reader = await openHdf5(fixture('pandas-no-rows.h5'), DEFAULT_LIMITS)
    expect(reader.rows).toBe(0)
    expect(reader.columns.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'int64'],
      ['t', 'timestamp'],
      ['mág', 'float64'],
      ['n', 'int64'],
    ])
    expect(await rowsOf(reader)).toEqual([])
  })

  it('of Astropy has nulls where its columns are masked', async () => {
    const reader = await openHdf5(fixture('astropy-masked.h5'), DEFAULT_LIMITS)
    expectMaskedColumns(reader)
    expect(await rowsOf(reader, { columns: ['name', 'mag'], recycle: true })).toEqual([
      ['a', 20.5],
      ['b', null],
      [null, 21],
    ])
  })

  it('with links out of the file, loops and groups in themselves is read without following them', async () => {
    const reader = await openHdf5(fixture('links.h5'), DEFAULT_LIMITS)
    expect(reader.columns.map((column) => column.name)).toEqual(['ra'])
    expect(await rowsOf(reader)).toEqual([[0], [1]])
  })
})

describe('an HDF5 file that cannot be read is refused with a reason', () => {
  it('with pickled strings of pandas', async () => {
    const source = await hdf5((file) => {
      const frame = file.create_group('df')
      frame.create_attribute('pandas_type', 'frame')
      frame.create_dataset({ name: 'block0_items', data: ['name'], dtype: 'S4' })
      frame
        .create_dataset({ name: 'block0_values', data: Uint8Array.of(0x80, 4) })
        .create_attribute('PSEUDOATOM', 'object')
    })
    const error = await tableError(openHdf5(source, DEFAULT_LIMITS))
    expect(error.code).toBe('unsupported')
    expect(error.message).toMatch(/columns name .*pickled.*format="table"/)
  })

  it.each([
    ['texts', ['z', 'name'], [0.5, 'a'], [1.5, 'São']],
    ['enumeration', ['z', 'class', 'flag', 'pair'], [0.5, 1, 4, '[1,2]'], [1.5, 300, 3, '[3,4]']],
    ['complex', ['z', 'n', 'c'], [0.5, 5, '[1,2]'], [1.5, 6, '[3,4]']],
    ['enumerations', ['class', 'z'], [1, 0.5], [300, 1.5]],
  ])('with big-endian numbers, which the library leaves as they are: %s', async (name, columns, ...rows) => {
    const reader = await openHdf5(fixture(`big-endian-${name}.h5`), DEFAULT_LIMITS)
    expect(await rowsOf(reader, { columns })).toEqual(rows)
  })

  it('with a filter that is not there', async () => {
    const error = await tableError(openHdf5(fixture('lzf.h5'), DEFAULT_LIMITS))
    expect(error.code).toBe('unsupported')
    expect(error.message).toMatch(/"ra" is compressed with the filter lzf/)
  })

  it('whose values lie in another file', async () => {
    const reader = await openHdf5(fixture('external-storage.h5'), DEFAULT_LIMITS)
    expect((await tableError(rowsOf(reader))).code).toBe('malformed')
  })

  it('cut off, empty or something else', async () => {
    const bytes = readFileSync(fixture('pandas-table.h5').path)
    const cut = temporaryFile('cut.h5', bytes.subarray(0, bytes.length / 2))
    expect((await tableError(openHdf5(cut, DEFAULT_LIMITS))).code).toBe('not_a_table')
    expect((await tableError(openHdf5(temporaryFile('a.h5', Buffer.from('ra,dec\n')), DEFAULT_LIMITS))).code).toBe(
      'not_a_table',
    )
    const empty = await hdf5(() => undefined)
    expect((await tableError(openHdf5(empty, DEFAULT_LIMITS))).code).toBe('not_a_table')
  })

  it('with too many cells', async () => {
    const source = await hdf5((file) => file.create_dataset({ name: 'ra', data: new Float64Array(100) }))
    expect((await tableError(openHdf5(source, { ...DEFAULT_LIMITS, cells: 99 }))).code).toBe('too_large')
  })
})
