import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { HeldLock, LockMode } from './driver.ts'

/** Runs SQL. `int8` and `numeric` come back as strings, `jsonb` parsed, timestamps as ISO 8601 UTC strings. */
export interface Sql {
  query<Row extends object = Record<string, unknown>>(text: string, parameters?: readonly unknown[]): Promise<Row[]>
  /** Runs a `COPY … FROM STDIN` on this input; only in transactions, and only where the driver can. @throws CopyFailed */
  copyIn?(statement: string, input: string): Promise<void>
}

/** Drizzle over either driver: what both have in common. */
export type Drizzle = PgDatabase<PgQueryResultHKT>

/**
 * The relational database: PGlite under `DATA_DIR`, or a PostgreSQL server. Schemas: `log` (the embedded event log),
 * `accounts` (people, tokens, sessions), `read` (live read models; the default search path), `read_next` (a rebuild in progress), `numbers` (sequences).
 */
export interface Database extends Sql {
  readonly kind: 'pglite' | 'postgres'
  /** For queries of read models and accounts; unqualified tables are those of schema `read`. */
  readonly drizzle: Drizzle
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it throws. Everything that `work` calls and
   * awaits uses it, also through `query` and `drizzle` of this object; a transaction inside is a savepoint.
   */
  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T>
  /** Calls back on every NOTIFY of the channel, and once after each reconnect (something may have been missed). */
  listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>>
  /**
   * Takes the lock of this name for this process, or gives undefined when another holds it. It is held by a session of its
   * own, so it is free again when the process dies. On PGlite, which has one process, it excludes within the process.
   */
  tryLock(name: string): Promise<HeldLock | undefined>
  /** The same, but waits its turn. Names are others than those of `tryLock`. */
  lock(name: string, mode: LockMode): Promise<HeldLock>
  close(): Promise<void>
}
