import { type AllStreamResolvedEvent, ErrorType, isCommandError, type ResolvedEvent } from '@eventstore/db-client'
import { EventStoreUnavailable, InvalidEvent } from '../errors.ts'
import type { JsonObject, RecordedEvent } from '../port.ts'
import { toPosition } from '../position.ts'

export type ClientEvent = NonNullable<ResolvedEvent['event'] | AllStreamResolvedEvent['event']>

/** Servers before 22.6 give this instead of the position of an event that is read from its stream. */
const UNKNOWN_POSITION = 2n ** 64n - 1n

/** Events of EventStoreDB itself: stream metadata, links, statistics. */
export const isSystemEvent = (event: ClientEvent): boolean =>
  event.type.startsWith('$') || event.streamId.startsWith('$')

/**
 * The event in the words of the port. The client gives broken JSON as text.
 * @throws EventStoreUnavailable when the server is older than 22.6.
 */
export function toRecordedEvent(event: ClientEvent): RecordedEvent {
  const { streamId, revision, position } = event
  if (!position || position.commit === UNKNOWN_POSITION) {
    throw new EventStoreUnavailable(
      'EventStoreDB gives no positions with the events of a stream; it must be 22.6 or newer',
    )
  }
  const place = {
    id: event.id,
    type: event.type,
    stream: streamId,
    revision,
    position: toPosition(position.commit),
    recordedAt: event.created.toISOString(),
  }
  try {
    return {
      ...place,
      data: requireObject(event.data, `${streamId}@${revision}.data`),
      metadata: event.metadata === undefined ? {} : requireObject(event.metadata, `${streamId}@${revision}.metadata`),
    }
  } catch (fault) {
    return {
      ...place,
      get data(): never {
        throw fault
      },
      get metadata(): never {
        throw fault
      },
    }
  }
}

function requireObject(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new InvalidEvent(path, 'was recorded by another program and is not a JSON object')
  }
  // It was parsed from JSON text by the client.
  return value as JsonObject
}

export const isAbsentStream = (error: unknown): boolean =>
  error instanceof Error && isCommandError(error) && error.type === ErrorType.STREAM_NOT_FOUND
