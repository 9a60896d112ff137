import { InvalidEvent, WrongExpectedRevision } from '../../src/eventstore/errors.ts'
import {
  type Appended,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type Position,
  type RecordedEvent,
  START,
  type SubscriptionMessage,
} from '../../src/eventstore/port.ts'

/** An event store in memory that keeps every promise of the port except to outlive its process. */
export class MemoryEventStore implements EventStore {
  readonly #events: RecordedEvent[] = []
  readonly #streams = new Map<string, RecordedEvent[]>()
  readonly #ids = new Set<string>()
  readonly #waiting = new Set<() => void>()

  async append(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<Appended> {
    // serialise first: what cannot be stored changes nothing
    const copies = events.map((event, index) => {
      try {
        return JSON.parse(JSON.stringify(event)) as NewEvent
      } catch (error) {
        throw new InvalidEvent(`events[${index}]`, 'it is not JSON', { cause: error })
      }
    })
    if (copies.length === 0) throw new InvalidEvent('events', 'there are none')
    const recorded = this.#streams.get(stream) ?? []
    const last = BigInt(recorded.length) - 1n
    if (!matches(expected, last)) {
      const repeated = this.#repeated(recorded, copies, expected)
      if (repeated) return repeated
      throw new WrongExpectedRevision(stream, expected, last < 0n ? 'no_stream' : last)
    }
    const known = copies.findIndex((event) => this.#ids.has(event.id))
    if (known >= 0) {
      const repeated = this.#repeated(recorded, copies, expected)
      if (repeated) return repeated
      throw new InvalidEvent(`events[${known}].id`, 'it is in the log already')
    }
    const recordedAt = new Date().toISOString()
    for (const [index, event] of copies.entries()) {
      const entry: RecordedEvent = {
        ...event,
        stream,
        revision: last + 1n + BigInt(index),
        position: padded(this.#events.length + 1),
        recordedAt,
      }
      this.#events.push(entry)
      recorded.push(entry)
      this.#ids.add(event.id)
    }
    this.#streams.set(stream, recorded)
    for (const wake of [...this.#waiting]) wake()
    return appended(recorded.at(-1)!)
  }

  async *readStream(
    stream: string,
    options: { readonly from?: bigint; readonly max?: number; readonly backwards?: boolean } = {},
  ): AsyncIterable<RecordedEvent> {
    const { from, max = Number.POSITIVE_INFINITY, backwards = false } = options
    const all = [...(this.#streams.get(stream) ?? [])]
    const ordered = backwards ? all.reverse() : all
    const chosen = ordered.filter(
      (event) => from === undefined || (backwards ? event.revision <= from : event.revision >= from),
    )
    yield* chosen.slice(0, max)
  }

  async *readAll(
    after: Position,
    options: { readonly max?: number; readonly types?: readonly string[] } = {},
  ): AsyncIterable<RecordedEvent> {
    const { max = Number.POSITIVE_INFINITY, types } = options
    const end = this.#events.length
    let given = 0
    for (let index = Number(after); index < end && given < max; index++) {
      const event = this.#events[index]!
      if (types && !types.includes(event.type)) continue
      given++
      yield event
    }
  }

  async head(): Promise<Position> {
    return this.#events.at(-1)?.position ?? START
  }

  async *subscribeAll(after: Position, signal: AbortSignal): AsyncIterable<SubscriptionMessage> {
    const start = this.#events.length
    let next = Number(after)
    let caughtUp = false
    while (!signal.aborted) {
      if (!caughtUp && next >= start) {
        caughtUp = true
        yield { kind: 'caught_up', position: padded(Math.max(next, start)) }
      } else if (next < this.#events.length) {
        yield { kind: 'event', event: this.#events[next++]! }
      } else {
        await this.#change(signal)
      }
    }
  }

  async close(): Promise<void> {}

  #repeated(
    recorded: readonly RecordedEvent[],
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Appended | undefined {
    const first = recorded.findIndex((event) => event.id === events[0]?.id)
    if (first < 0 || !matches(expected, BigInt(first) - 1n)) return undefined
    const same = events.every((event, index) => recorded[first + index]?.id === event.id)
    return same ? appended(recorded[first + events.length - 1]!) : undefined
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }
}

const padded = (position: number): Position => String(position).padStart(20, '0')

const appended = (event: RecordedEvent): Appended => ({ revision: event.revision, position: event.position })

function matches(expected: ExpectedRevision, last: bigint): boolean {
  if (expected === 'any') return true
  if (expected === 'no_stream') return last < 0n
  if (expected === 'stream_exists') return last >= 0n
  return expected === last
}
