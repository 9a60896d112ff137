import type { Log } from './log.ts'

/**
 * Ends the process in order when it is told to stop (SIGTERM, or Ctrl+C). Told twice, it goes at once: the person does not
 * want to wait.
 */
export function stopOnSignals(log: Log, close: () => Promise<void>): void {
  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(130)
    stopping = true
    log.info({ signal }, 'stopping')
    close().then(
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
