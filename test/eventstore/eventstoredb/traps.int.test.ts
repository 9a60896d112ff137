/** The twelve traps of `@eventstore/db-client` 6.2.1, by their numbers in the notes, each on the double. */
import { setTimeout as delay } from 'node:timers/promises'
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashEvent } from '../../../src/eventstore/chain.ts'
import { EventStoreUnavailable, InvalidEvent, WrongExpectedRevision } from '../../../src/eventstore/errors.ts'
import { EventStoreDB, type EventStoreDBOptions } from '../../../src/eventstore/eventstoredb/event-store.ts'
import { type RecordedEvent, START } from '../../../src/eventstore/port.ts'
import { collect, follow, newStream, someEvents } from '../contract.ts'
import { EventStoreDouble } from '../double/server.ts'

const FAST: EventStoreDBOptions = { deadlineMs: 300, attempts: 3, resubscribe: { firstMs: 5, maxMs: 50 } }

let server: EventStoreDouble
let stores: EventStoreDB[]
const uncaught: unknown[] = []
const remember = (error: unknown) => void uncaught.push(error)

function connect(options: EventStoreDBOptions = {}, to = server): EventStoreDB {
  const store = new EventStoreDB(to.connectionString, { ...FAST, ...options })
  stores.push(store)
  return store
}

beforeEach(async () => {
  server = new EventStoreDouble()
  stores = []
  uncaught.length = 0
  process.on('unhandledRejection', remember)
  process.on('uncaughtException', remember)
  await server.start()
})

afterEach(async () => {
  for (const store of stores) await store.close()
  await server.stop()
  await delay(10)
  process.off('unhandledRejection', remember)
  process.off('uncaughtException', remember)
  expect(uncaught).toEqual([])
})

/** Puts events of the server itself into the log, as `$metadata` and links are. */
function systemEvents(count: number): void {
  for (let n = 0; n < count; n++) {
    server.log.append(
      `$$stream-${n}`,
      someEvents(1).map(({ id }) => ({
        id,
        type: '$metadata',
        contentType: 'application/json',
        data: Buffer.from('{}'),
        metadata: Buffer.from(''),
      })),
      'any',
    )
  }
}

describe('appends', () => {
  test('1: what cannot be serialised is an error of that append, and no unhandled rejection', async () => {
    const store = connect()
    const [event] = someEvents(1)
    const broken = { ...event!, data: { n: 1n } as unknown as { n: number } }
    await expect(store.append(newStream(), [broken], 'any')).rejects.toMatchObject({ code: 'invalid_event' })
    expect(server.calls.append).toBe(0)
  })

  test('4: what breaks another client does not lose or double an append in flight', async () => {
    const other = new EventStoreDouble()
    await other.start()
    const troubles: unknown[] = []
    const store = connect({ deadlineMs: 2_000, onTrouble: (error) => troubles.push(error) })
    const neighbour = connect({ attempts: 1 }, other)
    const stream = newStream()
    await store.append(newStream(), someEvents(1), 'any')
    await neighbour.append(newStream(), someEvents(1), 'any')
    server.appendFaults.push({ lateMs: 100 })
    other.appendFaults.push('drop before write')
    const inFlight = store.append(stream, someEvents(1), 'no_stream')
    await delay(20)
    await expect(neighbour.append(newStream(), someEvents(1), 'any')).rejects.toThrow(EventStoreUnavailable)
    expect((await inFlight).revision).toBe(0n)
    expect(await collect(store.readStream(stream))).toHaveLength(1)
    expect(troubles).toEqual([])
    await neighbour.close()
    await other.stop()
  })

  test('4: the batch call, whose pending appends all clients of a process share, is never used', async () => {
    const store = connect()
    const stream = newStream()
    await store.append(stream, someEvents(1), 'no_stream')
    expect(server.calls).toMatchObject({ append: 1, batchAppend: 0 })
    // The server does offer it, and a client left to itself takes it.
    const client = EventStoreDBClient.connectionString(server.connectionString)
    const event = jsonEvent({ type: 'Tested', data: { by: 'batch' } })
    const { nextExpectedRevision } = await client.appendToStream(stream, event, { expectedRevision: 0n })
    expect(nextExpectedRevision).toBe(1n)
    expect(server.calls).toMatchObject({ append: 1, batchAppend: 1 })
    await client.dispose()
    expect((await collect(store.readStream(stream))).map((recorded) => recorded.data)).toEqual([
      { n: 0 },
      { by: 'batch' },
    ])
  })

  test('a connection string for TLS without a user is refused, because it would lead to the batch call', () => {
    expect(() => new EventStoreDB('esdb://localhost:2113')).toThrow(RangeError)
  })

  test('5: a server that is down is EventStoreUnavailable, and after it is back appends go on', async () => {
    const store = connect()
    await store.append(newStream(), someEvents(1), 'any')
    await server.stop()
    await expect(store.append(newStream(), someEvents(1), 'any')).rejects.toThrow(EventStoreUnavailable)
    await expect(collect(store.readStream(newStream()))).rejects.toThrow(EventStoreUnavailable)
    await expect(store.head()).rejects.toMatchObject({ code: 'event_store_unavailable' })
    await server.start()
    expect((await store.append(newStream(), someEvents(2), 'no_stream')).revision).toBe(1n)
  })

  test('5: also one that was never up', async () => {
    const nowhere = new EventStoreDouble()
    await nowhere.start()
    await nowhere.stop()
    const store = connect({ attempts: 1 }, nowhere)
    await expect(store.append(newStream(), someEvents(1), 'any')).rejects.toThrow(EventStoreUnavailable)
  })

  test('7 and 8: conflicts keep their actual revision, whatever the connection string says', async () => {
    const store = new EventStoreDB(`${server.connectionString}&throwOnAppendFailure=false`, FAST)
    stores.push(store)
    const stream = newStream()
    await expect(store.append(stream, someEvents(1), 4n)).rejects.toMatchObject({ expected: 4n, actual: 'no_stream' })
    await store.append(stream, someEvents(3), 'no_stream')
    const conflict = store.append(stream, someEvents(1), 'no_stream')
    await expect(conflict).rejects.toBeInstanceOf(WrongExpectedRevision)
    await expect(conflict).rejects.toMatchObject({ expected: 'no_stream', actual: 2n })
  })

  test('9: a server that hangs makes the append late, not endless', async () => {
    const store = connect()
    server.appendFaults.push('hang')
    const stream = newStream()
    expect((await store.append(stream, someEvents(2), 'no_stream')).revision).toBe(1n)
    server.appendFaults.push('hang', 'hang', 'hang')
    const begun = Date.now()
    await expect(store.append(stream, someEvents(1), 1n)).rejects.toThrow(EventStoreUnavailable)
    expect(Date.now() - begun).toBeLessThan(3_000)
  })

  test.each([['drop after write'], ['drop before write'], [{ lateMs: 450 }]] as const)(
    'an append of unknown outcome (%o) is repeated with the same ids and written once',
    async (fault) => {
      const store = connect()
      const stream = newStream()
      await store.append(stream, someEvents(1), 'no_stream')
      server.appendFaults.push(fault)
      const answer = await store.append(stream, someEvents(2), 0n)
      const events = await collect(store.readStream(stream))
      expect(events.map((event) => event.revision)).toEqual([0n, 1n, 2n])
      expect(answer).toEqual({ revision: 2n, position: events[2]!.position })
      await delay(200) // the late answer arrives, and nobody stumbles over it
    },
  )
})

describe('reads', () => {
  test('9: a read without an answer is EventStoreUnavailable', async () => {
    const store = connect()
    server.hangReads = true
    await expect(collect(store.readStream(newStream()))).rejects.toThrow(EventStoreUnavailable)
    await expect(collect(store.readAll(START))).rejects.toThrow(EventStoreUnavailable)
  })

  test('10: everything a read gives can be printed as JSON, once revisions are text', async () => {
    const store = connect()
    const stream = newStream()
    await store.append(stream, someEvents(1), 'no_stream')
    const [event] = await collect(store.readStream(stream))
    expect(() => JSON.stringify({ ...event, revision: event!.revision.toString() })).not.toThrow()
  })

  test('12: events of one millisecond are ordered by their position', async () => {
    const store = connect()
    await store.append(newStream(), someEvents(50), 'no_stream')
    const events = await collect(store.readAll(START))
    expect(new Set(events.map((event) => event.recordedAt)).size).toBeLessThan(50)
    expect(events.map((event) => event.position)).toEqual(events.map((event) => event.position).toSorted())
    expect(events.map((event) => event.data.n)).toEqual(Array.from({ length: 50 }, (_, n) => n))
  })

  test('system events are nowhere to be seen', async () => {
    const store = connect()
    systemEvents(3)
    const { position } = await store.append(newStream(), someEvents(1), 'no_stream')
    systemEvents(3)
    expect(await collect(store.readAll(START))).toHaveLength(1)
    expect(await store.head()).toBe(position)
  })

  test('what another program wrote as no JSON object has a place, and whoever reads it is told why that fails', async () => {
    const store = connect()
    await store.append(newStream(), someEvents(1), 'no_stream')
    const [event] = someEvents(1)
    const raw = { id: event!.id, type: 'Foreign', contentType: 'application/json', metadata: Buffer.from('') }
    server.log.append('foreign', [{ ...raw, data: Buffer.from('{broken') }], 'any')
    const { position } = await store.append(newStream(), someEvents(1), 'no_stream')
    const reader = follow(store, START)
    await reader.until(() => reader.events.length === 3)
    await reader.stop()
    expect(reader.events.at(-1)?.position).toBe(position)
    const [recorded] = await collect(store.readStream('foreign'))
    for (const foreign of [recorded!, reader.events[1]!]) {
      expect(foreign).toMatchObject({ id: event!.id, type: 'Foreign', stream: 'foreign', revision: 0n })
      expect(() => foreign.data).toThrow('foreign@0.data: was recorded by another program and is not a JSON object')
      expect(() => foreign.metadata).toThrow(InvalidEvent)
      expect(() => hashEvent(foreign)).toThrow(InvalidEvent)
      expect(() => ({ ...foreign })).toThrow(InvalidEvent)
    }
  })
})

describe('subscriptions', () => {
  test('2: checkpoints that run ahead of a slow consumer lose nothing when the subscription drops', async () => {
    const store = connect()
    await store.append(newStream(), someEvents(100), 'no_stream')
    server.subscriptionFaults.dropAfter = 20 // after two checkpoints, each at the very end of the log
    const seen: RecordedEvent[] = []
    const stop = new AbortController()
    for await (const message of store.subscribeAll(START, stop.signal)) {
      if (message.kind === 'caught_up') expect(message.position).toBe(seen.at(-1)?.position)
      else seen.push(message.event)
      if (seen.length % 10 === 0) await delay(1)
      if (message.kind === 'caught_up') stop.abort()
    }
    expect(seen.map((event) => event.data.n)).toEqual(Array.from({ length: 100 }, (_, n) => n))
    expect(server.calls.subscribe).toBeGreaterThan(4)
  })

  test('3: it catches up although the newest events match no filter', async () => {
    const store = connect()
    systemEvents(100)
    const empty = follow(store, START)
    await empty.until(() => empty.caughtUp.length === 1)
    expect(empty.caughtUp).toEqual([START])
    const { position } = await store.append(newStream(), someEvents(1), 'no_stream')
    systemEvents(100)
    const reader = follow(store, START)
    await reader.until(() => reader.caughtUp.length === 1)
    expect(reader.caughtUp).toEqual([position])
    await Promise.all([empty.stop(), reader.stop()])
  })

  test('6: a dropped subscription is taken up again, without gap or repetition', async () => {
    const troubles: unknown[] = []
    const store = connect({ onTrouble: (error) => troubles.push(error) })
    const stream = newStream()
    const reader = follow(store, START)
    for (let round = 0; round < 3; round++) {
      await store.append(stream, someEvents(10), 'any')
      await reader.until(() => reader.events.length === (round + 1) * 10)
      server.dropSubscriptions()
    }
    await store.append(stream, someEvents(5), 'any')
    await reader.until(() => reader.events.length === 35)
    await reader.stop()
    expect(reader.events.map((event) => event.revision)).toEqual(Array.from({ length: 35 }, (_, n) => BigInt(n)))
    expect(reader.caughtUp).toHaveLength(1)
    expect(troubles.length).toBeGreaterThan(0)
  })

  test('6: it survives a restart of the server', async () => {
    const store = connect()
    const reader = follow(store, START)
    await store.append(newStream(), someEvents(10), 'no_stream')
    await reader.until(() => reader.events.length === 10)
    await server.stop()
    await delay(50)
    await server.start()
    await store.append(newStream(), someEvents(10), 'no_stream')
    await reader.until(() => reader.events.length === 20)
    await reader.stop()
  })

  test('6: begun while the server is down, it waits for it', async () => {
    await server.stop()
    const store = connect()
    const reader = follow(store, START)
    await delay(50)
    await server.start()
    await store.append(newStream(), someEvents(2), 'no_stream')
    await reader.until(() => reader.events.length === 2)
    await reader.stop()
  })

  test('9: a subscription that is never confirmed is asked for again', async () => {
    const store = connect()
    server.subscriptionFaults.hang = true
    const reader = follow(store, START)
    await delay(50)
    server.subscriptionFaults.hang = false
    await store.append(newStream(), someEvents(1), 'no_stream')
    await reader.until(() => reader.events.length === 1)
    await reader.stop()
  })

  test('an event that the server repeats is delivered once', async () => {
    const store = connect()
    await store.append(newStream(), someEvents(30), 'no_stream')
    server.subscriptionFaults.repeatFirst = true
    server.subscriptionFaults.dropAfter = 7
    const reader = follow(store, START)
    await reader.until(() => reader.events.length === 30)
    await reader.stop()
    expect(reader.events.map((event) => event.data.n)).toEqual(Array.from({ length: 30 }, (_, n) => n))
  })

  test('10: leaving one ends it on the server', async () => {
    const store = connect()
    await store.append(newStream(), someEvents(40), 'no_stream')
    for await (const _ of store.subscribeAll(START, new AbortController().signal)) break
    const reader = follow(store, START)
    await reader.until(() => reader.caughtUp.length === 1)
    await reader.stop()
    for (let wait = 0; wait < 100 && server.openSubscriptions > 0; wait++) await delay(5)
    expect(server.openSubscriptions).toBe(0)
  })

  test('11: a slow consumer is never called twice at a time', async () => {
    const store = connect()
    await store.append(newStream(), someEvents(40), 'no_stream')
    let running = 0
    const order: unknown[] = []
    const stop = new AbortController()
    for await (const message of store.subscribeAll(START, stop.signal)) {
      expect(++running).toBe(1)
      await delay(Math.random() * 2)
      running--
      if (message.kind === 'event') order.push(message.event.data.n)
      else stop.abort()
    }
    expect(order).toEqual(Array.from({ length: 40 }, (_, n) => n))
  })
})
