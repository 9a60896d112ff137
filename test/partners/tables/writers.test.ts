import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OutputColumn, OutputTable } from '../../../src/tables/writers/output-table.ts'
import { writeTable } from '../../../src/tables/writers/write-table.ts'
import { cellsOf, SAMPLE_TABLE } from '../../tables/writers/sample-table.ts'

/** Tables that we write, read by the field's own programs: every value, unit, UCD and description. */

interface Said {
  readonly columns: Readonly<Record<string, readonly unknown[]>>
  readonly units: Readonly<Record<string, string>>
  readonly ucds: Readonly<Record<string, string>>
  readonly descriptions: Readonly<Record<string, string>>
}

/**
 * What astropy 7 can read as `parquet.votable`: floats, and columns that have a value in every row; no unsigned 64-bit
 * integers, for which VOTable has no type. pandas, which tables_io reads Parquet with, rounds integers with nulls.
 */
const FULL_TABLE: OutputTable = {
  ...SAMPLE_TABLE,
  columns: SAMPLE_TABLE.columns.filter(
    (column) => column.type !== 'uint64' && (column.type.startsWith('float') || !cellsOf(column).includes(null)),
  ),
}

const WITH_GAPS: OutputColumn = {
  name: 'z',
  type: 'float64',
  values: Float64Array.of(1.5, Number.NaN, 2.5, Number.NaN),
}
const LONG_NAMES = ['x'.repeat(69), `${'x'.repeat(69)}y`, "'".repeat(40), '  '].map(
  (name, i): OutputColumn => ({ name, type: 'int32', values: Int32Array.of(i) }),
)
const ODD_TABLE: OutputTable = {
  rows: 2,
  metadata: {},
  columns: [
    { name: 'd', type: 'float64', values: Float64Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
    { name: 's', type: 'string', values: ['a\ufffeb', '\uffff\u0001'] },
  ],
}

let folder: string
let said: Readonly<Record<string, Said>>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pz-writers-'))
  const path = (name: string) => join(folder, name)
  await writeTable('csv', SAMPLE_TABLE, path('sample.csv'))
  await writeTable('fits', SAMPLE_TABLE, path('sample.fits'))
  await writeTable('hdf5', SAMPLE_TABLE, path('sample.hdf5'))
  await writeTable('hdf5', SAMPLE_TABLE, path('rail.hdf5'), { hdf5Group: 'photometry' })
  await writeTable('parquet', SAMPLE_TABLE, path('sample.parquet'), { parquet: { rowGroupRows: 2 } })

  await writeTable('parquet', FULL_TABLE, path('full.parquet'))
  copyFileSync(path('full.parquet'), path('full.pq'))
  await writeTable('votable', SAMPLE_TABLE, path('sample.vot'))
  await writeTable('votable', SAMPLE_TABLE, path('tabledata.vot'), { votable: 'tabledata' })
  await writeTable('csv', { rows: 4, metadata: {}, columns: [WITH_GAPS] }, path('one.csv'))
  await writeTable('fits', { rows: 1, metadata: {}, columns: LONG_NAMES }, path('names.fits'))
  await writeTable('votable', ODD_TABLE, path('odd.vot'), { votable: 'tabledata' })
  const script = join(import.meta.dirname, 'writers_partner.py')
  const answer = execFileSync(process.env.PARTNER_PYTHON ?? 'python3', [script, folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  said = JSON.parse(answer.slice(answer.indexOf('{')))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const READERS = [
  'csv pandas',
  'fits astropy',
  'hdf5 h5py',
  'hdf5 tables_io',
  'hdf5 photometry',
  'parquet pyarrow',
  'parquet tables_io',
  'parquet astropy',
  'votable astropy',
  'tabledata astropy',
]
const NOT_ALL = new Set(['parquet astropy', 'parquet tables_io'])
const WITH_WORDS = ['fits astropy', 'hdf5 h5py', 'parquet astropy', 'votable astropy', 'tabledata astropy']

describe('what other programs read of our tables', () => {
  it.each(READERS)('has the same values: %s', (reader) => {
    const table = NOT_ALL.has(reader) ? FULL_TABLE : SAMPLE_TABLE
    const { columns } = said[reader]!
    expect(Object.keys(columns)).toEqual(table.columns.map(({ name }) => name))
    for (const column of table.columns) {
      expect(
        columns[column.name]!.map((cell) => canonical(cell, column)),
        column.name,
      ).toEqual(cellsOf(column).map((cell) => canonical(cell, column)))
    }
  })

  it.each(WITH_WORDS)('has the same units, UCDs and descriptions: %s', (reader) => {
    const { columns } = reader === 'parquet astropy' ? FULL_TABLE : SAMPLE_TABLE
    const { units, ucds, descriptions } = said[reader]!
    expect(units).toEqual(wordsOf(columns, 'unit'))
    if (reader !== 'parquet astropy') expect(ucds).toEqual(wordsOf(columns, 'ucd'))
    expect(descriptions).toEqual(wordsOf(columns, 'description'))
  })

  it('has a row for each line of a single column', () => {
    expect(said['one column']!.columns).toEqual({ z: ['1.5', null, '2.5', null] })
  })

  it('has names that fit in FITS, and the whole ones in the comment', () => {
    const { columns, descriptions } = said['long names']!
    const names = ['x'.repeat(68), `${'x'.repeat(66)}_2`, "'".repeat(34), 'col4']
    expect(columns).toEqual(Object.fromEntries(names.map((name, i) => [name, [`${i}`]])))
    expect(Object.values(descriptions)).toEqual(LONG_NAMES.slice(0, 3).map(({ name }) => name))
  })

  it('has nothing in TABLEDATA that votlint does not know', () => {
    const odd = join(folder, 'odd.vot')
    expect(execFileSync('stilts', ['votlint', odd], { encoding: 'utf8' })).toBe('')
    const csv = execFileSync('stilts', ['tpipe', `in=${odd}`, 'ofmt=csv'], { encoding: 'utf8' })
    expect(csv).toBe('d,s\nInfinity,a\ufffdb\n-Infinity,\ufffd\ufffd\n')
  })

  it.each(['hdf5 h5py', 'hdf5 tables_io', 'fits astropy', 'parquet pyarrow'])('has truth values: %s', (reader) => {
    expect(said[reader]!.columns.flag).toEqual([true, false, true, false, true])
  })

  it('has the ids exact', () => {
    for (const reader of READERS) {
      expect(said[reader]!.columns.objectId).toEqual([
        '2305843019946942123',
        '-9223372036854775808',
        '9223372036854775807',
        '0',
        '-1',
      ])
    }
  })

  it.each(['fits', 'vot'])('is the same to STILTS: %s', (extension) => {
    const input = `in=${join(folder, `sample.${extension}`)}`
    const csv = execFileSync(
      'stilts',
      ['tpipe', input, 'cmd=keepcols "objectId ra i16 tie_result bigOrNull"', 'ofmt=csv'],
      {
        encoding: 'utf8',
      },
    )
    expect(csv.trimEnd().split('\n')).toEqual([
      'objectId,ra,i16,tie_result,bigOrNull',
      '2305843019946942123,0.1,-32768,-128,2305843019946942123',
      '-9223372036854775808,359.99999999999994,32767,127,',
      '9223372036854775807,1.0E-7,,0,3',
      '0,-0.0,1,1,4',
      '-1,,2,2,6',
    ])
    const columns = execFileSync('stilts', ['tpipe', input, 'cmd=meta name units ucd description', 'ofmt=csv'], {
      encoding: 'utf8',
    })
    expect(columns).toContain('objectId,,meta.id;meta.main,"Unique identifier, beyond 2^53 <&"">"')
    expect(columns).toContain('ra,deg,pos.eq.ra;meta.main,')
    expect(columns).toContain('mag,mag,,')
  })
})

function wordsOf(columns: readonly OutputColumn[], word: 'unit' | 'ucd' | 'description'): Record<string, string> {
  return Object.fromEntries(columns.flatMap((column) => (column[word] ? [[column.name, column[word]]] : [])))
}

/** A cell in words that do not depend on the format: truth values with nulls may be texts, integers floats. */
function canonical(cell: unknown, { type }: OutputColumn): unknown {
  if (cell === null) return null
  if (type === 'bool') return String(cell).toLowerCase()
  if (type === 'string') return cell
  const text = String(cell)
  if (type === 'float32') return String(Math.fround(Number(text)))
  if (type === 'float64' || /[.e]/.test(text)) return String(Number(text))
  return text
}
