import { statSync } from 'node:fs'
import { join } from 'node:path'
import {
  Table as ArrowTable,
  Field,
  Float32,
  Float64,
  List,
  tableFromArrays,
  tableToIPC,
  vectorFromArray,
} from 'apache-arrow'
import { Compression, Table, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm'
import { describe, expect, it } from 'vitest'
import { openParquet } from '../../../src/tables/parquet/parquet-reader.ts'
import { DEFAULT_LIMITS } from '../../../src/tables/table.ts'
import { expectMaskedColumns } from '../astropy-masked.ts'
import { rowsOf, tableError, temporaryFile } from '../read-table.ts'

const fixture = (fileName: string) => ({ path: join(import.meta.dirname, '../fixtures', fileName), fileName })

/** A table of 10 rows in row groups of 4. */
function parquet(keyValues: Record<string, string> = {}): Uint8Array {
  const table = tableFromArrays({
    id: BigInt64Array.from({ length: 10 }, (_, i) => 2305843019946942123n + BigInt(i)),
    ra: Float64Array.from({ length: 10 }, (_, i) => i / 8),
    'mag.i': Float32Array.from({ length: 10 }, (_, i) => 20 + i / 4),
  })
  const properties = new WriterPropertiesBuilder()
    .setCompression(Compression.SNAPPY)
    .setMaxRowGroupSize(4)
    .setKeyValueMetadata(new Map(Object.entries(keyValues)))
    .build()
  return writeParquet(Table.fromIPCStream(tableToIPC(table, 'stream')), properties)
}

describe('a Parquet file', () => {
  it('is read row group by row group, of the chosen columns in the asked order', async () => {
    const reader = await openParquet(temporaryFile('a.parquet', parquet()), DEFAULT_LIMITS)
    expect([reader.format, reader.rows]).toEqual(['parquet', 10])
    const rows = []
    for await (const batch of reader.batches({ columns: ['ra', 'id'], batchRows: 3 })) {
      expect(batch.numRows).toBeLessThanOrEqual(3)
      rows.push(...batch.toArray().map((row) => row?.toArray()))
    }
    expect(rows).toHaveLength(10)
    expect(rows[9]).toEqual([9 / 8, 2305843019946942132n])
    expect(await rowsOf(reader, { columns: ['mag.i'] })).toEqual(Array.from({ length: 10 }, (_, i) => [20 + i / 4]))
  })

  it('has infinities in its lists', async () => {
    const lists = [[Number.NEGATIVE_INFINITY, 1.5, Number.POSITIVE_INFINITY, Number.NaN]]
    const list = (type: Float32 | Float64) => vectorFromArray(lists, new List(Field.new('item', type, true)))
    const table = new ArrowTable({ f: list(new Float32()), d: list(new Float64()) })
    const bytes = writeParquet(Table.fromIPCStream(tableToIPC(table, 'stream')))
    const reader = await openParquet(temporaryFile('lists.parquet', bytes), DEFAULT_LIMITS)
    const shown = '["-inf",1.5,"inf",null]'
    expect(await rowsOf(reader)).toEqual([[shown, shown]])
  })

  it('of Astropy has nulls where its columns are masked', async () => {
    const reader = await openParquet(fixture('astropy-masked.parquet'), DEFAULT_LIMITS)
    expectMaskedColumns(reader)
    const chosen = []
    for await (const batch of reader.batches({ columns: ['name', 'mag'] }))
      chosen.push(...batch.toArray().map((row) => row?.toArray()))
    expect(chosen).toEqual([
      ['a', 20.5],
      ['b', null],
      [null, 21],
    ])
    expect(await rowsOf(reader, { columns: ['id', 'mag', 'name'] })).toEqual([
      [1n, 20.5, 'a'],
      [2n, null, 'b'],
      [3n, 21, null],
    ])
  })

  it('can be left in the middle', async () => {
    const reader = await openParquet(temporaryFile('a.parquet', parquet()), DEFAULT_LIMITS)
    for await (const batch of reader.batches({ batchRows: 2 })) {
      expect(batch.numRows).toBe(2)
      break
    }
    await reader.close()
  })

  it('has types, nulls and nested cells, and survives dictionaries that parquet-wasm cannot decode', async () => {
    const reader = await openParquet(fixture('kinds.zstd.parquet'), DEFAULT_LIMITS)
    expect(reader.columns.map(({ name, type, nativeType }) => [name, type, nativeType])).toEqual([
      ['objectId', 'int64', 'int64'],
      ['flag', 'bool', 'bool'],
      ['name', 'string', 'string'],
      ['when', 'timestamp', 'timestamp[us]'],
      ['price', 'float64', 'decimal(10, 2)'],
      ['count', 'int64', 'decimal(18, 0)'],
      ['pdf', 'array', 'struct<xvals: list<float>, yvals: list<double>>'],
      ['map', 'array', 'map<string, int64>'],
      ['nothing', 'string', 'null'],
    ])
    expect(await rowsOf(reader)).toEqual([
      [
        2305843019946942123n,
        true,
        'São',
        Date.UTC(2026, 0, 2, 3, 4, 5, 678),
        1.25,
        10n ** 17n,
        '{"xvals":[0.5],"yvals":[1,null]}',
        '{"a":"1152921504606846976"}',
        null,
      ],
      [null, null, null, null, null, null, null, null, null],
      [-3n, false, '', -1, -3.5, -1n, '{"xvals":[],"yvals":null}', '{}', null],
    ])
  })

  it('tells units, UCDs and descriptions of VOParquet', async () => {
    const votable = `<?xml version="1.0"?><VOTABLE><RESOURCE><TABLE name="t">
      <FIELD name="ra" datatype="double" unit="deg" ucd="pos.eq.ra;meta.main"><DESCRIPTION>RA &lt; 360</DESCRIPTION></FIELD>
      <FIELD name='id' datatype='long'/></TABLE></RESOURCE></VOTABLE>`
    const bytes = parquet({ 'IVOA.VOTable-Parquet.version': '1.0', 'IVOA.VOTable-Parquet.content': votable })
    const reader = await openParquet(temporaryFile('vo.parquet', bytes), DEFAULT_LIMITS)
    expect(reader.columns[1]).toMatchObject({ unit: 'deg', ucd: 'pos.eq.ra;meta.main', description: 'RA < 360' })
    expect(reader.columns[0]).toMatchObject({ unit: null, ucd: null, description: null })
    await reader.close()
  })

  it('may have two columns of one name', async () => {
    const reader = await openParquet(fixture('duplicate.parquet'), DEFAULT_LIMITS)
    expect(reader.columns.map((column) => column.name)).toEqual(['ra', 'ra.1'])
    expect(reader.notes).toHaveLength(1)
    expect(await rowsOf(reader, { columns: ['ra.1'] })).toEqual([[2]])
  })
})

describe('a Parquet file that cannot be read is refused with a reason', () => {
  it('with too many cells, before a value is read', async () => {
    const source = fixture('constant.parquet')
    expect(statSync(source.path).size).toBeLessThan(50_000)
    const error = await tableError(openParquet(source, { ...DEFAULT_LIMITS, cells: 1_000_000 }))
    expect(error.code).toBe('too_large')
    expect(error.message).toContain('3000000 rows x 1 columns')
  })

  it('without columns', async () => {
    expect((await tableError(openParquet(fixture('no-columns.parquet'), DEFAULT_LIMITS))).code).toBe('no_columns')
  })

  it.each([
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 100), 'malformed', /cut off/],
    [
      'with another magic',
      (bytes: Uint8Array) => Buffer.concat([Buffer.from('<htm'), bytes.subarray(4)]),
      'not_a_table',
      /PAR1/,
    ],
    [
      'encrypted',
      (bytes: Uint8Array) => Buffer.concat([bytes.subarray(0, -4), Buffer.from('PARE')]),
      'unsupported',
      /encrypted/,
    ],
    [
      'with a footer longer than the file',
      (bytes: Uint8Array) =>
        Buffer.concat([bytes.subarray(0, -8), Buffer.from([255, 255, 255, 127]), Buffer.from('PAR1')]),
      'malformed',
      /footer claims/,
    ],
    [
      'with a damaged footer',
      (bytes: Uint8Array) => Buffer.from(bytes).fill(0xaa, bytes.length - 200, bytes.length - 8),
      'malformed',
      /footer/,
    ],
    ['too short', () => Buffer.from('PAR1PAR1'), 'malformed', /cut off/],
  ])('%s', async (_what, damage, code, message) => {
    const error = await tableError(openParquet(temporaryFile('bad.parquet', damage(parquet())), DEFAULT_LIMITS))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })

  it('with damaged pages', async () => {
    const bytes = Buffer.from(parquet())
    bytes.fill(0xff, 8, 200)
    const reader = await openParquet(temporaryFile('damaged.parquet', bytes), DEFAULT_LIMITS)
    expect((await tableError(rowsOf(reader))).code).toBe('malformed')
  })
})
