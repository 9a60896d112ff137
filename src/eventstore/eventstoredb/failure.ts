import { type CommandError, convertToCommandError, ErrorType, isCommandError } from '@eventstore/db-client'
import { EventStoreUnavailable, EventTooLarge, InvalidEvent, WrongExpectedRevision } from '../errors.ts'
import type { ExpectedRevision } from '../port.ts'

/** Refusals of the server that will not change when the same is asked again. */
const LASTING: readonly CommandError['type'][] = [
  ErrorType.ACCESS_DENIED,
  ErrorType.STREAM_DELETED,
  ErrorType.UNSUPPORTED,
  ErrorType.INVALID_ARGUMENT,
]

/** Whether the same append may be answered differently next time: everything whose outcome is unknown. */
export function isWorthRepeating(error: Error): boolean {
  if (!(error instanceof EventStoreUnavailable)) return false
  const { cause } = error
  return !(cause instanceof Error && isCommandError(cause) && LASTING.includes(cause.type))
}

/**
 * What the client throws, as an error of the port. Some calls throw raw gRPC errors (the probe of the server's
 * capabilities does), others plain ones (a late answer of a batch, a write after the end): those outcomes are unknown.
 */
export function explain(thrown: unknown, append?: { stream: string; expected: ExpectedRevision }): Error {
  if (thrown instanceof EventStoreUnavailable || thrown instanceof InvalidEvent) return thrown
  const error = thrown instanceof Error ? convertToCommandError(thrown) : new Error(String(thrown))
  if (isCommandError(error)) {
    if (append && error.type === ErrorType.WRONG_EXPECTED_VERSION) {
      // A string when the stream is absent.
      const actual = typeof error.actualVersion === 'bigint' ? error.actualVersion : 'no_stream'
      return new WrongExpectedRevision(append.stream, append.expected, actual)
    }
    if (error.type === ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED) {
      return new EventTooLarge({ cause: error })
    }
  }
  return new EventStoreUnavailable(`EventStoreDB: ${error.message || error.name}`, { cause: error })
}
