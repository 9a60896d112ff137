import { Type } from '@sinclair/typebox'
import { afterEach, expect, it } from 'vitest'
import { hashEvent } from '../../src/eventstore/chain.ts'
import { type EventStore, START } from '../../src/eventstore/port.ts'
import { SchemaRegistry } from '../../src/eventstore/schema-registry.ts'
import { ProjectionEngine } from '../../src/projections/engine.ts'
import {
  CHAIN_START,
  chainEntry,
  GrowingTree,
  inclusionProof,
  rootOfInclusion,
} from '../../src/projections/ledger/merkle.ts'
import { ledgerProjection } from '../../src/projections/ledger/projection.ts'
import {
  type LedgerEntry,
  LedgerTree,
  ledgerHead,
  ledgerIndexes,
  ledgerSegmentsInOrder,
} from '../../src/projections/ledger/queries.ts'
import { openMemoryDatabase } from '../support/memory-database.ts'
import { MemoryEventStore } from '../support/memory-event-store.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function engineOver(store: EventStore, batchSize: number, registry = new SchemaRegistry([])) {
  const database = await openMemoryDatabase()
  const engine = new ProjectionEngine({
    database,
    store,
    registry,
    projections: [ledgerProjection],
    batchSize,
    pollMs: 60_000,
  })
  const ending = new AbortController()
  closing.push(async () => {
    ending.abort()
    await engine.stopped()
    await database.close()
  })
  await engine.start(ending.signal)
  return { database, engine }
}

async function add(store: EventStore, from: number, count: number) {
  for (let n = from; n < from + count; n++) {
    const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
    await store.append(`thing-${n % 7}`, [{ id, type: `Type${n % 3}`, data: { n }, metadata: {} }], 'any')
  }
  return store.head()
}

/** Head of the log by its definition. */
async function foldOf(store: EventStore) {
  let chain: Uint8Array = CHAIN_START
  const tree = new GrowingTree()
  const hashes: string[] = []
  let position = START
  for await (const event of store.readAll(START)) {
    const hash = hashEvent(event)
    chain = chainEntry(chain, Buffer.from(hash, 'hex'))
    tree.add(Buffer.from(hash, 'hex'))
    hashes.push(hash)
    position = event.position
  }
  const head = {
    size: hashes.length,
    position,
    chainHead: Buffer.from(chain).toString('hex'),
    root: tree.root.toString('hex'),
  }
  return { head, hashes }
}

it('is the log in its global order, in batches of any size, live and rebuilt', async () => {
  const store = new MemoryEventStore()
  const { database, engine } = await engineOver(store, 13)
  expect(await ledgerHead(database)).toEqual((await foldOf(store)).head)
  for (const [from, count] of [
    [0, 1],
    [1, 31],
    [32, 1],
    [33, 67],
    [100, 1000],
  ] as const) {
    expect(await engine.waitFor(await add(store, from, count), 10_000)).toBe(true)
    expect(await ledgerHead(database)).toEqual((await foldOf(store)).head)
  }
  const { head, hashes } = await foldOf(store)
  const entries: LedgerEntry[] = []
  for await (const segment of ledgerSegmentsInOrder(database)) entries.push(...segment.entries)
  expect(entries.map((entry) => entry.hash)).toEqual(hashes)
  expect(entries.at(-1)).toMatchObject({ index: 1099, position: head.position })
  expect(await engine.compareWithLog()).toEqual([])

  const other = await engineOver(store, 500)
  const dump = (db: typeof database) =>
    Promise.all([
      db.query('select t::text from ledger_segments t order by 1'),
      db.query('select t::text from ledger_nodes t order by 1'),
    ])
  expect(await dump(other.database)).toEqual(await dump(database))
  const tree = new LedgerTree(database)
  for (const index of [0, 31, 32, 500, 1023, 1024, 1099]) {
    const proof = await inclusionProof(tree, index, head.size)
    expect(proof.length).toBeLessThanOrEqual(11)
    const root = rootOfInclusion(Buffer.from(hashes[index]!, 'hex'), index, head.size, proof)
    expect(root?.toString('hex')).toBe(head.root)
  }
  const position = entries[777]!.position
  expect(await ledgerIndexes(database, [position, '99999999'])).toEqual(new Map([[position, 777]]))
})

it('covers events as they were recorded, also those that nobody can bring up to date', async () => {
  const store = new MemoryEventStore()
  await add(store, 0, 6)
  const definition = { version: 2, description: '', schema: Type.Object({ more: Type.Boolean() }) }
  const registry = new SchemaRegistry([
    { ...definition, type: 'Type1', upcasters: { 1: (data) => ({ ...data, more: true }) } },
    { ...definition, type: 'Type2', upcasters: { 1: () => ({}) } },
  ])
  const { database } = await engineOver(store, 500, registry)
  expect(await ledgerHead(database)).toEqual((await foldOf(store)).head)
})
