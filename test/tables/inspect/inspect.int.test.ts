import { Utf8, vectorFromArray } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { cellAt } from '../../../src/tables/cell.ts'
import { inspect, inspectTable } from '../../../src/tables/inspect.ts'
import { openTable } from '../../../src/tables/open.ts'
import { DEFAULT_LIMITS } from '../../../src/tables/table.ts'
import { tableFiles } from '../table-files.ts'

const files = tableFiles()

test('what a small table is like', async () => {
  const text =
    'id,z,flag,survey,ok\n2305843019946942123,0.5,1,DESI,true\n3,,4,VVDS,false\n4,inf,4,DESI,\n5,1.5,,,true\n'
  const inspection = await inspect(await files.write('t.csv', text))
  expect(inspection).toMatchObject({ version: 1, format: 'csv', rows: 4 })
  const [id, z, flag, survey, ok] = inspection.columns
  expect(id).toMatchObject({
    type: 'int64',
    min: 3,
    max: '2305843019946942123',
    nulls: 0,
    distinct: 4,
    distinctIsExact: true,
  })
  expect(z).toMatchObject({ type: 'float64', nulls: 1, min: 0.5, max: 1.5, mean: 1, standardDeviation: 0.5, median: 1 })
  expect(z!.histogram).toMatchObject({ low: 0.5, high: 1.5, below: 0, above: 1 })
  expect(flag!.frequent).toEqual([
    { value: 4, count: 2 },
    { value: 1, count: 1 },
  ])
  expect(flag!.histogram!.counts).toEqual([1, 0, 0, 2])
  expect(survey).toMatchObject({ min: 'DESI', max: 'VVDS', nulls: 1, distinct: 2, mean: null })
  expect(ok!.frequent).toEqual([
    { value: true, count: 2 },
    { value: false, count: 1 },
  ])
  expect(inspection.preview).toEqual([
    ['2305843019946942123', 0.5, 1, 'DESI', true],
    [3, null, 4, 'VVDS', false],
    [4, 'inf', 4, 'DESI', null],
    [5, 1.5, null, null, true],
  ])
  expect(inspection.notes).toEqual(['Infinite values are left out of the statistics of z.'])
  expect(JSON.parse(JSON.stringify(inspection))).toEqual(inspection)
})

test('no rows', async () => {
  const { rows, columns, preview } = await inspect(await files.write('t.csv', 'ra,dec\n'))
  expect({ rows, preview }).toEqual({ rows: 0, preview: [] })
  expect(columns[0]).toMatchObject({
    nulls: 0,
    min: null,
    mean: null,
    median: null,
    distinct: 0,
    histogram: null,
    frequent: null,
  })
})

describe('a larger table', () => {
  const rows = 100_000
  const lines = Array.from({ length: rows }, (_, i) => {
    const mag = i % 10 === 0 ? -99 : 20 + ((i * 7919) % 5000) / 1000
    return `${i},${mag},s${i % 7},${(i * 0.618033988749895) % 1},${i % 1000 === 0 ? 1e9 : i % 50},w${i}`
  })
  const text = `id,mag,survey,u,flux,word\n${lines.join('\n')}\n`

  test('the batches make no difference', async () => {
    const source = await files.write('t.csv', text)
    const whole = await inspect(source)
    const reader = await openTable(source)
    for (const batchRows of [777, 65_536, 1_000_000]) {
      expect(await inspectTable(reader, DEFAULT_LIMITS, { batchRows })).toEqual(whole)
    }
  })

  test('statistics of all rows, estimates within a few percent', async () => {
    const { columns, notes, preview } = await inspect(await files.write('t.csv', text))
    const [id, mag, survey, u, flux, word] = columns
    expect(id).toMatchObject({ min: 0, max: rows - 1, mean: (rows - 1) / 2, distinctIsExact: false })
    expect(id!.distinct! / rows).toBeCloseTo(1, 1)
    expect(word!.distinct! / rows).toBeCloseTo(1, 1)
    expect(u!.median).toBeCloseTo(0.5, 1)
    expect(u!.standardDeviation).toBeCloseTo(Math.sqrt(1 / 12), 5)
    expect(survey!.frequent).toHaveLength(7)
    // -99 does not press the magnitudes into one bin, 1e9 does not press the fluxes.
    expect(mag!.histogram!.low).toBeGreaterThanOrEqual(20)
    expect(mag!.histogram!.below).toBeGreaterThan(8_000)
    expect(flux!.histogram!.high).toBeLessThan(100)
    for (const { histogram } of [id!, mag!, flux!]) {
      const inside = histogram!.counts.reduce((a, b) => a + b, 0)
      expect(inside + histogram!.below + histogram!.above).toBe(rows)
    }
    expect(notes[0]).toMatch(/Medians and histograms are estimated/)
    expect(preview).toHaveLength(100)
  })
})

test('a column whose type changes late is inspected from the beginning again', async () => {
  const text = `a\n${'1\n'.repeat(300_000)}0.5\n`
  const { columns, rows } = await inspect(await files.write('t.csv', text))
  expect(rows).toBe(300_001)
  expect(columns[0]).toMatchObject({ type: 'float64', min: 0.5, max: 1, nulls: 0, distinct: 2 })
})

test('encoding and type both show late', async () => {
  const rows = Array.from({ length: 120_000 }, (_, i) => `n${i},${i}\n`).join('')
  const inspection = await inspect(await files.write('t.csv', Buffer.from(`name,v\n${rows}été,-5.5\n`, 'latin1')))
  expect(inspection.rows).toBe(120_001)
  expect(inspection.dialect).toMatchObject({ encoding: 'latin1' })
  expect(inspection.columns[0]).toMatchObject({ name: 'name', type: 'string', max: 'été' })
  expect(inspection.columns[1]).toMatchObject({ name: 'v', type: 'float64', min: -5.5, max: 119_999, nulls: 0 })
})

test('cells of arrays keep large integers, and lose NUL', () => {
  const data = vectorFromArray(
    ['[1,2305843019946942123,0.1234567890123456,"1234567890123456"]', '["a\\u0000"]'],
    new Utf8(),
  ).data[0]!
  expect(cellAt(data, 'array', 0)).toEqual([1, '2305843019946942123', 0.1234567890123456, '1234567890123456'])
  expect(cellAt(data, 'array', 1)).toEqual(['a\ufffd'])
})
