import { afterAll, beforeAll, expect, test } from 'vitest'
import { ThreadPartner } from '../../../src/tables/child/partner.ts'
import { inspect, type Partner } from '../../../src/tables/inspect.ts'
import { DEFAULT_LIMITS, type TableSource } from '../../../src/tables/table.ts'
import type { OutputTable } from '../../../src/tables/writers/output-table.ts'
import { type FileFormat, writeTable } from '../../../src/tables/writers/write-table.ts'
import { tableFiles } from '../table-files.ts'

const files = tableFiles()
const partner = new ThreadPartner()
beforeAll(() => partner.awake())
afterAll(() => partner.close())

const ROWS = 90_000
const TABLE: OutputTable = {
  rows: ROWS,
  metadata: {},
  columns: [
    { name: 'id', type: 'int64', values: BigInt64Array.from({ length: ROWS }, (_, i) => 2n ** 60n + BigInt(i)) },
    { name: 'survey', type: 'string', values: Array.from({ length: ROWS }, (_, i) => ['DESI', '2dFGRS', ''][i % 3]!) },
    { name: 'flag', type: 'int32', values: Int32Array.from({ length: ROWS }, (_, i) => (i * 7) % 5) },
    ...Array.from({ length: 10 }, (_, column) => ({
      name: `mag_${column}`,
      type: 'float64' as const,
      values: Float64Array.from({ length: ROWS }, (_, i) => (i % 11 === column ? Number.NaN : Math.sin(i + column))),
    })),
  ],
}

async function written(format: FileFormat): Promise<TableSource> {
  const fileName = `table.${format}`
  const path = files.path(fileName)
  await writeTable(format, TABLE, path)
  return { path, fileName }
}

test.each(['fits', 'hdf5', 'parquet'] as const)('two find in a %s table what one finds', async (format) => {
  const source = await written(format)
  const alone = await inspect(source)
  expect(alone.columns.map(({ name }) => name)).toEqual(TABLE.columns.map(({ name }) => name))
  expect(await inspect(source, DEFAULT_LIMITS, { partner })).toEqual(alone)

  // Who takes which columns is a matter of speed: here the partner takes some at least.
  const found = await partner.inspect({
    source,
    limits: DEFAULT_LIMITS,
    passes: [[0], [1, 2], [5]],
    next: new Int32Array(new SharedArrayBuffer(4)),
  })
  expect(found.rows).toBe(ROWS)
  expect([...found.columns.keys()]).toEqual([0, 1, 2, 5])
  for (const [place, { profile, preview }] of found.columns) {
    expect(profile).toEqual(alone.columns[place])
    expect(preview).toEqual(alone.preview.map((row) => row[place]))
  }
})

test('a partner that fails is not missed, and a small table needs none', async () => {
  let asked = 0
  const clumsy: Partner = {
    isReady: true,
    async inspect() {
      asked++
      throw new Error('Not today')
    },
  }
  const source = await written('fits')
  expect(await inspect(source, DEFAULT_LIMITS, { partner: clumsy })).toEqual(await inspect(source))
  expect(asked).toBe(1)
  await inspect(await files.write('t.csv', 'ra,dec\n1,2\n'), DEFAULT_LIMITS, { partner: clumsy })
  expect(asked).toBe(1)
})

test('a partner is ready for the next file, and not any more when it is gone', async () => {
  const source = await written('fits')
  const short = new ThreadPartner()
  expect(short.isReady).toBe(false)
  await short.awake()
  expect(short.isReady).toBe(true)
  const work = { source, limits: DEFAULT_LIMITS, next: new Int32Array(new SharedArrayBuffer(4)) }
  await expect(short.inspect({ ...work, passes: [[99]] })).rejects.toThrow()
  expect(short.isReady).toBe(true)
  const underway = short.inspect({ ...work, passes: [[0], [1], [2]], next: new Int32Array(new SharedArrayBuffer(4)) })
  expect(short.isReady).toBe(false)
  const failed = expect(underway).rejects.toThrow('The partner thread ended.')
  await short.close()
  await failed
  expect(short.isReady).toBe(false)
})
