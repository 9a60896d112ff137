import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json } from '../../support/app.ts'
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts'
import { accepted } from '../../support/products.ts'
import { logIn, type Remote } from '../../support/remote.ts'
import { CATALOG_A, MARK } from '../../support/runs.ts'
import { type ServerProcess, startProcess } from '../../support/server-process.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

let postgres: PostgresServer
let server: ServerProcess
let admin: Remote
let env: Record<string, string>
const workers: ChildProcess[] = []

beforeAll(async () => {
  postgres = await startPostgresServer({ fsync: 'off' })
  env = { DATABASE_URL: await postgres.newDatabase() }
  server = await startProcess({ env: { ...env, RUN_WORKERS: '0' } })
  admin = await logIn(server.url, 'admin', server.adminPassword)
})
afterAll(async () => {
  for (const worker of workers) if (worker.exitCode === null && worker.signalCode === null) worker.kill('SIGKILL')
  await server.stop()
  await postgres.stop()
  await rm(server.dataDir, { recursive: true, force: true })
})

/** `npm run worker`, on the same database and the same blobs. */
function startWorker(): ChildProcess {
  const worker = spawn(process.execPath, ['--import', 'tsx', 'src/cli/worker.ts'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, DATA_DIR: server.dataDir, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  workers.push(worker)
  return worker
}

async function catalog(): Promise<number> {
  const { id } = accepted(await admin.post('/api/products/', { display_name: 'Survey A', product_type: 1 }))
  accepted(await admin.upload(id, 'a.csv', CATALOG_A))
  const columns: Json[] = accepted(await admin.get(`/api/product-contents/?product=${id}`)).results
  const alias: Record<string, string> = { flag: 'z_flag' }
  for (const { id: column, column_name: name } of columns)
    accepted(await admin.patch(`/api/product-contents/${column}/`, { alias: alias[name] ?? name }))
  accepted(await admin.patch(`/api/products/${id}/`, { status: '1' }))
  return id
}

const request = async (input: number): Promise<Json> =>
  accepted(
    await admin.post('/api/processes/', {
      display_name: 'Far away',
      pipeline: 1,
      inputs: [input],
      used_config: { param: MARK },
    }),
  )

async function until(id: number, wanted: (run: Json) => boolean): Promise<Json> {
  for (let i = 0; i < 600; i++) {
    const run = accepted(await admin.get(`/api/processes/${id}/`))
    if (wanted(run)) return run
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`Run ${id} did not get there`)
}

it('carries out runs in a process of its own, with bytes that the server replays', { timeout: 180_000 }, async () => {
  const input = await catalog()
  const waiting = await request(input)
  expect(waiting.status).toBe('Pending')
  const worker = startWorker()
  const done = await until(waiting.id, ({ status }) => status === 'Successful' || status === 'Failed')
  expect(done.status).toBe('Successful')
  expect(done.worker).toContain(`/${worker.pid}/`)
  // The replay runs in the server.
  expect(accepted(await admin.post(`/api/processes/${done.id}/replay/`, {})).replay).toMatchObject({ identical: true })

  worker.kill('SIGTERM')
  await once(worker, 'exit')
  expect(worker.exitCode).toBe(0)
})

it('takes up the run of a worker that was killed', { timeout: 180_000 }, async () => {
  const input = await catalog()
  const first = startWorker()
  const run = await request(input)
  await until(run.id, ({ status }) => status !== 'Pending')
  first.kill('SIGKILL')
  await once(first, 'exit')
  const second = startWorker()
  const done = await until(run.id, ({ status }) => status === 'Successful')
  // Unless the first one was faster than the signal.
  expect([first.pid, second.pid].some((pid) => done.worker.includes(`/${pid}/`))).toBe(true)
  const product = accepted(await admin.get(`/api/products/${run.upload}/`))
  expect([1, 3]).toContain(product.status)
})
