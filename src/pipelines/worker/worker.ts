import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Run, RunCommand } from '../../domain/run/run.ts'
import { carryOut } from './carry-out.ts'
import type { OpenRun, RunLock, WorkerPorts } from './ports.ts'

export interface WorkerOptions {
  /** Runs at a time. */
  readonly capacity: number
  /** How often to look for runs whose worker has died, when nothing else happens. */
  readonly pollMs?: number
  readonly name?: string
}

/** Why the work on a run ends before its time. */
type Interruption = 'stopped' | 'ending' | 'lock lost'

/**
 * Takes up runs and carries them out. Any number of workers may share a log: `RunStarted`, appended exactly where the run
 * stands, decides who has a run; a lock that dies with its process tells whether that worker still lives.
 */
export class RunWorker {
  /** Host, process and a random part: no two workers ever have the same. */
  readonly name: string
  readonly #ports: WorkerPorts
  readonly #options: Required<Pick<WorkerOptions, 'capacity' | 'pollMs'>>
  readonly #mine = new Map<number, { readonly interrupt: AbortController; readonly done: Promise<void> }>()
  #wake: () => void = () => {}
  #woken = true
  #running: Promise<void> | null = null

  constructor(ports: WorkerPorts, { capacity, pollMs = 2_000, name }: WorkerOptions) {
    this.#ports = ports
    this.#options = { capacity, pollMs }
    this.name = name ?? `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`
  }

  /** Begins to work, until `signal` aborts: then runs under way are given back, and `stopped` resolves. */
  start(signal: AbortSignal): void {
    this.#running ??= this.#run(signal)
  }

  async stopped(): Promise<void> {
    await this.#running
  }

  /** Looks for something to do at once. */
  wake(): void {
    this.#woken = true
    this.#wake()
  }

  async #run(signal: AbortSignal): Promise<void> {
    const watching = this.#ports.watch(() => this.wake(), signal)
    while (!signal.aborted) {
      this.#woken = false
      try {
        await this.#round(signal)
      } catch (error) {
        if (!signal.aborted) this.#ports.trouble(error, 'the worker could not look for runs')
      }
      await this.#rest(signal)
    }
    for (const { interrupt } of this.#mine.values()) interrupt.abort('ending' satisfies Interruption)
    await Promise.all([...this.#mine.values()].map(({ done }) => done))
    await watching
  }

  /** Sleeps until something happens. */
  async #rest(signal: AbortSignal): Promise<void> {
    if (this.#woken || signal.aborted) return
    const wait = new AbortController()
    this.#wake = () => wait.abort()
    signal.addEventListener('abort', this.#wake, { once: true })
    // A little randomness, so that workers do not look in step.
    await sleep(this.#options.pollMs * (0.75 + Math.random() / 2), undefined, { signal: wait.signal }).catch(
      () => undefined,
    )
    signal.removeEventListener('abort', this.#wake)
    this.#wake = () => {}
  }

  async #round(signal: AbortSignal): Promise<void> {
    await this.#ports.stopOrphans()
    for (const run of await this.#ports.openRuns()) {
      if (signal.aborted) return
      const mine = this.#mine.get(run.id)
      if (mine !== undefined) {
        if (run.status === 'stopping') mine.interrupt.abort('stopped' satisfies Interruption)
      } else if (run.status !== 'pending' || this.#mine.size < this.#options.capacity) {
        await this.#tend(run)
      }
    }
  }

  /** Does what an open run needs, if nobody else is at it. */
  async #tend(run: OpenRun): Promise<void> {
    const lock = await this.#ports.lock(run.id)
    if (lock === undefined) return
    let kept = false
    try {
      if (run.status === 'running' || run.status === 'stopping') await this.#abandon(run)
      else if (run.status !== 'pending') await this.#ports.settle(run.id)
      else kept = await this.#claim(run.id, lock)
    } catch (error) {
      this.#ports.trouble(error, `run ${run.id}`)
    } finally {
      if (!kept) await lock.release()
    }
  }

  /**
   * The lock was free, so the worker that claimed the run has died, or has just ended and the list does not know it yet. What is
   * recorded wakes us; looking again at once would go round and round for as long as the list is behind.
   */
  async #abandon({ id, worker }: OpenRun): Promise<void> {
    if (worker === null) return
    await this.#ports.command(id, { type: 'AbandonRun', worker, orderly: false })
  }

  async #claim(id: number, lock: RunLock): Promise<boolean> {
    const run = await this.#attempt(id, { type: 'ClaimRun', worker: this.name })
    if (run === null || run.status !== 'running') return false
    const interrupt = new AbortController()
    const lose = () => interrupt.abort('lock lost' satisfies Interruption)
    lock.lost.addEventListener('abort', lose, { once: true })
    const done = this.#work(run, interrupt.signal)
      .catch((error: unknown) => this.#ports.trouble(error, `run ${id}`))
      .finally(async () => {
        lock.lost.removeEventListener('abort', lose)
        await lock.release().catch((error: unknown) => this.#ports.trouble(error, `lock of run ${id}`))
        this.#mine.delete(id)
        this.wake()
      })
    this.#mine.set(id, { interrupt, done })
    return true
  }

  async #work(run: Run, signal: AbortSignal): Promise<void> {
    const worker = this.name
    const id = run.runId
    try {
      await this.#ports.command(id, await carryOut(run, worker, this.#ports, signal))
    } catch (error) {
      const why = signal.aborted ? (signal.reason as Interruption) : null
      // Without the lock another worker may be at it already, and nothing of ours counts any more.
      if (why === 'lock lost') throw error
      if (why === 'stopped') await this.#ports.command(id, { type: 'ReportStop', worker })
      else {
        if (why !== 'ending') this.#ports.trouble(error, `run ${id} is given back`)
        await this.#ports.command(id, { type: 'AbandonRun', worker, orderly: why === 'ending' })
        return
      }
    }
    await this.#ports.settle(id)
  }

  /** Null when another worker was faster. */
  async #attempt(id: number, command: RunCommand) {
    try {
      return await this.#ports.command(id, command)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'conflict') return null
      throw error
    }
  }
}
