import { InvalidEvent } from './errors.ts'
import type { ExpectedRevision, JsonObject, NewEvent } from './port.ts'

/** EventStoreDB up to 25.0 refuses a larger append; the embedded log keeps the same rule, so that a log can move. */
export const MAX_APPEND_BYTES = 1024 * 1024

/** Nesting that every reader (JSON.parse, jsonb, our own recursion) takes without trouble. */
const MAX_DEPTH = 64
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** An event as it goes over the wire: `data` and `metadata` are JSON text. */
export interface EncodedEvent {
  readonly id: string
  readonly type: string
  readonly data: string
  readonly metadata: string
}

/**
 * Makes an append storable in every adapter, or says what is wrong with it.
 * @param maxBytes largest sum of the UTF-8 lengths of type, data and metadata.
 * @throws InvalidEvent naming the path of the first offending value.
 */
export function encodeAppend(stream: string, events: readonly NewEvent[], maxBytes = MAX_APPEND_BYTES): EncodedEvent[] {
  requireName(stream, 'stream')
  if (events.length === 0) throw new InvalidEvent('events', 'an append needs at least one event')
  const ids = new Set<string>()
  let bytes = 0
  return events.map((event, index) => {
    const path = `events[${index}]`
    const encoded = encodeEvent(event, path)
    if (ids.has(encoded.id)) throw new InvalidEvent(`${path}.id`, 'is used twice in this append')
    ids.add(encoded.id)
    bytes += Buffer.byteLength(encoded.data) + Buffer.byteLength(encoded.metadata) + Buffer.byteLength(encoded.type)
    if (bytes > maxBytes) {
      throw new InvalidEvent(path, `the append is larger than ${maxBytes} bytes; put files into the blob store`)
    }
    return encoded
  })
}

/** @throws InvalidEvent naming the path of the first offending value. */
export function encodeEvent(event: NewEvent, path = 'event'): EncodedEvent {
  if (typeof event.id !== 'string' || !UUID.test(event.id)) {
    throw new InvalidEvent(`${path}.id`, 'must be a UUID in lower case')
  }
  requireName(event.type, `${path}.type`)
  return {
    id: event.id,
    type: event.type,
    data: encodeObject(event.data, `${path}.data`),
    metadata: encodeObject(event.metadata, `${path}.metadata`),
  }
}

function encodeObject(value: JsonObject, path: string): string {
  if (!isPlainObject(value)) throw new InvalidEvent(path, 'must be a plain object')
  requireJson(value, path, 0)
  return JSON.stringify(value)
}

/** @throws RangeError for a negative revision, which can only be a mistake of the caller. */
export function requireExpectation(expected: ExpectedRevision): void {
  if (typeof expected === 'bigint' && expected < 0n) throw new RangeError(`Revisions start at 0; ${expected} is none`)
}

/** Names of streams and types; those starting with `$` belong to EventStoreDB itself and are not shown to readers. */
function requireName(name: unknown, path: string): void {
  if (typeof name !== 'string' || name === '') throw new InvalidEvent(path, 'must be a non-empty string')
  if (name.startsWith('$')) throw new InvalidEvent(path, 'must not start with $, which marks system events')
  if (name.length > 500) throw new InvalidEvent(path, 'is longer than 500 characters')
  requireText(name, path)
}

/**
 * A value that JSON, jsonb and EventStoreDB all give back as it was. Properties that are `undefined` are left out, as
 * JSON does; everything else that JSON would change in silence is refused.
 */
function requireJson(value: unknown, path: string, depth: number): void {
  if (depth > MAX_DEPTH) throw new InvalidEvent(path, `is nested deeper than ${MAX_DEPTH} levels, or refers to itself`)
  switch (typeof value) {
    case 'boolean':
      return
    case 'string':
      requireText(value, path)
      return
    case 'number':
      if (!Number.isFinite(value)) throw new InvalidEvent(path, `${value} is not a JSON number`)
      return
    case 'object':
      if (value === null) return
      if (Array.isArray(value)) {
        // Not forEach: it skips holes, which JSON would turn into null.
        for (let index = 0; index < value.length; index++) requireJson(value[index], `${path}[${index}]`, depth + 1)
        return
      }
      if (!isPlainObject(value)) {
        throw new InvalidEvent(path, `a ${value.constructor?.name ?? 'class instance'} is not plain JSON`)
      }
      for (const [key, member] of Object.entries(value)) {
        requireText(key, `${path}.${key}`)
        if (member !== undefined) requireJson(member, `${path}.${key}`, depth + 1)
      }
      return
    default:
      throw new InvalidEvent(path, `a value of type ${typeof value} is not JSON`)
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return typeof (value as { toJSON?: unknown }).toJSON !== 'function'
}

/** jsonb stores neither U+0000 nor half a surrogate pair. */
function requireText(text: string, path: string): void {
  if (text.includes('\u0000')) throw new InvalidEvent(path, 'contains the character U+0000')
  if (LONE_SURROGATE.test(text)) throw new InvalidEvent(path, 'contains half a surrogate pair')
}

/** In Unicode mode a paired surrogate is one code point, so this class matches only unpaired ones. */
const LONE_SURROGATE = /[\ud800-\udfff]/u
