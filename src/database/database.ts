import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

/** Runs SQL. `int8` and `numeric` come back as strings, `jsonb` parsed, timestamps as ISO 8601 UTC strings. */
export interface Sql {
  query<Row extends object = Record<string, unknown>>(text: string, parameters?: readonly unknown[]): Promise<Row[]>
}

/** Drizzle over either driver: what both have in common. */
export type Drizzle = PgDatabase<PgQueryResultHKT>

/**
 * The relational database: PGlite under `DATA_DIR`, or a PostgreSQL server. Schemas: `log` (the embedded event log),
 * `accounts` (people, tokens, sessions), `read` (live read models; the default search path), `read_next` (a rebuild in progress).
 */
export interface Database extends Sql {
  readonly kind: 'pglite' | 'postgres'
  /** For queries of read models and accounts; unqualified tables are those of schema `read`. */
  readonly drizzle: Drizzle
  /** Runs `work` in one transaction: committed when it resolves, rolled back when it throws. */
  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T>
  /** Calls back on every NOTIFY of the channel, and once after each reconnect (something may have been missed). */
  listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}
