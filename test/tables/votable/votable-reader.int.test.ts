import { describe, expect, test } from 'vitest'
import { inspect } from '../../../src/tables/inspect.ts'
import { DEFAULT_LIMITS, TableError } from '../../../src/tables/table.ts'
import { openVotable } from '../../../src/tables/votable/votable-reader.ts'
import { rowsOf, tableFiles } from '../table-files.ts'

const files = tableFiles()

const FIELDS = `
  <FIELD name="id" datatype="long" ucd="meta.id;meta.main"><VALUES null="-1"/></FIELD>
  <FIELD name="ra" datatype="double" unit="deg"><DESCRIPTION>
    Right
    &lt;ascension&gt;
  </DESCRIPTION></FIELD>
  <FIELD name="mag" datatype="float"/>
  <FIELD name="flag" datatype="short"><VALUES null="-9"/></FIELD>
  <FIELD name="ok" datatype="boolean"/>
  <FIELD name="label" datatype="char" arraysize="*"/>
  <FIELD name="pdf" datatype="double" arraysize="3"/>`

function votable(data: string, fields = FIELDS): string {
  return `<?xml version="1.0"?>
<!-- made by hand -->
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><INFO name="QUERY_STATUS" value="OK"/>
<TABLE name="first">${fields}<DATA>${data}</DATA></TABLE></RESOURCE></VOTABLE>`
}

async function read(text: string | Uint8Array) {
  const reader = await openVotable(await files.write('t.vot', text), DEFAULT_LIMITS)
  const rows = await rowsOf(reader)
  return { rows, columns: reader.columns, notes: reader.notes }
}

const ROWS = [
  ['2305843019946942123', 10.5, 20.25, 3, true, 'a&b', [1, 2.5, 3]],
  [null, null, null, null, null, null, null],
  [-5, -0.5, 1e-7, -32768, false, 'x', [1, null, 3]],
]

const TABLEDATA = `<TABLEDATA>
 <TR><TD>2305843019946942123</TD><TD>10.5</TD><TD>20.25</TD><TD>3</TD><TD>T</TD><TD>a&amp;b</TD><TD>1 2.5 3</TD></TR>
 <!-- a comment --><TR ID="x">
   <TD>-1</TD> <TD>NaN</TD><TD/><TD> -9 </TD><TD>?</TD><TD></TD><TD></TD></TR>
 <TR><TD>-5</TD><TD> -.5</TD><TD>1e-7</TD><TD>-32768</TD><TD>false</TD><TD><![CDATA[x]]></TD><TD>1 NaN 3</TD></TR>
</TABLEDATA>`

test('TABLEDATA', async () => {
  const { rows, columns } = await read(votable(TABLEDATA))
  expect(rows).toEqual(ROWS)
  expect(columns.map(({ type }) => type)).toEqual(['int64', 'float64', 'float32', 'int16', 'bool', 'string', 'array'])
  expect(columns[1]).toMatchObject({ name: 'ra', unit: 'deg', description: 'Right <ascension>', nativeType: 'double' })
  expect(columns[0]!.ucd).toBe('meta.id;meta.main')
})

test('datatypes and nulls of archives that VOTable does not define', async () => {
  const types = [
    'string',
    'unicodeString',
    'int16',
    'int32',
    'int64',
    'float32',
    'float64',
    'unsignedShort',
    'unsignedInt',
  ]
  const fields = types.map((type) => `<FIELD name="${type}" datatype="${type}"/>`).join('')
  const row = (cells: readonly string[]) => `<TR>${cells.map((cell) => `<TD>${cell}</TD>`).join('')}</TR>`
  const data = [
    ['NGC 1', 'São', '-5', '7', '9', '1.5', '2.5', '65535', '4294967295'],
    types.map(() => 'null'),
    types.map(() => '-'),
  ]
  const { rows, columns } = await read(votable(`<TABLEDATA>${data.map(row).join('')}</TABLEDATA>`, fields))
  expect(columns.map(({ type }) => type)).toEqual([
    'string',
    'string',
    'int16',
    'int32',
    'int64',
    'float32',
    'float64',
    'int32',
    'int64',
  ])
  expect(columns.map(({ nativeType }) => nativeType)).toEqual(types)
  expect(rows).toEqual([
    ['NGC 1', 'São', -5, 7, 9, 1.5, 2.5, 65535, 4294967295],
    ['null', 'null', ...types.slice(2).map(() => null)],
    ['-', '-', ...types.slice(2).map(() => null)],
  ])
})

test.each([1, 5, 1e12])(
  'statistics do not depend on nrows: %d',
  async (claimed) => {
    const rows = [1, 2, 3, 4].map((x) => `<TR><TD>${x}</TD></TR>`).join('')
    const text = votable(`<TABLEDATA>${rows}</TABLEDATA>`, '<FIELD name="x" datatype="double"/>')
    const source = await files.write('t.vot', text.replace('<TABLE ', `<TABLE nrows="${claimed}" `))
    const { rows: found, columns } = await inspect(source)
    expect([found, columns[0]!.median, columns[0]!.histogram?.counts.reduce((sum, count) => sum + count, 0)]).toEqual([
      4, 2.5, 4,
    ])
  },
  5000,
)

test('infinities in arrays', async () => {
  const field = '<FIELD name="d" datatype="double" arraysize="4"/>'
  const shown = [[['-inf', 1.5, 'inf', null]]]
  const data = '<TABLEDATA><TR><TD>-Inf 1.5 +Inf NaN</TD></TR></TABLEDATA>'
  expect((await read(votable(data, field))).rows).toEqual(shown)
  const bytes = Buffer.alloc(32)
  const values = [Number.NEGATIVE_INFINITY, 1.5, Number.POSITIVE_INFINITY, Number.NaN]
  for (const [i, value] of values.entries()) bytes.writeDoubleBE(value, 8 * i)
  const stream = `<BINARY><STREAM encoding="base64">${bytes.toString('base64')}</STREAM></BINARY>`
  expect((await read(votable(stream, field))).rows).toEqual(shown)
})

test('a number that VALUES declares as null is none, in floats too', async () => {
  const fields = ['float', 'double'].map(
    (type) => `<FIELD name="${type}" datatype="${type}"><VALUES null="-99.1"/></FIELD>`,
  )
  const cells = '<TR><TD>-99.1</TD><TD>-99.10</TD></TR><TR><TD>1.5</TD><TD>2.5</TD></TR>'
  const shown = [
    [null, null],
    [1.5, 2.5],
  ]
  expect((await read(votable(`<TABLEDATA>${cells}</TABLEDATA>`, fields.join('')))).rows).toEqual(shown)
  const bytes = Buffer.alloc(24)
  bytes.writeFloatBE(-99.1, 0)
  bytes.writeDoubleBE(-99.1, 4)
  bytes.writeFloatBE(1.5, 12)
  bytes.writeDoubleBE(2.5, 16)
  const stream = `<BINARY><STREAM encoding="base64">${bytes.toString('base64')}</STREAM></BINARY>`
  expect((await read(votable(stream, fields.join('')))).rows).toEqual(shown)
})

test('an empty null is no number', async () => {
  const field = '<FIELD name="x" datatype="double"><VALUES null=""/></FIELD>'
  expect((await read(votable('<TABLEDATA><TR><TD>0</TD></TR></TABLEDATA>', field))).rows).toEqual([[0]])
})

test.each([
  '<!DOCTYPE VOTABLE SYSTEM "http://us-vo.org/xml/VOTable.dtd">',
  '<!DOCTYPE VOTABLE>',
  `<!DOCTYPE VOTABLE PUBLIC "-//x" 'y'>`,
])('a document type without definitions is skipped: %s', async (doctype) => {
  const text = votable(TABLEDATA).replace('<VOTABLE', `${doctype}\n<VOTABLE`)
  expect((await read(text)).rows).toEqual(ROWS)
})

test('arrays of texts are cut by their first axis, however they are written', async () => {
  const field = (datatype: string, size: string) =>
    `<FIELD name="${datatype} ${size}" datatype="${datatype}" arraysize="${size}"/>`
  const fields = field('char', '3x2') + field('char', '2x*') + field('char', '1x2x2') + field('unicodeChar', '3x2')
  const shown = [
    [
      ['ab', 'cde'],
      ['a', 'bc', 'd'],
      [
        ['a', 'b'],
        ['c', ''],
      ],
      ['é', 'Ωxy'],
    ],
  ]
  const data = '<TR><TD>ab cde</TD><TD>a bcd </TD><TD>abc </TD><TD>é  Ωxy</TD></TR>'
  const { rows, columns } = await read(votable(`<TABLEDATA>${data}</TABLEDATA>`, fields))
  expect(columns.map(({ type }) => type)).toEqual(['array', 'array', 'array', 'array'])
  expect(rows).toEqual(shown)
  const wide = Buffer.from('é\0\0Ωxy', 'utf16le').swap16()
  const row = Buffer.concat([Buffer.from('ab\0cde'), Buffer.from([0, 0, 0, 6]), Buffer.from('a bcd abc '), wide])
  for (const [name, flags] of [
    ['BINARY', Buffer.alloc(0)],
    ['BINARY2', Buffer.alloc(1)],
  ] as const) {
    const stream = Buffer.concat([flags, row]).toString('base64')
    const xml = `<${name}><STREAM encoding="base64">${stream}</STREAM></${name}>`
    expect((await read(votable(xml, fields))).rows, name).toEqual(shown)
  }
})

test.each(['BINARY', 'BINARY2'])('%s', async (name) => {
  const parts: Buffer[] = []
  for (const [id, ra, mag, flag, ok, label, pdf] of ROWS) {
    if (name === 'BINARY2') {
      parts.push(
        Buffer.from([
          [id, ra, mag, flag, ok, label, pdf].reduce<number>(
            (bits, v, i) => (v === null ? bits | (0x80 >> i) : bits),
            0,
          ),
        ]),
      )
    }
    const fixed = Buffer.alloc(8 + 8 + 4 + 2 + 1)
    fixed.writeBigInt64BE(BigInt(id === null ? -1 : String(id)), 0)
    fixed.writeDoubleBE(ra === null ? Number.NaN : Number(ra), 8)
    fixed.writeFloatBE(mag === null ? Number.NaN : Number(mag), 16)
    fixed.writeInt16BE(flag === null ? -9 : Number(flag), 20)
    fixed.write(ok === null ? '?' : ok ? 'T' : 'F', 22)
    const text = Buffer.from(String(label ?? ''))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(text.length)
    const array = Buffer.alloc(24)
    for (let i = 0; i < 3; i++) array.writeDoubleBE((Array.isArray(pdf) ? pdf[i] : null) ?? Number.NaN, 8 * i)
    parts.push(fixed, length, text, array)
  }
  const base64 = Buffer.concat(parts).toString('base64').replace(/.{40}/g, '$&\n')
  const { rows } = await read(votable(`<${name}><STREAM encoding="base64">\n${base64}\n</STREAM></${name}>`))
  const expected = name === 'BINARY2' ? ROWS : [ROWS[0], [...ROWS[1]!.slice(0, 6), [null, null, null]], ROWS[2]]
  expect(rows).toEqual(expected)
})

test.each([
  ['value="OVERFLOW" name="QUERY_STATUS"', 'The service that made this VOTable cut the table short.'],
  ["name='QUERY_STATUS' value='ERROR'", 'The service that made this VOTable reported an error.'],
])('what a service says after the table is noted: %s', async (attributes, note) => {
  const fields = '<FIELD name="x" datatype="int"/>'
  for (const rows of [1, 40_000]) {
    const data = `<TABLEDATA>${'<TR><TD>1</TD></TR>'.repeat(rows)}</TABLEDATA>`
    const told = `${' '.repeat(70_000)}<INFO ${attributes}>&amp; more</INFO><INFO name="url" value="?a&b"/></RESOURCE>`
    const { notes, rows: read1 } = await read(votable(data, fields).replace('</RESOURCE>', told))
    expect([read1.length, notes]).toEqual([rows, [note]])
  }
})

test('many rows, whatever the batches, and the tables after the first are noted', async () => {
  const fields = '<FIELD name="i" datatype="int"/><FIELD name="x" datatype="double"/>'
  const body = Array.from({ length: 50_000 }, (_, i) => `<TR><TD>${i}</TD><TD>${i / 7}</TD></TR>`).join('\n')
  const text = votable(`<TABLEDATA>${body}</TABLEDATA>`, fields).replace(
    '</RESOURCE>',
    `<TABLE name="second">${fields}</TABLE></RESOURCE>`,
  )
  const reader = await openVotable(await files.write('t.vot', text), DEFAULT_LIMITS)
  const rows = await rowsOf(reader, { batchRows: 999 })
  expect(rows).toHaveLength(50_000)
  expect(rows[49_999]).toEqual([49_999, 49_999 / 7])
  expect(reader.notes).toEqual(['The file holds 2 tables; this is the first (first).'])
  expect(await rowsOf(reader, { columns: ['x'] })).toEqual(rows.map((row) => [row[1]]))
})

test('no rows', async () => {
  expect((await read(votable('<TABLEDATA/>'))).rows).toEqual([])
  expect((await read(votable('<TABLEDATA></TABLEDATA>'))).rows).toEqual([])
})

describe('refusals', () => {
  test.each([
    ['DOCTYPE', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><VOTABLE/>', 'unsupported'],
    [
      'an entity',
      votable('<TABLEDATA><TR><TD>1</TD><TD>1</TD><TD>1</TD><TD>1</TD><TD>1</TD><TD>&e;</TD><TD/></TR></TABLEDATA>'),
      'malformed',
    ],
    ['rows in a Parquet file', votable('<PARQUET><STREAM href="file:t.parquet"/></PARQUET>'), 'unsupported'],
    ['nothing in it', '<?xml version="1.0"?><VOTABLE version="1.4"/>', 'not_a_table'],
    ['a stream elsewhere', votable('<BINARY><STREAM href="file:///etc/passwd"/></BINARY>'), 'unsupported'],
    ['cut off in a row', votable(TABLEDATA).replace(/-32768[\s\S]*/, '-32'), 'malformed'],
    ['cut off in the header', votable(TABLEDATA).slice(0, 300), 'malformed'],
    ['not well-formed', votable(TABLEDATA).replace('<DATA>', '<DATA></TABLE>'), 'malformed'],
    ['a wrong value', votable(TABLEDATA.replace('10.5', 'ten')), 'malformed'],
    ['a value out of range', votable(TABLEDATA.replace('<TD>3</TD>', '<TD>40000</TD>')), 'malformed'],
    ['too few cells', votable('<TABLEDATA><TR><TD>1</TD></TR></TABLEDATA>'), 'malformed'],
    ['no columns', votable('<TABLEDATA></TABLEDATA>', ''), 'no_columns'],
    ['no table', '<VOTABLE><RESOURCE/></VOTABLE>', 'not_a_table'],
  ])('%s', async (_, text, code) => {
    const error: unknown = await read(text).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(TableError)
    expect(error).toMatchObject({ code })
  })
})
