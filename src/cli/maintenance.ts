import { existsSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { json, text } from 'node:stream/consumers'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import type { AppContext } from '../context.ts'
import { dataDirHolder, type LockHolder, lockDataDir } from '../database/lock.ts'
import { createLog, type Log } from '../log.ts'
import { openContext } from '../server.ts'

/**
 * Does something with the data of a server: through it when one is running on the data folder, else on its own.
 * @returns what the work gave, or what the server answered
 */
export async function maintain<Result>(path: string, work: (context: AppContext) => Promise<Result>): Promise<unknown> {
  const holder = await runningServer()
  return holder === null ? withData(work) : json(await ask(holder, path))
}

/** The same for work that gives a text of any length, piece by piece. */
export async function maintainText(
  path: string,
  work: (context: AppContext) => AsyncIterable<string>,
  use: (pieces: AsyncIterable<string | Uint8Array>) => Promise<void>,
): Promise<void> {
  const holder = await runningServer()
  if (holder === null) return withData((context) => use(work(context)))
  await use(await ask(holder, path))
}

/** The server that is running on the data folder, if one is. */
async function runningServer(): Promise<LockHolder | null> {
  const holder = await dataDirHolder(readConfig().config.dataDir)
  if (holder === undefined) return null
  if (holder.url === null) {
    throw new Error(`The server with process id ${holder.pid} is starting; try again in a moment.`)
  }
  return holder
}

/** Not by `fetch`, which gives up after five minutes without an answer: checking a long log takes longer. */
async function ask({ url, controlKey }: LockHolder, path: string): Promise<IncomingMessage> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(`${url}/internal/${path}`, { method: 'POST', headers: { 'X-Control-Key': controlKey } })
    asked.once('response', resolve).once('error', reject).end()
  })
  if (response.statusCode !== 200) throw new Error(`The server answered: ${problemIn(await text(response))}`)
  return response
}

/** What a problem document says in words. */
function problemIn(body: string): string {
  const problem: unknown = JSON.parse(body)
  return typeof problem === 'object' && problem !== null && 'detail' in problem ? String(problem.detail) : body
}

async function withData<Result>(work: (context: AppContext) => Promise<Result>): Promise<Result> {
  const { config, secrets } = readConfig()
  // Whoever mistypes the folder shall not be told that all is well with an empty one.
  if (config.database === 'pglite' && !existsSync(join(config.dataDir, 'pglite'))) {
    throw new Error(`There are no data of a server in ${config.dataDir} (DATA_DIR).`)
  }
  return locked(async (teardown, log) => {
    const context = await openContext(config, secrets, log, () => new Date(), teardown)
    return work(context)
  })
}

/** Runs `work` while this process alone has the data folder; steps of the teardown run afterwards, last things first. */
export async function locked<Result>(
  work: (teardown: { add(step: () => unknown): void }, log: Log) => Promise<Result>,
): Promise<Result> {
  const { config } = readConfig()
  const steps: (() => unknown)[] = []
  try {
    const lock = await lockDataDir(config.dataDir)
    steps.unshift(() => lock.release())
    // Standard output is for the result alone.
    const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel, process.stderr)
    return await work({ add: (step) => steps.unshift(step) }, log)
  } finally {
    for (const step of steps) await step()
  }
}

/** The arguments of the command. @throws Error with the usage, for an option that there is not or that lacks its value */
export function given<const Options extends ParseArgsConfig>(options: Options, usage: string) {
  try {
    return parseArgs(options)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new Error(`${error.message.split('.')[0]}. ${usage}`)
  }
}

/** The arguments of a command that takes a file and `--blobs <folder>`. @throws Error with the usage */
export function fileAndBlobs(usage: string): { readonly file: string; readonly folder: string | undefined } {
  const { values, positionals } = given({ allowPositionals: true, options: { blobs: { type: 'string' } } }, usage)
  const [file] = positionals
  if (file === undefined || positionals.length > 1) throw new Error(usage)
  return { file, folder: values.blobs }
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
