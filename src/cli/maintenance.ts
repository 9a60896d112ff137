import { readConfig } from '../config.ts'
import type { AppContext } from '../context.ts'
import { dataDirHolder, lockDataDir } from '../database/lock.ts'
import { createLog } from '../log.ts'
import { openContext } from '../server.ts'

/**
 * Does something with the data of a server: through it when one is running on the data folder, else on its own.
 * @returns what the work gave, or what the server answered
 */
export async function maintain<Result>(path: string, work: (context: AppContext) => Promise<Result>): Promise<unknown> {
  const { config, secrets } = readConfig()
  const holder = await dataDirHolder(config.dataDir)
  if (holder !== undefined) {
    if (holder.url === null)
      throw new Error(`The server with process id ${holder.pid} is starting; try again in a moment.`)
    const response = await fetch(`${holder.url}/internal/${path}`, {
      method: 'POST',
      headers: { 'X-Control-Key': holder.controlKey },
    })
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`The server answered ${response.status}: ${JSON.stringify(answer)}`)
    return answer
  }
  const steps: (() => unknown)[] = []
  try {
    const lock = await lockDataDir(config.dataDir)
    steps.unshift(() => lock.release())
    // Standard output is for the result alone.
    const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel, process.stderr)
    const { context } = await openContext(config, secrets, log, () => new Date(), {
      add: (step) => steps.unshift(step),
    })
    return await work(context)
  } finally {
    for (const step of steps) await step()
  }
}

/** Runs a command: prints its result as JSON, or its error in one line. `fine` decides the exit code. */
export function command(run: () => Promise<unknown>, fine: (result: unknown) => boolean = () => true): void {
  run().then(
    (result) => {
      console.log(JSON.stringify(result, null, 2))
      process.exitCode = fine(result) ? 0 : 1
    },
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : String(error))
      process.exitCode = 1
    },
  )
}
