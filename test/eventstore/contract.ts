import { setTimeout as delay } from 'node:timers/promises'
import { v4 as uuidv4 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UntypedEvent } from '../../src/domain/event-definition.ts'
import { EventStoreUnavailable, InvalidEvent, WrongExpectedRevision } from '../../src/eventstore/errors.ts'
import { handleCommand } from '../../src/eventstore/handle-command.ts'
import {
  type Appended,
  type EventStore,
  type ExpectedRevision,
  type Json,
  type NewEvent,
  type Position,
  type RecordedEvent,
  START,
  type SubscriptionMessage,
} from '../../src/eventstore/port.ts'
import { brokenLinks, newStream, someEvents } from './events.ts'

export { newStream, someEvents }

/** A log to test against. It may hold events of others already; nobody else writes to it during the test. */
export interface LogUnderTest {
  /** A new client of the same log; the suite closes it. */
  connect(): Promise<EventStore>
  close(): Promise<void>
}

/** What every event store has to do, whatever it is made of. */
export function describeEventStore(name: string, open: () => Promise<LogUnderTest>): void {
  describe(`event store contract: ${name}`, () => {
    let log: LogUnderTest
    let store: EventStore

    beforeAll(async () => {
      log = await open()
      store = await log.connect()
    })

    afterAll(async () => {
      await store?.close()
      await log?.close()
    })

    describe('append', () => {
      test('numbers the events of a stream from 0 and answers with the last revision', async () => {
        const stream = newStream()
        expect((await store.append(stream, someEvents(1), 'no_stream')).revision).toBe(0n)
        expect((await store.append(stream, someEvents(3), 0n)).revision).toBe(3n)
        expect((await collect(store.readStream(stream))).map((event) => event.revision)).toEqual([0n, 1n, 2n, 3n])
      })

      test.each<[ExpectedRevision, string]>([
        ['any', 'written'],
        ['no_stream', 'written'],
        ['stream_exists', 'no_stream'],
        [0n, 'no_stream'],
        [7n, 'no_stream'],
      ])('expecting %s of an absent stream: %s', async (expected, outcome) => {
        expect(await outcomeOf(store.append(newStream(), someEvents(1), expected))).toBe(outcome)
      })

      test.each<[ExpectedRevision, string | bigint]>([
        ['any', 'written'],
        ['no_stream', 1n],
        ['stream_exists', 'written'],
        [0n, 1n],
        [1n, 'written'],
        [2n, 1n],
      ])('expecting %s of a stream at revision 1: %s', async (expected, outcome) => {
        const stream = newStream()
        await store.append(stream, someEvents(2), 'no_stream')
        expect(await outcomeOf(store.append(stream, someEvents(1), expected))).toBe(outcome)
      })

      test('a conflict names the stream, the expectation and where the stream is', async () => {
        const stream = newStream()
        await store.append(stream, someEvents(3), 'no_stream')
        const error = await store.append(stream, someEvents(1), 1n).catch((reason: unknown) => reason)
        expect(error).toBeInstanceOf(WrongExpectedRevision)
        expect(error).toMatchObject({ code: 'wrong_expected_revision', stream, expected: 1n, actual: 2n })
      })

      test('repeated with the same ids and expectation it gives the same answer and writes nothing', async () => {
        const stream = newStream()
        const first = someEvents(2)
        const second = someEvents(3)
        const answers = [await store.append(stream, first, 'no_stream'), await store.append(stream, second, 1n)]
        await store.append(stream, someEvents(1), 4n)
        const again = [await store.append(stream, first, 'no_stream'), await store.append(stream, second, 1n)]
        expect(again).toEqual(answers)
        expect(await collect(store.readStream(stream))).toHaveLength(6)
      })

      test('other events with the same expectation are a conflict, not a repetition', async () => {
        const stream = newStream()
        const [one, two] = someEvents(2)
        await store.append(stream, [one!], 'no_stream')
        expect(await outcomeOf(store.append(stream, [one!, two!], 'no_stream'))).toBe(0n)
        expect(await outcomeOf(store.append(stream, [two!], 'no_stream'))).toBe(0n)
        expect(await collect(store.readStream(stream))).toHaveLength(1)
      })

      test('writes all events of an append or none', async () => {
        const stream = newStream()
        await store.append(stream, someEvents(1), 'no_stream')
        expect(await outcomeOf(store.append(stream, someEvents(5), 3n))).toBe(0n)
        const [good, bad] = someEvents(2)
        const broken = { ...bad!, data: { list: [1, Number.NaN] } }
        await expect(store.append(stream, [good!, broken], 0n)).rejects.toThrow(InvalidEvent)
        expect(await collect(store.readStream(stream))).toHaveLength(1)
      })

      test('keeps the events of one append together among concurrent ones', async () => {
        const stream = newStream()
        const appends = Array.from({ length: 20 }, (_, index) => someEvents(5, { writer: index }))
        await Promise.all(appends.map((events) => store.append(stream, events, 'any')))
        const writers = (await collect(store.readStream(stream))).map((event) => event.data.writer)
        expect(writers).toHaveLength(100)
        for (let first = 0; first < 100; first += 5) {
          expect(new Set(writers.slice(first, first + 5)).size).toBe(1)
        }
      })

      test('of 50 writers at one revision exactly one wins, at every revision', async () => {
        const stream = newStream()
        const second = await log.connect()
        try {
          for (const expected of ['no_stream', 0n, 1n] as const) {
            const outcomes = await Promise.all(
              Array.from({ length: 50 }, (_, index) =>
                outcomeOf((index % 2 === 0 ? store : second).append(stream, someEvents(1), expected)),
              ),
            )
            expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1)
            expect(outcomes.filter((outcome) => outcome !== 'written')).toHaveLength(49)
          }
          expect(await collect(store.readStream(stream))).toHaveLength(3)
        } finally {
          await second.close()
        }
      })

      test.each<[string, unknown]>([
        ['a bigint', { n: 1n }],
        ['a cycle', cycle()],
        ['undefined in a list', { list: [undefined] }],
        ['a hole in a list', { list: new Array(2) }],
        ['a function', { f: () => 1 }],
        ['a Date', { at: new Date(0) }],
        ['a Map', { map: new Map() }],
        ['NaN', { x: Number.NaN }],
        ['infinity', { x: Number.POSITIVE_INFINITY }],
        ['U+0000', { text: 'a\u0000b' }],
        ['U+0000 in a name', { 'a\u0000': 1 }],
        ['half a surrogate pair', { text: '\ud83d' }],
        ['no object', ['list']],
      ])('refuses %s and lives on', async (_, data) => {
        const stream = newStream()
        const broken = { ...someEvents(1)[0]!, data: data as NewEvent['data'] }
        await expect(store.append(stream, [broken], 'any')).rejects.toMatchObject({ code: 'invalid_event' })
        const inMetadata = { ...someEvents(1)[0]!, metadata: { deep: data } as NewEvent['metadata'] }
        if (!Array.isArray(data))
          await expect(store.append(stream, [inMetadata], 'any')).rejects.toThrow('metadata.deep')
        expect((await store.append(stream, someEvents(1), 'no_stream')).revision).toBe(0n)
      })

      test('refuses names of system events, ids that are no UUID, empty and oversized appends', async () => {
        const [event] = someEvents(1)
        const stream = newStream()
        for (const [name, events] of [
          ['$system', [event!]],
          ['', [event!]],
          [stream, []],
          [stream, [{ ...event!, type: '$metadata' }]],
          [stream, [{ ...event!, id: 'one' }]],
          [stream, [event!, event!]],
          [stream, someEvents(3, { text: 'x'.repeat(400_000) })],
        ] as const) {
          await expect(store.append(name, events, 'any')).rejects.toThrow(InvalidEvent)
        }
        expect(await collect(store.readStream(stream))).toEqual([])
      })
    })

    describe('payloads', () => {
      test('come back as they were', async () => {
        const stream = newStream()
        const data: Record<string, Json> = {
          unicode: 'Ω_m = 0.3 «ζ» 𝔷̂ 👩🏽‍🚀 שלום \u2028 \u200d "quoted" \\ /',
          control: '\u0001\u001f\t\r\n',
          numbers: [0, 0.1, -1.5e-7, 1e21, 5e-324, 1.7976931348623157e308, Number.MAX_SAFE_INTEGER, 359.99999999999994],
          b: { '': null, z: true, a: [[], {}, [null, false]], ключ: 'значение', aa: 1 },
          large: 'photo-z '.repeat(2_000),
        }
        const metadata = { $correlationId: uuidv4(), $causationId: uuidv4(), actor: { userId: 7, username: 'zoë' } }
        const event = { id: uuidv4(), type: 'Été-測試 "1"', data, metadata }
        await store.append(stream, [event], 'no_stream')
        const [recorded] = await collect(store.readStream(stream))
        expect(recorded).toEqual({
          ...event,
          stream,
          revision: 0n,
          position: expect.stringMatching(/^\d{20}$/),
          recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/),
        })
        expect(Math.abs(Date.parse(recorded!.recordedAt) - Date.now())).toBeLessThan(60_000)
      })

      test('of nearly 1 MiB are stored', async () => {
        const stream = newStream()
        await store.append(stream, someEvents(4, { text: 'x'.repeat(250_000) }), 'no_stream')
        expect(await collect(store.readStream(stream))).toHaveLength(4)
      })
    })

    describe('readStream', () => {
      test('gives nothing for an absent stream', async () => {
        expect(await collect(store.readStream(newStream()))).toEqual([])
        expect(await collect(store.readStream(newStream(), { backwards: true, max: 1 }))).toEqual([])
      })

      test('reads parts, in both directions, over several pages', async () => {
        const stream = newStream()
        await store.append(stream, someEvents(600), 'no_stream')
        const revisions = async (options?: Parameters<EventStore['readStream']>[1]) =>
          (await collect(store.readStream(stream, options))).map((event) => Number(event.revision))
        const all = Array.from({ length: 600 }, (_, index) => index)
        expect(await revisions()).toEqual(all)
        expect(await revisions({ backwards: true })).toEqual(all.toReversed())
        expect(await revisions({ from: 598n })).toEqual([598, 599])
        expect(await revisions({ from: 600n })).toEqual([])
        expect(await revisions({ from: 10n, max: 2 })).toEqual([10, 11])
        expect(await revisions({ from: 10n, max: 2, backwards: true })).toEqual([10, 9])
        expect(await revisions({ max: 1, backwards: true })).toEqual([599])
        expect(await revisions({ max: 0 })).toEqual([])
      })

      test('can be left early', async () => {
        const stream = newStream()
        await store.append(stream, someEvents(300), 'no_stream')
        for await (const event of store.readStream(stream)) if (event.revision === 3n) break
        expect((await store.append(stream, someEvents(1), 299n)).revision).toBe(300n)
      })
    })

    describe('readAll', () => {
      test('gives all streams in the order of their appends, strictly after a position', async () => {
        const before = await store.head()
        const answers: Appended[] = []
        const streams = [newStream(), newStream(), newStream()]
        for (let round = 0; round < 10; round++) {
          for (const stream of streams) answers.push(await store.append(stream, someEvents(2), 'any'))
        }
        const events = await collect(store.readAll(before))
        expect(events.map((event) => event.stream)).toEqual(
          Array.from({ length: 10 }, () => streams.flatMap((stream) => [stream, stream])).flat(),
        )
        expectIncreasing(before, events)
        expect(events.filter((_, index) => index % 2 === 1).map((event) => event.position)).toEqual(
          answers.map((answer) => answer.position),
        )
        expect(await collect(store.readAll(events[30]!.position))).toEqual(events.slice(31))
        expect(await collect(store.readAll(events[3]!.position, { max: 4 }))).toEqual(events.slice(4, 8))
        expect(await collect(store.readAll(events.at(-1)!.position))).toEqual([])
        const everything = await collect(store.readAll(START))
        expectIncreasing(START, everything)
        expect(everything.slice(-60)).toEqual(events)
      })

      test('gives certain types only', async () => {
        const before = await store.head()
        const stream = newStream()
        const events = ['A', 'B', 'C', 'A'].map((type) => ({ ...someEvents(1)[0]!, type }))
        await store.append(stream, events, 'no_stream')
        const types = async (wanted: string[], max?: number) =>
          (await collect(store.readAll(before, { types: wanted, ...(max ? { max } : {}) }))).map((event) => event.type)
        expect(await types(['A', 'C'])).toEqual(['A', 'C', 'A'])
        expect(await types(['A'], 1)).toEqual(['A'])
        expect(await types(['Z'])).toEqual([])
      })

      test('head is the position of the newest event', async () => {
        const { position } = await store.append(newStream(), someEvents(3), 'no_stream')
        expect(await store.head()).toBe(position)
      })
    })

    describe('subscribeAll', () => {
      test('gives what is recorded, says once that it caught up, and goes on live', async () => {
        const after = await store.head()
        const stream = newStream()
        await store.append(stream, someEvents(300), 'no_stream')
        const head = await store.head()
        const reader = follow(store, after)
        await reader.until(() => reader.caughtUp.length > 0)
        expect(reader.events.length).toBeGreaterThanOrEqual(300)
        expect(reader.caughtUp[0]! >= head).toBe(true)
        await store.append(stream, someEvents(2), 299n)
        await store.append(newStream(), someEvents(1), 'no_stream')
        await reader.until(() => reader.events.length === 303)
        await reader.stop()
        expect(reader.caughtUp).toHaveLength(1)
        expectIncreasing(after, reader.events)
        expect(reader.events).toEqual(await collect(store.readAll(after)))
      })

      test('begins strictly after its position and catches up with nothing', async () => {
        const { position } = await store.append(newStream(), someEvents(1), 'no_stream')
        const reader = follow(store, position)
        await reader.until(() => reader.caughtUp.length > 0)
        expect(reader.events).toEqual([])
        expect(reader.caughtUp[0]! >= position).toBe(true)
        await reader.stop()
      })

      test('every subscriber sees everything, also what another client writes meanwhile', async () => {
        const after = await store.head()
        const other = await log.connect()
        const readers = [follow(store, after), follow(store, after), follow(other, after)]
        await Promise.all(
          Array.from({ length: 40 }, (_, index) =>
            (index % 2 === 0 ? store : other).append(newStream(), someEvents(3), 'no_stream'),
          ),
        )
        for (const reader of readers) {
          await reader.until(() => reader.events.length >= 120)
          await reader.stop()
          expectIncreasing(after, reader.events)
        }
        const all = await collect(store.readAll(after))
        for (const reader of readers) expect(reader.events).toEqual(all)
        await other.close()
      })

      test('resumed after a kill it neither leaves out nor repeats', async () => {
        const after = await store.head()
        const stream = newStream()
        const seen: RecordedEvent[] = []
        const writing = (async () => {
          for (let round = 0; round < 60; round++) await store.append(stream, someEvents(2), 'any')
        })()
        while (seen.length < 120) {
          const stop = new AbortController()
          const part = seen.length + 25
          for await (const message of store.subscribeAll(seen.at(-1)?.position ?? after, stop.signal)) {
            if (message.kind === 'event') seen.push(message.event)
            if (seen.length >= Math.min(part, 120)) break // as a process that dies in the middle of a batch
          }
          stop.abort()
        }
        await writing
        expect(seen).toEqual(await collect(store.readAll(after)))
      })

      test('ends without an error when it is aborted, before, while reading and while waiting', async () => {
        const none = follow(store, START, AbortSignal.abort())
        await none.ended
        expect(none.events).toEqual([])
        const stop = new AbortController()
        let count = 0
        for await (const message of store.subscribeAll(START, stop.signal)) {
          if (message.kind === 'event' && ++count === 3) stop.abort()
        }
        expect(count).toBe(3)
        const waiting = follow(store, await store.head())
        await waiting.until(() => waiting.caughtUp.length > 0)
        await delay(20)
        await waiting.stop()
      })
    })

    test('a closed store ends its subscriptions and refuses appends as unavailable', async () => {
      const other = await log.connect()
      const reader = follow(other, await other.head())
      await reader.until(() => reader.caughtUp.length > 0)
      await other.close()
      await reader.ended
      await expect(other.append(newStream(), someEvents(1), 'any')).rejects.toThrow(EventStoreUnavailable)
      expect((await store.append(newStream(), someEvents(1), 'no_stream')).revision).toBe(0n)
    })

    test('commands that compete for a stream are all carried out, and its hash chain is intact', async () => {
      const stream = newStream()
      const counter = {
        initialState: 0,
        isEvent: (event: UntypedEvent): event is { type: string; data: { by: number } } => event.type === 'Counted',
        evolve: (count: number, event: { type: string; data: { by: number } }) => count + event.data.by,
        decide: (by: number) => [{ type: 'Counted', data: { by } }],
      }
      const run = (command: number) =>
        handleCommand({ store, decider: counter, stream, command, metadata: metadataOf() })
      await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(run))
      expect((await run(9)).state).toBe(45)
      const events = await collect(store.readStream(stream))
      expect(events).toHaveLength(9)
      expect(brokenLinks(events)).toEqual([])
    })
  })
}

export function metadataOf(commandId: string = uuidv4()) {
  return {
    actor: { userId: 1, username: 'ada' },
    at: '2026-01-01T00:00:00.000Z',
    commandId,
    $correlationId: commandId,
    $causationId: commandId,
    softwareVersion: 'test',
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** 'written', or where the stream really is. */
async function outcomeOf(appending: Promise<Appended>): Promise<string | bigint> {
  try {
    await appending
    return 'written'
  } catch (error) {
    if (error instanceof WrongExpectedRevision) return error.actual
    throw error
  }
}

/** Reads a subscription in the background. */
export function follow(store: EventStore, after: Position, signal?: AbortSignal) {
  const stop = new AbortController()
  const events: RecordedEvent[] = []
  const caughtUp: Position[] = []
  const handle = (message: SubscriptionMessage) =>
    message.kind === 'event' ? events.push(message.event) : caughtUp.push(message.position)
  const ended = (async () => {
    for await (const message of store.subscribeAll(after, signal ?? stop.signal)) handle(message)
  })()
  return {
    events,
    caughtUp,
    ended,
    async until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
      const deadline = Date.now() + timeoutMs
      while (!condition()) {
        if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms with ${events.length} events seen`)
        await Promise.race([delay(2), ended])
      }
    },
    async stop(): Promise<void> {
      stop.abort()
      await ended
    },
  }
}

function expectIncreasing(after: Position, events: readonly RecordedEvent[]): void {
  let last = after
  for (const { position } of events) {
    expect(position > last).toBe(true)
    last = position
  }
}

function cycle(): unknown {
  const self: Record<string, unknown> = {}
  self.self = self
  return self
}
