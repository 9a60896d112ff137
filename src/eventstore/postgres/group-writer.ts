import { AsyncResource } from 'node:async_hooks'
import { backoffMs, sleep } from '../../backoff.ts'
import { sqlState } from '../../database/errors.ts'
import type { EncodedEvent } from '../codec.ts'
import { EventStoreUnavailable, InvalidEvent, WrongExpectedRevision } from '../errors.ts'
import type { Appended, ExpectedRevision } from '../port.ts'
import { toPosition } from '../position.ts'
import { isStatementError, UNIQUE_VIOLATION } from './sql-state.ts'

export interface Append {
  readonly stream: string
  readonly events: readonly EncodedEvent[]
  readonly expected: ExpectedRevision
}

/** What became of one append of a batch; revisions and positions are decimal strings, revision '-1' is an empty stream. */
export interface Verdict {
  readonly verdict: 'written' | 'repeated' | 'conflict'
  readonly last_revision: string
  readonly last_position: string | null
}

/** Writes appends to different streams in one transaction, with one verdict for each. Repeating a batch is harmless. */
export type WriteBatch = (appends: readonly Append[]) => Promise<readonly Verdict[]>

interface Pending extends Append {
  resolve(appended: Appended): void
  reject(error: Error): void
}

/** Bounds of one transaction. */
const MAX_EVENTS = 2_000
const MAX_CHARACTERS = 8 * 1024 * 1024
const ATTEMPTS = 5

/**
 * Writes what callers append concurrently in shared transactions: while one batch is on its way to the disk the next one
 * gathers. A batch holds at most one append per stream, so that each sees the revision it expects; the loser of a
 * conflict does not disturb the others.
 */
export class GroupWriter {
  readonly #write: WriteBatch
  readonly #onWritten: () => void
  /** Where the writer was made. Appends of many callers share a transaction, so it must never be that of one caller. */
  readonly #ownContext = new AsyncResource('GroupWriter')
  #queue: Pending[] = []
  #draining: Promise<void> | undefined
  #closed = false

  /** @param onWritten called after each commit that recorded something. */
  constructor(write: WriteBatch, onWritten: () => void) {
    this.#write = write
    this.#onWritten = onWritten
  }

  append(append: Append): Promise<Appended> {
    if (this.#closed) return Promise.reject(new EventStoreUnavailable('The event store is closed'))
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...append, resolve, reject })
      this.#draining ??= this.#ownContext.runInAsyncScope(() => this.#drain())
    })
  }

  /** Writes what is queued, and takes nothing more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#draining
  }

  async #drain(): Promise<void> {
    await Promise.resolve() // callers of this very turn share the first batch
    while (this.#queue.length > 0) await this.#settle(this.#takeBatch())
    this.#draining = undefined
  }

  #takeBatch(): Pending[] {
    const batch: Pending[] = []
    const rest: Pending[] = []
    const streams = new Set<string>()
    let events = 0
    let characters = 0
    let full = false
    for (const pending of this.#queue) {
      events += pending.events.length
      for (const event of pending.events) characters += event.data.length + event.metadata.length
      full ||= batch.length > 0 && (events > MAX_EVENTS || characters > MAX_CHARACTERS)
      if (full || streams.has(pending.stream)) rest.push(pending)
      else batch.push(pending)
      streams.add(pending.stream)
    }
    this.#queue = rest
    return batch
  }

  async #settle(batch: readonly Pending[]): Promise<void> {
    try {
      const verdicts = await this.#writeWithRetries(batch)
      if (verdicts.some(({ verdict }) => verdict === 'written')) this.#onWritten()
      for (const [index, pending] of batch.entries()) answer(pending, verdicts[index])
    } catch (error) {
      if (batch.length > 1 && isStatementError(error)) {
        // One of them cannot be stored and took the others with it: alone, each one gets its own answer.
        for (const pending of batch) await this.#settle([pending])
      } else {
        for (const pending of batch) pending.reject(explain(error))
      }
    }
  }

  async #writeWithRetries(batch: readonly Pending[]): Promise<readonly Verdict[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#write(batch)
      } catch (error) {
        // The outcome is unknown when a connection breaks; the ids tell the log whether it wrote them already.
        if (isStatementError(error) || attempt === ATTEMPTS) throw error
        await sleep(backoffMs(attempt))
      }
    }
  }
}

function answer(pending: Pending, verdict: Verdict | undefined): void {
  if (!verdict) {
    pending.reject(new EventStoreUnavailable('The event log gave no verdict'))
  } else if (verdict.verdict === 'conflict') {
    const actual = verdict.last_revision === '-1' ? 'no_stream' : BigInt(verdict.last_revision)
    pending.reject(new WrongExpectedRevision(pending.stream, pending.expected, actual))
  } else {
    pending.resolve({ revision: BigInt(verdict.last_revision), position: toPosition(verdict.last_position ?? '') })
  }
}

function explain(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error)
  if (sqlState(error) === UNIQUE_VIOLATION && !/events_id/.test(message)) {
    const why = 'log.head or log.streams do not say where the log ends ("npm run verify" tells more)'
    return new EventStoreUnavailable(`The event log cannot be written: ${why}: ${message}`, { cause: error })
  }
  if (sqlState(error) === UNIQUE_VIOLATION) {
    return new InvalidEvent('events', 'an id was already used for an event elsewhere in the log', { cause: error })
  }
  if (isStatementError(error))
    return new InvalidEvent('events', `the database refuses them: ${message}`, { cause: error })
  return new EventStoreUnavailable(`The event log cannot be written: ${message}`, { cause: error })
}
