import { connect, type Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import postgres from 'postgres'
import type { Connection, DriverTransaction } from './driver.ts'
import { CopyFailed, DatabaseUnavailable, databaseError, isTransient, SqlError } from './errors.ts'
import { arrayParsers, arraySerializers, parsers, serializers } from './values.ts'

/** Where postgres.js wants to be connected to; `ssl` is false without TLS. */
interface Target {
  readonly host: readonly string[]
  readonly port: readonly number[]
  readonly path?: string | false
  readonly ssl?: unknown
}

/** Types by id, in the form postgres.js wants: a name of no meaning, then the codec. */
const types: Record<string, postgres.PostgresType> = {}
for (const [codecs, decoders] of [
  [serializers, parsers],
  [arraySerializers, arrayParsers],
] as const)
  for (const id of Object.keys(codecs).map(Number))
    types[`type_${id}`] = { to: id, from: [id], serialize: codecs[id]!, parse: decoders[id]! }

/**
 * One connection to a PostgreSQL server, opened at its first statement and never opened again once it is closed.
 *
 * postgres.js could pool and hold transactions by itself, but 3.4.9 ends the process when a connection breaks inside its
 * `begin` or `reserve` (the ROLLBACK that follows is written to a socket that is null). A client per connection tells us of the
 * break before anything else is sent.
 *
 * Statements are never named: a plan then always fits the tables of the moment (a rebuild swaps them) and the values
 * given, and a pooler such as PgBouncer may stand between.
 */
export class Session implements Connection {
  readonly openedAt = performance.now()
  readonly #client: postgres.Sql<Record<string, unknown>>
  #closed = false
  /** Resolves when the statements that were asked for so far are over: they go one by one, so that none gets into a COPY. */
  #last: Promise<unknown> = Promise.resolve()
  /** Rejects when the connection is gone. */
  readonly #gone: Promise<never>
  /** Only while our own socket stands under postgres.js: TLS puts another one there, whose end we would not hear of in time. */
  #canCopy = false
  /** The input of a COPY that is underway. */
  #copying: Writable | null = null

  constructor(
    url: string,
    on: { readonly closed: () => void; readonly notified?: (channel: string, payload: string) => void },
  ) {
    let lose: (error: DatabaseUnavailable) => void
    this.#gone = new Promise((_resolve, reject) => {
      lose = reject
    })
    this.#gone.catch(() => undefined) // also when nobody waits for it
    // Options of postgres.js that its types leave out.
    const notify = on.notified ? { onnotify: on.notified } : {}
    this.#client = postgres(url, {
      ...notify,
      // Of several hosts postgres.js finds the one that answers by itself.
      ...(!url.includes(',') && { socket: (target: Target) => this.#connect(target) }),
      types,
      fetch_types: false,
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      connect_timeout: 10,
      connection: {
        application_name: 'photoz',
        search_path: 'read, public',
        // What values look like, whatever the settings of the database and the role.
        TimeZone: 'UTC',
        DateStyle: 'ISO, MDY',
        bytea_output: 'hex',
      },
      onnotice: () => undefined,
      onclose: () => {
        lose(broke())
        if (this.#closed) return
        this.#closed = true
        on.closed()
      },
    })
  }

  get closed(): boolean {
    return this.#closed
  }

  async rows(text: string, parameters: unknown[]): Promise<object[]> {
    return this.#next(async () => [...(await this.#run(text, parameters))])
  }

  async arrays(text: string, parameters: unknown[]): Promise<{ rows: unknown[][]; types: number[] }> {
    return this.#next(async () => {
      const result = await this.#run(text, parameters).values()
      return { rows: [...result], types: (result.columns ?? []).map((column) => column.type) }
    })
  }

  async script(text: string): Promise<void> {
    await this.#command(text)
  }

  /**
   * Within a transaction only: postgres.js 3.4.9 keeps an error that comes after the last byte to itself and never ends the
   * stream, but the statement that follows then fails, and tells us.
   */
  async #copyIn(statement: string, input: string): Promise<void> {
    const copied = async () => {
      const stream = await this.#client.unsafe(statement).writable()
      this.#copying = stream
      const broken = new Promise<never>((_resolve, reject) => stream.once('error', reject))
      broken.catch(() => undefined) // also when nobody waits for it any more
      const sent = async () => {
        await new Promise<void>((resolve) => stream.write(input, () => resolve()))
        stream.end()
        await setImmediate() // the end is on its way
        this.#copying = null
        this.#mustBeOpen()
        await this.#client.unsafe('SELECT')
      }
      await Promise.race([sent(), broken])
    }
    await this.#next(async () => {
      this.#mustBeOpen()
      const work = copied()
      work.catch(() => undefined) // also when the connection was gone first
      await Promise.race([work, this.#gone]).catch((error: unknown) => {
        this.#copying = null
        const known = databaseError(error)
        if (known instanceof DatabaseUnavailable) this.#closed = true // nothing that is sent now would be answered
        throw isTransient(known)
          ? known
          : new CopyFailed(`PostgreSQL refused the input of ${statement}`, { cause: known })
      })
    })
  }

  async transaction<T>(work: (connection: DriverTransaction) => Promise<T>): Promise<T> {
    await this.script('BEGIN')
    try {
      const result = await work(this.#transaction(1))
      const command = await this.#command('COMMIT')
      if (command === 'ROLLBACK')
        throw new SqlError('The transaction was rolled back, because a statement in it failed', '25P02', {})
      return result
    } catch (error) {
      if (!this.#closed) await Promise.race([this.#command('ROLLBACK'), this.#gone]).catch(() => this.end())
      throw error
    }
  }

  async end(): Promise<void> {
    this.#closed = true
    await this.#client.end({ timeout: 1 })
  }

  /**
   * A socket that sends at once. Without that, what follows a long message may wait 40 ms for the server to acknowledge its end
   * (Nagle's algorithm meets delayed acknowledgement); postgres.js does not ask for it.
   */
  #connect({ host: [host = 'localhost'], port: [port = 5432], path, ssl }: Target): Socket {
    const socket = path ? connect({ path }) : connect({ host, port, noDelay: true })
    // Before postgres.js hears of it, which would then write to a socket that is null, and end the process.
    socket.once('close', () => this.#copying?.destroy(broke()))
    this.#canCopy = !ssl
    // As postgres.js does it to its own: TLS asks for the certificate of this host.
    return Object.assign(socket, { host, port })
  }

  #transaction(depth: number): DriverTransaction {
    return {
      rows: (text, parameters) => this.rows(text, parameters),
      arrays: (text, parameters) => this.arrays(text, parameters),
      script: (text) => this.script(text),
      ...(this.#canCopy && { copyIn: (statement: string, input: string) => this.#copyIn(statement, input) }),
      savepoint: async (work) => {
        const name = `level_${depth}`
        await this.script(`SAVEPOINT ${name}`)
        try {
          const result = await work(this.#transaction(depth + 1))
          await this.script(`RELEASE SAVEPOINT ${name}`)
          return result
        } catch (error) {
          if (!this.#closed) await this.script(`ROLLBACK TO SAVEPOINT ${name}`)
          throw error
        }
      },
    }
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => undefined)
    return mine
  }

  async #command(text: string): Promise<string> {
    return this.#next(async () => {
      this.#mustBeOpen()
      return (await this.#client.unsafe(text)).command
    })
  }

  /** `typed(value, 0)` leaves the type of a parameter to the server instead of guessing it from the value. */
  #run(text: string, parameters: unknown[]) {
    this.#mustBeOpen()
    const typed = parameters.map((value) => this.#client.typed(value as postgres.SerializableParameter, 0))
    return this.#client.unsafe<Record<string, unknown>[]>(text, typed, { prepare: false, ...{ simple: false } })
  }

  #mustBeOpen(): void {
    if (this.#closed) throw broke()
  }
}

const broke = () => new DatabaseUnavailable('The connection to the database broke')
