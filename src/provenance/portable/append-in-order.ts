import type { EventStore, RecordedEvent } from '../../eventstore/port.ts'

/** Appends that are under way together. */
const MOST_AT_ONCE = 500
/** Events of one append: each has at most 1 MiB, and so has the append; an event alone always fits. */
const MOST_CHARACTERS = 500_000

interface Append {
  readonly stream: string
  readonly events: RecordedEvent[]
  characters: number
}

/**
 * Writes events of another store into this empty one, in their order and with their ids, so that streams, revisions and hash chains
 * are the same. Neighbours in a stream share an append. `concurrently` is for stores that write appends to different streams
 * in the order in which they were asked to, as the embedded log does; the others get one after the other.
 * @throws Error when the store did not keep the order
 */
export class OrderedAppends {
  readonly #store: EventStore
  readonly #atOnce: number
  #window: Append[] = []
  readonly #streams = new Set<string>()
  #position: string | null = null

  constructor(store: EventStore, options: { readonly concurrently: boolean }) {
    this.#store = store
    this.#atOnce = options.concurrently ? MOST_AT_ONCE : 1
  }

  async add(event: RecordedEvent): Promise<void> {
    const last = this.#window.at(-1)
    const characters = JSON.stringify(event.data).length + JSON.stringify(event.metadata).length
    if (last?.stream === event.stream && last.characters + characters <= MOST_CHARACTERS) {
      last.events.push(event)
      last.characters += characters
      return
    }
    // A stream may occur once in a window: its next append expects what the one before it has written.
    if (this.#window.length >= this.#atOnce || this.#streams.has(event.stream)) await this.flush()
    this.#window.push({ stream: event.stream, events: [event], characters })
    this.#streams.add(event.stream)
  }

  async flush(): Promise<void> {
    const window = this.#window
    this.#window = []
    this.#streams.clear()
    const written = await Promise.all(
      window.map(({ stream, events }) => {
        const first = events[0]?.revision ?? 0n
        const plain = events.map(({ id, type, data, metadata }) => ({ id, type, data, metadata }))
        return this.#store.append(stream, plain, first === 0n ? 'no_stream' : first - 1n)
      }),
    )
    for (const { position } of written) {
      if (this.#position !== null && position <= this.#position) {
        throw new Error(`The event store wrote position ${position} after ${this.#position}: the order is lost`)
      }
      this.#position = position
    }
  }
}
