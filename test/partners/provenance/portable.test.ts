import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { exportBlobs, exportLog } from '../../../src/application/portable-log.ts'
import { EventStoreDB } from '../../../src/eventstore/eventstoredb/event-store.ts'
import { START } from '../../../src/eventstore/port.ts'
import { ledgerHead } from '../../../src/projections/ledger/queries.ts'
import { historyOf, importInto, readModelsOf, targetOn } from '../../provenance/targets.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts'
import { accepted, published } from '../../support/products.ts'

let server: PostgresServer
let app: TestApp
let folder: string
const file = () => join(folder, 'log.ndjson')

beforeAll(async () => {
  server = await startPostgresServer({ fsync: 'off' })
  folder = await mkdtemp(join(tmpdir(), 'photoz-portable-'))
  app = await testApp()
  const alice = app.as('alice')
  for (const name of ['One', 'Two', 'Three']) {
    const id = await published(alice, { display_name: name })
    accepted(await alice.patch(`/api/products/${id}/`, { description: `About ${name}: São Paulo, \u{1f30c}` }))
  }
  let text = ''
  for await (const line of exportLog(app.context)) text += line
  await writeFile(file(), text)
  await exportBlobs(app.context, join(folder, 'blobs'))
})
afterAll(async () => {
  await app.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

it('moves a log from PGlite to PostgreSQL: same history, same chain head, same read models', async () => {
  const target = await targetOn({ kind: 'postgres', url: await server.newDatabase() })
  try {
    const report = await importInto(target, file(), join(folder, 'blobs'))
    const head = await ledgerHead(app.context.database)
    expect([report.chainHead, report.root, report.missing]).toEqual([head.chainHead, head.root, []])
    expect(await ledgerHead(target.database)).toEqual(head)
    expect(await historyOf(target.store)).toEqual(await historyOf(app.context.store))
    expect(await readModelsOf(target.database)).toEqual(await readModelsOf(app.context.database))
  } finally {
    await target.close()
  }
})

const url = process.env.EVENTSTORE_URL

it.skipIf(url === undefined)('moves a log from PGlite to EventStoreDB: same history, same chain head', async () => {
  const store = new EventStoreDB(url ?? '')
  const target = await targetOn({ kind: 'eventstoredb', store, stop: async () => undefined })
  try {
    if ((await store.head()) !== START) throw new Error('The EventStoreDB of the tests must be empty for this one')
    const report = await importInto(target, file())
    const head = await ledgerHead(app.context.database)
    expect([report.chainHead, report.root]).toEqual([head.chainHead, head.root])
    expect(await historyOf(store)).toEqual(await historyOf(app.context.store))
  } finally {
    await target.close()
  }
})
