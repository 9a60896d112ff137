import { EventStoreUnavailable } from '../../src/eventstore/errors.ts'
import type { EventStore } from '../../src/eventstore/port.ts'

/** What an event store does instead of appending. */
export type Trouble = 'none' | 'down' | 'writes and does not say so'

/** An event store that fails as it is told to. */
export const unreliable = (store: EventStore, trouble: () => Trouble): EventStore => ({
  async append(stream, events, expected) {
    if (trouble() === 'down') throw new EventStoreUnavailable('not now')
    const appended = await store.append(stream, events, expected)
    if (trouble() !== 'none') throw new EventStoreUnavailable('who knows')
    return appended
  },
  readStream: (stream, options) => store.readStream(stream, options),
  readAll: (after, options) => store.readAll(after, options),
  head: () => store.head(),
  subscribeAll: (after, signal) => store.subscribeAll(after, signal),
  close: () => store.close(),
})
