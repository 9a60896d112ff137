import { readConfig } from './config.ts'
import { createLog } from './log.ts'
import { startServer } from './server.ts'
import { reportStartFailure } from './start-failure.ts'
import { stopOnSignals } from './stop-signals.ts'

async function main(): Promise<void> {
  const { config, secrets } = readConfig()
  const log = createLog(config.logLevel)
  const server = await startServer(config, secrets, log)
  process.stdout.write(`\n  Photo-z Server: ${server.url}\n`)
  if (server.madePassword !== null) {
    process.stdout.write(`  Account "admin", password "${server.madePassword}" (shown only now)\n`)
  }
  process.stdout.write('\n')
  stopOnSignals(log, () => server.close())
}

main().catch(reportStartFailure)
