import { mkdir } from 'node:fs/promises'
import { importLog } from '../application/portable-log.ts'
import { readConfig } from '../config.ts'
import { ledgerHead } from '../projections/ledger/queries.ts'
import { engineOf, openStores } from '../server.ts'
import { command, fileAndBlobs, locked } from './maintenance.ts'

/**
 * `npm run import -- <file.ndjson> [--blobs <folder>]`: brings an exported log into an empty store (the data folder, `DATABASE_URL`
 * or `EVENTSTORE_URL`, as configured), builds the read models, and compares the head of the chain. No server may be running.
 */
async function run(): Promise<unknown> {
  const { file, folder } = fileAndBlobs('Usage: npm run import -- <file.ndjson> [--blobs <folder>]')
  const { config, secrets } = readConfig()
  await mkdir(config.dataDir, { recursive: true })
  return locked(async (teardown, log) => {
    const stores = await openStores(config, secrets, log, teardown)
    const report = await importLog({ ...stores, writesInOrder: config.eventStore === 'postgres' }, file, folder)
    const ending = new AbortController()
    const engine = engineOf(stores, log)
    teardown.add(async () => {
      ending.abort()
      await engine.stopped()
    })
    await engine.start(ending.signal)
    const { chainHead, position } = await ledgerHead(stores.database)
    if (chainHead !== report.chainHead) {
      throw new Error(`The log here has the chain head ${chainHead}, and the file has ${report.chainHead}.`)
    }
    return { file, position, ...report }
  })
}

command(run)
