import type { Json, JsonObject, NewEvent } from './port.ts'
import { sha256 } from './sha256.ts'

/**
 * The hash chain of a stream: each event's metadata carries `previous`, the hash of the event before it, so that nobody
 * can change, drop or reorder recorded events unseen. Everything here is pure and covers events as they were recorded: of an
 * upcast one it takes `recordedData`.
 */

/** `previous` of the first event of a stream. */
export const GENESIS = '0'.repeat(64)

/** What a hash covers; `RecordedEvent` is one of these. Position and time of recording belong to the store, not the writer. */
export interface HashedEvent extends NewEvent {
  readonly stream: string
  readonly revision: bigint
  readonly recordedData?: JsonObject
}

/**
 * Hash of an event in its stream, in hex: SHA-256 over the UTF-8 bytes of the 64 hex digits of `metadata.previous`
 * followed by the canonical JSON of `{data, id, metadata, revision, stream, type}`, revision as a decimal string.
 */
export const hashEvent = (event: HashedEvent): string => eventHash(event).toString('hex')

/** The same as bytes. */
export function eventHash(event: HashedEvent): Buffer {
  const { stream, id, type, metadata } = event
  const data = event.recordedData ?? event.data
  const previous = typeof metadata.previous === 'string' ? metadata.previous : ''
  const body = canonicalJson({ stream, revision: event.revision.toString(), id, type, data, metadata })
  return sha256(previous + body)
}

/**
 * Adds `previous` to the metadata of events that will follow each other in a stream.
 * @param lastHash hash of the last event of the stream, or GENESIS.
 * @param nextRevision revision which the first of `events` will have.
 * @returns the linked events, and the hash of the last of them.
 */
export function linkEvents(
  stream: string,
  lastHash: string,
  nextRevision: bigint,
  events: readonly NewEvent[],
): { readonly events: NewEvent[]; readonly lastHash: string } {
  let previous = lastHash
  const linked = events.map((event, index) => {
    const next: NewEvent = { ...event, metadata: { ...event.metadata, previous } }
    previous = hashEvent({ ...next, stream, revision: nextRevision + BigInt(index) })
    return next
  })
  return { events: linked, lastHash: previous }
}

/**
 * JSON in the one form of RFC 8785: members sorted by UTF-16 code units, numbers as ECMAScript prints them, no white
 * space. The same text comes out after a jsonb round trip. Members that are undefined are left out.
 */
export function canonicalJson(value: Json): string {
  // Written for speed: every event goes through it, when it is written and when the ledger follows.
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number' && Number.isFinite(value)) return `${value}`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  let text = ''
  if (isList(value)) {
    for (const item of value) text += text === '' ? canonicalJson(item) : `,${canonicalJson(item)}`
    return `[${text}]`
  }
  for (const key of sortedKeys(value)) {
    const member = value[key]
    if (member === undefined) continue
    text += (text === '' ? '' : ',') + nameOf(key) + canonicalJson(member)
  }
  return `{${text}}`
}

const quoted = (text: string): string => (NOTHING_TO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text))
const NOTHING_TO_ESCAPE = /^[ !#-[\]-~]*$/

/** A key with its colon: the same come again and again. */
function nameOf(key: string): string {
  const known = NAMES.get(key)
  if (known !== undefined) return known
  const name = `${quoted(key)}:`
  if (NAMES.size < MOST_NAMES) NAMES.set(key, name)
  return name
}

const NAMES = new Map<string, string>()
const MOST_NAMES = 1_000

/** By insertion, for the few keys that an object has: `sort` takes memory for each call. */
function sortedKeys(object: object): string[] {
  const keys = Object.keys(object)
  if (keys.length > FEW_KEYS) return keys.sort()
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!
    let place = i
    for (; place > 0 && key < keys[place - 1]!; place--) keys[place] = keys[place - 1]!
    keys[place] = key
  }
  return keys
}

const FEW_KEYS = 32

const isList: (value: Json) => value is readonly Json[] = Array.isArray
