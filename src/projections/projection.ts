import type { PgTable } from 'drizzle-orm/pg-core'
import type { Sql } from '../database/database.ts'
import type { RecordedEvent } from '../eventstore/port.ts'

/**
 * A read model: tables, and how a batch of events changes them. Disposable: dropping the tables and applying the whole
 * log again gives the same rows. `apply` uses unqualified table names, because the engine points the search path at the live
 * tables or at those of a rebuild; it works on sets (one statement per table and batch, not per event), calls no clock
 * and no randomness, and has no side effects.
 */
export interface Projection {
  readonly name: string
  /** Raise it when tables or meaning change: the engine then rebuilds at the next start. */
  readonly version: number
  readonly tables: readonly PgTable[]
  /**
   * Types of events it reads, in their current version; others only move its checkpoint. `all`: events as they were recorded,
   * also of types that the program does not know.
   */
  readonly eventTypes: readonly string[] | 'all'
  /** Events in order of position, all after its checkpoint. Throwing stops this projection, and `/health/ready` shows why. */
  apply(events: readonly RecordedEvent[], tx: Sql): Promise<void>
  /**
   * Names of indexes that `apply` itself needs. A rebuild makes them at once, as it does primary keys and unique indexes;
   * all others it makes when the rows are there.
   */
  readonly indexesToApply?: readonly string[]
  /**
   * Sequences (with their schema) that must never give a number again which the log already used, and the query that finds
   * the highest one (null when there is none).
   */
  readonly sequences?: readonly { readonly name: string; readonly highest: string }[]
}
