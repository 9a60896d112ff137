import { PostgresEventLog } from '../../../src/eventstore/postgres/event-log.ts'
import { openMemoryDatabase } from '../../support/memory-database.ts'
import { describeEventStore } from '../contract.ts'

describeEventStore('PGlite', async () => {
  const database = await openMemoryDatabase()
  return {
    connect: async () => new PostgresEventLog(database),
    close: () => database.close(),
  }
})
