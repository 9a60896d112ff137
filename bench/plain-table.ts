import type { Database } from '../src/database/database.ts'
import type { JsonObject } from '../src/eventstore/port.ts'

/**
 * What the event log and the read models are compared with: plain inserts of the same event rows into a table of the same
 * columns and indexes as the log's, in the same database.
 */
export const PLAIN_TABLE = 'bench.plain'
export const PLAIN_WORDS = "plain bulk insert of the same event rows, with the log's columns and indexes"

export interface EventRow {
  readonly position: number
  readonly stream: string
  readonly revision: number
  readonly id: string
  readonly type: string
  readonly data: JsonObject
  readonly metadata: JsonObject
}

export async function createPlainTable(database: Database): Promise<void> {
  await dropPlainTable(database)
  await database.query('create schema bench')
  await database.query(`create table ${PLAIN_TABLE} (like log.events including all)`)
}

export async function dropPlainTable(database: Database): Promise<void> {
  await database.query('drop schema if exists bench cascade')
}

/** Inserts the rows of `$1`, made by `eventRows`. */
export const insertRowsInto = (table: string) => `insert into ${table}
    (position, stream, revision, id, type, data, metadata, recorded_at)
  select position, stream, revision, id, type, data, metadata, now()
  from jsonb_to_recordset($1::text::jsonb)
    as e(position bigint, stream text, revision bigint, id uuid, type text, data jsonb, metadata jsonb)`

export const eventRows = (rows: readonly EventRow[]): string => JSON.stringify(rows)
