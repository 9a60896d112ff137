import { readConfig } from './config.ts'
import { createLog } from './log.ts'
import { startServer } from './server.ts'
import { reportStartFailure } from './start-failure.ts'

async function main(): Promise<void> {
  const { config, secrets } = readConfig()
  const log = createLog(config.logLevel)
  const server = await startServer(config, secrets, log)
  process.stdout.write(`\n  Photo-z Server: ${server.url}\n`)
  if (server.madePassword !== null) {
    process.stdout.write(`  Account "admin", password "${server.madePassword}" (shown only now)\n`)
  }
  process.stdout.write('\n')

  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(130) // asked twice: the person does not want to wait
    stopping = true
    log.info({ signal }, 'stopping')
    server.close().then(
      () => {
        log.info('stopped')
        process.exitCode = 0
      },
      (error: unknown) => {
        log.error({ err: error }, 'could not stop in order')
        process.exitCode = 1
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

main().catch(reportStartFailure)
