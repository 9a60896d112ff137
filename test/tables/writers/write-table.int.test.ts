import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openTable } from '../../../src/tables/open.ts'
import { Texts } from '../../../src/tables/texts.ts'
import {
  type OutputColumn,
  type OutputTable,
  outputTableOf,
  streamOf,
  TableWriteError,
  takeRows,
} from '../../../src/tables/writers/output-table.ts'

import { railReady } from '../../../src/tables/writers/rail-ready.ts'
import { type FileFormat, writeTable } from '../../../src/tables/writers/write-table.ts'
import { rowsOf, temporaryDirectory } from '../read-table.ts'
import { EXTENSIONS, expected, readBack, WAYS } from './read-back.ts'
import { SAMPLE_TABLE } from './sample-table.ts'

describe('a table that was written', () => {
  it.each(WAYS)('has the same values in %s %o', async (format, options) => {
    const { cells } = await readBack(format, SAMPLE_TABLE, options)
    for (const column of SAMPLE_TABLE.columns) expect(cells[column.name], column.name).toEqual(expected(column, format))
  })

  it.each(WAYS.filter(([format]) => format !== 'csv'))(
    'keeps units, UCDs and descriptions in %s %o',
    async (format, options) => {
      const { columns } = await readBack(format, SAMPLE_TABLE, options)
      for (const { name, unit, ucd, description } of SAMPLE_TABLE.columns) {
        expect(columns.find((column) => column.name === name)).toMatchObject({
          unit: unit ?? null,
          ucd: ucd ?? null,
          description: description ?? null,
        })
      }
    },
  )

  it.each(WAYS)('has the same bytes again, and when it comes in pieces: %s %o', async (format, options) => {
    const folder = temporaryDirectory()
    const once = join(folder, 'once')
    await writeTable(format, SAMPLE_TABLE, once, options)
    for (const chunkRows of [1, 2, 5]) {
      const again = join(folder, `again-${chunkRows}`)
      await writeTable(format, streamOf(SAMPLE_TABLE, chunkRows), again, options)
      expect(readFileSync(again).equals(readFileSync(once))).toBe(true)
    }
    expect(readdirSync(folder).sort()).toEqual(['again-1', 'again-2', 'again-5', 'once'])
  })

  it.each(WAYS)('has the same bytes whatever the bits of its NaNs: %s %o', async (format, options) => {
    const [doubles, singles] = [new BigUint64Array(4), new Uint32Array(4)]
    const bytes = async (double: bigint, single: number, nulls: Uint8Array | null) => {
      doubles.set([0x3ff0000000000000n, double, double, double | 1n])
      singles.set([0x3f800000, single, single, single | 1])
      const columns: OutputColumn[] = [
        { name: 'double', type: 'float64', values: new Float64Array(doubles.buffer), nulls },
        { name: 'single', type: 'float32', values: new Float32Array(singles.buffer), nulls },
      ]
      const path = join(temporaryDirectory(), `table.${EXTENSIONS[format]}`)
      await writeTable(format, { ...SAMPLE_TABLE, rows: 4, columns }, path, options)
      return readFileSync(path)
    }
    const usual = await bytes(0x7ff8000000000000n, 0x7fc00000, null)
    // That of 0 / 0 by an x86 processor, and one with a payload.
    expect((await bytes(0xfff8000000000000n, 0xffc00000, null)).equals(usual)).toBe(true)
    expect((await bytes(0x7ff80000000007a2n, 0x7fc007a2, null)).equals(usual)).toBe(true)
    expect((await bytes(0x4000000000000000n, 0x40000000, Uint8Array.of(0, 1, 1, 1))).equals(usual)).toBe(true)
    // The caller's own arrays stay as they were.
    expect(doubles[1]).toBe(0x4000000000000000n)
  })

  it.each(WAYS)('may have no rows: %s %o', async (format, options) => {
    const empty = {
      ...SAMPLE_TABLE,
      rows: 0,
      columns: takeRows(SAMPLE_TABLE, new Uint32Array(0)).columns,
    }
    const path = join(temporaryDirectory(), `table.${EXTENSIONS[format]}`)
    await writeTable(format, empty, path, options)
    if (format === 'hdf5') return // a group of datasets without rows is no table to our reader
    const reader = await openTable({ path, fileName: path })
    expect(reader.columns.map(({ name }) => name)).toEqual(empty.columns.map(({ name }) => name))
    expect(await rowsOf(reader)).toEqual([])
  })

  it('has the types that each format can hold', async () => {
    const typesOf = async (format: FileFormat) =>
      Object.fromEntries((await readBack(format, SAMPLE_TABLE)).columns.map(({ name, type }) => [name, type]))
    expect(await typesOf('parquet')).toEqual(
      Object.fromEntries(SAMPLE_TABLE.columns.map(({ name, type }) => [name, type])),
    )
    expect(await typesOf('fits')).toMatchObject({
      tie_result: 'int16',
      maybe: 'string',
      flag: 'bool',
      bigOrNull: 'int64',
      u16: 'uint16',
      u16OrNull: 'int32',
      u32OrNull: 'int64',
      u64OrNull: 'int64',
      hashOrNull: 'string',
    })
    expect(await typesOf('hdf5')).toMatchObject({
      tie_result: 'int16',
      flag: 'bool',
      maybe: 'string',
      i32: 'float64',
      objectId: 'int64',
      bigOrNull: 'string',
      smallOrNull: 'float64',
    })
  })

  it('drops empty columns when asked to', async () => {
    for (const [format, options] of WAYS) {
      const { columns } = await readBack(format, SAMPLE_TABLE, { ...options, dropEmptyColumns: true })
      expect(columns.map(({ name }) => name).sort()).toEqual(
        SAMPLE_TABLE.columns.flatMap(({ name }) => (name === 'nothing' ? [] : [name])).sort(),
      )
    }
  })

  it('prints numbers as short as they are, and quotes what must be', async () => {
    const { bytes } = await readBack('csv', {
      rows: 4,
      metadata: {},
      columns: [
        { name: 'x', type: 'float64', values: Float64Array.of(0.1, 3, 1e-7, Number.NEGATIVE_INFINITY) },
        { name: 'y, z', type: 'float32', values: Float32Array.of(0.1, 23.4567, 1e20, Number.NaN) },
        { name: 's', type: 'string', values: ['', null, 'a"b', ' c'] },
      ],
    })
    expect(bytes.toString()).toBe(
      'x,"y, z",s\n0.1,0.1,""\n3.0,23.4567,\n1e-7,100000000000000000000.0,"a""b"\n-inf,," c"\n',
    )
  })

  it('puts names that are numbers in quotes, so that they are no row', async () => {
    const numbers = (name: string, ...values: number[]) => ({
      name,
      type: 'float64' as const,
      values: Float64Array.of(...values),
    })
    const columns = [numbers('1', 3, 4), numbers('2.5', 5, 6)]
    const { bytes, cells } = await readBack('csv', { rows: 2, columns, metadata: {} })
    expect(bytes.toString().split('\n')[0]).toBe('"1","2.5"')
    expect(cells).toEqual({ '1': ['3', '4'], '2.5': ['5', '6'] })
  })

  it('has a line for each row of a single column', async () => {
    const rowsOfOne = async (column: OutputColumn) => readBack('csv', { rows: 4, metadata: {}, columns: [column] })
    const floats = await rowsOfOne({ name: 'z', type: 'float64', values: Float64Array.of(1.5, NaN, 2.5, NaN) })
    expect(floats.bytes.toString()).toBe('z\n1.5\n""\n2.5\n""\n')
    expect(floats.cells).toEqual({ z: ['1.5', null, '2.5', null] })
    const texts = await rowsOfOne({ name: 's', type: 'string', values: ['a', null, '', 'b'] })
    expect(texts.cells).toEqual({ s: ['a', null, null, 'b'] })
    const [values, nulls] = [Int32Array.of(1, 2, 3, 4), Uint8Array.of(1, 0, 0, 1)]
    expect((await rowsOfOne({ name: 'i', type: 'int32', values, nulls })).cells).toEqual({ i: [null, '2', '3', null] })
  })

  it('has the infinities and the characters of VOTable in TABLEDATA', async () => {
    const infinities = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]
    const table: OutputTable = {
      rows: 3,
      metadata: {},
      columns: [
        { name: 'd', type: 'float64', values: Float64Array.from(infinities) },
        { name: 'f', type: 'float32', values: Float32Array.from(infinities) },
        { name: 's', type: 'string', values: ['a\ufffeb', '\uffff', '\uffbd'] },
      ],
    }
    const { bytes, cells } = await readBack('votable', table, { votable: 'tabledata' })
    expect(bytes.toString().match(/<TR>.*<\/TR>/g)).toEqual([
      '<TR><TD>+Inf</TD><TD>+Inf</TD><TD>a\ufffdb</TD></TR>',
      '<TR><TD>-Inf</TD><TD>-Inf</TD><TD>\ufffd</TD></TR>',
      '<TR><TD></TD><TD></TD><TD>\uffbd</TD></TR>',
    ])
    expect(cells).toMatchObject({ d: ['Infinity', '-Infinity', null], f: ['Infinity', '-Infinity', null] })
  })

  it('has names in FITS that fit in one card, are different, and stand whole in the comment', async () => {
    const [long, quotes] = ['x'.repeat(69), "'".repeat(40)]
    const names = [long, `${long}y`, 'x'.repeat(68), quotes, '  ', 'é', 'e']
    const columns = names.map((name, i): OutputColumn => ({ name, type: 'int32', values: Int32Array.of(i) }))
    const table: OutputTable = {
      rows: 1,
      metadata: {},
      columns: [{ ...columns[0]!, description: 'Long.' }, ...columns.slice(1)],
    }
    const { bytes, columns: read, cells } = await readBack('fits', table)
    expect(read.map(({ name, description }) => [name, description])).toEqual([
      [`${'x'.repeat(66)}_2`, `${long}: Long.`],
      [`${'x'.repeat(66)}_3`, `${long}y`],
      ['x'.repeat(68), null],
      ["'".repeat(34), quotes],
      ['col5', null],
      ['e', null],
      ['e_2', 'e'],
    ])
    expect(Object.values(cells)).toEqual(names.map((_, i) => [`${i}`]))
    expect(bytes.toString('latin1')).not.toMatch(/TTYPE\d+ *= '[^ ]*&' *CONTINUE/)
  })

  it('takes what a pipeline made', async () => {
    const table = outputTableOf(
      {
        rows: 2,
        columns: [
          { name: 'CRD_ID', column: { kind: 'text', values: Texts.of(['CRD1_1', 'CRD1_2']) } },
          { name: 'z', column: { kind: 'float', values: Float64Array.of(0.5, Number.NaN) } },
          { name: 'tie_result', column: { kind: 'integer', values: Int8Array.of(1, 2), nulls: null } },
          { name: 'best', column: { kind: 'boolean', values: Uint8Array.of(1, 0), nulls: Uint8Array.of(0, 1) } },
        ],
      },
      {},
      { z: { ucd: 'src.redshift' } },
    )
    const { cells, columns } = await readBack('parquet', table)
    expect(cells).toEqual({
      CRD_ID: ['CRD1_1', 'CRD1_2'],
      z: ['0.5', null],
      tie_result: ['1', '2'],
      best: ['true', null],
    })
    expect(columns.map(({ type, ucd }) => [type, ucd])).toEqual([
      ['string', null],
      ['float64', 'src.redshift'],
      ['int8', null],
      ['bool', null],
    ])
  })

  it('is ready for RAIL when asked to', async () => {
    const table: OutputTable = {
      rows: 2,
      metadata: {},
      columns: [
        { name: 'i_cModelMag', type: 'float32', values: Float32Array.of(23.5, Number.NaN) },
        { name: 'z', type: 'float64', values: Float64Array.of(0.5, 1), nulls: Uint8Array.of(0, 1) },
      ],
    }
    const rail = { renames: { i_cModelMag: 'mag_i_lsst', z: 'redshift' }, nonDetections: ['i_cModelMag'] }
    const { cells } = await readBack('hdf5', railReady(table, rail), { hdf5Group: 'photometry' })
    expect(cells).toEqual({ mag_i_lsst: ['23.5', '99'], redshift: ['0.5', null] })
    expect(() => railReady(table, { renames: {}, nonDetections: ['r_mag'] })).toThrow(/no column "r_mag"/)
  })

  it('is told to the reader of a long header', async () => {
    const description = `It's ${"a quote ' and ".repeat(20)}end`
    const table: OutputTable = {
      rows: 1,
      metadata: {},
      columns: [{ name: 'x', type: 'float64', values: Float64Array.of(1), description }],
    }
    expect((await readBack('fits', table)).columns[0]!.description).toBe(description)
  })
})

describe('a table that cannot be written', () => {
  const column: OutputColumn = { name: 'x', type: 'float64', values: Float64Array.of(1, 2) }
  const table = (...columns: OutputColumn[]): OutputTable => ({ rows: 2, columns, metadata: {} })

  it.each([
    ['has no columns', table()],
    ['has two columns of a name', table(column, column)],
    ['has a column of another length', table({ ...column, values: Float64Array.of(1) })],
    ['has values of another type', table({ ...column, values: Float32Array.of(1, 2) })],
    ['has texts for numbers', table({ ...column, values: ['1', '2'] })],
  ])('%s', async (_, bad) => {
    for (const [format] of WAYS) {
      const folder = temporaryDirectory()
      await expect(writeTable(format, bad, join(folder, 'bad'))).rejects.toThrow(TableWriteError)
      expect(readdirSync(folder)).toEqual([])
    }
  })

  it('has a name that HDF5 cannot hold', async () => {
    const path = join(temporaryDirectory(), 'x.hdf5')
    await expect(writeTable('hdf5', table({ ...column, name: 'a/b' }), path)).rejects.toThrow(
      /a slash separates groups/,
    )
    await expect(writeTable('hdf5', table({ ...column, name: '.' }), path)).rejects.toThrow(
      /a point is the group itself/,
    )
  })

  it('has more columns than FITS can hold', async () => {
    const many = table(...Array.from({ length: 1000 }, (_, i) => ({ ...column, name: `c${i}` })))
    const path = join(temporaryDirectory(), 'wide.fits')
    await expect(writeTable('fits', many, path)).rejects.toThrow(/at most 999 columns/)
  })

  it('breaks off while it comes, or is aborted', async () => {
    async function* broken() {
      yield { rows: 2, columns: [column] }
      throw new Error('The disk is gone.')
    }
    for (const [format, options] of WAYS) {
      const folder = temporaryDirectory()
      const stream = { columns: [column], metadata: {}, chunks: broken() }
      await expect(writeTable(format, stream, join(folder, 'x'), options)).rejects.toThrow('The disk is gone.')
      const signal = AbortSignal.abort(new Error('stopped'))
      await expect(writeTable(format, table(column), join(folder, 'x'), { ...options, signal })).rejects.toThrow(
        'stopped',
      )
      expect(readdirSync(folder)).toEqual([])
    }
  })
})
