/** A server process of its own that writes 200 events: half to the stream named first, half to streams of its own. */
import { tmpdir } from 'node:os'
import { openDatabase } from '../../../src/database/open.ts'
import { WrongExpectedRevision } from '../../../src/eventstore/errors.ts'
import type { EventStore } from '../../../src/eventstore/port.ts'
import { PostgresEventLog } from '../../../src/eventstore/postgres/event-log.ts'
import { newStream, someEvents } from '../../eventstore/events.ts'

const [, , shared = '', name = ''] = process.argv

/** Appends one event exactly behind the last one, as often as it takes. */
async function appendExactly(store: EventStore, stream: string): Promise<void> {
  const [event] = someEvents(1, { writer: name })
  for (;;) {
    let last: bigint | 'no_stream' = 'no_stream'
    for await (const { revision } of store.readStream(stream, { backwards: true, max: 1 })) last = revision
    try {
      await store.append(stream, [event!], last)
      return
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error
    }
  }
}

const database = await openDatabase({ dataDir: tmpdir(), databaseUrl: process.env.TEST_DATABASE_URL, poolSize: 5 })
const log = new PostgresEventLog(database)
await Promise.all([
  (async () => {
    for (let n = 0; n < 100; n++) await appendExactly(log, shared)
  })(),
  ...Array.from({ length: 10 }, async () => {
    const stream = newStream()
    for (let n = 0; n < 10; n++) await log.append(stream, someEvents(1, { writer: name }), 'any')
  }),
])
await log.close()
await database.close()
