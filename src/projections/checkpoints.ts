import type { Sql } from '../database/database.ts'
import type { Position } from '../eventstore/port.ts'

/** How far a projection has come, as the table `read.checkpoints` says. It changes together with the rows it speaks of. */
export interface Checkpoint {
  readonly name: string
  readonly version: number
  /** The last event that its rows know. */
  readonly position: Position
  /** `stopped`: the event after `position` cannot be applied; `error` says why. */
  readonly status: 'running' | 'stopped'
  readonly error: string | null
  /** The tables it fills in the schema `read`. */
  readonly tables: readonly string[]
}

const COLUMNS = 'name, version, position, status, error, tables'

/** Those that exist, in no order: a projection that was never built has none. */
export async function readCheckpoints(sql: Sql, names: readonly string[]): Promise<Checkpoint[]> {
  return sql.query<Checkpoint>(`SELECT ${COLUMNS} FROM read.checkpoints WHERE name = ANY($1)`, [names])
}

/**
 * The same rows, locked until the end of the transaction: whoever holds them is the one that projects. The commit need not reach
 * the disk: what a crash takes back is rows and checkpoint together, and they are made again from the log.
 */
export async function lockCheckpoints(tx: Sql, names: readonly string[]): Promise<Checkpoint[]> {
  return tx.query<Checkpoint>(
    `SELECT ${COLUMNS}, set_config('synchronous_commit', 'off', true)
       FROM read.checkpoints WHERE name = ANY($1) ORDER BY name FOR UPDATE`,
    [names],
  )
}

/** Moves checkpoints that are locked and stand at `from`. @throws Error when one of them does not. */
export async function advanceCheckpoints(
  tx: Sql,
  names: readonly string[],
  from: Position,
  to: Position,
): Promise<void> {
  const moved = await tx.query(
    `UPDATE read.checkpoints SET position = $3, updated_at = clock_timestamp()
      WHERE name = ANY($1) AND position = $2 AND status = 'running' RETURNING name`,
    [names, from, to],
  )
  if (moved.length !== names.length)
    throw new Error(`A checkpoint of ${names.join(', ')} is not at ${from} although locked`)
}

/** Writes the whole row, new or not; the caller holds its lock. */
export async function saveCheckpoint(tx: Sql, checkpoint: Checkpoint): Promise<void> {
  const { name, version, position, status, error, tables } = checkpoint
  await tx.query(
    `INSERT INTO read.checkpoints (${COLUMNS}, updated_at) VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())
     ON CONFLICT (name) DO UPDATE SET version = excluded.version, position = excluded.position, status = excluded.status,
       error = excluded.error, tables = excluded.tables, updated_at = excluded.updated_at`,
    [name, version, position, status, error, tables],
  )
}

/** Lets projections that were stopped try again; the reason may be gone with the new program. */
export async function resumeCheckpoints(sql: Sql, names: readonly string[]): Promise<void> {
  await sql.query(
    `UPDATE read.checkpoints SET status = 'running', error = NULL WHERE name = ANY($1) AND status = 'stopped'`,
    [names],
  )
}
