import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run as countRedshifts } from '../../src/application/plots/redshift-task.ts'
import type { SkyCounts } from '../../src/application/plots/sky-counts.ts'
import type { SkyArguments } from '../../src/application/plots/sky-task.ts'
import { Examiner } from '../../src/tables/child/examiner.ts'
import { DEFAULT_LIMITS } from '../../src/tables/table.ts'

let directory: string
const context = { progress: () => undefined, tell: () => undefined }

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'photoz-plots-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function source(lines: readonly string[]) {
  const path = join(directory, 'table.csv')
  await writeFile(path, `${lines.join('\n')}\n`)
  return { path, fileName: 'table.csv' }
}

it('counts every redshift once: in a bin, below, above or missing; flags and magnitudes beside', async () => {
  const rows = ['z,flag,mag_i', '0,4.0,20', '0.05,3.0,21', '0.1,1.0,0', '1,4.0,22', '-1,2.0,23', '7,4.0,24', ',4.0,25']
  const counts = await countRedshifts(
    {
      source: await source(rows),
      limits: DEFAULT_LIMITS,
      redshift: { column: 'z', low: 0, high: 1, bins: 10 },
      flag: 'flag',
      secureFlags: [3, 4],
      magnitude: { column: 'mag_i', low: 0, high: 30, bins: 3 },
      gridBins: 2,
    },
    context,
  )
  expect(counts.counts).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 1])
  expect(counts).toMatchObject({ below: 1, above: 1, without: 1 })
  expect(counts.secure).toEqual([2, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  expect(counts.flags).toEqual([
    { value: '4', count: 4 },
    { value: '1', count: 1 },
    { value: '2', count: 1 },
    { value: '3', count: 1 },
  ])
  // Three rows have both; the magnitude 0 is none.
  expect(counts.grid).toEqual([0, 0, 2, 0, 0, 1])
})

it('says that a column of many values holds no flags', async () => {
  const rows = Array.from({ length: 60 }, (_, row) => `0.5,${row}`)
  const counts = await countRedshifts(
    {
      source: await source(['z,flag', ...rows]),
      limits: DEFAULT_LIMITS,
      redshift: { column: 'z', low: 0, high: 1, bins: 1 },
      flag: 'flag',
      secureFlags: [3, 4],
      magnitude: null,
      gridBins: 2,
    },
    context,
  )
  expect(counts).toMatchObject({ counts: [60], flags: null, secure: null, grid: null })
})

it('counts the sky in a child process, with positions in hours too', async () => {
  const examiner = new Examiner({ workDir: directory, memoryBytes: 500_000_000, timeMs: 20_000 })
  try {
    const args: SkyArguments = {
      source: await source(['ra,dec', '10,-30', '10.0001,-30', '1,']),
      limits: DEFAULT_LIMITS,
      ra: { column: 'ra', degrees: 15 },
      dec: { column: 'dec', degrees: 1 },
    }
    const task = new URL('../../src/application/plots/sky-task.ts', import.meta.url)
    const counts = await examiner.runTask<SkyArguments, SkyCounts>({ name: 'sky', module: task }, args)
    expect(counts).toMatchObject({ rows: 2, without: 1 })
    expect(counts.fields).toHaveLength(1)
    expect(counts.fields[0]?.ra).toBeCloseTo(150, 1)
    expect(counts.fields[0]?.dec).toBeCloseTo(-30, 1)
  } finally {
    await examiner.close()
  }
})
