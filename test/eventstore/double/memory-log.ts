/** What the double keeps: a log in memory with the rules of EventStoreDB for expected revisions and repeated appends. */

export interface StoredEvent {
  readonly id: string
  readonly stream: string
  readonly revision: bigint
  /** Commit and prepare position; like the real ones they are far from dense. */
  readonly position: bigint
  readonly type: string
  readonly contentType: string
  readonly data: Uint8Array
  readonly metadata: Uint8Array
  /** 100 ns since 1970, as the server counts. */
  readonly createdTicks: bigint
}

export type ProposedEvent = Pick<StoredEvent, 'id' | 'type' | 'contentType' | 'data' | 'metadata'>
export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists'

export type AppendOutcome =
  | { readonly kind: 'success'; readonly revision: bigint; readonly position: bigint }
  | { readonly kind: 'wrong'; readonly actual: bigint | 'no_stream' }
  | { readonly kind: 'too_large' }

export class MemoryLog {
  readonly all: StoredEvent[] = []
  readonly #streams = new Map<string, StoredEvent[]>()
  readonly #watchers = new Set<() => void>()
  readonly maxAppendBytes: number

  constructor(maxAppendBytes = 1024 * 1024) {
    this.maxAppendBytes = maxAppendBytes
  }

  stream(name: string): readonly StoredEvent[] | undefined {
    return this.#streams.get(name)
  }

  append(name: string, events: readonly ProposedEvent[], expected: Expected): AppendOutcome {
    const bytes = events.reduce((sum, event) => sum + event.data.length, 0)
    if (bytes > this.maxAppendBytes) return { kind: 'too_large' }
    const stream = this.#streams.get(name) ?? []
    const actual = stream.at(-1)?.revision ?? 'no_stream'

    const repeated = this.#repeated(stream, events, expected)
    if (repeated) return { kind: 'success', revision: repeated.revision, position: repeated.position }
    const fits = expected === 'any' || expected === actual || (expected === 'stream_exists' && actual !== 'no_stream')
    if (!fits) return { kind: 'wrong', actual }

    for (const event of events) {
      const stored: StoredEvent = {
        ...event,
        stream: name,
        revision: BigInt(stream.length),
        position: (this.all.at(-1)?.position ?? 0n) + 97n + BigInt(event.data.length),
        createdTicks: BigInt(Date.now()) * 10_000n,
      }
      stream.push(stored)
      this.all.push(stored)
    }
    this.#streams.set(name, stream)
    for (const wake of [...this.#watchers]) wake()
    const last = stream.at(-1)!
    return { kind: 'success', revision: last.revision, position: last.position }
  }

  /** Calls back after every append, until the returned function is called. */
  watch(onAppend: () => void): () => void {
    this.#watchers.add(onAppend)
    return () => this.#watchers.delete(onAppend)
  }

  /** The last event of an earlier append of exactly these ids at this place. */
  #repeated(stream: readonly StoredEvent[], events: readonly ProposedEvent[], expected: Expected) {
    const first =
      expected === 'no_stream' ? 0 : typeof expected === 'bigint' ? Number(expected) + 1 : this.#find(stream, events)
    if (first < 0 || !events.every((event, index) => stream[first + index]?.id === event.id)) return undefined
    return stream[first + events.length - 1]
  }

  #find(stream: readonly StoredEvent[], events: readonly ProposedEvent[]): number {
    return stream.findIndex((event) => event.id === events[0]?.id)
  }
}
