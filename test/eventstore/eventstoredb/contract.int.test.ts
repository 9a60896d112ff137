import { describe, test } from 'vitest'
import { EventStoreDB } from '../../../src/eventstore/eventstoredb/event-store.ts'
import { describeEventStore } from '../contract.ts'
import { EventStoreDouble } from '../double/server.ts'

describeEventStore('EventStoreDB adapter on the in-process double', async () => {
  const server = new EventStoreDouble()
  await server.start()
  return {
    connect: async () => new EventStoreDB(server.connectionString),
    close: () => server.stop(),
  }
})

const url = process.env.EVENTSTORE_URL

if (url) {
  describeEventStore(`EventStoreDB at ${url.replace(/\/\/[^@/]*@/, '//')}`, async () => ({
    connect: async () => new EventStoreDB(url),
    close: async () => {},
  }))
} else {
  describe('event store contract: a real EventStoreDB', () => {
    test.skip('skipped: EVENTSTORE_URL is not set', () => {})
  })
}
