import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTable } from '../../../src/tables/open.ts'
import { rowsOf } from '../../tables/table-files.ts'

const PARTNER = fileURLToPath(new URL('./text_partner.py', import.meta.url))
type Value = string | number | boolean | null
interface Written {
  readonly file: string
  readonly columns: Record<string, Value[]>
}

let folder = ''
let written: Written[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'text-partner-'))
  const python = process.env.PARTNER_PYTHON ?? 'python3'
  const { stdout } = await promisify(execFile)(python, [PARTNER, folder], { maxBuffer: 64 << 20 })
  written = JSON.parse(stdout)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const FILES = [
  'comma.csv',
  'semicolon.csv',
  'tab.tsv',
  'decimal.csv',
  'bom.csv',
  'utf16.csv',
  'quoted.csv',
  'crlf.csv',
  'table.ecsv',
  'masks.ecsv',
  'positions.ecsv',
  'tabledata.vot',
  'binary.vot',
  'binary2.vot',
  'commented.dat',
]

test.each(FILES)('%s holds what pandas or astropy reads from it', async (file) => {
  const { columns } = written.find((each) => each.file === file)!
  const reader = await openTable({ path: join(folder, file), fileName: file })
  const names = Object.keys(columns)
  expect(reader.columns.map(({ name }) => name).filter((name) => name !== 'pdf')).toEqual(names)
  const rows = await rowsOf(reader, { columns: names })
  await reader.close()
  for (const [index, name] of names.entries()) {
    const single = reader.columns.find((column) => column.name === name)!.type === 'float32'
    const ours = rows.map((row) => row[index])
    const theirs = columns[name]!.map((value) => (single && typeof value === 'number' ? Math.fround(value) : value))
    // Python sends integers as text, to keep all their digits.
    const comparable = ours.map((value, row) =>
      typeof value === 'number' && typeof theirs[row] === 'string'
        ? String(value)
        : single && typeof value === 'number'
          ? Math.fround(value)
          : value,
    )
    expect(comparable, name).toEqual(theirs)
  }
})

test('units of ECSV and VOTable', async () => {
  for (const file of ['table.ecsv', 'binary2.vot']) {
    const reader = await openTable({ path: join(folder, file), fileName: file })
    expect(reader.columns.find(({ name }) => name === 'ra')?.unit).toBe('deg')
    await reader.close()
  }
})
