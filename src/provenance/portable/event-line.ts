import type { JsonObject, RecordedEvent } from '../../eventstore/port.ts'

/** An event as exports write it, one JSON object per line: everything that its hash covers, and when and where it was recorded. */
export interface EventLine {
  readonly position: string
  readonly stream: string
  /** Decimal. */
  readonly revision: string
  readonly id: string
  readonly type: string
  readonly data: JsonObject
  readonly metadata: JsonObject
  readonly recordedAt: string
}

export function eventLine(event: RecordedEvent): EventLine {
  const { position, stream, revision, id, type, metadata, recordedAt } = event
  const data = event.recordedData ?? event.data
  return { position, stream, revision: revision.toString(), id, type, data, metadata, recordedAt }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function isEventLine(value: unknown): value is EventLine {
  if (!isObject(value)) return false
  const texts = ['position', 'stream', 'revision', 'id', 'type', 'recordedAt'] as const
  return (
    texts.every((name) => typeof value[name] === 'string') &&
    /^\d{1,19}$/.test(String(value.revision)) &&
    isObject(value.data) &&
    isObject(value.metadata)
  )
}

/** The event that a line holds. @throws Error when the line is not one */
export function recordedEvent(value: unknown): RecordedEvent {
  if (!isEventLine(value)) throw new Error('this is not an event of an exported log')
  return { ...value, revision: BigInt(value.revision) }
}
