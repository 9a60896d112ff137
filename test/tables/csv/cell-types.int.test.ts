import { describe, expect, test } from 'vitest'
import { openCsv, Retyped } from '../../../src/tables/csv/csv-reader.ts'
import { DEFAULT_LIMITS } from '../../../src/tables/table.ts'
import { rowsOf } from '../table-files.ts'
import { csvReading } from './csv-reading.ts'

const { files, read } = csvReading()

describe('types', () => {
  const typeOf = async (...cells: string[]) => {
    const table = await read(`k,v\n${cells.map((cell, i) => `${i},${cell}`).join('\n')}\n`)
    return { type: table.types[1], cells: table.rows.map((row) => row[1]) }
  }

  test.each([
    [['1', '', 'NaN', 'null', 'N/A', '-'], 'int64', [1, null, null, null, null, null]],
    [['2305843019946942123', '-9223372036854775808'], 'int64', ['2305843019946942123', '-9223372036854775808']],
    [['18446744073709551615', '1'], 'uint64', ['18446744073709551615', 1]],
    [['18446744073709551616', '1'], 'string', ['18446744073709551616', '1']],
    [['18446744073709551615', '-1'], 'string', ['18446744073709551615', '-1']],
    [['2305843019946942123', '1.5'], 'string', ['2305843019946942123', '1.5']],
    [['123456789012345680000', '0.5'], 'float64', [123456789012345680000, 0.5]],
    [['1', '2.5', '1e3', '+4', '.5', '6.'], 'float64', [1, 2.5, 1000, 4, 0.5, 6]],
    [['inf', '-inf', '1e400', '1'], 'float64', ['inf', '-inf', 'inf', 1]],
    [['007', '8'], 'string', ['007', '8']],
    [['0', '-0'], 'int64', [0, 0]],
    [['0x1F', '1'], 'string', ['0x1F', '1']],
    [['12:30:01.2', '1'], 'string', ['12:30:01.2', '1']],
    [['true', 'False', 'TRUE', ''], 'bool', [true, false, true, null]],
    [['true', '1'], 'string', ['true', '1']],
    [['a', '-', 'NA'], 'string', ['a', '-', null]],
    [['', 'NaN'], 'float64', [null, null]],
    [['=HYPERLINK("x")', '-29.87'], 'string', ['=HYPERLINK("x")', '-29.87']],
    [['0.1234567890123456', '150.12345678901235'], 'float64', [0.1234567890123456, 150.12345678901235]],
  ] as const)('%j', async (cells, type, values) => {
    expect(await typeOf(...cells)).toEqual({ type, cells: values })
    // The order of the rows makes no difference.
    expect(await typeOf(...[...cells].reverse())).toEqual({ type, cells: [...values].reverse() })
  })

  test('a column changes its type far behind the beginning', async () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => `${i},${i},${i}`)
    rows.push('200000,0.5,word')
    const source = await files.write('late.csv', `a,b,c\n${rows.join('\n')}\n`)
    const reader = await openCsv(source, DEFAULT_LIMITS)
    expect(reader.columns.map(({ type }) => type)).toEqual(['int64', 'float64', 'string'])
    const read = await rowsOf(reader)
    expect(read[7]).toEqual([7, 7, '7'])
    expect(read.at(-1)).toEqual([200000, 0.5, 'word'])

    const provisional = await openCsv(source, DEFAULT_LIMITS, { provisional: true })
    expect(provisional.columns[1]!.type).toBe('int64')
    await expect(rowsOf(provisional)).rejects.toBeInstanceOf(Retyped)
    expect(await rowsOf(provisional)).toEqual(read)
  })
})
