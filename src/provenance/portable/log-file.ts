import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Blob } from '../../blobs/blob-store.ts'
import { GENESIS, hashEvent } from '../../eventstore/chain.ts'
import { type EventStore, type RecordedEvent, START } from '../../eventstore/port.ts'
import { CHAIN_START, chainEntry, GrowingTree } from '../../projections/ledger/merkle.ts'
import { eventLine, recordedEvent } from './event-line.ts'

/**
 * A whole log as NDJSON: a header, one line for each event in the global order, one for each file that the log refers to, and a
 * last line with the counts and the head of the chain. Positions and times of recording are those of the store it comes from;
 * hashes do not cover them, so the chain is the same in every store.
 */
export interface LogHeader {
  readonly format: 'photoz-log'
  readonly version: 1
  readonly server: string | null
  readonly software: string
  readonly exportedAt: string
}

export interface LogEnd {
  readonly end: true
  readonly events: number
  readonly streams: number
  readonly blobs: number
  /** Entry of the chain after the last event, and Merkle root over all: what `GET /api/proof/checkpoint/` signs. */
  readonly chainHead: string
  readonly root: string
}

/** The file is not a log that was exported whole, or somebody changed it. The message names the line. */
export class DamagedLogFile extends Error {
  readonly code = 'damaged_log_file'
  override readonly name = 'DamagedLogFile'
}

/** Counts and chains events that pass by in the global order. */
class LogSum {
  readonly #streams = new Map<string, { revision: bigint; hash: string }>()
  readonly #tree = new GrowingTree()
  #chain: Uint8Array = CHAIN_START

  /** Says what is wrong with the event in its stream, if anything is. */
  add(event: RecordedEvent): string | null {
    const before = this.#streams.get(event.stream) ?? { revision: -1n, hash: GENESIS }
    const hash = hashEvent(event)
    const bytes = Buffer.from(hash, 'hex')
    this.#chain = chainEntry(this.#chain, bytes)
    this.#tree.add(bytes)
    this.#streams.set(event.stream, { revision: event.revision, hash })
    if (event.revision !== before.revision + 1n) {
      return `${event.stream} goes on with revision ${before.revision + 1n}, not ${event.revision}`
    }
    if (event.metadata.previous !== before.hash) {
      return `revision ${event.revision} of ${event.stream} does not continue the event before it, or that one was changed`
    }
    return null
  }

  end(blobs: number): LogEnd {
    return {
      end: true,
      events: this.#tree.size,
      streams: this.#streams.size,
      blobs,
      chainHead: Buffer.from(this.#chain).toString('hex'),
      root: this.#tree.root.toString('hex'),
    }
  }
}

/**
 * The lines of an export, each with its line break. What is recorded meanwhile is left out.
 * @param blobs asked when all events have passed `onEvent`
 */
export async function* exportedLog(
  store: EventStore,
  header: Omit<LogHeader, 'format' | 'version'>,
  onEvent: (event: RecordedEvent) => void,
  blobs: () => Iterable<Blob>,
): AsyncGenerator<string> {
  const line = (value: object): string => `${JSON.stringify(value)}\n`
  const head = await store.head()
  const sum = new LogSum()
  yield line({ format: 'photoz-log', version: 1, ...header } satisfies LogHeader)
  for await (const event of store.readAll(START)) {
    if (event.position > head) break
    sum.add(event)
    onEvent(event)
    yield line(eventLine(event))
  }
  let count = 0
  for (const { sha256, size } of blobs()) {
    count += 1
    yield line({ blob: { sha256, size } })
  }
  yield line(sum.end(count))
}

export type LogFileItem =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | { readonly kind: 'blob'; readonly blob: Blob }

/**
 * Reads an exported log and checks all of it on the way: the form of every line, the chain of every stream, and at the end the
 * counts and the heads. Nobody should act on an item before the whole file has passed once.
 * @returns (from the generator) the last line
 * @throws DamagedLogFile
 */
export async function* readLogFile(path: string): AsyncGenerator<LogFileItem, LogEnd> {
  const sum = new LogSum()
  let number = 0
  let blobs = 0
  let end: LogEnd | null = null
  const damaged = (what: string) => new DamagedLogFile(`${path}, line ${number}: ${what}`)
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1
    const value = parse(text)
    if (value === null) throw damaged('this is not a JSON object; was the file cut off, or edited?')
    if (end !== null) throw damaged('the log has ended before this line')
    if (number === 1) {
      if (value.format !== 'photoz-log') throw damaged('this file is not an exported log')
      if (value.version !== 1) throw damaged(`version ${value.version} of the format is not known to this program`)
    } else if ('stream' in value) {
      const event = eventOf(value, damaged)
      const problem = sum.add(event)
      if (problem !== null) throw damaged(problem)
      yield { kind: 'event', event }
    } else if ('blob' in value) {
      blobs += 1
      yield { kind: 'blob', blob: blobOf(value.blob, damaged) }
    } else if (value.end === true) {
      end = sum.end(blobs)
      for (const [name, counted] of Object.entries(end)) {
        if (value[name] !== counted) throw damaged(`${name} should be ${value[name]}, but the file gives ${counted}`)
      }
    } else {
      throw damaged('neither an event, nor a file, nor the end')
    }
  }
  if (end === null) throw damaged('the last line is missing: the file was cut off')
  return end
}

type Damaged = (what: string) => DamagedLogFile

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}

function eventOf(value: unknown, damaged: Damaged): RecordedEvent {
  try {
    return recordedEvent(value)
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error))
  }
}

function blobOf(value: unknown, damaged: Damaged): Blob {
  const { sha256, size }: Readonly<Record<string, unknown>> = { ...(typeof value === 'object' ? value : {}) }
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256) || !Number.isSafeInteger(size)) {
    throw damaged('this is not a file of an exported log')
  }
  return { sha256, size: Number(size) }
}
