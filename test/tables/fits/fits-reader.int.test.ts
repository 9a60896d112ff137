import { describe, expect, it } from 'vitest'
import { openFits } from '../../../src/tables/fits/fits-reader.ts'
import { DEFAULT_LIMITS } from '../../../src/tables/table.ts'
import { rowsOf, tableError, temporaryFile } from '../read-table.ts'
import { bigEndian, binaryTable, cards, primary, type TestColumn } from './write-fits.ts'

const text = (value: string) => new Uint8Array(Buffer.from(value, 'latin1'))

function open(bytes: Uint8Array, limits = DEFAULT_LIMITS) {
  return openFits(temporaryFile('catalog.fits', bytes), limits)
}

function column(
  name: string,
  form: string,
  cells: Uint8Array[],
  keywords: Record<string, string | number> = {},
): TestColumn {
  return { keywords: { TTYPE: name, TFORM: form, ...keywords }, cells }
}

describe('a FITS binary table', () => {
  it('keeps 64-bit identifiers exact', async () => {
    const ids = [2305843019946942123n, -1n, 2n ** 63n - 1n]
    const reader = await open(
      binaryTable([
        column(
          'TARGETID',
          'K',
          ids.map((id) => bigEndian('i64', id)),
        ),
      ]),
    )
    expect(reader.rows).toBe(3)
    expect(await rowsOf(reader)).toEqual(ids.map((id) => [id]))
  })

  it('reads the conventions for unsigned integers and signed bytes', async () => {
    const reader = await open(
      binaryTable([
        column('u16', 'I', [bigEndian('i16', -32768), bigEndian('i16', 32767)], { TZERO: 32768 }),
        column('u32', 'J', [bigEndian('i32', -(2 ** 31)), bigEndian('i32', 2 ** 31 - 1)], { TZERO: 2147483648 }),
        column('u64', 'K', [bigEndian('i64', -(2n ** 63n)), bigEndian('i64', 1n)], {
          TZERO: '9.223372036854775808E18',
        }),
        column('i8', 'B', [new Uint8Array([0]), new Uint8Array([255])], { TZERO: -128 }),
      ]),
    )
    expect(reader.columns.map((c) => c.type)).toEqual(['uint16', 'uint32', 'uint64', 'int8'])
    expect(await rowsOf(reader)).toEqual([
      [0, 0, 0n, -128],
      [65535, 4294967295, 2n ** 63n + 1n, 127],
    ])
  })

  it('scales, and takes TNULL, undefined logicals and NaN for what they are', async () => {
    const reader = await open(
      binaryTable([
        column('mag', 'I', [bigEndian('i16', 4), bigEndian('i16', -99)], {
          TSCAL: 0.5,
          TZERO: 10,
          TNULL: -99,
          TUNIT: 'mag',
        }),
        column('id', 'K', [bigEndian('i64', 2305843019946942123n), bigEndian('i64', 7n)], {
          TNULL: '2305843019946942123',
        }),
        column('ok', 'L', [text('T'), new Uint8Array([0])]),
        column('z', 'E', [bigEndian('f32', Number.NaN), bigEndian('f32', 0.5)]),
      ]),
    )
    expect(reader.columns[0]).toMatchObject({ name: 'mag', type: 'float64', nativeType: 'I', unit: 'mag' })
    expect(await rowsOf(reader)).toEqual([
      [12, null, true, Number.NaN],
      [null, 7n, null, 0.5],
    ])
  })

  it('has nulls in unsigned columns, whether TNULL is the stored number or, as astropy has it, the unsigned one', async () => {
    const i64 = (...values: bigint[]) => values.map((value) => bigEndian('i64', value))
    const reader = await open(
      binaryTable([
        column('a', 'I', [bigEndian('i16', 16959 - 32768), bigEndian('i16', 5)], { TZERO: 32768, TNULL: 16959 }),
        column('b', 'J', [bigEndian('i32', 999999 - 2 ** 31), bigEndian('i32', 5)], { TZERO: 2 ** 31, TNULL: 999999 }),
        column('c', 'K', i64(999999n - 2n ** 63n, 5n), { TZERO: '9223372036854775808', TNULL: 999999 }),
        column('v', '2I', [bigEndian('i16', 5, 7 - 32768), bigEndian('i16', 5, 8)], { TZERO: 32768, TNULL: 7 }),
        column('s', 'I', [bigEndian('i16', 5), bigEndian('i16', -32768)], { TZERO: 32768, TNULL: -32768 }),
        // 65535 is null here, and 32767 is not.
        column('t', 'I', [bigEndian('i16', 32767), bigEndian('i16', -1)], { TZERO: 32768, TNULL: 32767 }),
      ]),
    )
    expect(await rowsOf(reader)).toEqual([
      [null, null, null, '[32773,null]', 32773, null],
      [32773, 2 ** 31 + 5, 2n ** 63n + 5n, '[32773,32776]', null, 32767],
    ])
  })

  it.each([
    ['HIERARCH cards', (root: string, n: number) => `HIERARCH XT ${root}${n}`],
    ['letters, as of old', (root: string, n: number) => `${root}AA${'ABC'[n - 3]}`],
  ])('has columns beyond those that TFIELDS counts, in the way of TOPCAT: %s', async (_, keyword) => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const cells = Array.from({ length: 5 }, (_, i) => bigEndian('i16', i))
    const further = names.slice(2).flatMap((name, i): [string, string | number][] => [
      [keyword('TTYPE', i + 3), name],
      [keyword('TFORM', i + 3), 'I'],
      [keyword('TUNIT', i + 3), i === 2 ? 'mag' : ''],
    ])
    const container = { TTYPE: 'XT_MORECOLS', TFORM: '3I', TCOMM: 'Extension buffer' }
    const bytes = binaryTable(
      [
        column('a', 'I', [cells[0]!]),
        column('b', 'I', [cells[1]!]),
        { keywords: container, cells: [Buffer.concat(cells.slice(2))] },
      ],
      { extra: { XT_ICOL: 3, XT_NCOL: 5, ...Object.fromEntries(further) } },
    )
    const reader = await open(bytes)
    expect(reader.columns.map(({ name, unit, description }) => [name, unit, description])).toEqual(
      names.map((name) => [name, name === 'e' ? 'mag' : null, null]),
    )
    expect(await rowsOf(reader)).toEqual([[0, 1, 2, 3, 4]])
  })

  it('may lie in a single row, column behind column, as TOPCAT writes colfits', async () => {
    const bytes = binaryTable([
      column('i', '3I', [bigEndian('i16', 1, -9, 3)], { TDIM: '(1,3)', TNULL: -9, TUNIT: 'mag' }),
      column('s', '6A', [text('abc\0de')], { TDIM: '(2,3)' }),
      column('v', '6D', [bigEndian('f64', 1, 2, 3, 4, 5, 6)], { TDIM: '(2,3)' }),
    ])
    const reader = await open(bytes)
    expect([reader.rows, reader.columns.map((c) => [c.name, c.type, c.nativeType, c.unit])]).toEqual([
      3,
      [
        ['i', 'int16', 'I', 'mag'],
        ['s', 'string', '2A', null],
        ['v', 'array', '2D', null],
      ],
    ])
    const rows = [
      [1, 'ab', '[1,2]'],
      [null, 'c', '[3,4]'],
      [3, 'de', '[5,6]'],
    ]
    expect(await rowsOf(reader, { batchRows: 2 })).toEqual(rows)
    expect(await rowsOf(await open(bytes), { columns: ['v', 's'] })).toEqual(rows.map(([, s, v]) => [v, s]))
  })

  it('may have a single row of arrays', async () => {
    const spectrum = (form: string, tdim: string) =>
      column('x', form, [bigEndian('f32', 1, 2, 3)], tdim === '' ? {} : { TDIM: tdim })
    for (const tdim of ['', '(3)', '(3,1)']) {
      expect((await open(binaryTable([spectrum('3E', tdim)]))).rows).toBe(1)
    }
    const mixed = binaryTable([spectrum('3E', '(1,3)'), column('id', 'I', [bigEndian('i16', 7)])])
    expect((await open(mixed)).rows).toBe(1)
  })

  it('reads vectors, shapes, bits, complex numbers and strings', async () => {
    const reader = await open(
      binaryTable([
        column('pdf', '3E', [bigEndian('f32', 0.1, Number.NaN, 0.3)]),
        column('shape', '6I', [bigEndian('i16', 0, 1, 2, 3, 4, 5)], { TDIM: '(3,2)' }),
        column('ids', '2K', [bigEndian('i64', 2n ** 60n, 1n)]),
        column('bits', '10X', [new Uint8Array([0b10100000, 0b01000000])]),
        column('c', 'C', [bigEndian('f32', 1, -2)]),
        column('name', '8A', [text('S\u00e3o  \0xx')]),
        column('names', '6A3', [text('ab cde')]),
      ]),
    )
    expect(await rowsOf(reader)).toEqual([
      [
        '[0.1,null,0.3]',
        '[[0,1,2],[3,4,5]]',
        '["1152921504606846976","1"]',
        '[true,false,true,false,false,false,false,false,false,true]',
        '[1,-2]',
        'São',
        '["ab","cde"]',
      ],
    ])
  })

  it('reads variable-length cells from the heap', async () => {
    const heap = Buffer.concat([bigEndian('f64', 1.5, 2.5), text('hello')])
    const reader = await open(
      binaryTable(
        [
          column('p', '1PD(2)', [bigEndian('i32', 2, 0), bigEndian('i32', 0, 0)]),
          column('q', '1QA(5)', [bigEndian('i64', 5n, 16n), bigEndian('i64', 0n, 0n)]),
        ],
        { heap },
      ),
    )
    expect(reader.columns.map((c) => c.type)).toEqual(['array', 'string'])
    expect(await rowsOf(reader, { batchRows: 1 })).toEqual([
      ['[1.5,2.5]', 'hello'],
      ['[]', ''],
    ])
  })

  it('reads chosen columns in the asked order, in batches, from the beginning each time', async () => {
    const cells = Array.from({ length: 10 }, (_, i) => bigEndian('i32', i))
    const reader = await open(binaryTable([column('a', 'J', cells), column('b', 'J', [...cells].reverse())]))
    const sizes = []
    for await (const batch of reader.batches({ columns: ['b'], batchRows: 4 })) sizes.push(batch.numRows)
    expect(sizes).toEqual([4, 4, 2])
    expect((await rowsOf(reader, { columns: ['b', 'a'] }))[0]).toEqual([9, 0])
  })

  it('tells units, UCDs, descriptions and further tables', async () => {
    const file = binaryTable(
      [column('ra', 'D', [bigEndian('f64', 1)], { TUNIT: 'deg', TUCD: 'pos.eq.ra', TCOMM: "It's RA" })],
      {
        extra: { EXTNAME: 'PHOT' },
      },
    )
    const second = binaryTable([column('x', 'D', [bigEndian('f64', 1)])]).subarray(2880)
    const reader = await open(Buffer.concat([file, second]))
    expect(reader.columns[0]).toMatchObject({ unit: 'deg', ucd: 'pos.eq.ra', description: "It's RA" })
    expect(reader.notes).toEqual(['The file holds 2 tables; this is the first (PHOT).'])
    await reader.close()
  })

  it('has descriptions and units in the comments of astropy', async () => {
    const beginning = "- {name: ra, unit: h, datatype: float64, description: '"
    const filler = 'x'.repeat(70 - beginning.length)
    const yaml = [
      '--BEGIN-ASTROPY-SERIALIZED-COLUMNS--',
      'datatype:',
      `${beginning}${filler}\\`,
      "of ''RA'''}",
      '- {name: z, unit: !astropy.units.Unit {unit: mag}, datatype: float64}',
      'meta: !!omap',
      '- __serialized_columns__: {}',
      '--END-ASTROPY-SERIALIZED-COLUMNS--',
    ]
    const one = [bigEndian('f64', 1)]
    const reader = await open(
      binaryTable([column('ra', 'D', one, { TUNIT: 'deg' }), column('z', 'D', one)], {
        lines: ['COMMENT hello', ...yaml.map((line) => `COMMENT ${line}`)],
      }),
    )
    expect(reader.columns.map(({ unit, description }) => [unit, description])).toEqual([
      ['deg', `${filler}of 'RA'`],
      ['mag', null],
    ])
  })

  it('has infinities in its vectors', async () => {
    const values = [Number.NEGATIVE_INFINITY, 1.5, Number.POSITIVE_INFINITY, Number.NaN]
    const reader = await open(
      binaryTable([
        column('e', '4E', [bigEndian('f32', ...values)]),
        column('d', '4D', [bigEndian('f64', ...values)]),
        column('m', '2M', [bigEndian('f64', ...values)]),
      ]),
    )
    const shown = '["-inf",1.5,"inf",null]'
    expect(await rowsOf(reader)).toEqual([[shown, shown, '[["-inf",1.5],["inf",null]]']])
  })

  it('may have empty variable-length cells that point anywhere', async () => {
    const descriptors = [bigEndian('i32', 0, -(2 ** 30)), bigEndian('i32', 1, 0)]
    const reader = await open(binaryTable([column('p', '1PJ', descriptors)], { heap: bigEndian('i32', 7) }))
    expect(await rowsOf(reader)).toEqual([['[]'], ['[7]']])
  })

  it('may have no rows', async () => {
    const reader = await open(binaryTable([column('z', 'E', [])], { extra: { NAXIS1: 4 } }))
    expect(reader.rows).toBe(0)
    expect(await rowsOf(reader)).toEqual([])
  })
})

describe('a FITS ASCII table', () => {
  const open_ = (form: string, ...cells: string[]) =>
    open(binaryTable([column('x', form, cells.map(text), { TBCOL: 1 })], { extra: { XTENSION: 'TABLE' } }))

  it('has numbers, infinities and blanks', async () => {
    const floats = await open_('D9.2', '  1.5D+02', '      INF', '     -inf', ' Infinity', '      nan', '         ')
    expect(await rowsOf(floats)).toEqual([[150], [Infinity], [-Infinity], [Infinity], [Number.NaN], [null]])
    expect(await rowsOf(await open_('I5', '  -12', '   +7', '     '))).toEqual([[-12], [7], [null]])
    const longs = await open_('I20', '-9223372036854775808', '                 +12')
    expect(await rowsOf(longs)).toEqual([[-(2n ** 63n)], [12n]])
  })

  it.each([
    ['I5', '  1.5'],
    ['I5', ' 1e99'],
    ['I5', ' 0x10'],
    ['I5', '  nan'],
    ['I20', '18446744073709551615'],
    ['E6.2', '  0x10'],
  ])('of the format %s is refused when a cell is "%s"', async (form, cell) => {
    const error = await tableError(rowsOf(await open_(form, '1'.padStart(cell.length), cell)))
    expect([error.code, error.line]).toEqual(['malformed', 2])
    expect(error.message).toContain(`row 2, column "x": "${cell.trim()}" is not a`)
  })
})

describe('a FITS file that cannot be read is refused with a reason', () => {
  const table = (extra: Record<string, string | number | boolean>) =>
    binaryTable([column('z', 'E', [bigEndian('f32', 1), bigEndian('f32', 2)])], { extra })

  it.each([
    ['cut off in the data', table({ NAXIS2: 5000 }), 'malformed', /cut off: its header promises 5000 rows/],
    ['claiming 2^31 rows', table({ NAXIS2: 2 ** 31 }), 'too_large', /2147483648 rows x 1 columns/],
    ['with a huge column', table({ TFORM1: '1000000000E' }), 'malformed', /"z" \(TFORM1 = 1000000000E\) does not fit/],
    ['with a nonsense format', table({ TFORM1: '1Z' }), 'malformed', /not a FITS format: "1Z"/],
    ['with a negative size', table({ NAXIS2: -1 }), 'malformed', /NAXIS2 should be a size/],
    ['with rows of no bytes', table({ NAXIS1: 0, TFORM1: '0E' }), 'malformed', /rows of no bytes/],
    ['without columns', table({ TFIELDS: 0 }), 'no_columns', /without columns/],
    ['compressed by tiles', table({ ZTABLE: true }), 'unsupported', /funpack/],
    ['that is a compressed image', table({ ZIMAGE: true }), 'not_a_table', /an image, but no table/],
    ['with a header alone', primary(), 'not_a_table', /neither images nor tables\./],
    ['without END', Buffer.concat([primary(), cards([['XTENSION', 'BINTABLE']], false)]), 'malformed', /no END/],
    ['that is no FITS', Buffer.from('PAR1'), 'not_a_table', /does not begin with SIMPLE/],
  ])('%s', async (_what, bytes, code, message) => {
    const error = await tableError(open(bytes))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
    expect(error.message).toContain('catalog.fits')
  })

  it('pointing outside of its heap', async () => {
    const reader = await open(
      binaryTable([column('p', '1PD(2)', [bigEndian('i32', 2_000_000_000, 0)])], { heap: new Uint8Array(8) }),
    )
    const error = await tableError(rowsOf(reader))
    expect([error.code, error.line]).toEqual(['malformed', 1])
  })
})
