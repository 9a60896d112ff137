/** The event log on a PostgreSQL server: `TEST_DATABASE_URL` names a database that may be written to. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../../src/database/database.ts'
import { openDatabase } from '../../../src/database/open.ts'
import { PostgresEventLog } from '../../../src/eventstore/postgres/event-log.ts'
import { collect, describeEventStore, follow, newStream, someEvents } from '../../eventstore/contract.ts'

const url = process.env.TEST_DATABASE_URL
const WRITER = fileURLToPath(new URL('./writer-process.ts', import.meta.url))

/** A connection pool of its own, as another process has. */
const open = (): Promise<Database> => openDatabase({ dataDir: tmpdir(), databaseUrl: url, poolSize: 5 })

/** A promise, and the function that resolves it. */
function signal(): [Promise<void>, () => void] {
  let resolve = () => {}
  const promise = new Promise<void>((resolved) => {
    resolve = resolved
  })
  return [promise, resolve]
}

if (!url) {
  describe('event log on PostgreSQL', () => {
    test.skip('skipped: TEST_DATABASE_URL is not set', () => {})
  })
} else {
  describeEventStore('PostgreSQL, every client with a pool of its own', async () => {
    const pools: Database[] = []
    return {
      async connect() {
        const database = await open()
        pools.push(database)
        return new PostgresEventLog(database)
      },
      async close() {
        for (const pool of pools) await pool.close()
      },
    }
  })

  describe('several processes on one PostgreSQL', () => {
    let database: Database
    let log: PostgresEventLog

    beforeAll(async () => {
      database = await open()
      log = new PostgresEventLog(database)
    })

    afterAll(async () => {
      await log.close()
      await database.close()
    })

    test('positions have no gaps and a reader sees every event in order while they write', async () => {
      const after = await log.head()
      const feed = follow(log, after)
      const shared = newStream()
      const writers = [1, 2, 3].map((name) => fork(WRITER, [shared, String(name)], { execArgv: ['--import', 'tsx'] }))
      const exits = await Promise.all(writers.map((writer) => once(writer, 'exit')))
      expect(exits.map(([code]) => code)).toEqual([0, 0, 0])
      await feed.until(() => feed.events.length >= 3 * 200, 20_000)
      await feed.stop()

      const events = await collect(log.readAll(after))
      expect(feed.events).toEqual(events)
      expect(events.map((event) => BigInt(event.position) - BigInt(after))).toEqual(
        Array.from({ length: 600 }, (_, index) => BigInt(index + 1)),
      )
      const times = events.map((event) => event.recordedAt)
      expect(times).toEqual(times.toSorted())
      const inShared = await collect(log.readStream(shared))
      expect(inShared.map((event) => event.revision)).toEqual(Array.from({ length: 300 }, (_, index) => BigInt(index)))
    })

    test('a subscription survives that the server ends its connections', async () => {
      const after = await log.head()
      const own = await open()
      const reader = new PostgresEventLog(own, { pollMs: 50 })
      const feed = follow(reader, after)
      await feed.until(() => feed.caughtUp.length === 1)
      const admin = postgres(url, { max: 1 })
      for (let round = 1; round <= 3; round++) {
        await admin`select pg_terminate_backend(pid) from pg_stat_activity
                    where application_name = 'photoz' and pid <> pg_backend_pid()`
        await log.append(newStream(), someEvents(5), 'no_stream')
        await feed.until(() => feed.events.length === 5 * round)
      }
      await admin.end()
      await feed.stop()
      await reader.close()
      await own.close()
      expect(feed.events).toEqual(await collect(log.readAll(after)))
    })

    test('an event that is committed late does not slip past a reader', async () => {
      const after = await log.head()
      const admin = postgres(url, { max: 1 })
      const [written, sayWritten] = signal()
      const [finished, finish] = signal()
      const held = admin.begin(async (tx) => {
        await tx`select * from log.append(${`[{"n":0,"stream":"slow-${after}","expected":-1,"size":1}]`}::text::jsonb,
          ${JSON.stringify(someEvents(1).map((event) => ({ n: 0, k: 0, ...event })))}::text::jsonb)`
        sayWritten()
        await finished
      })
      await written
      const feed = follow(log, after)
      const later = log.append(newStream(), someEvents(1), 'no_stream')
      await feed.until(() => feed.caughtUp.length === 1)
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(feed.events).toEqual([]) // the later append waits for the earlier one
      finish()
      await Promise.all([held, later])
      await feed.until(() => feed.events.length === 2)
      await feed.stop()
      await admin.end()
      expect(feed.events[0]?.stream).toBe(`slow-${after}`)
    })
  })
}
