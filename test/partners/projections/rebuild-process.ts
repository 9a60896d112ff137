import { openDatabase } from '../../../src/database/open.ts'
import { PostgresEventLog } from '../../../src/eventstore/postgres/event-log.ts'
import { ProjectionEngine } from '../../../src/projections/engine.ts'
import { linesProjection, registry, totalsProjection } from '../../projections/samples.ts'

/** A program that rebuilds and says what it does; the test kills it or lets it finish. */
const [databaseUrl, batchSize] = process.argv.slice(2)
const database = await openDatabase({ dataDir: '/nowhere', databaseUrl })
const store = new PostgresEventLog(database)
const projections = [totalsProjection(), linesProjection()]
const engine = new ProjectionEngine({ database, store, registry, projections, batchSize: Number(batchSize) })
await engine.rebuild(undefined, { onProgress: ({ phase }) => process.stdout.write(`${phase}\n`) })
await store.close()
await database.close()
