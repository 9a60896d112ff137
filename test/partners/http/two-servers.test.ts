import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts'
import { accepted, CATALOG } from '../../support/products.ts'
import { logIn, type Remote } from '../../support/remote.ts'
import { type ServerProcess, startProcess } from '../../support/server-process.ts'

/** Two servers that share a database and the files, as behind a load balancer: a person comes to one, then to the other. */
let postgres: PostgresServer
let folder: string
const servers: ServerProcess[] = []
let one: Remote
let two: Remote

beforeAll(async () => {
  postgres = await startPostgresServer({ fsync: 'off' })
  folder = await mkdtemp(join(tmpdir(), 'photoz-two-'))
  await mkdir(join(folder, 'blobs'))
  const env = { DATABASE_URL: await postgres.newDatabase(), RUN_WORKERS: '0', PUBLIC_URL: 'http://photoz.test' }
  const started = ['one', 'two'].map(async (name) => {
    const dataDir = join(folder, name)
    await mkdir(dataDir)
    await symlink(join(folder, 'blobs'), join(dataDir, 'blobs'))
    return startProcess({ env, dataDir })
  })
  servers.push(...(await Promise.all(started)))
  const [first, second] = await Promise.all(servers.map(({ url, adminPassword }) => logIn(url, 'admin', adminPassword)))
  if (first === undefined || second === undefined) throw new Error('Two servers were wanted')
  one = first
  two = second
})
afterAll(async () => {
  for (const server of servers) await server.stop()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

it('gives on one server what was prepared for download on the other', async () => {
  const { id } = accepted(await one.post('/api/products/', { display_name: 'Survey A', product_type: 1 }))
  accepted(await two.upload(id, 'a.csv', CATALOG))
  for (const part of ['download', 'download/main-file']) {
    const prepared = accepted(await one.post(`/api/products/${id}/${part}/prepare/`, {}))
    const fetched = await two.get(prepared.download_url)
    expect(fetched.status, fetched.text).toBe(200)
    expect(fetched.bytes).toHaveLength(prepared.size)
  }
})
