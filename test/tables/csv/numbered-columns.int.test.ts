import { describe, expect, test } from 'vitest'
import { csvReading } from './csv-reading.ts'

const { read } = csvReading()

describe('comments that number the columns', () => {
  const about = ({ columns }: Awaited<ReturnType<typeof read>>) =>
    columns.map(({ name, unit, description }) => [name, unit, description])

  test('of SExtractor, which skips the elements of vectors', async () => {
    const table = await read(
      [
        '#   1 NUMBER                 Running object number',
        '#   2 FLUX_APER              Flux within circular apertures                  [count]',
        '#   4 ALPHA_J2000            Right ascension of barycenter (J2000)           [deg]',
        '#   5 MAG_APER               [mag]',
        '         1   12.5   13.5  150.25  -1.5  -2.5',
        '         2   22.5   23.5  151.25  -3.5  -4.5',
        '',
      ].join('\n'),
    )
    expect(about(table)).toEqual([
      ['NUMBER', null, 'Running object number'],
      ['FLUX_APER', 'count', 'Flux within circular apertures'],
      ['FLUX_APER_1', 'count', 'Flux within circular apertures'],
      ['ALPHA_J2000', 'deg', 'Right ascension of barycenter (J2000)'],
      ['MAG_APER', 'mag', null],
      ['MAG_APER_1', 'mag', null],
    ])
    expect(table.rows[0]).toEqual([1, 12.5, 13.5, 150.25, -1.5, -2.5])
    expect(table.dialect.hasHeader).toBe(true)
  })

  test('of BPZ, after other comments', async () => {
    const table = await read('##Run of 2 June\n##ZMIN=0.01\n#  1 id\n#  2 Z_B\n#  3 Z_B_MIN\n7 0.5 0.25\n8 0.75 0.5\n')
    expect(table.names).toEqual(['id', 'Z_B', 'Z_B_MIN'])
  })

  test('without rows', async () => {
    const table = await read('# 1 NUMBER\n# 2 FLUX_ISO Isophotal flux [count]\n# 4 FLAGS\n')
    expect(about(table)).toEqual([
      ['NUMBER', null, null],
      ['FLUX_ISO', 'count', 'Isophotal flux'],
      ['FLUX_ISO_1', 'count', 'Isophotal flux'],
      ['FLAGS', null, null],
    ])
    expect(table.rows).toEqual([])
  })

  test.each([
    ['notes', '# 1 first we did this\n# 2 then we did that\n1 2 3\n4 5 6\n', ['0', '1', '2']],
    ['more than there are', '# 1 A\n# 2 B\n# 3 C\n1 2\n4 5\n', ['0', '1']],
    ['another order', '# 2 A\n# 1 B\n1 2\n4 5\n', ['0', '1']],
    ['a header below', '# 1 A\n# 2 B\nx y\n1 2\n4 5\n', ['x', 'y']],
  ])('no such list: %s', async (_, text, names) => {
    const table = await read(text)
    expect(table.names).toEqual(names)
    expect(table.columns.every(({ description }) => description === null)).toBe(true)
  })
})
