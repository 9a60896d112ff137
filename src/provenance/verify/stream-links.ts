import { GENESIS } from '../../eventstore/chain.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'

/** An event of a stream, as far as the check has to remember it. */
export interface Link {
  readonly position: string
  /** Place in the global order, from 0. */
  readonly index: number
  readonly stream: string
  readonly revision: bigint
  readonly type: string
  readonly hash: string
}

/** Two neighbours of a stream that do not fit. */
export interface BrokenLink {
  /** Null: `after` is the first of its stream. */
  readonly before: Link | null
  readonly after: Link
  /** `revision`: revisions do not follow each other; `previous`: the hash of the one before is not what `after` carries. */
  readonly what: 'revision' | 'previous'
  /** Whether the event after `after` confirms it; null when there is none. */
  readonly confirmed: boolean | null
}

/** Checks the hash chain of every stream while the log passes by once. Remembers one event for each stream. */
export class StreamLinks {
  readonly #last = new Map<string, Link>()
  readonly #open = new Map<string, BrokenLink>()
  readonly #broken: BrokenLink[] = []

  add(event: RecordedEvent, hash: string, index: number): void {
    const { stream, revision, position, type } = event
    const after: Link = { position, index, stream, revision, type, hash }
    const before = this.#last.get(stream) ?? null
    this.#last.set(stream, after)
    const continues = event.metadata.previous === (before?.hash ?? GENESIS)
    this.#settle(stream, continues)
    const follows = revision === (before === null ? 0n : before.revision + 1n)
    if (follows && continues) return
    this.#open.set(stream, { before, after, what: follows ? 'previous' : 'revision', confirmed: null })
  }

  get streams(): number {
    return this.#last.size
  }

  /** Everything that was broken, when the log has passed by. */
  end(): BrokenLink[] {
    return [...this.#broken, ...this.#open.values()].sort((a, b) => a.after.index - b.after.index)
  }

  #settle(stream: string, confirmed: boolean): void {
    const open = this.#open.get(stream)
    if (open === undefined) return
    this.#open.delete(stream)
    this.#broken.push({ ...open, confirmed })
  }
}
