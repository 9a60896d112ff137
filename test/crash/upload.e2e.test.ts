import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accepted } from '../support/products.ts'
import { logIn, type Remote } from '../support/remote.ts'
import { runProgram, type ServerProcess, startProcess } from '../support/server-process.ts'

/** What the server has said yes to; after any crash it must still be so. */
interface Acknowledged {
  readonly id: number
  /** Number of the last event that an answer named. */
  revision: number
  description: string | null
  /** SHA-256 of the files that were taken, by their numbers; null: taken away again. */
  readonly files: Map<number, string | null>
}

/** When to kill, in ms after the work began; a little chance is added. */
const ROUNDS = [120, 350, 700, 1_200]
const WORKERS = 3

let dataDir: string
let server: ServerProcess | undefined
const acknowledged: Acknowledged[] = []
/** How many of them were found again after a restart. */
let verified = 0

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'photoz-crash-'))
})
afterAll(async () => {
  if (server?.process.exitCode === null && server.process.signalCode === null) await server.kill()
  await rm(dataDir, { recursive: true, force: true })
})

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Registers products, uploads, edits, replaces and removes, until the server is gone. */
async function work(remote: Remote, worker: number): Promise<void> {
  for (let turn = 0; ; turn++) {
    const made = accepted(await remote.post('/api/products/', { display_name: `Of ${worker}`, product_type: 7 }))
    const product: Acknowledged = { id: made.id, revision: made.revision, description: null, files: new Map() }
    acknowledged.push(product)
    let last: number | null = null
    for (let step = 0; step < 6; step++) {
      const bytes = randomBytes(1 + Math.floor(Math.random() * 300_000))
      const name = step % 3 === 2 ? 'again.bin' : `${step}.bin`
      const file = accepted(await remote.upload(product.id, name, bytes, { role: 2, replace: true }))
      product.files.set(file.id, sha256(bytes))
      if (step === 5 && last !== null) product.files.set(last, null)
      if (step === 2) last = file.id
      const description = `${turn}.${step}`
      const edited = accepted(await remote.patch(`/api/products/${product.id}/`, { description }))
      product.description = description
      product.revision = edited.revision
      if (step === 3) {
        accepted(await remote.send('DELETE', `/api/product-files/${file.id}/`))
        product.files.set(file.id, null)
      }
    }
  }
}

/** Every product as it was acknowledged, or further on: an answer may have been lost, never a change. */
async function verify(remote: Remote, products: readonly Acknowledged[]): Promise<void> {
  await Promise.all(products.map((product) => verifyProduct(remote, product)))
}

async function verifyProduct(remote: Remote, product: Acknowledged): Promise<void> {
  const now = accepted(await remote.get(`/api/products/${product.id}/`))
  expect(now.revision).toBeGreaterThanOrEqual(product.revision)
  const { results } = accepted(await remote.get(`/api/products/${product.id}/history/`))
  const told = results.flatMap((event: { type: string; data: { changes?: { description?: { to: string } } } }) =>
    event.type === 'MetadataEdited' ? [event.data.changes?.description?.to] : [],
  )
  if (product.description !== null) expect(told).toContain(product.description)
  expect(results.filter((event: { type: string }) => event.type === 'ProductRegistered')).toHaveLength(1)
  for (const [id, digest] of product.files) {
    const answer = await remote.get(`/api/product-files/${id}/download/`)
    const replaced = results.some(
      (event: { type: string; data: { fileId?: number } }) => event.type === 'FileRemoved' && event.data.fileId === id,
    )
    if (digest === null || replaced) expect(answer.status).toBe(404)
    else expect(sha256(answer.bytes)).toBe(digest)
  }
}

describe('a server that is killed while people upload and edit', { timeout: 120_000 }, () => {
  it.each(ROUNDS)('keeps everything that it acknowledged (killed after %i ms)', async (delay) => {
    server = await startProcess({ dataDir })
    expect(await readdir(join(dataDir, 'tmp'))).toEqual([]) // what the last crash left was swept
    const remote = await logIn(server.url, 'admin', server.adminPassword)
    await verify(remote, acknowledged.slice(verified))
    verified = acknowledged.length
    const workers = Array.from({ length: WORKERS }, (_, worker) => work(remote, worker))
    const ended = Promise.allSettled(workers)
    await sleep(delay + Math.random() * 200)
    await server.kill()
    // Each worker ended because the connection broke, not because it was refused something.
    for (const outcome of await ended) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(TypeError) })
    }
  })

  it('has an unbroken log, read models that follow from it, and every blob', async () => {
    expect(acknowledged.length).toBeGreaterThan(WORKERS)
    const { code, stdout, stderr } = await runProgram('src/cli/verify.ts', { env: { DATA_DIR: dataDir } })
    const report = JSON.parse(stdout)
    expect([report.findings, report.readModels]).toEqual([[], 'compared'])
    expect([code, report.sound, stderr.includes('rror')]).toEqual([0, true, false])
    server = await startProcess({ dataDir })
    const remote = await logIn(server.url, 'admin', server.adminPassword)
    await verify(remote, acknowledged)
    const { count, results } = accepted(await remote.get('/api/products/?ordering=id'))
    expect(new Set(results.map((each: { id: number }) => each.id)).size).toBe(count)
    expect(await server.stop()).toBe(0)
  })
})
