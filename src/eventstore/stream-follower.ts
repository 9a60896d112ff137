import type { EventStore, Position, RecordedEvent } from './port.ts'
import { resubscribing } from './resubscribing.ts'
import type { SchemaRegistry } from './schema-registry.ts'

/** A follower reads too slowly: it must begin again where it was. */
export class ConsumerTooSlow extends Error {
  readonly code = 'consumer_too_slow'
  override readonly name = 'ConsumerTooSlow'
}

interface Follower {
  readonly stream: string
  readonly buffer: RecordedEvent[]
  overflown: boolean
  wake(): void
}

const MOST_BUFFERED = 1_000

/**
 * Follows single streams live: one subscription to the log, whatever the number of followers. Each gets first what is
 * recorded (backfill), then, over a bounded buffer that was filling meanwhile (cut-over), what comes: no gap, no repetition.
 */
export class StreamFollower {
  readonly #store: EventStore
  readonly #registry: SchemaRegistry
  readonly #onTrouble: (error: unknown) => void
  readonly #followers = new Set<Follower>()
  readonly #closing = new AbortController()
  #subscription: { readonly end: AbortController; readonly live: Promise<void> } | null = null

  constructor(store: EventStore, registry: SchemaRegistry, onTrouble: (error: unknown) => void = () => {}) {
    this.#store = store
    this.#registry = registry
    this.#onTrouble = onTrouble
  }

  /**
   * Events of a stream after a position, then live ones, in their current version, until `signal` aborts or the follower is
   * closed.
   * @throws ConsumerTooSlow when the consumer falls too far behind; EventStoreUnavailable; what the registry throws at an event
   * of this stream that it cannot bring up to date
   */
  async *follow(stream: string, after: Position, signal: AbortSignal): AsyncGenerator<RecordedEvent> {
    let wake: () => void = () => {}
    const follower: Follower = { stream, buffer: [], overflown: false, wake: () => wake() }
    const over = AbortSignal.any([signal, this.#closing.signal])
    const ended = () => wake()
    const changed = () =>
      new Promise<void>((resolve) => {
        wake = resolve
        if (over.aborted || follower.buffer.length > 0) resolve()
      })
    over.addEventListener('abort', ended)
    this.#followers.add(follower)
    try {
      await Promise.race([this.#subscribed(), changed()])
      let last = after
      // Live events gather in the buffer by now, so nothing is missed between this and them.
      for await (const event of this.#store.readStream(stream)) {
        if (over.aborted) return
        if (event.position <= last) continue
        last = event.position
        yield this.#registry.upcast(event)
      }
      while (!over.aborted) {
        const event = follower.buffer.shift()
        if (event === undefined) {
          if (follower.overflown) throw new ConsumerTooSlow(`A reader of ${stream} fell behind`)
          await changed()
        } else if (event.position > last) {
          last = event.position
          yield this.#registry.upcast(event)
        }
      }
    } finally {
      over.removeEventListener('abort', ended)
      this.#followers.delete(follower)
      if (this.#followers.size === 0) this.#unsubscribe()
    }
  }

  /** Ends all followers. */
  close(): void {
    this.#closing.abort()
    this.#unsubscribe()
  }

  /** Resolves when new events reach the buffers. */
  async #subscribed(): Promise<void> {
    this.#subscription ??= this.#subscribe()
    await this.#subscription.live
  }

  #subscribe() {
    const end = new AbortController()
    let announce: () => void = () => {}
    const live = new Promise<void>((resolve) => {
      announce = resolve
    })
    void this.#pump(end.signal, announce)
    return { end, live }
  }

  async #pump(signal: AbortSignal, announce: () => void): Promise<void> {
    for await (const message of resubscribing(this.#store, 'now', signal, this.#onTrouble)) {
      announce()
      if (message.kind === 'event') this.#hand(message.event)
    }
    announce()
  }

  #hand(event: RecordedEvent): void {
    for (const follower of this.#followers) {
      if (follower.stream !== event.stream) continue
      if (follower.buffer.length >= MOST_BUFFERED) follower.overflown = true
      else if (!follower.overflown) follower.buffer.push(event)
      follower.wake()
    }
  }

  #unsubscribe(): void {
    this.#subscription?.end.abort()
    this.#subscription = null
  }
}
