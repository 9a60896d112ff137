import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeOutput } from '../../src/pipelines/write-output.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'photoz-output-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const numbers = (name: string) => ({ name, type: 'float64', values: Float64Array.of(1, 2) }) as const
const table = { rows: 2, metadata: {}, columns: [numbers('ra'), numbers('dec'), numbers('größe'), numbers('Norder')] }
const notesOf = async (format: 'fits' | 'hats' | 'parquet') => {
  const { notes } = await writeOutput(table, { format, folder, name: format, position: { ra: 'ra', dec: 'dec' } })
  return notes
}

it('says what a format does to columns', async () => {
  expect(await notesOf('parquet')).toEqual([])
  expect(await notesOf('fits')).toEqual(["The column 'größe' is 'gro?e' in the file: FITS names are short and ASCII"])
  expect(await notesOf('hats')).toEqual([
    "The column 'Norder' is left out: in a HATS catalog it tells where a row lies",
  ])
})
