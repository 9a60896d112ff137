import { Type } from '@sinclair/typebox'
import { v4 as uuidv4, v5 as uuidv5 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import type { UntypedEvent } from '../../src/domain/event-definition.ts'
import { InvalidEvent, StreamTooBusy, WrongExpectedRevision } from '../../src/eventstore/errors.ts'
import { type CommandCall, handleCommand } from '../../src/eventstore/handle-command.ts'
import type { EventStore } from '../../src/eventstore/port.ts'
import { PostgresEventLog } from '../../src/eventstore/postgres/event-log.ts'
import { SchemaRegistry } from '../../src/eventstore/schema-registry.ts'
import { openMemoryDatabase } from '../support/memory-database.ts'
import { collect, metadataOf, newStream, someEvents } from './contract.ts'
import { brokenLinks } from './events.ts'

interface Counted {
  readonly type: 'Counted'
  readonly data: { readonly by: number }
}

/** Counts; a command is a list of steps, 0 is no step, and no negative sum is allowed. */
const counter = {
  initialState: 0,
  isEvent: <Event extends UntypedEvent>(event: Event): event is Event & Counted => event.type === 'Counted',
  evolve: (sum: number, event: Counted) => sum + event.data.by,
  decide: vi.fn((steps: readonly number[], sum: number): Counted[] => {
    if (steps.reduce((a, b) => a + b, sum) < 0) throw new Error('below zero')
    return steps.filter((by) => by !== 0).map((by) => ({ type: 'Counted', data: { by } }))
  }),
}

let database: Database
let store: PostgresEventLog

beforeAll(async () => {
  database = await openMemoryDatabase()
  store = new PostgresEventLog(database)
})

afterAll(async () => {
  await store.close()
  await database.close()
})

const run = (
  stream: string,
  command: readonly number[],
  more: Partial<CommandCall<number, readonly number[], Counted>> = {},
) => handleCommand({ store, decider: counter, stream, command, metadata: metadataOf(), ...more })

/** The store, but with other appends. */
const appendingWith = (append: EventStore['append']): EventStore => ({
  append,
  readStream: (...call) => store.readStream(...call),
  readAll: (...call) => store.readAll(...call),
  subscribeAll: (...call) => store.subscribeAll(...call),
  head: () => store.head(),
  close: () => store.close(),
})

describe('a command', () => {
  test('is decided on the folded state, and its events say who, when and why', async () => {
    const stream = newStream()
    const metadata = metadataOf()
    const first = await run(stream, [2, 3], { metadata })
    expect(first).toMatchObject({ state: 5, revision: 1n, position: await store.head() })
    expect(first.events.map((event) => event.id)).toEqual([0, 1].map((n) => uuidv5(String(n), metadata.commandId)))
    expect(await run(stream, [-4])).toMatchObject({ state: 1, revision: 2n })
    await expect(run(stream, [-2])).rejects.toThrow('below zero')
    const events = await collect(store.readStream(stream))
    expect(events[0]?.metadata).toEqual({ ...metadata, previous: '0'.repeat(64) })
    expect(brokenLinks(events)).toEqual([])
  })

  test('that changes nothing records nothing', async () => {
    const stream = newStream()
    expect(await run(stream, [0])).toEqual({ events: [], state: 0, revision: 'no_stream', position: null })
    await run(stream, [1])
    expect(await run(stream, [])).toEqual({ events: [], state: 1, revision: 0n, position: null })
  })

  test('sent twice is carried out once and answered alike, also after other commands', async () => {
    const stream = newStream()
    const metadata = metadataOf()
    const first = await run(stream, [1, 1], { metadata })
    await run(stream, [5])
    const again = await run(stream, [1, 1], { metadata })
    expect(again).toMatchObject({ revision: first.revision, position: first.position, state: 7 })
    expect(again.events.map((event) => event.id)).toEqual(first.events.map((event) => event.id))
    expect(await collect(store.readStream(stream))).toHaveLength(3)
  })

  test('that loses against another writer is decided again', async () => {
    const stream = newStream()
    await run(stream, [1])
    const rival = someEvents(1, { by: 10 }).map((event) => ({ ...event, type: 'Counted' }))
    let interfered = false
    const interfering = appendingWith(async (...call) => {
      if (!interfered) {
        interfered = true
        await store.append(stream, rival, 0n)
      }
      return store.append(...call)
    })
    expect(await run(stream, [100], { store: interfering })).toMatchObject({ state: 111, revision: 2n })
  })

  test('passes over events that are not its own', async () => {
    const stream = newStream()
    await run(stream, [1])
    await store.append(stream, someEvents(1, { by: 10 }), 0n) // of a type that it does not know
    expect(await run(stream, [100])).toMatchObject({ state: 101, revision: 2n })
  })

  test('that always loses ends with StreamTooBusy', async () => {
    const stream = newStream()
    const losing = appendingWith(async (name, _, expected) => {
      throw new WrongExpectedRevision(name, expected, 9n)
    })
    await expect(run(stream, [1], { store: losing, maxAttempts: 3 })).rejects.toBeInstanceOf(StreamTooBusy)
  })
})

describe('a command of a caller who expects a revision', () => {
  test('is not decided on another one', async () => {
    const stream = newStream()
    await run(stream, [1])
    counter.decide.mockClear()
    await expect(run(stream, [1], { expectedRevision: 3n })).rejects.toMatchObject({ expected: 3n, actual: 0n })
    await expect(run(stream, [1], { expectedRevision: 'no_stream' })).rejects.toThrow(WrongExpectedRevision)
    await expect(run(newStream(), [1], { expectedRevision: 'stream_exists' })).rejects.toThrow(WrongExpectedRevision)
    expect(counter.decide).not.toHaveBeenCalled()
    expect((await run(stream, [1], { expectedRevision: 0n })).revision).toBe(1n)
    expect((await run(stream, [1], { expectedRevision: 'stream_exists' })).revision).toBe(2n)
  })

  test('is not decided again when it loses: of two with the same expectation one wins', async () => {
    const stream = newStream()
    await run(stream, [1])
    const outcomes = await Promise.allSettled([1, 2].map((by) => run(stream, [by], { expectedRevision: 0n })))
    expect(outcomes.map((outcome) => outcome.status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })
})

test('with a registry old events are folded in their new form, and new ones are checked; the chain covers the old form', async () => {
  const registry = new SchemaRegistry([
    {
      type: 'Counted',
      version: 2,
      description: 'Counted.',
      schema: Type.Object({ by: Type.Integer() }),
      upcasters: { 1: ({ step }) => ({ by: step }) },
    },
  ])
  const stream = newStream()
  const isOld = (event: UntypedEvent): event is { type: string; data: { step: number } } => event.type === 'Counted'
  const old = {
    decide: () => [{ type: 'Counted', data: { step: 4 } }],
    evolve: () => 0,
    initialState: 0,
    isEvent: isOld,
  }
  await handleCommand({ store, decider: old, stream, command: null, metadata: metadataOf(uuidv4()) })
  expect(await run(stream, [3], { registry })).toMatchObject({ state: 7, revision: 1n })
  await expect(run(stream, [0.5], { registry })).rejects.toThrow(InvalidEvent)
  const events = await collect(store.readStream(stream))
  expect(events[0]?.data).toEqual({ step: 4 })
  expect(events[1]?.metadata.schemaVersion).toBe(2)
  expect(brokenLinks(events)).toEqual([])
})
