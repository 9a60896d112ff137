import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface ServerProcess {
  readonly url: string
  readonly adminPassword: string
  readonly dataDir: string
  readonly process: ChildProcess
  /** What it has printed so far. */
  output(): string
  /** Asks it to stop, and waits until it has. @returns the exit code */
  stop(): Promise<number | null>
  kill(): Promise<void>
}

/** Starts the program as a person would, in a process of its own, on a free port. */
export async function startProcess(
  options: {
    readonly dataDir?: string
    readonly env?: Readonly<Record<string, string>>
    /** Another program that serves, e.g. the demonstration. */
    readonly program?: string
  } = {},
): Promise<ServerProcess> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'photoz-')))
  const adminPassword = 'a test password'
  const child = spawn(process.execPath, ['--import', 'tsx', options.program ?? 'src/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATA_DIR: dataDir,
      ADMIN_PASSWORD: adminPassword,
      LOG_LEVEL: 'warn',
      RATE_LIMITS: 'off',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const exited = once(child, 'exit')
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const found = /Photo-z Server: (http:\S+)/.exec(output)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout.on('data', look)
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}: ${output}`)))
  })
  return {
    url,
    adminPassword,
    dataDir,
    process: child,
    output: () => output,
    async stop() {
      child.kill('SIGTERM')
      await exited
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
      return child.exitCode
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

export interface CommandOutcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs one of our programs, e.g. `src/cli/rebuild.ts`, to its end. */
export async function runProgram(
  script: string,
  options: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CommandOutcome> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...(options.args ?? [])], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      texts[stream] += text
    })
  }
  await once(child, 'close')
  return { code: child.exitCode, ...texts }
}
