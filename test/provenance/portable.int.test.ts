import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCheckpoint } from '../../src/application/checkpoints.ts'
import { exportBlobs, exportLog } from '../../src/application/portable-log.ts'
import { GENESIS, linkEvents } from '../../src/eventstore/chain.ts'
import { EventStoreDB } from '../../src/eventstore/eventstoredb/event-store.ts'
import { START } from '../../src/eventstore/port.ts'
import { exportedLog } from '../../src/provenance/portable/log-file.ts'
import { EventStoreDouble } from '../eventstore/double/server.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { accepted, published, registered } from '../support/products.ts'
import { historyOf, importInto, readModelsOf, type Target, targetOn } from './targets.ts'

const SCRIPT = fileURLToPath(new URL('../../tools/verify-checkpoint.mjs', import.meta.url))

let app: TestApp
let folder: string
let product: number
let log: string
const targets: Target[] = []
/** Where every import is refused. */
let empty: Target

/** What the independent script prints, and its exit code. */
function script(...given: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...given, '--key', join(folder, 'key.json')], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, text: `${stdout}${stderr}`.trim() })
    })
  })
}

const file = async (name: string, content: string | object): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

async function exported(): Promise<string> {
  let text = ''
  for await (const line of exportLog(app.context)) text += line
  return text
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'photoz-portable-'))
  app = await testApp()
  const alice = app.as('alice')
  product = await published(alice, { display_name: 'Travels' })
  accepted(await alice.patch(`/api/products/${product}/`, { description: 'São Paulo, “quotes”, \u{1f30c} and 1e-7' }))
  await registered(app.as('bob'), { display_name: 'Stays a draft' })
  await file('older.json', await makeCheckpoint(app.context))
  for (let n = 0; n < 40; n++) accepted(await alice.patch(`/api/products/${product}/`, { display_name: `Name ${n}` }))
  await file('newer.json', await makeCheckpoint(app.context))
  await file('key.json', accepted(await app.request('/api/proof/key/')))
  log = await exported()
  await file('log.ndjson', log)
  await exportBlobs(app.context, join(folder, 'blobs'))
  empty = await targetOn({ kind: 'pglite' })
  targets.push(empty)
})
afterAll(async () => {
  for (const target of targets) await target.close()
  await app.close()
  await rm(folder, { recursive: true, force: true })
})

describe('signed checkpoints', () => {
  it('are checked against an exported log by the independent script', async () => {
    const [older, newer] = [join(folder, 'older.json'), join(folder, 'newer.json')]
    expect(await script('log', join(folder, 'log.ndjson'), older, newer)).toMatchObject({ code: 0 })
    const lines = log.split('\n')
    const edit = lines.findIndex((line) => line.includes('"to":"Name 17"'))
    const forgeries: readonly (readonly [string, readonly string[], RegExp])[] = [
      [
        'changed',
        lines.with(edit, lines[edit]!.replace('Name 17', 'Name 18')),
        /does not continue the event before it/,
      ],
      ['deleted', lines.toSpliced(edit, 1), /goes on with revision/],
      ['cut off', lines.slice(0, edit), /but a checkpoint signed/],
    ]
    for (const [name, forged, words] of forgeries) {
      const { code, text } = await script('log', await file('forged.ndjson', forged.join('\n')), older, newer)
      expect([name, code, text]).toEqual([name, 1, expect.stringMatching(words)])
    }
    const other = await file('other.json', (await readFile(newer, 'utf8')).replace(/"size":\d+/, '"size":3'))
    expect(await script('log', join(folder, 'log.ndjson'), other)).toMatchObject({
      code: 1,
      text: expect.stringContaining('signature'),
    })
  })

  it('continue each other, which the server proves', async () => {
    const [older, newer] = [join(folder, 'older.json'), join(folder, 'newer.json')]
    const sizes = await Promise.all(
      [older, newer].map(async (path) => JSON.parse(await readFile(path, 'utf8')).checkpoint.size),
    )
    const answer = accepted(await app.request(`/api/proof/consistency/?from=${sizes[0]}&to=${sizes[1]}`))
    const proof = await file('consistency.json', answer)
    expect(await script('consistency', older, newer, proof)).toMatchObject({ code: 0 })
    const wrong = await file('wrong.json', { ...answer, proof: answer.proof.with(0, '0'.repeat(64)) })
    expect(await script('consistency', older, newer, wrong)).toMatchObject({ code: 1 })
    expect((await app.request('/api/proof/consistency/?from=5&to=100000')).status).toBe(400)
  })

  it('prove the history of one product', async () => {
    const alice = app.as('alice')
    const answer = accepted(await alice.get(`/api/products/${product}/proof/`))
    const proof = await file('proof.json', answer)
    const { code, text } = await script('product', proof)
    expect([code, text]).toEqual([0, expect.stringContaining(`${answer.events.length} events of product-${product}`)])
    const forged = structuredClone(answer)
    forged.events[3].event.metadata.actor.username = 'mallory'
    expect(await script('product', await file('forged.json', forged))).toMatchObject({
      code: 1,
      text: expect.stringContaining('event 3'),
    })
    expect((await app.as('bob').get('/api/products/2/proof/')).status).toBe(200)
    expect((await app.as('alice').get('/api/products/2/proof/')).status).toBe(404) // a draft of Bob's
  })

  it('are given to anyone, and made by people', async () => {
    const last = accepted(await app.request('/api/proof/checkpoint/'))
    expect(accepted(await app.request(`/api/proof/checkpoint/?size=${last.checkpoint.size}`))).toEqual(last)
    expect((await app.request('/api/proof/checkpoint/?size=1')).status).toBe(404)
    expect((await app.request('/api/proof/checkpoint/', { method: 'POST' })).status).toBe(401)
    expect(accepted(await app.as('bob').post('/api/proof/checkpoint/'))).toEqual(last)
    expect((await app.as('bob').post('/api/admin/verify/')).status).toBe(403)
    expect(accepted(await app.as('admin').post('/api/admin/verify/'))).toMatchObject({ sound: true, findings: [] })
  })
})

describe('an exported log', () => {
  it('makes the same history in another store, with the same chain and the same read models', async () => {
    const target = await targetOn({ kind: 'pglite' })
    targets.push(target)
    const report = await importInto(target, join(folder, 'log.ndjson'), join(folder, 'blobs'))
    expect(report.missing).toEqual([])
    expect(report.copied).toBeGreaterThan(1)
    expect(report.chainHead).toBe((await makeCheckpoint(app.context)).checkpoint.chainHead)
    expect(await historyOf(target.store)).toEqual(await historyOf(app.context.store))
    expect(await readModelsOf(target.database)).toEqual(await readModelsOf(app.context.database))
    // the next product gets the next number, and the next person one that nobody in the log has
    const [numbers] = await target.database.query<{ product: string; person: string }>(
      `select nextval('numbers.product_id') as product, nextval(pg_get_serial_sequence('accounts.users', 'id')) as person`,
    )
    expect(Number(numbers?.product)).toBe(3)
    expect(Number(numbers?.person)).toBeGreaterThan(3)
    await expect(importInto(target, join(folder, 'log.ndjson'))).rejects.toThrow(/not empty/)
  })

  it('moves to EventStoreDB', async () => {
    const server = new EventStoreDouble()
    await server.start()
    const store = new EventStoreDB(server.connectionString)
    const target = await targetOn({ kind: 'eventstoredb', store, stop: () => server.stop() })
    targets.push(target)
    const report = await importInto(target, join(folder, 'log.ndjson'))
    expect(report.chainHead).toBe((await makeCheckpoint(app.context)).checkpoint.chainHead)
    expect(await historyOf(store)).toEqual(await historyOf(app.context.store))
    expect(report.missing.length).toBeGreaterThan(0) // no files came along
  })

  it.each([
    [
      'an event changed',
      (lines: string[]) => lines.map((line) => line.replace('Name 17', 'Name 71')),
      /does not continue/,
    ],
    [
      'the last event changed',
      (lines: string[]) => lines.map((line) => line.replace('Name 39', 'Name 93')),
      /chainHead/,
    ],
    ['an event gone', (lines: string[]) => lines.toSpliced(20, 1), /goes on with revision/],
    ['two events swapped', (lines: string[]) => lines.toSpliced(20, 2, lines[21]!, lines[20]!), /line 21/],
    ['its end gone', (lines: string[]) => lines.slice(0, -2), /cut off/],
    ['half a line', (lines: string[]) => [...lines.slice(0, 9), lines[9]!.slice(0, 50)], /line 10.*cut off/],
    [
      'another format',
      (lines: string[]) => ['{"format":"other"}', ...lines.slice(1)],
      /line 1: .* not an exported log/,
    ],
  ])('is refused with %s, and nothing is stored', async (_, damage, words) => {
    const path = await file('damaged.ndjson', damage(log.trimEnd().split('\n')).join('\n'))
    await expect(importInto(empty, path)).rejects.toThrow(words)
    expect(await empty.store.head()).toBe(START)
  })

  it('is refused with an event that does not fit its type, which would stop the read models', async () => {
    const source = await targetOn({ kind: 'pglite' })
    targets.push(source)
    const metadata = { actor: { userId: 1, username: 'admin' }, at: '2026-01-01T00:00:00.000Z', schemaVersion: 1 }
    const event = { id: randomUUID(), type: 'ProductRegistered', data: { productId: 'one' }, metadata }
    await source.store.append('product-1', linkEvents('product-1', GENESIS, 0n, [event]).events, 'no_stream')
    let text = ''
    const header = { server: null, software: 'test', exportedAt: metadata.at }
    for await (const line of exportedLog(
      source.store,
      header,
      () => {},
      () => [],
    ))
      text += line
    await expect(importInto(empty, await file('unfit.ndjson', text))).rejects.toThrow(
      /Revision 0 of product-1 cannot be read by this program: .*ProductRegistered/,
    )
    expect(await empty.store.head()).toBe(START)
  })

  it('is refused with a file that is missing in the folder', async () => {
    const none = join(folder, 'none')
    await expect(importInto(empty, join(folder, 'log.ndjson'), none)).rejects.toThrow(/cannot be read \(ENOENT\)/)
    expect(await empty.store.head()).toBe(START)
  })

  it('is refused with a file that was changed', async () => {
    const blobs = join(folder, 'blobs')
    const { sha256 } = JSON.parse(log.trimEnd().split('\n').at(-2)!).blob
    const bytes = await readFile(join(blobs, sha256))
    await rm(join(blobs, sha256))
    await writeFile(join(blobs, sha256), Buffer.concat([bytes, Buffer.from('x')]))
    await expect(importInto(empty, join(folder, 'log.ndjson'), blobs)).rejects.toThrow(/was changed/)
    expect(await empty.store.head()).toBe(START)
  })
})
