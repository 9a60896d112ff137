import { type ChildProcess, fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { TableError } from '../table.ts'
import type { ChildMessage, ChildOrder, ChildTask } from './task.ts'

export interface RunLimits {
  /** Most resident memory of the child, bytes: heap, typed arrays and WebAssembly together. */
  readonly memoryBytes?: number
  /** Most wall-clock time, milliseconds, without the time in the queue. */
  readonly timeMs?: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((fraction: number) => void) | undefined
  /** What the task tells besides. */
  readonly onNews?: ((news: unknown) => void) | undefined
}

export interface PoolOptions {
  /** Most children at a time; further work waits its turn. */
  readonly size: number
  /** Limits of a run that names none. */
  readonly memoryBytes: number
  readonly timeMs: number
}

export const DEFAULT_POOL: PoolOptions = { size: 2, memoryBytes: 1_500_000_000, timeMs: 120_000 }

const WATCH_MILLISECONDS = 25
/** Tables are arrays outside of the heap: room for short-lived objects only makes the process larger, by 25 MB a thread. */
const SMALL_NURSERY = ['--max-semi-space-size=2']
/** Has glibc give memory back that is free again, instead of keeping it for each thread: 40 MB less. */
const THRIFTY = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072' }
/** A child that has grown beyond this, or worked this often, is replaced by a clean one. */
const RECYCLE_BYTES = 260_000_000
const RECYCLE_RUNS = 64

interface Worker {
  readonly process: ChildProcess
  runs: number
  /** The last words on standard error, to tell why it died. */
  lastWords: string
}

/** Work whose turn has not come. */
interface Waiting {
  start(): void
  giveUp(): void
}

/**
 * Runs heavy work in child processes that can be killed: by memory, by time, or because nobody wants the result any more.
 * Children stay for the next work as long as they are small. They get nothing of the environment, so no secrets.
 */
export class ChildPool {
  private readonly idle: Worker[] = []
  private readonly all = new Set<Worker>()
  private readonly queue: Waiting[] = []
  private busy = 0
  private closed = false
  private warmTask: string | null = null

  constructor(private readonly options: PoolOptions = DEFAULT_POOL) {}

  /**
   * Does a task in a child.
   * @throws TableError as the task threw it; out_of_memory, out_of_time, cancelled when the child was stopped; malformed
   * (with the child's own error as its cause) when the task failed in a way that nobody foresaw.
   */
  async run<Arguments, Result>(
    task: ChildTask<Arguments, Result>,
    args: Arguments,
    limits: RunLimits = {},
  ): Promise<Result> {
    await this.turn(limits.signal)
    try {
      if (this.closed) throw cancelled() // since its turn came
      const worker = this.idle.pop() ?? this.start()
      return await this.assign<Result>(worker, { do: 'run', module: task.module.href, args }, limits)
    } finally {
      this.busy--
      this.queue.shift()?.start()
    }
  }

  /**
   * Starts a child ahead of the first work, which takes a third of a second, and has it prepare for a task; from now
   * on also whenever the last one had grown too large or old.
   */
  warm(task: ChildTask<never, unknown>): void {
    this.warmTask = task.module.href
    this.warmUp()
  }

  private warmUp(): void {
    if (this.warmTask === null || this.closed) return
    if ([...this.all].some(({ process }) => !process.killed)) return
    const worker = this.start()
    worker.process.send({ do: 'prepare', module: this.warmTask } satisfies ChildOrder)
    this.rest(worker)
  }

  /** Kills all children; their work fails as cancelled, and so does what waits. */
  async close(): Promise<void> {
    this.closed = true
    for (const waiting of this.queue.splice(0)) waiting.giveUp()
    const gone = [...this.all].map(
      (worker) => new Promise<void>((resolve) => worker.process.once('exit', () => resolve())),
    )
    for (const worker of this.all) {
      // Whoever awaits this must see it happen.
      worker.process.ref()
      worker.process.kill('SIGKILL')
    }
    await Promise.all(gone)
  }

  /** Counts the work as busy when its turn has come. @throws TableError cancelled, when it does not come */
  private async turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.closed || signal?.aborted) throw cancelled()
    if (this.busy < this.options.size) {
      this.busy++
      return
    }
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        start: () => {
          signal?.removeEventListener('abort', leave)
          this.busy++
          resolve()
        },
        giveUp: () => {
          signal?.removeEventListener('abort', leave)
          reject(cancelled())
        },
      }
      const leave = () => {
        const place = this.queue.indexOf(waiting)
        if (place >= 0) this.queue.splice(place, 1)
        waiting.giveUp()
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.queue.push(waiting)
    })
  }

  private start(): Worker {
    const heapMegabytes = Math.max(64, Math.floor((0.75 * this.options.memoryBytes) / 1e6))
    const main = new URL('./child-main.ts', import.meta.url)
    const child = fork(main, {
      execArgv: ['--import', typescriptLoader(), `--max-old-space-size=${heapMegabytes}`, ...SMALL_NURSERY],
      env: THRIFTY,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const worker: Worker = { process: child, runs: 0, lastWords: '' }
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      worker.lastWords = (worker.lastWords + text).slice(-4000)
    })
    child.on('error', (error) => {
      worker.lastWords += String(error)
    })
    child.once('exit', () => {
      this.all.delete(worker)
      const place = this.idle.indexOf(worker)
      if (place >= 0) this.idle.splice(place, 1)
    })
    this.all.add(worker)
    return worker
  }

  private assign<Result>(worker: Worker, assignment: ChildOrder, limits: RunLimits): Promise<Result> {
    const child = worker.process
    const memoryBytes = limits.memoryBytes ?? this.options.memoryBytes
    const timeMs = limits.timeMs ?? this.options.timeMs
    worker.runs++
    this.hold(worker)
    return new Promise<Result>((resolve, reject) => {
      let verdict: TableError | null = null
      const stop = (error: TableError) => {
        verdict ??= error
        child.kill('SIGKILL')
      }
      const abort = () => stop(cancelled())
      const timer = setTimeout(
        () => stop(new TableError('out_of_time', `The work took longer than ${timeMs / 1000} s and was stopped.`)),
        timeMs,
      )
      const watch = setInterval(() => {
        void residentBytes(child.pid).then((bytes) => {
          if (bytes <= memoryBytes) return
          const megabytes = Math.round(memoryBytes / 1e6)
          stop(new TableError('out_of_memory', `The work needed more than ${megabytes} MB of memory and was stopped.`))
        })
      }, WATCH_MILLISECONDS)
      const settle = () => {
        clearTimeout(timer)
        clearInterval(watch)
        limits.signal?.removeEventListener('abort', abort)
        child.off('message', hear)
        child.off('exit', died)
      }
      const hear = (message: ChildMessage) => {
        if (message.type === 'ready') return
        if (message.type === 'progress') {
          limits.onProgress?.(message.fraction)
          return
        }
        if (message.type === 'news') {
          limits.onNews?.(message.news)
          return
        }
        settle()
        const small = message.type === 'result' && message.residentBytes < RECYCLE_BYTES
        if (verdict || !small || worker.runs >= RECYCLE_RUNS || this.closed) this.retire(worker)
        else this.rest(worker)
        if (verdict) reject(verdict)
        else if (message.type === 'result') resolve(message.result as Result)
        else reject(errorOf(message))
      }
      const died = (code: number | null, signal: NodeJS.Signals | null) => {
        settle()
        reject(verdict ?? (this.closed ? cancelled() : deathOf(worker, code, signal)))
      }
      child.on('message', hear)
      child.once('exit', died)
      limits.signal?.addEventListener('abort', abort, { once: true })
      if (limits.signal?.aborted) abort()
      child.send(assignment, (error) => {
        if (error) child.kill('SIGKILL')
      })
    })
  }

  private retire(worker: Worker): void {
    worker.process.kill('SIGKILL')
    this.warmUp()
  }

  /** An idle child does not keep the server alive. */
  private rest(worker: Worker): void {
    worker.process.unref()
    worker.process.channel?.unref()
    this.idle.push(worker)
  }

  private hold(worker: Worker): void {
    worker.process.ref()
    worker.process.channel?.ref()
  }
}

function typescriptLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
}

/** Resident memory of a process; 0 where the system does not tell (then the limit of the heap alone holds). */
async function residentBytes(pid: number | undefined): Promise<number> {
  if (pid === undefined) return 0
  try {
    const status = await readFile(`/proc/${pid}/status`, 'latin1')
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
  } catch {
    // The process has just ended, or there is no /proc.
    return 0
  }
}

function cancelled(): TableError {
  return new TableError('cancelled', 'The work was cancelled.')
}

function errorOf(message: Extract<ChildMessage, { type: 'refused' | 'failed' }>): TableError {
  if (message.type === 'refused') return new TableError(message.code, message.message, message.line)
  const error = new TableError('malformed', `The file could not be read: ${message.message}`)
  const cause = new Error(message.message)
  cause.stack = message.stack
  error.cause = cause
  return error
}

function deathOf(worker: Worker, code: number | null, signal: NodeJS.Signals | null): TableError {
  const { lastWords } = worker
  if (/heap out of memory|Allocation failed|heap limit/i.test(lastWords)) {
    return new TableError('out_of_memory', 'The work needed more memory than it was allowed and was stopped.')
  }
  // Not by us: mostly by the kernel, when the machine runs short of memory.
  if (signal === 'SIGKILL') {
    const why = 'most likely because the machine ran out of memory'
    return new TableError('out_of_memory', `The work was killed, ${why}. Try again, or ask an administrator.`)
  }
  const error = new TableError('malformed', 'The file could not be read: the process that read it broke off.')
  error.cause = new Error(`child ended with ${signal ?? code}: ${lastWords}`)
  return error
}
