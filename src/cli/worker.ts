import { InvalidConfiguration, readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { openContext, startWorker } from '../server.ts'
import { reportStartFailure } from '../start-failure.ts'
import { stopOnSignals } from '../stop-signals.ts'

/**
 * `npm run worker`: carries out runs of pipelines, beside the server or on another machine. It needs the server's DATABASE_URL
 * (and EVENTSTORE_URL, if the server has one), and the same files: its BLOBS_URL, or a DATA_DIR whose `blobs` folder is the server's.
 */
async function main(): Promise<void> {
  const { config, secrets } = readConfig()
  if (secrets.databaseUrl === null) {
    throw new InvalidConfiguration([
      'DATABASE_URL must be set: the embedded database belongs to one process, whose own worker is enough (RUN_WORKERS).',
    ])
  }
  const log = createLog(config.logLevel)
  const steps: (() => unknown)[] = []
  const teardown = { add: (step: () => unknown) => void steps.unshift(step) }
  const close = async () => {
    for (const step of steps.splice(0)) await step()
  }
  try {
    const runs = { ...config.runs, workers: Math.max(1, config.runs.workers) }
    const context = await openContext({ ...config, runs }, secrets, log, () => new Date(), teardown)
    const worker = startWorker(context, teardown)
    log.info({ worker, runs: runs.workers }, 'working')
  } catch (error) {
    await close()
    throw error
  }
  stopOnSignals(log, close)
}

main().catch(reportStartFailure)
