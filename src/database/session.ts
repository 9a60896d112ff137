import postgres from 'postgres'
import type { Connection, DriverTransaction } from './driver.ts'
import { DatabaseUnavailable, SqlError } from './errors.ts'
import { arrayParsers, arraySerializers, parsers, serializers } from './values.ts'

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
  readonly openedAt = Date.now()
  readonly #client: postgres.Sql<Record<string, unknown>>
  #closed = false

  constructor(
    url: string,
    on: { readonly closed: () => void; readonly notified?: (channel: string, payload: string) => void },
  ) {
    const notify = on.notified ? { onnotify: on.notified } : {} // an option of postgres.js that its types leave out
    this.#client = postgres(url, {
      ...notify,
      types,
      fetch_types: false,
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      connect_timeout: 10,
      connection: { application_name: 'photoz', search_path: 'read, public', TimeZone: 'UTC', DateStyle: 'ISO, MDY' },
      onnotice: () => undefined,
      onclose: () => {
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
    return [...(await this.#run(text, parameters))]
  }

  async arrays(text: string, parameters: unknown[]): Promise<{ rows: unknown[][]; types: number[] }> {
    const result = await this.#run(text, parameters).values()
    return { rows: [...result], types: (result.columns ?? []).map((column) => column.type) }
  }

  async script(text: string): Promise<void> {
    this.#mustBeOpen()
    await this.#client.unsafe(text)
  }

  async transaction<T>(work: (connection: DriverTransaction) => Promise<T>): Promise<T> {
    await this.script('BEGIN')
    try {
      const result = await work(this.#transaction(1))
      this.#mustBeOpen()
      const { command } = await this.#client.unsafe('COMMIT')
      if (command === 'ROLLBACK')
        throw new SqlError('The transaction was rolled back, because a statement in it failed', '25P02', {})
      return result
    } catch (error) {
      if (!this.#closed) await this.#client.unsafe('ROLLBACK').catch(() => this.end())
      throw error
    }
  }

  async end(): Promise<void> {
    this.#closed = true
    await this.#client.end({ timeout: 1 })
  }

  #transaction(depth: number): DriverTransaction {
    return {
      rows: (text, parameters) => this.rows(text, parameters),
      arrays: (text, parameters) => this.arrays(text, parameters),
      script: (text) => this.script(text),
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

  /** `typed(value, 0)` leaves the type of a parameter to the server instead of guessing it from the value. */
  #run(text: string, parameters: unknown[]) {
    this.#mustBeOpen()
    const typed = parameters.map((value) => this.#client.typed(value as postgres.SerializableParameter, 0))
    return this.#client.unsafe<Record<string, unknown>[]>(text, typed, { prepare: false, ...{ simple: false } })
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new DatabaseUnavailable('The connection to the database broke')
  }
}
