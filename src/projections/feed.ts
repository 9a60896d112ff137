import type { EventStore, Position, RecordedEvent } from '../eventstore/port.ts'
import { resubscribing } from '../eventstore/resubscribing.ts'

/** The newest events, read ahead of the one who uses them: a subscription with a buffer of bounded size. */
export class Feed {
  #after: Position
  readonly #capacity: number
  readonly #stop = new AbortController()
  readonly #done: Promise<void>
  #events: RecordedEvent[] = []
  #caughtUp = false
  #wakeReader: () => void = () => {}
  #wakeWriter: () => void = () => {}

  constructor(store: EventStore, after: Position, capacity: number, wake: () => void, log: (message: string) => void) {
    this.#after = after
    this.#capacity = capacity
    this.#wakeReader = wake
    this.#done = this.#pump(store, log)
  }

  /** It holds what comes just after this position: what was before has been forgotten, or was never asked for. */
  get after(): Position {
    return this.#after
  }

  /** At most `max` events after `position`; older ones are forgotten. */
  peek(position: Position, max: number): RecordedEvent[] {
    let old = 0
    while (old < this.#events.length && this.#events[old]!.position <= position) old++
    if (old > 0) {
      this.#after = this.#events[old - 1]!.position
      this.#events = this.#events.slice(old)
      this.#wakeWriter()
    }
    return this.#events.slice(0, max)
  }

  /** Everything that was recorded when the subscription began has been handed over; never while it is broken. */
  get drained(): boolean {
    return this.#caughtUp && this.#events.length === 0
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#wakeWriter()
    await this.#done
  }

  async #pump(store: EventStore, log: (message: string) => void): Promise<void> {
    const { signal } = this.#stop
    const broken = (error: unknown) => {
      this.#caughtUp = false
      log(`The subscription of the projections broke, beginning again: ${error}`)
    }
    for await (const message of resubscribing(store, this.#after, signal, broken)) {
      if (message.kind === 'caught_up') this.#caughtUp = true
      else this.#events.push(message.event)
      this.#wakeReader()
      if (this.#events.length >= this.#capacity) await this.#room(signal)
    }
  }

  async #room(signal: AbortSignal): Promise<void> {
    while (this.#events.length >= this.#capacity && !signal.aborted)
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve
      })
  }
}
