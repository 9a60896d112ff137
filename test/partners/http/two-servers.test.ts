import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
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

it('destroys on both servers what is purged on one', async () => {
  const { id } = accepted(await one.post('/api/products/', { display_name: 'Survey B', product_type: 1 }))
  accepted(await one.upload(id, 'b.csv', CATALOG.replace('0.5', '0.75')))
  const prepared = accepted(await two.post(`/api/products/${id}/download/prepare/`, {}))
  const cached = async () => (await readdir(join(folder, 'two', 'cache'))).includes(`${prepared.source_signature}.zip`)
  expect(await cached()).toBe(true)

  accepted(await one.send('DELETE', `/api/products/${id}/`))
  expect((await one.send('POST', `/admin/deleted/${id}/purge`, { redirect: 'manual' })).status).toBe(303)
  expect((await two.get(prepared.download_url)).status).toBe(410)
  await vi.waitFor(async () => expect(await cached()).toBe(false), { timeout: 10_000 })
})
