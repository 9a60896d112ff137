import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { EventStoreDB } from '../../src/eventstore/eventstoredb/event-store.ts'
import { ProjectionEngine } from '../../src/projections/engine.ts'
import { EventStoreDouble } from '../eventstore/double/server.ts'
import { openMemoryDatabase } from '../support/memory-database.ts'
import { MemoryEventStore } from '../support/memory-event-store.ts'
import { engineContract } from './contract.ts'
import { appendMany, linesProjection, registry, totalsProjection } from './samples.ts'

engineContract(openMemoryDatabase)

it('refuses two projections with one name or table', async () => {
  const database = await openMemoryDatabase()
  const store = new MemoryEventStore()
  const make = (name: string) =>
    new ProjectionEngine({
      database,
      store,
      registry,
      projections: [totalsProjection(), { ...totalsProjection(), name }],
    })
  expect(() => make('totals')).toThrow('same totals')
  expect(() => make('others')).toThrow('same table totals')
  await database.close()
})

it('over EventStoreDB, stops those that read an event which is no JSON before it, and only those', async () => {
  const server = new EventStoreDouble()
  await server.start()
  const database = await openMemoryDatabase()
  const store = new EventStoreDB(server.connectionString, { deadlineMs: 2_000 })
  const projections = [totalsProjection(), linesProjection()]
  const engine = new ProjectionEngine({ database, store, registry, projections, pollMs: 50 })
  const ending = new AbortController()
  await engine.start(ending.signal)
  const before = await appendMany(store, 10)
  const json = { contentType: 'application/json', metadata: Buffer.from('') }
  server.log.append('foreign', [{ ...json, id: randomUUID(), type: 'Noted', data: Buffer.from('{broken') }], 'any')
  const broken = await store.head()
  const last = await appendMany(store, 10, 'after ')
  expect(await engine.waitFor(last, 5_000)).toBe(true)
  const [totals, lines] = await engine.status()
  expect(totals).toMatchObject({ status: 'running', position: last, lag: 0 })
  expect(lines).toMatchObject({ status: 'stopped', position: before })
  const reason = `Noted at ${broken} (foreign, revision 0): foreign@0.data: was recorded by another program`
  expect(lines?.error).toContain(reason)
  expect(lines?.lag).toBeGreaterThan(0)
  await expect(engine.rebuild(['lines'])).rejects.toThrow(reason)
  ending.abort()
  await engine.stopped()
  await store.close()
  await server.stop()
  await database.close()
})
