import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../../src/database/database.ts'
import { DatabaseUnavailable } from '../../../src/database/errors.ts'
import { EventStoreUnavailable, InvalidEvent, WrongExpectedRevision } from '../../../src/eventstore/errors.ts'
import type { Position, RecordedEvent } from '../../../src/eventstore/port.ts'
import { PostgresEventLog } from '../../../src/eventstore/postgres/event-log.ts'
import { openMemoryDatabase } from '../../support/memory-database.ts'
import { collect, follow, newStream, someEvents } from '../contract.ts'

let database: Database
let log: PostgresEventLog
/** Where the log ended before the test. */
let start: Position

beforeAll(async () => {
  database = await openMemoryDatabase()
  log = new PostgresEventLog(database)
})

beforeEach(async () => {
  start = await log.head()
})

afterAll(async () => {
  await log.close()
  await database.close()
})

/** Places in the log, counted from `start`. */
const places = (events: readonly RecordedEvent[]): number[] =>
  events.map((event) => Number(BigInt(event.position) - BigInt(start)))

/** The database, but queries pass through `intercept`. */
function databaseWith(intercept: (text: string, run: () => Promise<never[]>) => Promise<never[]>): Database {
  return { ...database, query: (text, parameters) => intercept(text, () => database.query(text, parameters)) }
}

describe('what was recorded stays', () => {
  test.each([
    `update log.events set data = '{}'`,
    `update log.events set type = 'Other' where false`,
    'delete from log.events',
    'truncate log.events',
    'delete from log.streams',
    'truncate log.streams',
    'delete from log.head',
    'truncate log.head',
  ])('%s is refused', async (statement) => {
    await log.append(newStream(), someEvents(2), 'no_stream')
    const before = await collect(log.readAll(start))
    await expect(database.query(statement)).rejects.toThrow('append-only')
    expect(await collect(log.readAll(start))).toEqual(before)
  })
})

describe('a batch of the group writer', () => {
  test('writes the appends of one turn together, and positions have no gaps', async () => {
    let writes = 0
    const counting = new PostgresEventLog(
      databaseWith((text, run) => {
        if (text.includes('log.append')) writes++
        return run()
      }),
    )
    await Promise.all(Array.from({ length: 100 }, () => counting.append(newStream(), someEvents(3), 'no_stream')))
    expect(writes).toBeLessThanOrEqual(2)
    const positions = places(await collect(counting.readAll(start)))
    expect(positions).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
    await counting.close()
  })

  test('lets the winners win when others conflict', async () => {
    const taken = newStream()
    await log.append(taken, someEvents(1), 'no_stream')
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        log.append(index % 4 === 0 ? taken : newStream(), someEvents(2), 'no_stream'),
      ),
    )
    for (const [index, outcome] of outcomes.entries()) {
      if (index % 4 !== 0) expect(outcome).toMatchObject({ status: 'fulfilled', value: { revision: 1n } })
      else expect(outcome).toMatchObject({ status: 'rejected', reason: { actual: 0n } })
    }
    const positions = places(await collect(log.readAll(start)))
    expect(positions).toEqual(Array.from({ length: 31 }, (_, index) => index + 1))
  })

  test('lets the others in when one uses an id of another stream', async () => {
    const [used] = someEvents(1)
    await log.append(newStream(), [used!], 'no_stream')
    const outcomes = await Promise.allSettled([
      log.append(newStream(), someEvents(1), 'no_stream'),
      log.append(newStream(), [...someEvents(1), used!], 'no_stream'),
      log.append(newStream(), someEvents(1), 'no_stream'),
    ])
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[1]).toMatchObject({ reason: expect.any(InvalidEvent) })
    expect(await collect(log.readAll(start))).toHaveLength(3)
  })

  test('keeps the order of appends to one stream', async () => {
    const stream = newStream()
    await Promise.all([
      log.append(stream, someEvents(1), 'no_stream'),
      log.append(stream, someEvents(1), 0n),
      log.append(stream, someEvents(1), 1n),
    ])
    await expect(log.append(stream, someEvents(1), 0n)).rejects.toThrow(WrongExpectedRevision)
  })

  test('is not part of the transaction of a caller, so its rollback loses nothing of others', async () => {
    const elsewhere = newStream()
    const abandoned = database.transaction(async () => {
      void log.append(elsewhere, someEvents(1), 'no_stream') // not awaited: PGlite has one session
      throw new Error('rolled back')
    })
    await expect(abandoned).rejects.toThrow('rolled back')
    await log.append(newStream(), someEvents(1), 'no_stream')
    expect(await collect(log.readStream(elsewhere))).toHaveLength(1)
  })

  test('whose answer is lost is repeated, and written once', async () => {
    let losses = 2
    const shaky = new PostgresEventLog(
      databaseWith(async (text, run) => {
        const rows = await run()
        if (text.includes('log.append') && losses-- > 0) throw new DatabaseUnavailable('the connection broke')
        return rows
      }),
    )
    const stream = newStream()
    expect(await shaky.append(stream, someEvents(3), 'no_stream')).toMatchObject({ revision: 2n })
    expect(await shaky.append(stream, someEvents(1), 'any')).toMatchObject({ revision: 3n })
    expect(await collect(log.readStream(stream))).toHaveLength(4)
    await shaky.close()
  })

  test('that cannot reach the database is EventStoreUnavailable', async () => {
    const down = new PostgresEventLog(databaseWith(() => Promise.reject(new DatabaseUnavailable('down'))))
    await expect(down.append(newStream(), someEvents(1), 'any')).rejects.toThrow(EventStoreUnavailable)
    await expect(collect(down.readAll(start))).rejects.toThrow(EventStoreUnavailable)
    await down.close()
  })
})

test('an append with any or exists is recognised when it is repeated', async () => {
  const stream = newStream()
  const events = someEvents(3)
  const first = await log.append(stream, events, 'any')
  await log.append(stream, someEvents(1), 2n)
  expect(await log.append(stream, events, 'any')).toEqual(first)
  expect(await log.append(stream, events, 'stream_exists')).toEqual(first)
  expect(await collect(log.readStream(stream))).toHaveLength(4)
})

test('the time of recording never goes back', async () => {
  await database.query(`update log.head set recorded_at = now() + interval '1 hour'`)
  await log.append(newStream(), someEvents(1), 'no_stream')
  await database.query(`update log.head set recorded_at = recorded_at - interval '30 minutes'`)
  await log.append(newStream(), someEvents(1), 'no_stream')
  const times = (await collect(log.readAll(start))).map((event) => event.recordedAt)
  expect(Date.parse(times[0]!)).toBeGreaterThan(Date.now() + 50 * 60_000)
  expect(times[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  expect(Date.parse(times[1]!)).toBeGreaterThan(Date.now() + 25 * 60_000)
  await database.query('update log.head set recorded_at = now()')
})

describe('a subscription', () => {
  test('polls when LISTEN fails', async () => {
    const troubles: unknown[] = []
    const deaf: Database = { ...database, listen: () => Promise.reject(new Error('no LISTEN')) }
    const reader = new PostgresEventLog(deaf, { pollMs: 20, onTrouble: (error) => troubles.push(error) })
    const feed = follow(reader, start)
    await feed.until(() => feed.caughtUp.length === 1)
    await log.append(newStream(), someEvents(2), 'no_stream')
    await feed.until(() => feed.events.length === 2)
    await reader.close()
    await feed.ended
    expect(troubles).toHaveLength(1)
  })

  test('is woken by NOTIFY when another instance writes', async () => {
    const other = new PostgresEventLog(database, { pollMs: 60_000 })
    const feed = follow(other, start)
    await feed.until(() => feed.caughtUp.length === 1)
    await delay(30)
    await log.append(newStream(), someEvents(1), 'no_stream')
    await feed.until(() => feed.events.length === 1, 2_000)
    await other.close()
    await feed.ended
  })

  test('carries on after the database was away', async () => {
    let down = false
    const shaky = new PostgresEventLog(
      databaseWith((_, run) => (down ? Promise.reject(new DatabaseUnavailable('down')) : run())),
      { pollMs: 10 },
    )
    const feed = follow(shaky, start)
    await log.append(newStream(), someEvents(3), 'no_stream')
    await feed.until(() => feed.events.length === 3)
    down = true
    await log.append(newStream(), someEvents(3), 'no_stream')
    await delay(50)
    down = false
    await feed.until(() => feed.events.length === 6)
    await feed.stop()
    expect(places(feed.events)).toEqual([1, 2, 3, 4, 5, 6])
    await shaky.close()
  })
})
