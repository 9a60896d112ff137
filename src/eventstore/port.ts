/**
 * The event store as the rest of the program sees it. Two adapters implement it: `eventstoredb/` (production) and
 * `postgres/` (embedded default); `test/eventstore/contract.ts` is the suite that both must pass.
 */

/** A value that survives JSON unchanged: no bigint, no Date, no undefined, no lone surrogate, no U+0000. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

/**
 * A place in the global order of the log: opaque, comparable as a string (20 decimal digits, zero-padded).
 * Positions are strictly increasing in append order; they need not be dense.
 */
export type Position = string

/** Before the first event. */
export const START: Position = '0'.repeat(20)

/** What the writer believes about the stream: it has no events, it has some, anything, or exactly this last revision. */
export type ExpectedRevision = 'no_stream' | 'stream_exists' | 'any' | bigint

export interface NewEvent {
  /** A UUID, chosen by the writer (v5 of command id and index), so that a retried append is recognised. */
  readonly id: string
  readonly type: string
  readonly data: JsonObject
  readonly metadata: JsonObject
}

/**
 * Of an event that somebody else wrote and that is no JSON, `data` and `metadata` throw InvalidEvent when they are read: its place is
 * known all the same, so that whoever does not read it can go past it.
 */
export interface RecordedEvent extends NewEvent {
  readonly stream: string
  /** 0n for the first event of the stream. */
  readonly revision: bigint
  readonly position: Position
  /** When the store wrote it, ISO 8601 UTC. Order by `position`, never by this. */
  readonly recordedAt: string
  /** The data as it was recorded, when an upcaster made the present `data` of it: what hashes cover. */
  readonly recordedData?: JsonObject
}

export interface Appended {
  /** Revision of the last event written. */
  readonly revision: bigint
  /** Position of the last event written. */
  readonly position: Position
}

export type SubscriptionMessage =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  /** Everything recorded when the subscription began has been delivered; sent once. */
  | { readonly kind: 'caught_up'; readonly position: Position }

export interface EventStore {
  /**
   * Appends all events or none. Repeating an append (same ids, same expectation) gives the first answer again.
   * @throws WrongExpectedRevision when the stream is not where the caller believes.
   * @throws InvalidEvent when an event cannot be stored as JSON, EventTooLarge when they are too much for one append.
   * @throws EventStoreUnavailable when the outcome is unknown or the store cannot be reached; safe to retry with the same ids.
   */
  append(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<Appended>
  /** Events of one stream in order of revision; nothing when the stream does not exist. `from` is inclusive. */
  readStream(
    stream: string,
    options?: { readonly from?: bigint; readonly max?: number; readonly backwards?: boolean },
  ): AsyncIterable<RecordedEvent>
  /** Events of all streams in order of position, strictly after `after`. System events of the store are left out. */
  readAll(
    after: Position,
    options?: { readonly max?: number; readonly types?: readonly string[] },
  ): AsyncIterable<RecordedEvent>
  /** Position of the newest event, or START. */
  head(): Promise<Position>
  /**
   * All events after `after`, then live ones, until `signal` aborts (then it ends without an error).
   * Survives reconnects by itself; the consumer sees no gap and no repetition.
   */
  subscribeAll(after: Position, signal: AbortSignal): AsyncIterable<SubscriptionMessage>
  close(): Promise<void>
}
