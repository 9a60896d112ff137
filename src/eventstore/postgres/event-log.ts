import { backoffMs, sleep } from '../../backoff.ts'
import type { Database } from '../../database/database.ts'
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
import { Wakeup } from '../wakeup.ts'
import { type Append, GroupWriter, type Verdict } from './group-writer.ts'

export interface PostgresEventLogOptions {
  /** How long a subscription sleeps at most, when neither this process nor NOTIFY wakes it; in milliseconds. */
  readonly pollMs?: number
  /** Events read by one query. */
  readonly pageSize?: number
  readonly maxAppendBytes?: number
  /** Told when a subscription cannot read or LISTEN fails; it carries on by itself. */
  readonly onTrouble?: (error: unknown) => void
}

/** Where `log.append` sends its NOTIFY. */
const CHANNEL = 'log_events'

const RELISTEN_MS = 5_000

const COLUMNS = `position, stream, revision, id, type, data, metadata,
  to_char(recorded_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at`

interface Row {
  position: string
  stream: string
  revision: string
  id: string
  type: string
  data: JsonObject
  metadata: JsonObject
  recorded_at: string
}

/**
 * The event store in a PostgreSQL database or PGlite: schema `log` of migration 0001. Any number of processes may write
 * to one PostgreSQL server. It uses the database, and does not close it.
 */
export class PostgresEventLog implements EventStore {
  readonly #database: Database
  readonly #pollMs: number
  readonly #pageSize: number
  readonly #maxAppendBytes: number
  readonly #onTrouble: (error: unknown) => void
  readonly #writer: GroupWriter
  readonly #wakeup = new Wakeup()
  readonly #closing = new AbortController()
  #listenNotBefore = 0
  #listening: Promise<() => Promise<void>> | undefined

  constructor(database: Database, options: PostgresEventLogOptions = {}) {
    this.#database = database
    this.#pollMs = options.pollMs ?? 500
    this.#pageSize = options.pageSize ?? 250
    this.#maxAppendBytes = options.maxAppendBytes ?? MAX_APPEND_BYTES
    this.#onTrouble = options.onTrouble ?? (() => {})
    this.#writer = new GroupWriter(
      (appends) => this.#write(appends),
      () => this.#wakeup.signal(),
    )
  }

  /** Not inside `database.transaction`: the log commits by itself, and PGlite has one session for both. */
  async append(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<Appended> {
    requireExpectation(expected)
    return this.#writer.append({ stream, events: encodeAppend(stream, events, this.#maxAppendBytes), expected })
  }

  async *readStream(
    stream: string,
    options: { readonly from?: bigint; readonly max?: number; readonly backwards?: boolean } = {},
  ): AsyncIterable<RecordedEvent> {
    const { max = Number.POSITIVE_INFINITY, backwards = false } = options
    const [compare, order, step] = backwards ? ['<=', 'desc', -1n] : ['>=', 'asc', 1n]
    let from = options.from ?? (backwards ? MAX_INT8 : 0n)
    for (let left = max; left > 0; ) {
      const limit = Math.min(left, this.#pageSize)
      const rows = await this.#query(
        `select ${COLUMNS} from log.events where stream = $1::text and revision ${compare} $2::text::bigint
         order by revision ${order} limit $3::text::int`,
        [stream, from.toString(), limit.toString()],
      )
      for (const row of rows) yield toEvent(row)
      const last = rows.at(-1)
      if (!last || rows.length < limit) return
      from = BigInt(last.revision) + step
      left -= rows.length
    }
  }

  async *readAll(
    after: Position,
    options: { readonly max?: number; readonly types?: readonly string[] } = {},
  ): AsyncIterable<RecordedEvent> {
    const { max = Number.POSITIVE_INFINITY, types } = options
    let cursor = after
    for (let left = max; left > 0; ) {
      const limit = Math.min(left, this.#pageSize)
      const page = await this.#readPage(cursor, limit, types)
      yield* page
      const last = page.at(-1)
      if (!last || page.length < limit) return
      cursor = last.position
      left -= page.length
    }
  }

  async head(): Promise<Position> {
    const [row] = await this.#query<{ position: string }>('select position from log.head where one', [])
    return row ? toPosition(row.position) : START
  }

  async *subscribeAll(after: Position, signal: AbortSignal): AsyncIterable<SubscriptionMessage> {
    const stop = AbortSignal.any([signal, this.#closing.signal])
    let cursor = after
    let target: Position | undefined // where "caught up" is; undefined once that has been said
    let begun = false
    for (let failures = 0; !stop.aborted; ) {
      const ticket = this.#wakeup.ticket
      let page: RecordedEvent[]
      try {
        await this.#listen()
        if (!begun) target = await this.head()
        begun = true
        page = await this.#readPage(cursor, this.#pageSize)
        failures = 0
      } catch (error) {
        if (stop.aborted) return
        this.#onTrouble(error)
        await sleep(backoffMs(failures++), stop)
        continue
      }
      for (const event of page) {
        if (stop.aborted) return
        yield { kind: 'event', event }
        cursor = event.position
        if (target !== undefined && cursor >= target) {
          yield { kind: 'caught_up', position: cursor }
          target = undefined
        }
      }
      if (page.length > 0) continue
      if (target !== undefined) {
        yield { kind: 'caught_up', position: cursor }
        target = undefined
      }
      await this.#wakeup.wait(ticket, this.#pollMs, stop)
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#writer.close()
    const unlisten = await this.#listening?.catch(() => undefined) // a LISTEN that failed has nothing to take back
    await unlisten?.()
  }

  async #write(appends: readonly Append[]): Promise<Verdict[]> {
    const headers = appends.map(({ stream, expected, events }, n) => ({
      n,
      stream,
      expected: expectedNumber(expected),
      size: events.length,
      first: events[0]?.id,
    }))
    // The data is JSON text already, so the document is put together as text.
    const items = appends.flatMap(({ events }, n) =>
      events.map(
        ({ id, type, data, metadata }, k) =>
          `{"n":${n},"k":${k},"id":"${id}","type":${JSON.stringify(type)},"data":${data},"metadata":${metadata}}`,
      ),
    )
    // Both drivers pass text as it is; for a jsonb parameter each has its own idea of what to serialise.
    return this.#database.query<Verdict & Record<string, unknown>>(
      `select verdict, last_revision, last_position
       from log.append($1::text::jsonb, $2::text::jsonb) order by append_number`,
      [JSON.stringify(headers), `[${items.join(',')}]`],
    )
  }

  async #readPage(after: Position, limit: number, types?: readonly string[]): Promise<RecordedEvent[]> {
    const rows = await this.#query(
      `select ${COLUMNS} from log.events where position > $1::text::bigint
       ${types ? 'and type in (select jsonb_array_elements_text($3::text::jsonb))' : ''}
       order by position limit $2::text::int`,
      [after, limit.toString(), ...(types ? [JSON.stringify(types)] : [])],
    )
    return rows.map(toEvent)
  }

  async #query<Result extends object = Row>(text: string, parameters: readonly unknown[]): Promise<Result[]> {
    try {
      return await this.#database.query<Result>(text, parameters)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      throw new EventStoreUnavailable(`The event log cannot be read: ${message}`, { cause: error })
    }
  }

  /** One LISTEN for all subscriptions. While it fails they still poll, and it is tried again now and then. */
  async #listen(): Promise<void> {
    if (performance.now() < this.#listenNotBefore) return
    this.#listening ??= this.#database.listen(CHANNEL, () => this.#wakeup.signal())
    try {
      await this.#listening
    } catch (error) {
      this.#listening = undefined
      this.#listenNotBefore = performance.now() + RELISTEN_MS
      this.#onTrouble(error)
    }
  }
}

const MAX_INT8 = 2n ** 63n - 1n

function expectedNumber(expected: ExpectedRevision): number | string {
  switch (expected) {
    case 'any':
      return -3
    case 'stream_exists':
      return -2
    case 'no_stream':
      return -1
    default:
      return expected.toString()
  }
}

function toEvent(row: Row): RecordedEvent {
  return {
    id: row.id,
    type: row.type,
    data: row.data,
    metadata: row.metadata,
    stream: row.stream,
    revision: BigInt(row.revision),
    position: toPosition(row.position),
    recordedAt: row.recorded_at,
  }
}
