import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nextNumbers } from '../../src/application/numbers.ts'
import type { Database } from '../../src/database/database.ts'
import { tableDefinition } from '../../src/database/ddl.ts'
import { type DomainEvent, EVENT_DEFINITIONS } from '../../src/domain/events.ts'
import { START } from '../../src/eventstore/port.ts'
import { allProjections } from '../../src/projections/all.ts'
import { ProjectionEngine } from '../../src/projections/engine.ts'
import { openMemoryDatabase } from '../support/memory-database.ts'
import { MemoryEventStore } from '../support/memory-event-store.ts'
import { registry, writeMixture } from './mixture.ts'

/** Every read model of the program, filled from one log in different ways: the rows must always be the same. */
let database: Database
let store: MemoryEventStore
const ending = new AbortController()
let live: ProjectionEngine
const tables = allProjections.flatMap((projection) => projection.tables.map((table) => tableDefinition(table).name))

const engineOf = (batchSize: number): ProjectionEngine =>
  new ProjectionEngine({
    database,
    store,
    registry,
    projections: allProjections,
    batchSize,
    pollMs: 60_000,
  })

async function rows(): Promise<Record<string, string[]>> {
  const contents: Record<string, string[]> = {}
  for (const table of tables) {
    const found = await database.query<{ line: string }>(`SELECT t::text AS line FROM read.${table} t ORDER BY 1`)
    contents[table] = found.map((row) => row.line)
  }
  return contents
}

beforeAll(async () => {
  database = await openMemoryDatabase()
  store = new MemoryEventStore()
  live = engineOf(13)
  await live.start(ending.signal)
  await writeMixture(store, { seed: 42, products: 30 })
  expect(await live.waitFor(await store.head(), 20_000)).toBe(true)
})
afterAll(async () => {
  ending.abort()
  await live.stopped()
  await database.close()
})

describe('the read models', () => {
  it('are tried with a log in which nearly everything happens', async () => {
    const seen = new Set<string>()
    for await (const event of store.readAll(START)) seen.add(event.type)
    const expected: DomainEvent['type'][] = EVENT_DEFINITIONS.map((definition) => definition.type)
    expect(expected.filter((type) => !seen.has(type) && !/^Run|^Replay/.test(type))).toEqual([])
    const contents = await rows()
    for (const table of ['products', 'files', 'columns', 'people', 'releases', 'history']) {
      expect([table, contents[table]?.length]).toEqual([table, expect.toSatisfy((count: number) => count > 1)])
    }
  })

  it('that followed the log are those that the whole log gives', async () => {
    expect(await live.compareWithLog()).toEqual([])
  })

  it('are the same in batches of any size, and built twice', async () => {
    const followed = await rows()
    for (const batchSize of [1, 7, 10_000]) {
      await engineOf(batchSize).rebuild()
      expect(await rows()).toEqual(followed)
    }
  })

  it('each alone is the same as all together', async () => {
    const followed = await rows()
    await engineOf(50).rebuild(['columns'])
    await engineOf(50).rebuild(['files', 'people'])
    expect(await rows()).toEqual(followed)
  })

  it('a row that somebody edited is found, and mended by a rebuild', async () => {
    await database.query(`UPDATE read.products SET owner_id = 3 WHERE id = 1`)
    await database.query('DELETE FROM read.people WHERE user_id = 2')
    const differences = await live.compareWithLog()
    expect(differences.map(({ table }) => table).sort()).toEqual(['people', 'products'])
    await live.rebuild()
    expect(await live.compareWithLog()).toEqual([])
  })

  it('never give a number again that the log has used, also of what is gone', async () => {
    const used = { product: 0, file: 0, column: 0, release: 0 }
    for await (const { type, data } of store.readAll(START)) {
      const note = (kind: keyof typeof used, number: unknown) => {
        used[kind] = Math.max(used[kind], Number(number))
      }
      if (type === 'ProductRegistered') note('product', data.productId)
      if (type === 'FileAttached') note('file', data.fileId)
      if (type === 'ReleaseDefined') note('release', data.releaseId)
      if (type === 'MainFileInspected' && Array.isArray(data.columns)) {
        for (const column of data.columns) note('column', (column as { id: number }).id)
      }
    }
    for (const kind of ['product', 'file', 'column', 'release'] as const) {
      await database.query(`SELECT setval('numbers.${kind}_id', 1, false)`)
    }
    await live.rebuild()
    for (const kind of ['product', 'file', 'column', 'release'] as const) {
      const numbers = await nextNumbers(database, kind, 3)
      expect([kind, numbers]).toEqual([kind, [used[kind] + 1, used[kind] + 2, used[kind] + 3]])
    }
  })
})
