import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeTable } from '../../../src/tables/writers/write-table.ts'
import { OBJECTS, REDSHIFTS } from '../../pipelines/training-set/run-support.ts'
import type { Json } from '../../support/app.ts'
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts'
import { accepted, giveRole, PRODUCT_TYPE, registered } from '../../support/products.ts'
import { logIn, type Remote } from '../../support/remote.ts'
import { CATALOG_A, CATALOG_B } from '../../support/runs.ts'
import { type ServerProcess, startProcess } from '../../support/server-process.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Every kind of run: both pipelines, in each of their formats. */
const RUNS = [
  ...['parquet', 'csv', 'fits', 'hdf5', 'hats'].map((output_format) => ({ pipeline: 1, output_format })),
  ...['parquet', 'csv', 'fits', 'hdf5', 'votable', 'hats'].map((output_format) => ({ pipeline: 2, output_format })),
]
const COMBINE = {
  combine_type: 'concatenate_and_remove_duplicates',
  z_flag_homogenized_value_to_cut: null,
  tie_treatment_option: 'draw_one',
  seed: 5,
}
const TRAINING_SET = { random_seed: 7, train_fraction: 0.5 }

let postgres: PostgresServer
const objectsPath = join(tmpdir(), `same-bytes-${process.pid}.parquet`)
const servers: ServerProcess[] = []
const workers: ChildProcess[] = []

beforeAll(async () => {
  postgres = await startPostgresServer({ fsync: 'off' })
  await writeTable('parquet', OBJECTS, objectsPath)
})
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL')
  for (const server of servers) await server.stop()
  await postgres.stop()
  await rm(objectsPath, { force: true })
})

/** A server of its own with nothing in it. */
async function site(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const server = await startProcess({ env: { RUN_WORKERS: '1', ...env } })
  servers.push(server)
  return server
}

/** `npm run worker`, on the database and the blobs of a server. */
function startWorker({ dataDir }: ServerProcess, env: Readonly<Record<string, string>>): void {
  const worker = spawn(process.execPath, ['--import', 'tsx', 'src/cli/worker.ts'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  workers.push(worker)
}

async function publish(
  admin: Remote,
  name: string,
  content: string | Uint8Array,
  roles: Readonly<Record<string, string>>,
  type: number = PRODUCT_TYPE.redshiftCatalog,
): Promise<number> {
  const id = await registered(admin, { display_name: name, product_type: type })
  accepted(await admin.upload(id, `${name}.${typeof content === 'string' ? 'csv' : 'parquet'}`, content))
  for (const [column, alias] of Object.entries(roles)) await giveRole(admin, id, column, alias)
  accepted(await admin.patch(`/api/products/${id}/`, { status: '1' }))
  return id
}

/** Carries all runs out. @returns the digest of what each made, and who carried the runs out */
async function digests(server: ServerProcess): Promise<{ made: Record<string, string>; worker: string }> {
  const admin = await logIn(server.url, 'admin', server.adminPassword)
  const position = { RA: 'RA', Dec: 'Dec', z: 'z', flag: 'z_flag', survey: 'survey' }
  const a = await publish(admin, 'Survey A', CATALOG_A, { ID: 'ID', ...position })
  const rolesB = { name: 'ID', ra: 'RA', dec: 'Dec', redshift: 'z', q: 'z_flag', survey: 'survey' }
  const b = await publish(admin, 'Survey B', CATALOG_B, rolesB)
  const { survey: _, ...roles } = rolesB
  const redshifts = await publish(admin, 'Redshifts', REDSHIFTS, roles)
  const objectRoles = { objectId: 'ID', coord_ra: 'RA', coord_dec: 'Dec' }
  const bytes = await readFile(objectsPath)
  const objects = await publish(admin, 'Objects', bytes, objectRoles, PRODUCT_TYPE.objectCatalog)
  const requests = RUNS.map(({ pipeline, output_format }) =>
    pipeline === 1
      ? { pipeline, inputs: [a, b], used_config: { param: COMBINE, output_format } }
      : { pipeline, inputs: [redshifts], object_catalog: objects, output_format, used_config: { param: TRAINING_SET } },
  )
  const asked: Json[] = []
  for (const request of requests)
    asked.push(accepted(await admin.post('/api/processes/', { display_name: 'Made', ...request })))
  const made: Record<string, string> = {}
  let worker = ''
  for (const [i, { id }] of asked.entries()) {
    const run = await ended(admin, id)
    const [main] = run.outputs
    made[`${RUNS[i]!.pipeline} ${main.name}`] = main.sha256
    worker = run.worker
  }
  return { made, worker }
}

async function ended(admin: Remote, id: number): Promise<Json> {
  for (let i = 0; i < 1_200; i++) {
    const run = accepted(await admin.get(`/api/processes/${id}/`))
    if (run.status === 'Failed') throw new Error(run.error.reason)
    if (run.status === 'Successful') return run
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`Run ${id} did not end`)
}

it('makes the same bytes on PGlite and on PostgreSQL, in the server and in a worker of its own', {
  timeout: 300_000,
}, async () => {
  const embedded = await site({})
  const onPGlite = await digests(embedded)
  expect(Object.keys(onPGlite.made)).toHaveLength(RUNS.length)
  // Different formats and pipelines make different files: nothing was compared with itself.
  expect(new Set(Object.values(onPGlite.made)).size).toBe(RUNS.length)

  const inServer = await digests(await site({ DATABASE_URL: await postgres.newDatabase() }))
  expect(inServer.made).toEqual(onPGlite.made)

  const env = { DATABASE_URL: await postgres.newDatabase() }
  const served = await site({ ...env, RUN_WORKERS: '0' })
  startWorker(served, env)
  const inWorker = await digests(served)
  expect(inWorker.worker).toContain(`/${workers[0]?.pid}/`)
  expect(inWorker.made).toEqual(onPGlite.made)
})
