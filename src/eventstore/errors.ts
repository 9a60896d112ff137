import type { ExpectedRevision } from './port.ts'

/** Where a stream really is: its last revision, or that it has no events. */
export type ActualRevision = bigint | 'no_stream'

/** The stream is not where the writer believed; read it again and decide again. */
export class WrongExpectedRevision extends Error {
  readonly code = 'wrong_expected_revision'
  readonly stream: string
  readonly expected: ExpectedRevision
  readonly actual: ActualRevision

  constructor(stream: string, expected: ExpectedRevision, actual: ActualRevision) {
    super(`Stream ${stream} was expected at ${expected} and is at ${actual}`)
    this.name = 'WrongExpectedRevision'
    this.stream = stream
    this.expected = expected
    this.actual = actual
  }
}

/** The event cannot be stored; nothing was written. `path` names the offending place, like `events[0].data.columns[3]`. */
export class InvalidEvent extends Error {
  readonly code: 'invalid_event' | 'event_too_large' = 'invalid_event'
  readonly path: string
  readonly reason: string

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path}: ${reason}`, options)
    this.name = 'InvalidEvent'
    this.path = path
    this.reason = reason
  }
}

/** The events of one command are more than the store takes at once; nothing was written. */
export class EventTooLarge extends InvalidEvent {
  override readonly code = 'event_too_large'

  constructor(options?: ErrorOptions) {
    super('events', 'more than can be recorded at once', options)
    this.name = 'EventTooLarge'
  }
}

/** The store cannot be reached, or did not say whether it wrote. Repeating the append with the same ids is safe. */
export class EventStoreUnavailable extends Error {
  readonly code = 'event_store_unavailable'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EventStoreUnavailable'
  }
}

/** Other writers won every attempt on this stream; the command was not carried out and may be sent again. */
export class StreamTooBusy extends Error {
  readonly code = 'stream_too_busy'
  readonly stream: string

  constructor(stream: string, attempts: number, options?: ErrorOptions) {
    super(`Stream ${stream} changed during each of ${attempts} attempts`, options)
    this.name = 'StreamTooBusy'
    this.stream = stream
  }
}

/** A newer program wrote this event; this one does not know its form and must not guess. */
export class UnsupportedEventVersion extends Error {
  readonly code = 'unsupported_event_version'

  constructor(type: string, version: number, known: number) {
    super(`${type} version ${version} is newer than the version ${known} this program knows`)
    this.name = 'UnsupportedEventVersion'
  }
}
