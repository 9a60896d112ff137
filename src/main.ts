import { InvalidConfiguration, readConfig } from './config.ts'
import { createLog } from './log.ts'
import { startServer } from './server.ts'

/** Errors that a person can mend: their message is all there is to say. */
const PLAIN = new Set([
  'invalid_configuration',
  'data_dir_in_use',
  'database_unavailable',
  'incompatible_database',
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EACCES',
  'EEXIST',
  'ENOTDIR',
  'ENOTFOUND',
])

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

main().catch((error: unknown) => {
  const plain =
    error instanceof InvalidConfiguration ||
    (error instanceof Error && 'code' in error && PLAIN.has(String(error.code)))
  process.stderr.write(
    `${plain && error instanceof Error ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  )
  process.exitCode = 1
})
