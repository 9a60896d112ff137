import { afterAll, beforeAll } from 'vitest'
import { openDatabase } from '../../../src/database/open.ts'
import { engineContract } from '../../projections/contract.ts'
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgresServer({ fsync: 'off' })
})
afterAll(() => server.stop())

engineContract(async () => openDatabase({ dataDir: '/nowhere', databaseUrl: await server.newDatabase() }))
