import type { RecordedEvent } from '../../eventstore/port.ts'
import { CHAIN_START, chainEntry } from '../../projections/ledger/merkle.ts'
import type { LedgerEntry, LedgerSegmentEntries } from '../../projections/ledger/queries.ts'

/** An event of the log, as far as the comparison has to remember it. */
export interface Logged {
  readonly position: string
  readonly id: string
  readonly stream: string
  readonly revision: string
  readonly type: string
  readonly hash: string
}

/** A position at which log and ledger differ: one of them has nothing there, or both have different events. */
export interface Difference {
  readonly position: string
  readonly recorded: LedgerEntry | null
  readonly found: Logged | null
}

/** Differences that are remembered; a log that differs in more places is not the one that the ledger knows. */
export const MOST_DIFFERENCES = 50_000

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Walks through the log and the ledger side by side, in the order of positions. Give it one event of the log after the other. */
export class LogAgainstLedger {
  readonly differences: Difference[] = []
  /** Segments whose row is not in order with itself, and whether the log gives the entry of the chain that they state. */
  readonly damagedSegments: { readonly segment: number; readonly logAgrees: boolean }[] = []
  #more = 0
  #size = 0
  readonly #segments: AsyncIterator<LedgerSegmentEntries>
  #entries: readonly LedgerEntry[] = []
  #next = 0
  #ended = false
  /** Chain of the hashes in the ledger, and of those in the log, as far as each has been walked. */
  #ledgerChain: Uint8Array = CHAIN_START
  #logChain: Uint8Array = CHAIN_START
  #logSize = 0
  /** Segments whose stated chain is compared when the log has come as far. */
  readonly #expected: { readonly segment: number; readonly size: number; readonly chain: string; broken: boolean }[] =
    []

  readonly #limit: string

  /** @param limit position up to which log and ledger are compared: what comes later is still being recorded */
  constructor(segments: AsyncIterable<LedgerSegmentEntries>, limit: string) {
    this.#segments = segments[Symbol.asyncIterator]()
    this.#limit = limit
  }

  /** Differences beyond those that are remembered. */
  get unlisted(): number {
    return this.#more
  }

  /** @param chain entry of the chain after this event, as the log gives it */
  async add(event: RecordedEvent, hash: string, chain: Uint8Array): Promise<void> {
    const found = (): Logged => ({
      position: event.position,
      id: event.id,
      stream: event.stream,
      revision: event.revision.toString(),
      type: event.type,
      hash,
    })
    for (let entry = await this.#peek(); entry !== null; entry = await this.#peek()) {
      if (entry.position > event.position) break
      this.#next += 1
      if (entry.position === event.position) {
        if (entry.hash !== hash) this.#note({ position: event.position, recorded: entry, found: found() })
        this.#advance(chain)
        return
      }
      this.#note({ position: entry.position, recorded: entry, found: null })
    }
    this.#note({ position: event.position, recorded: null, found: found() })
    this.#advance(chain)
  }

  /** The log has ended; what the ledger has beyond it is missing. */
  async end(): Promise<void> {
    for (let entry = await this.#peek(); entry !== null; entry = await this.#peek()) {
      this.#next += 1
      this.#note({ position: entry.position, recorded: entry, found: null })
    }
    this.#judge(true)
  }

  #advance(chain: Uint8Array): void {
    this.#logChain = chain
    this.#logSize += 1
    this.#judge(false)
  }

  #judge(ended: boolean): void {
    while (this.#expected[0] !== undefined && (ended || this.#expected[0].size <= this.#logSize)) {
      const { segment, size, chain, broken } = this.#expected.shift()!
      if (!broken) continue
      this.damagedSegments.push({ segment, logAgrees: size === this.#logSize && hex(this.#logChain) === chain })
    }
  }

  #note(difference: Difference): void {
    if (this.differences.length < MOST_DIFFERENCES) this.differences.push(difference)
    else this.#more += 1
  }

  async #peek(): Promise<LedgerEntry | null> {
    while (this.#next >= this.#entries.length) {
      if (this.#ended) return null
      const { value, done } = await this.#segments.next()
      if (done) {
        this.#ended = true
        return null
      }
      this.#open(value)
    }
    return this.#entries[this.#next] ?? null
  }

  #open({ segment, entries, chain }: LedgerSegmentEntries): void {
    let computed = this.#ledgerChain
    for (const entry of entries) computed = chainEntry(computed, Buffer.from(entry.hash, 'hex'))
    this.#size += entries.length
    this.#expected.push({ segment, size: this.#size, chain, broken: hex(computed) !== chain })
    this.#ledgerChain = Buffer.from(chain, 'hex')
    this.#entries = entries.filter((entry) => entry.position <= this.#limit)
    this.#next = 0
  }
}
