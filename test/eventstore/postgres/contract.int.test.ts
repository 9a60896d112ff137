import { openMemoryDatabase } from '../../../src/database/open.ts'
import { PostgresEventLog } from '../../../src/eventstore/postgres/event-log.ts'
import { describeEventStore } from '../contract.ts'

describeEventStore('PGlite', async () => {
  const database = await openMemoryDatabase()
  return {
    connect: async () => new PostgresEventLog(database),
    close: () => database.close(),
  }
})
