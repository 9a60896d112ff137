import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgresServer } from './support/postgres-server.ts'

/**
 * `npm run test:all`: the tests that need Node alone, then those with partners (PostgreSQL, the Python client, Chromium), on a
 * PostgreSQL server of their own unless TEST_DATABASE_URL names one. The last line counts both.
 */
interface Totals {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly success: boolean
}

async function vitest(
  project: string,
  report: string,
  env: NodeJS.ProcessEnv,
  more: readonly string[] = [],
): Promise<Totals> {
  const arguments_ = [
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...more,
  ]
  await new Promise<void>((resolve, reject) => {
    const child = spawn('npx', arguments_, { stdio: 'inherit', env })
    child.once('error', reject)
    child.once('exit', () => resolve()) // the report tells whether it went well
  })
  const totals: Totals = JSON.parse(await readFile(report, 'utf8'))
  return totals
}

/** Browsers, servers and clients each want the machine for themselves. */
const ALONE = ['--maxWorkers=1']

const folder = await mkdtemp(join(tmpdir(), 'photoz-tests-'))
const postgres = process.env.TEST_DATABASE_URL === undefined ? await startPostgresServer() : null
try {
  const env = { ...process.env, ...(postgres === null ? {} : { TEST_DATABASE_URL: await postgres.newDatabase() }) }
  const node = await vitest('node', join(folder, 'node.json'), process.env)
  const partners = await vitest('partners', join(folder, 'partners.json'), env, ALONE)
  const passed = node.numPassedTests + partners.numPassedTests
  const failed = node.numFailedTests + partners.numFailedTests
  const skipped = node.numPendingTests + partners.numPendingTests
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`)
  process.exitCode = node.success && partners.success && passed > 0 ? 0 : 1
} finally {
  await postgres?.stop()
  await rm(folder, { recursive: true, force: true })
}
