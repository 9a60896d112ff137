import {
  type AllStreamResolvedEvent,
  BACKWARDS,
  type Credentials,
  END,
  EventStoreDBClient,
  excludeSystemEvents,
  FORWARDS,
  jsonEvent,
  type ResolvedEvent,
  START as START_OF_LOG,
} from '@eventstore/db-client'
import { backoffMs, sleep } from '../../backoff.ts'
import { encodeAppend, MAX_APPEND_BYTES, requireExpectation } from '../codec.ts'
import { EventStoreUnavailable } from '../errors.ts'
import {
  type Appended,
  type EventStore,
  type ExpectedRevision,
  type JsonObject,
  type NewEvent,
  type Position,
  type RecordedEvent,
  START,
  type SubscriptionMessage,
} from '../port.ts'
import { toPosition } from '../position.ts'
import { parseConnectionString } from './connection-string.ts'
import { explain, isWorthRepeating } from './failure.ts'
import { type ItemStream, Pull } from './pull.ts'
import { isAbsentStream, isSystemEvent, toRecordedEvent } from './recorded-event.ts'

export interface EventStoreDBOptions {
  /** How long one call may stay without an answer, in milliseconds. */
  readonly deadlineMs?: number
  /** How often an append whose outcome is unknown is sent, always with the same ids. */
  readonly attempts?: number
  /** EventStoreDB up to 25.0 takes 1 MiB; raise it with the `MaxAppendSize` of the server. */
  readonly maxAppendBytes?: number
  /** Bounds of the pause before a subscription is taken up again, in milliseconds. */
  readonly resubscribe?: { readonly firstMs: number; readonly maxMs: number }
  /** Told when an append is repeated or a subscription was dropped; both carry on by themselves. */
  readonly onTrouble?: (error: unknown) => void
}

/**
 * The event store on an EventStoreDB (or KurrentDB) server from version 22.6 on. Make one per process: the client keeps
 * part of its state process-wide.
 */
export class EventStoreDB implements EventStore {
  readonly #client: EventStoreDBClient
  readonly #appendOptions: { readonly credentials: Credentials; readonly deadline: number }
  readonly #deadlineMs: number
  readonly #attempts: number
  readonly #maxAppendBytes: number
  readonly #resubscribe: { readonly firstMs: number; readonly maxMs: number }
  readonly #onTrouble: (error: unknown) => void
  readonly #closing = new AbortController()

  /**
   * @param connectionString `esdb://user:password@host:2113?tls=true…`
   * @throws RangeError when it asks for TLS without a user and a password.
   */
  constructor(connectionString: string, options: EventStoreDBOptions = {}) {
    const { url, credentials } = parseConnectionString(connectionString)
    this.#client = EventStoreDBClient.connectionString(url)
    this.#deadlineMs = options.deadlineMs ?? 10_000
    this.#appendOptions = { deadline: this.#deadlineMs, credentials }
    this.#attempts = options.attempts ?? 4
    this.#maxAppendBytes = options.maxAppendBytes ?? MAX_APPEND_BYTES
    this.#resubscribe = options.resubscribe ?? { firstMs: 100, maxMs: 10_000 }
    this.#onTrouble = options.onTrouble ?? (() => {})
  }

  async append(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<Appended> {
    requireExpectation(expected)
    // What the client cannot serialise kills the process, so it gets nothing but the result of JSON.parse.
    const proposed = encodeAppend(stream, events, this.#maxAppendBytes).map(({ id, type, data, metadata }) =>
      jsonEvent({ id, type, data: JSON.parse(data) as JsonObject, metadata: JSON.parse(metadata) as JsonObject }),
    )
    for (let attempt = 1; ; attempt++) {
      if (this.#closing.signal.aborted) throw new EventStoreUnavailable('The event store is closed')
      try {
        const { nextExpectedRevision: revision, position } = await this.#inTime(
          this.#client.appendToStream(stream, proposed, { ...this.#appendOptions, expectedRevision: expected }),
        )
        return { revision, position: position ? toPosition(position.commit) : await this.#positionOf(stream, revision) }
      } catch (thrown) {
        const error = explain(thrown, { stream, expected })
        if (!isWorthRepeating(error) || attempt >= this.#attempts) throw error
        this.#onTrouble(error)
        await sleep(backoffMs(attempt), this.#closing.signal)
      }
    }
  }

  async *readStream(
    stream: string,
    options: { readonly from?: bigint; readonly max?: number; readonly backwards?: boolean } = {},
  ): AsyncIterable<RecordedEvent> {
    const { from, max, backwards = false } = options
    if (max !== undefined && max <= 0) return
    const reading = this.#client.readStream(stream, {
      direction: backwards ? BACKWARDS : FORWARDS,
      fromRevision: from ?? (backwards ? END : START_OF_LOG),
      ...(max === undefined ? {} : { maxCount: max }),
    })
    for await (const { event } of this.#take<ResolvedEvent>(reading)) if (event) yield toRecordedEvent(event)
  }

  async *readAll(
    after: Position,
    options: { readonly max?: number; readonly types?: readonly string[] } = {},
  ): AsyncIterable<RecordedEvent> {
    const { max = Number.POSITIVE_INFINITY, types } = options
    let left = max
    if (left <= 0) return
    // Reads begin at their position, not after it; and this client cannot filter them on the server.
    const reading = this.#client.readAll({ direction: FORWARDS, fromPosition: fromPosition(after) })
    for await (const { event } of this.#take<AllStreamResolvedEvent>(reading)) {
      if (!event || isSystemEvent(event) || (types && !types.includes(event.type))) continue
      const recorded = toRecordedEvent(event)
      if (recorded.position <= after) continue
      yield recorded
      if (--left === 0) return
    }
  }

  async head(): Promise<Position> {
    const reading = this.#client.readAll({ direction: BACKWARDS, fromPosition: END })
    for await (const { event } of this.#take<AllStreamResolvedEvent>(reading)) {
      if (event && !isSystemEvent(event)) return toPosition(event.position.commit)
    }
    return START
  }

  /**
   * The client does not take up a dropped subscription, so this does, after the last event that was delivered. Positions
   * come from delivered events alone: checkpoints of the server run ahead of what the consumer has seen, and stop when
   * nothing matches the filter.
   */
  async *subscribeAll(after: Position, signal: AbortSignal): AsyncIterable<SubscriptionMessage> {
    const stop = AbortSignal.any([signal, this.#closing.signal])
    let cursor = after
    let target: Position | undefined // where "caught up" is, read before subscribing
    let saidCaughtUp = false
    for (let failures = 0; !stop.aborted; failures++) {
      let feed: Pull<AllStreamResolvedEvent> | undefined
      try {
        target ??= await this.head()
        feed = this.#subscribe(cursor)
        await feed.confirmed(this.#deadlineMs, stop)
        for (;;) {
          if (!saidCaughtUp && cursor >= target) {
            saidCaughtUp = true
            yield { kind: 'caught_up', position: cursor }
          }
          const resolved = await feed.next({ signal: stop })
          if (!resolved) break
          failures = 0
          if (!resolved.event || isSystemEvent(resolved.event)) continue
          const event = toRecordedEvent(resolved.event)
          if (event.position <= cursor) continue
          yield { kind: 'event', event }
          cursor = event.position
          if (stop.aborted) break
        }
      } catch (error) {
        if (stop.aborted) return
        this.#onTrouble(explain(error))
      } finally {
        await feed?.cancel()
      }
      await sleep(backoffMs(failures, this.#resubscribe), stop)
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#client.dispose()
  }

  #subscribe(after: Position): Pull<AllStreamResolvedEvent> {
    const subscription = this.#client.subscribeToAll({
      fromPosition: fromPosition(after),
      filter: excludeSystemEvents(),
    })
    return new Pull({ stream: subscription, cancel: () => subscription.unsubscribe() })
  }

  /** Items of a read. An absent stream has none; a server that falls silent is an error. */
  async *#take<Item>(reading: ItemStream & { cancel(): Promise<void> }) {
    const pull = new Pull<Item>({ stream: reading, cancel: () => reading.cancel() })
    try {
      for (;;) {
        const item = await pull.next({ timeoutMs: this.#deadlineMs })
        if (!item) return
        yield item
      }
    } catch (thrown) {
      if (!isAbsentStream(thrown)) throw explain(thrown)
    } finally {
      await pull.cancel()
    }
  }

  /** Where an event is, when an append did not say. */
  async #positionOf(stream: string, revision: bigint): Promise<Position> {
    for await (const event of this.readStream(stream, { from: revision, max: 1 })) return event.position
    throw new EventStoreUnavailable(`EventStoreDB does not show revision ${revision} of ${stream}, which it just wrote`)
  }

  /** Discovery of the cluster and the client's own waits have no deadline. */
  async #inTime<T>(call: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const error = new EventStoreUnavailable(`EventStoreDB gave no answer within ${this.#deadlineMs} ms`)
      timer = setTimeout(reject, this.#deadlineMs, error)
    })
    try {
      return await Promise.race([call, late])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Commit and prepare position are the same for every event that was not written in one of the old explicit transactions. */
function fromPosition(position: Position) {
  if (position === START) return START_OF_LOG
  return { commit: BigInt(position), prepare: BigInt(position) }
}
