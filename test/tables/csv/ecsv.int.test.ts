import { describe, expect, test } from 'vitest'
import { openCsv } from '../../../src/tables/csv/csv-reader.ts'
import { DEFAULT_LIMITS } from '../../../src/tables/table.ts'
import { rowsOf } from '../table-files.ts'
import { csvReading } from './csv-reading.ts'

const { files, read, refusal } = csvReading()

test('types, units and descriptions as declared', async () => {
  const table = await read(
    [
      '# %ECSV 1.0',
      '# ---',
      '# delimiter: ","',
      '# datatype:',
      '# - {name: id, datatype: int64, description: the number}',
      '# - {name: ra, unit: deg, datatype: float32}',
      '# - {name: flag, datatype: int16}',
      '# - {name: label, datatype: string}',
      '# - {name: pdf, datatype: string, subtype: "float64[3]"}',
      'id,ra,flag,label,pdf',
      '2305843019946942123,1.5,3,007,"[1.0,2.5,3.0]"',
      '2,,,1,"[1.0,2.5,3.0]"',
    ].join('\n'),
  )
  expect(table.types).toEqual(['int64', 'float32', 'int16', 'string', 'array'])
  expect(table.columns[1]!.unit).toBe('deg')
  expect(table.columns[0]!.description).toBe('the number')
  expect(table.rows).toEqual([
    ['2305843019946942123', 1.5, 3, '007', [1, 2.5, 3]],
    [2, null, null, '1', [1, 2.5, 3]],
  ])
})

test('NA and null are texts where the header declares texts', async () => {
  const header = ['a, datatype: string', 'i, datatype: int64', 'p, datatype: string, subtype: json']
  const table = await read(
    [
      '# %ECSV 1.0',
      '# ---',
      '# datatype:',
      ...header.map((column) => `# - {name: ${column}}`),
      'a i p',
      'NA 1 [1]',
      'null "" null',
      'NaN 3 [3]',
      '- 4 [4]',
      '"" 5 ""',
    ].join('\n'),
  )
  expect(table.rows).toEqual([
    ['NA', 1, [1]],
    ['null', null, null],
    ['NaN', 3, [3]],
    ['-', 4, [4]],
    [null, 5, null],
  ])
})

test('names that are not those declared', async () => {
  const header = '# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: int64}\n# - {name: b, datatype: int64}\n'
  expect(await refusal(`${header}b a\n1 2\n`)).toMatchObject({
    code: 'malformed',
    message: 'The ECSV header declares column 1 as "a", the line of names has "b".',
  })
  expect((await refusal(`${header}a\n1 2\n`)).message).toMatch(/declares 2 columns, the line of names has 1/)
})

test.each([
  // As the Gaia archive writes it: seven lines for each of 152 columns.
  ['longer than the sample of rows', 152],
  ['longer than the first look into the file', 600],
])('a header %s', async (_, width) => {
  const names = Array.from({ length: width }, (_, column) => `column_${column}`)
  const declared = names.flatMap((name) => [
    '# -',
    `#   name: ${name}`,
    '#   datatype: int64',
    '#   unit: mas',
    `#   description: ${'Words. '.repeat(70)}`,
    '#   meta:',
    '#     ucd: meta.id',
  ])
  const lines = [names, names.map((_, column) => column), names.map((_, column) => -column)].map((row) => row.join(','))
  const table = await read(
    ['# %ECSV 1.0', '# ---', "# delimiter: ','", '# datatype:', ...declared, ...lines, ''].join('\n'),
  )
  expect(table.names).toEqual(names)
  expect(table.columns[width - 1]).toMatchObject({ type: 'int64', unit: 'mas', ucd: 'meta.id' })
  expect(table.rows.map((row) => row[width - 1])).toEqual([width - 1, 1 - width])
})

describe('an ECSV header of astropy', () => {
  const table = (columns: string[], meta: string[], rows: string) =>
    ['# %ECSV 1.0', '# ---', '# datatype:', ...columns.map((c) => `# - ${c}`), ...meta.map((m) => `# ${m}`), rows].join(
      '\n',
    )

  test('says with masks where columns have no value', async () => {
    const mask = (name: string) => [
      `    ${name}:`,
      '      __class__: astropy.table.column.MaskedColumn',
      `      data: !astropy.table.SerializedColumn {name: ${name}}`,
      `      mask: !astropy.table.SerializedColumn {name: ${name}.mask}`,
    ]
    const text = table(
      [
        '{name: a, datatype: int64}',
        '{name: a.mask, datatype: bool}',
        '{name: s, datatype: string, unit: !astropy.units.Unit {unit: mag}}',
        '{name: s.mask, datatype: bool}',
        "{name: v, datatype: string, subtype: 'int64[2]'}",
        "{name: v.mask, datatype: string, subtype: 'bool[2]'}",
      ],
      ['meta: !!omap', '- __serialized_columns__:', ...mask('a'), ...mask('s'), ...mask('v')],
      'a a.mask s s.mask v v.mask\n1 False x True [1,2] [false,true]\n2 True y False [3,4] [false,false]\n',
    )
    const { names, rows, columns, notes } = await read(text)
    expect(names).toEqual(['a', 's', 'v', 'v.mask'])
    expect(rows).toEqual([
      [1, null, [1, 2], [false, true]],
      [null, 'y', [3, 4], [false, false]],
    ])
    expect(columns[1]!.unit).toBe('mag')
    expect(notes).toEqual(['Elements of "v" have no value where "v.mask" is true; they are shown all the same.'])
    const reader = await openCsv(await files.write('masked.ecsv', text), DEFAULT_LIMITS, { provisional: true })
    expect(await rowsOf(reader, { columns: ['s'] })).toEqual([[null], ['y']])
  })

  test('may name a unit once, and have columns of complex numbers', async () => {
    const text = table(
      ['{name: c, datatype: complex128}', '{name: x, datatype: float64}'],
      ['meta:', '  ra: {unit: &id001 !astropy.units.Unit {unit: deg}}', '  dec: {unit: *id001}'],
      'c x\n(1+2j) 0.5\n',
    )
    const { types, rows, notes } = await read(text)
    expect([types, rows]).toEqual([['string', 'float64'], [['(1+2j)', 0.5]]])
    expect(notes).toEqual(['The values of "c" (complex128) are shown as they are written.'])
  })

  test.each([
    ['an alias of nothing', ['meta: *nothing']],
    [
      'aliases of aliases',
      [
        'a: &a [x,x,x,x,x,x,x,x,x,x]',
        ...['b', 'c', 'd'].map((n, i) => `${n}: &${n} [${Array(10).fill(`*${'abc'[i]}`)}]`),
      ],
    ],
  ])('is refused for %s', async (_, meta) => {
    const error = await refusal(table(['{name: x, datatype: float64}'], meta, 'x\n1\n'))
    expect([error.code, error.message]).toEqual([
      'malformed',
      expect.stringContaining('The ECSV header is not valid YAML'),
    ])
  })
})
