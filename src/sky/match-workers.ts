import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Control } from './control.ts'
import { SkyError, TooManyPairs } from './errors.ts'
import { emptyPairs, endsOfCounts, type PairRequest, type Pairs } from './pairs.ts'
import { type Positions, sharedPositions } from './positions.ts'
import { planStripes, type Stripes, shareOut } from './stripes.ts'

/** What a thread is told. All arrays lie in shared memory. */
export type MatchOrder =
  | ({ readonly do: 'sweep' } & SweepOrder)
  | { readonly do: 'place'; readonly pairs: Pairs; readonly rank: Uint32Array | null }
  | { readonly do: 'forget' }

/** Find the pairs whose left rows lie in these stripes. */
export interface SweepOrder {
  readonly left: Positions
  readonly right: Positions
  readonly request: PairRequest
  readonly stripes: Stripes
  readonly part: readonly [number, number]
  /** See `PairSink.bucketed`. */
  readonly turn: number
  readonly counts: Uint32Array
  /** [0]: 1 once the match was called off; [1]: stripes done by all threads. */
  readonly board: Int32Array
}

/** What it answers. */
export type MatchAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly tooMany: boolean; readonly message: string }

const PROGRESS_EVERY_MS = 50
const closed = () => new SkyError('no_workers', 'The match threads were closed. Make new ones.')

/**
 * Threads for large matches. They start at once and take about 0.2 s to be ready, so make them before the catalogs are
 * read; they do not keep the process alive while idle. One match at a time: others wait their turn.
 */
export class MatchWorkers {
  private readonly threads: Worker[]
  private turn: Promise<unknown> = Promise.resolve()
  /** Why there are no threads any more. */
  private lost: Error | null = null

  constructor(readonly size: number = Math.min(2, availableParallelism())) {
    this.threads = Array.from({ length: size }, () => {
      const thread = new Worker(new URL('./match-thread.mjs', import.meta.url), { execArgv: [] })
      thread.once('error', (error) => {
        this.lost ??= new SkyError('no_workers', `A match thread died: ${error.message}`)
      })
      thread.once('exit', () => {
        this.lost ??= closed()
      })
      thread.unref()
      return thread
    })
  }

  /** Runs `work` when no other match is under way. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work, work)
    this.turn = mine.catch(() => undefined)
    return mine
  }

  /** Gives thread i the order i and waits for all of them. @throws TooManyPairs; SkyError when a thread dies */
  async all(orders: readonly MatchOrder[], request: PairRequest): Promise<void> {
    const answers = await Promise.allSettled(orders.map((order, i) => this.ask(this.threads[i]!, order)))
    for (const outcome of answers) {
      if (outcome.status === 'rejected') throw outcome.reason
      const answer = outcome.value
      if (answer.ok) continue
      if (answer.tooMany) throw new TooManyPairs(request.maxPairs, request.radius)
      throw new Error(`A match thread failed: ${answer.message}`)
    }
  }

  private ask(thread: Worker, order: MatchOrder): Promise<MatchAnswer> {
    if (this.lost !== null) return Promise.reject(this.lost)
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        thread.off('message', onMessage).off('error', onError).off('exit', onExit)
        thread.unref()
        act()
      }
      const onMessage = (answer: MatchAnswer) => settle(() => resolve(answer))
      const onError = (error: Error) => settle(() => reject(error))
      const onExit = () => settle(() => reject(this.lost ?? closed()))
      thread.on('message', onMessage).on('error', onError).on('exit', onExit)
      thread.ref()
      thread.postMessage(order)
    })
  }

  /** Lets the threads drop what they found. */
  async forget(request: PairRequest): Promise<void> {
    if (this.lost !== null) return
    const orders = this.threads.map((): MatchOrder => ({ do: 'forget' }))
    await this.all(orders, request)
  }

  async close(): Promise<void> {
    this.lost ??= closed()
    await Promise.all(this.threads.map((thread) => thread.terminate()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/**
 * The zone sweep in several threads: each sweeps a run of stripes, and puts its pairs to their places in the common
 * answer once the number of pairs of every left row is known.
 */
export function matchInWorkers(
  workers: MatchWorkers,
  left: Positions,
  right: Positions,
  request: PairRequest,
  control: Control,
): Promise<Pairs> {
  return workers.exclusively(async () => {
    const sharedLeft = sharedPositions(left)
    const sharedRight = left === right ? sharedLeft : sharedPositions(right)
    const stripes = planStripes(sharedLeft, sharedRight, request.radius / 3600)
    const cuts = shareOut(stripes, workers.size)
    const counts = new Uint32Array(new SharedArrayBuffer((left.ra.length + 1) * 4))
    counts.fill(0) // touched by one thread: pages that several touch first at once take ten times as long
    const board = new Int32Array(new SharedArrayBuffer(8))
    const callOff = () => Atomics.store(board, 0, 1)
    control.signal?.throwIfAborted()
    control.signal?.addEventListener('abort', callOff)
    const watch = setInterval(
      () => control.onProgress?.(Atomics.load(board, 1) / Math.max(1, stripes.count)),
      PROGRESS_EVERY_MS,
    )
    const parts = Array.from({ length: workers.size }, (_, i) => [cuts[i]!, cuts[i + 1]!] as const)
    try {
      await workers.all(
        parts.map((part, i) => ({
          do: 'sweep',
          left: sharedLeft,
          right: sharedRight,
          request,
          stripes,
          part,
          turn: i / parts.length,
          counts,
          board,
        })),
        request,
      )
      control.signal?.throwIfAborted()
      const total = endsOfCounts(counts)
      if (total > request.maxPairs) throw new TooManyPairs(request.maxPairs, request.radius)
      const pairs = emptyPairs(counts, total, true)
      await workers.all(
        parts.map(() => ({ do: 'place', pairs, rank: request.rank })),
        request,
      )
      control.done()
      return pairs
    } catch (error) {
      await workers.forget(request)
      throw error
    } finally {
      clearInterval(watch)
      control.signal?.removeEventListener('abort', callOff)
    }
  })
}
