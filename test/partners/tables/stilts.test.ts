import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTable } from '../../../src/tables/open.ts'
import { rowsOf } from '../../tables/table-files.ts'

/** Tables as STILTS, and so TOPCAT, writes them in formats with conventions of its own. */

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pz-stilts-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A CSV table, written again by STILTS. */
function rewritten(csv: string, format: string, fileName: string, ...commands: string[]) {
  const path = join(folder, fileName)
  const original = join(folder, `${fileName}.csv`)
  writeFileSync(original, csv)
  const steps = commands.map((command) => `cmd=${command}`)
  execFileSync('stilts', ['tpipe', `in=${original}`, 'ifmt=csv', ...steps, `out=${path}`, `ofmt=${format}`], {
    stdio: 'ignore',
  })
  return openTable({ path, fileName })
}

describe('what STILTS writes', () => {
  it('may be a FITS table of more than 999 columns', async () => {
    const names = Array.from({ length: 1100 }, (_, i) => `c${i}`)
    const reader = await rewritten(`${names}\n${names.map((_, i) => i)}\n`, 'fits-basic', 'wide.fits')
    expect(reader.columns.map(({ name }) => name)).toEqual(names)
    expect(await rowsOf(reader)).toEqual([names.map((_, i) => i)])
  })

  it.each(['colfits-basic', 'colfits-plus'])('may be a FITS table of columns: %s', async (format) => {
    const csv = 'id,name,z\n1,a b,0.5\n2,c,\n3,,1.5\n'
    const reader = await rewritten(csv, format, `${format}.fits`, 'addcol v "array(id,2,3)"')
    expect(reader.columns.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'int16'],
      ['name', 'string'],
      ['z', 'float32'],
      ['v', 'array'],
    ])
    expect(await rowsOf(reader)).toEqual([
      [1, 'a b', 0.5, [1, 2, 3]],
      [2, 'c', null, [2, 2, 3]],
      [3, '', 1.5, [3, 2, 3]],
    ])
  })
})
