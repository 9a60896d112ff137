import { describe, expect, test } from 'vitest'
import { openCsv, Retyped } from '../../../src/tables/csv/csv-reader.ts'
import { DEFAULT_LIMITS } from '../../../src/tables/table.ts'
import { rowsOf } from '../table-files.ts'
import { csvReading } from './csv-reading.ts'

const { files, read, refusal } = csvReading()

describe('dialects', () => {
  test.each([
    ['comma', 'ra,dec,z\n1.5,-2,0.1\n3,4,0.2\n', ','],
    ['semicolon', 'ra;dec;z\n1.5;-2;0.1\n3;4;0.2\n', ';'],
    ['tab', 'ra\tdec\tz\n1.5\t-2\t0.1\n3\t4\t0.2\n', '\t'],
    ['bar', 'ra|dec|z\n1.5|-2|0.1\n3|4|0.2\n', '|'],
    ['blanks', '  ra   dec  z\n  1.5  -2   0.1\n  3     4   0.2\n', ' '],
    ['padded commas', 'ra , dec , z\n 1.5 , -2 , 0.1\n 3, 4, 0.2\n', ','],
    ['padded commas, a comment', '# in five words by me\nra , dec , z\n1.5 , -2 , 0.1\n3 , 4 , 0.2\n', ','],
    ['decimal comma', 'ra;dec;z\n1,5;-2;0,1\n3;4;0,2\n', ';'],
    ['CRLF', 'ra,dec,z\r\n1.5,-2,0.1\r\n3,4,0.2\r\n', ','],
    ['CR', 'ra,dec,z\r1.5,-2,0.1\r3,4,0.2\r', ','],
    ['no last line end', 'ra,dec,z\n1.5,-2,0.1\n3,4,0.2', ','],
    ['blank lines', 'ra,dec,z\n\n1.5,-2,0.1\n   \n3,4,0.2\n\n\n', ','],
    ['byte order mark', '\ufeffra,dec,z\n1.5,-2,0.1\n3,4,0.2\n', ','],
    ['quoted names and numbers', '"ra","dec","z"\n"1.5",-2,"0.1"\n3,"4",0.2\n', ','],
    ['comment first', '# made by hand\nra,dec,z\n1.5,-2,0.1\n# and here\n3,4,0.2\n', ','],
    ['commented names', '#ra,dec,z\n1.5,-2,0.1\n3,4,0.2\n', ','],
    ['commented names after others', '# survey X\n# ra dec z\n1.5 -2 0.1\n3 4 0.2\n', ' '],
    ['commented names, comma after all', '# ra dec z\n1.5,-2,0.1\n3,4,0.2\n', ','],
  ])('%s', async (_, text, delimiter) => {
    const table = await read(text)
    expect(table.names).toEqual(['ra', 'dec', 'z'])
    expect(table.types).toEqual(['float64', 'int64', 'float64'])
    expect(table.rows).toEqual([
      [1.5, -2, 0.1],
      [3, 4, 0.2],
    ])
    expect(table.dialect.delimiter).toBe(delimiter)
    expect(table.dialect.hasHeader).toBe(true)
  })

  test('more comments than rows are looked at', async () => {
    const table = await read(`${'# history\n'.repeat(1_200)}ra;dec\n1.5;-2\n3;4\n`)
    expect(table.names).toEqual(['ra', 'dec'])
    expect(table.rows).toEqual([
      [1.5, -2],
      [3, 4],
    ])
  })

  test.each([
    ['a sentence', '# two words\nname,class\nM31,a\nM33,b\n', ['name', 'class']],
    ['names between commas', '# name,class\nM31,a\nM33,b\n', ['name', 'class']],
    ['names between blanks, a word that comes again', '# name class\nM31,a\nM33,a\nM31,b\n', ['name', 'class']],
    ['names over columns of numbers', '# a b c\n0,1,2\n0.5,1.5,2.5\n', ['a', 'b', 'c']],
  ])('a comment of as many words as columns: %s', async (_, text, names) => {
    expect((await read(text)).names).toEqual(names)
  })

  test.each([
    ['# success rate of Newman+13, fig. 13\n0.93\n0.91\n', ['0']],
    ['# z\n0.93\n0.91\n', ['z']],
  ])('a comment over a single column: %j', async (text, names) => {
    const table = await read(text)
    expect(table.names).toEqual(names)
    expect(table.rows).toEqual([[0.93], [0.91]])
  })

  test.each([
    ['texts', '# id name ra\n1 "Smith, J" 2.5\n2 "Mc, B" 3.5\n', ['id', 'name', 'ra'], [1, 'Smith, J', 2.5]],
    ['texts without names', '1 "Smith, J" 2.5\n2 "Mc, B" 3.5\n', ['0', '1', '2'], [1, 'Smith, J', 2.5]],
    ['lists', '# id v\n 1 "(0.0, 1.0)"\n 2 "(3.0, 4.0)"\n', ['id', 'v'], [1, '(0.0, 1.0)']],
    ['one number of each row', '# ra dec\n1,5 2\n2,5 3\n', ['ra', 'dec'], [1.5, 2]],
    ['numbers', '# ra dec\n1,5 2,5\n3,5 4,5\n', ['ra', 'dec'], [1.5, 2.5]],
    ['numbers without names', '1,5 2,5\n3,5 -4,5e1\n', ['0', '1'], [1.5, 2.5]],
  ])('commas within the cells of a table of blanks: %s', async (_, text, names, first) => {
    const table = await read(text)
    expect(table.dialect.delimiter).toBe(' ')
    expect(table.names).toEqual(names)
    expect(table.rows[0]).toEqual(first)
  })

  test.each([
    ['inches', 'size,place\n12" x,a b\n3" y,c d\n', ['12" x', 'a b']],
    ['lists', '"a 1",2\n"b 2",3\n', ['a 1', 2]],
    ['commented names', '# my ra, my dec\n1.5 J, 2 a\n3 K, 4 b\n', ['1.5 J', '2 a']],
  ])('blanks within the cells of a table of commas: %s', async (_, text, first) => {
    const table = await read(text)
    expect(table.dialect.delimiter).toBe(',')
    expect(table.rows[0]).toEqual(first)
  })

  test.each([
    ['letters', 'id\tname\tz\nN\tS\tN\n1\ta b\t0.5\n2\tc\t\n'],
    ['widths, comments', '# rdb\nid\tname\tz\n8N\t10S\t6N\n1\ta b\t0.5\n2\tc\t\n'],
  ])('the types under the names of an RDB table are no row: %s', async (_, text) => {
    const { names, types, rows } = await read(text)
    expect([names, types]).toEqual([
      ['id', 'name', 'z'],
      ['int64', 'string', 'float64'],
    ])
    expect(rows).toEqual([
      [1, 'a b', 0.5],
      [2, 'c', null],
    ])
  })

  test('a row of flags is a row', async () => {
    expect((await read('a\tb\nN\tS\nN\tN\n')).rows).toHaveLength(2)
    expect((await read('a\tb\nN\tS\nY\tM\n')).rows).toHaveLength(2)
    const error = await refusal('a\tb\nN\tN\n1\t2\nx\n')
    expect([error.code, error.line]).toEqual(['malformed', 4])
  })

  test.each([
    ['utf-16le', Buffer.from('\ufeffnom,z\nSão,1\n', 'utf16le')],
    ['utf-16be', Buffer.from('\ufeffnom,z\nSão,1\n', 'utf16le').swap16()],
    ['latin1', Buffer.from('nom,z\nSão,1\n', 'latin1')],
    ['utf-8', Buffer.from('nom,z\nSão,1\n')],
  ] as const)('%s', async (encoding, bytes) => {
    const table = await read(bytes)
    expect(table.dialect.encoding).toBe(encoding)
    expect(table.names).toEqual(['nom', 'z'])
    expect(table.rows).toEqual([['São', 1]])
    expect(table.notes.some((note) => note.includes('Latin-1'))).toBe(encoding === 'latin1')
  })

  test('text that is no UTF-8 has the quotes, dashes and euros of Windows-1252', async () => {
    const bytes = Buffer.from('name,\x80 price\n\x93a\x94 \x96 \xe9,1\n\x81,2\n', 'latin1')
    const { names, rows } = await read(bytes)
    expect(names).toEqual(['name', '€ price'])
    expect(rows).toEqual([
      ['“a” – é', 1],
      ['\x81', 2],
    ])
  })

  test('a byte that is no UTF-8 far behind the beginning makes it Latin-1', async () => {
    const rows = 'abc,1\n'.repeat(400_000)
    const table = await read(Buffer.from(`nom,z\n${rows}São,2\n`, 'latin1'))
    expect(table.dialect.encoding).toBe('latin1')
    expect(table.rows.at(-1)).toEqual(['São', 2])
    expect(table.rows).toHaveLength(400_001)
  })

  test('Latin-1 that shows late begins at the first row, with the names of a small file', async () => {
    const beginning = Buffer.from('# é…é\nnomé,ré\nn,1\n')
    const end = Buffer.from('São,2\n', 'latin1')
    const small = await read(Buffer.concat([beginning, end]))
    const large = Buffer.concat([beginning, Buffer.from('abc,1\n'.repeat(250_000)), end])
    const table = await read(large)
    expect(table.names).toEqual(['nomÃ©', 'rÃ©'])
    expect(table.names).toEqual(small.names)
    expect(table.types).toEqual(['string', 'int64'])
    expect([table.rows[0], table.rows.at(-1), table.rows.length]).toEqual([['n', 1], ['São', 2], 250_002])

    const provisional = await openCsv(await files.write('large.csv', large), DEFAULT_LIMITS, { provisional: true })
    await expect(rowsOf(provisional)).rejects.toBeInstanceOf(Retyped)
    expect(provisional.columns).toEqual(table.columns)
    expect(await rowsOf(provisional)).toEqual(table.rows)
  })

  test('a byte order mark is no part of the first name, even before Latin-1', async () => {
    const bytes = Buffer.concat([Buffer.from('\ufeffnom,z\n'), Buffer.from('São,1\n', 'latin1')])
    expect(await read(bytes)).toMatchObject({ names: ['nom', 'z'], rows: [['São', 1]] })
  })

  test.each(['a,b\n1,2\n3,4\n\x1a', 'a,b\n1,2\n3,4\x1a'])('the end of a text of DOS is no cell: %j', async (text) => {
    const { types, rows } = await read(text)
    expect({ types, rows }).toEqual({
      types: ['int64', 'int64'],
      rows: [
        [1, 2],
        [3, 4],
      ],
    })
  })

  test.each([
    ['comma', ',', ' # a, b, c'],
    ['comma, tab before', ',', '\t# a, b, c'],
    ['blanks', ' ', '\t # a b c'],
    ['tab', '\t', '  # a\tb\tc'],
  ])('a comment may be indented: %s', async (_, delimiter, comment) => {
    const lines = ['# c', ['x', 'y'], ['1', '2'], comment, ['3', '4'], comment]
    const table = await read(lines.map((line) => (Array.isArray(line) ? line.join(delimiter) : line)).join('\n'))
    expect(table.dialect.delimiter).toBe(delimiter)
    expect(table.rows).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  test('a tab between cells is no indent', async () => {
    expect((await read('# c\nx\ty\n1\tM31\n\t#2\n')).rows).toEqual([
      [1, 'M31'],
      [null, '#2'],
    ])
  })

  test('no header', async () => {
    const table = await read('1,2.5,a\n3,4.5,b\n')
    expect(table.names).toEqual(['0', '1', '2'])
    expect(table.dialect.hasHeader).toBe(false)
    expect(table.rows).toHaveLength(2)
  })

  test.each([
    ['in quotes that values lack', '"1","2"\n5,0.5\n6,7\n', ['1', '2']],
    ['in quotes as all texts are (R)', '"id","2010","2011"\n"a",1,2\n"b",3,4\n', ['id', '2010', '2011']],
    ['a count of the columns', '0,1,2\n7,1.5,2.5\n8,2.5,3.5\n', ['0', '1', '2']],
    ['a count behind an index (pandas)', ',0,1,2\n0,M31,1.5,2\n1,M87,3.5,4\n', ['index', '0', '1', '2']],
  ])('numbers are names: %s', async (_, text, names) => {
    const table = await read(text)
    expect(table.names).toEqual(names)
    expect(table.dialect.hasHeader).toBe(true)
    expect(table.rows).toHaveLength(2)
  })

  test.each([
    ['a matrix', '0,1,2\n3,4,5\n6,7,8\n'],
    ['a curve', '0,1\n0.5,0.9\n1.5,0.8\n'],
    ['all in quotes', '"1","2"\n"3","4"\n"5","6"\n'],
    ['years', '2010,2011\n0.5,1.5\n2.5,3.5\n'],
    ['one column', '0\n1.5\n2.5\n'],
  ])('numbers are a row: %s', async (_, text) => {
    const table = await read(text)
    expect(table.dialect.hasHeader).toBe(false)
    expect(table.rows).toHaveLength(3)
  })

  test('words alone: the first line is the header', async () => {
    const table = await read('name,class\nM31,spiral\nM87,elliptical\n')
    expect(table.names).toEqual(['name', 'class'])
    expect(table.rows).toHaveLength(2)
  })

  test('words alone that come again are no header', async () => {
    expect((await read('spiral,a\nelliptical,b\nspiral,c\n')).names).toEqual(['0', '1'])
  })

  test('a single column', async () => {
    const table = await read('z\n1\n2\n')
    expect(table.names).toEqual(['z'])
    expect(table.rows).toEqual([[1], [2]])
  })

  test('header only', async () => {
    const table = await read('ra,dec\n')
    expect(table.names).toEqual(['ra', 'dec'])
    expect(table.rows).toEqual([])
  })

  test('unnamed, empty and equal names', async () => {
    const table = await read(',ra,ra,,ra_2\n0,1,2,3,4\n')
    expect(table.names).toEqual(['index', 'ra', 'ra_3', 'column_4', 'ra_2'])
    expect(table.notes).toHaveLength(3)
    expect(table.rows).toEqual([[0, 1, 2, 3, 4]])
  })

  test('a table of R: one name less than columns', async () => {
    expect((await read('ra dec\n1 10.5 2.5\n2 11.5 3.5\n')).names).toEqual(['index', 'ra', 'dec'])
  })

  test.each([
    [
      'rows in quotes',
      '"z"\n"M 31" 10\n"M 87" 20\n',
      [
        ['M 31', 10],
        ['M 87', 20],
      ],
    ],
    [
      'rows by number',
      'z\n1 10\n2 20\n',
      [
        [1, 10],
        [2, 20],
      ],
    ],
    [
      'between tabs',
      'z\nM 31\t10\nM 87\t20\n',
      [
        ['M 31', 10],
        ['M 87', 20],
      ],
    ],
  ])('a table of R with one column: %s', async (_, text, rows) => {
    expect(await read(text)).toMatchObject({ names: ['index', 'z'], rows })
  })

  test.each([['M 31'], ['red galaxy'], ['2020-01-01 12:30:00'], ['10.5 -20.5']])(
    'a single column of two words each: %s',
    async (cell) => {
      expect(await read(`name\n${cell}\n${cell}1\n`)).toMatchObject({ names: ['name'], rows: [[cell], [`${cell}1`]] })
    },
  )

  test('quotes: delimiters, line ends and quotes within', async () => {
    const table = await read('id,note\n1,"a, ""b""\nc"\n2," x "\n3,5" wide\n')
    expect(table.rows).toEqual([
      [1, 'a, "b"\nc'],
      [2, ' x '],
      [3, '5" wide'],
    ])
  })

  test('only some columns, in another order', async () => {
    const reader = await openCsv(await files.write('t.csv', 'a,b,c\n1,x,2.5\n2,"y,z",3.5\n'), DEFAULT_LIMITS)
    expect(await rowsOf(reader, { columns: ['c', 'a'] })).toEqual([
      [2.5, 1],
      [3.5, 2],
    ])
  })
})

describe('refusals', () => {
  test.each([
    ['too few', 'ra,dec,z\n1,2,3\n4,5\n', 'malformed', 3],
    ['too many', 'ra,dec,z\n"1\n",2,3\n4,5,6,7\n', 'malformed', 4],
    ['open quote', 'a,b\n1,2\n3,"x\ny\n', 'malformed', 3],
    ['text after a quote', 'a,b\n1,2\n3,"x"y\n', 'malformed', 3],
    ['prose', 'This is a file about galaxies.\nIt holds no table at all, alas.\nSorry!\n', 'not_a_table', null],
    ['nothing but comments', '# nothing\n', 'empty', null],
    ['0 bytes', '', 'empty', null],
    [
      'bad ECSV number',
      '# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: int8}\n# - {name: b, datatype: int8}\na b\n1 200\n',
      'malformed',
      7,
    ],
  ])('%s', async (_, text, code, line) => {
    const error = await refusal(text)
    expect(error.code).toBe(code)
    expect(error.line).toBe(line)
  })

  test('100,000 columns', async () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`).join(',')
    expect((await refusal(`${names}\n${names.replaceAll('c', '')}\n`)).code).toBe('too_large')
  })

  test('a line that never ends', async () => {
    const limits = { ...DEFAULT_LIMITS, lineBytes: 3_000_000 }
    expect((await refusal('x'.repeat(4_000_000), limits)).code).toBe('too_large')
    expect((await refusal(`a,b\n1,2\n3,"${'x'.repeat(6_000_000)}`, limits)).code).toBe('too_large')
  })

  test('too many cells', async () => {
    expect((await refusal(`a,b\n${'1,2\n'.repeat(1000)}`, { ...DEFAULT_LIMITS, cells: 1000 })).code).toBe('too_large')
  })
})
