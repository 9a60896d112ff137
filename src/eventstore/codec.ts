import { EventTooLarge, InvalidEvent } from './errors.ts'
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
 * @throws InvalidEvent naming the path of the first offending value, EventTooLarge
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
    bytes += byteLength(encoded)
    if (bytes > maxBytes) {
      throw new EventTooLarge()
    }
    return encoded
  })
}

const byteLength = ({ type, data, metadata }: EncodedEvent): number =>
  Buffer.byteLength(type) + Buffer.byteLength(data) + Buffer.byteLength(metadata)

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
  const fault = faultOf(value, 0)
  if (fault) throw new InvalidEvent(path + fault.path, fault.reason)
  const json = JSON.stringify(value)
  // What jsonb cannot store shows as an escape in the JSON text, so that most texts need no second look.
  if (json.includes('\\u') && SUSPECT_ESCAPE.test(json)) requireStorableTexts(value, path)
  return json
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

interface Fault {
  readonly path: string
  readonly reason: string
}

/**
 * What JSON would refuse or change in silence, if there is anything. Properties that are `undefined` are left out, as JSON
 * does. The path is put together on the way back, because nearly all values are fine.
 */
function faultOf(value: unknown, depth: number): Fault | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : { path: '', reason: `${value} is not a JSON number` }
    case 'object':
      break
    default:
      return { path: '', reason: `a value of type ${typeof value} is not JSON` }
  }
  if (value === null) return undefined
  if (depth > MAX_DEPTH) return { path: '', reason: `is nested deeper than ${MAX_DEPTH} levels, or refers to itself` }
  if (Array.isArray(value)) {
    // Not forEach: it skips holes, which JSON would turn into null.
    for (let index = 0; index < value.length; index++) {
      const fault = faultOf(value[index], depth + 1)
      if (fault) return { path: `[${index}]${fault.path}`, reason: fault.reason }
    }
    return undefined
  }
  if (!isPlainObject(value)) {
    return { path: '', reason: `a ${value.constructor?.name ?? 'class instance'} is not plain JSON` }
  }
  for (const key of Object.keys(value)) {
    const member = value[key]
    const fault = member === undefined ? undefined : faultOf(member, depth + 1)
    if (fault) return { path: `.${key}${fault.path}`, reason: fault.reason }
  }
  return undefined
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return typeof (value as { toJSON?: unknown }).toJSON !== 'function'
}

/** An escaped U+0000 or surrogate; also the innocent text of such an escape, with its backslash escaped. */
const SUSPECT_ESCAPE = /\\u(?:0000|d[89a-f])/

/** In Unicode mode a paired surrogate is one code point, so this class matches only unpaired ones. */
const LONE_SURROGATE = /[\ud800-\udfff]/u

function requireStorableTexts(value: unknown, path: string): void {
  if (typeof value === 'string') requireText(value, path)
  else if (Array.isArray(value)) value.forEach((item, index) => void requireStorableTexts(item, `${path}[${index}]`))
  else if (isPlainObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      requireText(key, `${path}.${key}`)
      requireStorableTexts(member, `${path}.${key}`)
    }
  }
}

/** jsonb stores neither U+0000 nor half a surrogate pair. */
function requireText(text: string, path: string): void {
  if (text.includes('\u0000')) throw new InvalidEvent(path, 'contains the character U+0000')
  if (LONE_SURROGATE.test(text)) throw new InvalidEvent(path, 'contains half a surrogate pair')
}
