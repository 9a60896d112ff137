import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('crashing-worker.ts', import.meta.url))
/** In each stage of a run's life, and how often it is begun then: asked for, at work, done but not recorded, not published. */
const POINTS: readonly (readonly [point: string, attempts: number])[] = [
  ['before:ProductRegistered', 1],
  ['after:RunProgressed/neighbours', 2],
  ['before:RunSucceeded', 2],
  ['after:RunSucceeded', 1],
]

let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'photoz-crash-'))
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

const start = (point: string): Promise<{ signal: string | null; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, ['--import', 'tsx', PROGRAM, dataDir, point], (_error, stdout, stderr) =>
      resolve({ signal: child.signalCode, stdout, stderr }),
    )
  })

it('a run survives the death of its worker in every stage, and publishes one product', {
  timeout: 180_000,
}, async () => {
  for (const [point] of POINTS) {
    const { signal, stdout, stderr } = await start(point)
    expect([point, signal, stdout, stderr]).toEqual([point, 'SIGKILL', '', ''])
  }
  const { stdout, stderr } = await start('none')
  expect(stderr).toBe('')
  const one = { status: 'succeeded', product: 'published', files: 4, rows: '1', successes: 1, publications: 1 }
  expect(JSON.parse(stdout)).toEqual(POINTS.map(([, attempts]) => ({ attempts, ...one })))
})
