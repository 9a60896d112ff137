import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { v4 as uuidv4 } from 'uuid'
import type { Database } from '../src/database/database.ts'
import { openDatabase } from '../src/database/open.ts'
import type { NewEvent } from '../src/eventstore/port.ts'
import { PostgresEventLog } from '../src/eventstore/postgres/event-log.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { createPlainTable, dropPlainTable, eventRows, insertRowsInto, PLAIN_TABLE } from './plain-table.ts'

/**
 * How much the event log costs over plain inserts into a table of the same columns and indexes, in the same database:
 * - bulk: appends of 1000 events against multi-row inserts of 1000 rows; goal at least 0.85;
 * - callers: 100 callers through the group writer against plain inserts on 20 connections; goal at least 1.5
 *   (PGlite has one connection for both).
 * Every comparison alternates the two and ends with a check that both tables hold the same number of rows.
 */
export interface Ratio {
  readonly name: string
  readonly logPerSecond: number
  readonly plainPerSecond: number
  readonly ratio: number
  readonly goal: number
}

const BULK_EVENTS = 1_000
const BULK_ROUNDS = 25
const CALLERS = 100
const CALLER_EVENTS = 50
const CALLER_ROUNDS = 4
const CONNECTIONS = 20

/**
 * `npm run bench -- append`: on PGlite on disk, and on a PostgreSQL server of our own, or that of DATABASE_URL.
 * `--pglite` leaves the server out.
 */
export async function run(args: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'photoz-bench-'))
  try {
    await onDatabase('PGlite on disk', folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  if (args.includes('--pglite')) return
  const own = process.env.DATABASE_URL ? undefined : await startPostgresServer()
  try {
    await onDatabase('PostgreSQL', folder, process.env.DATABASE_URL ?? (await own?.newDatabase()))
  } finally {
    await own?.stop()
  }
}

async function onDatabase(name: string, dataDir: string, databaseUrl?: string): Promise<void> {
  const database = await openDatabase({ dataDir, databaseUrl })
  try {
    print(await benchAppend(database, name, databaseUrl))
  } finally {
    await database.close()
  }
}

function print(ratios: readonly Ratio[]): void {
  for (const { name, logPerSecond, plainPerSecond, ratio, goal } of ratios) {
    const rates = `log ${Math.round(logPerSecond)}/s, plain ${Math.round(plainPerSecond)}/s`
    console.log(`${ratio >= goal ? 'ok  ' : 'SLOW'} ${name}: ${ratio.toFixed(2)} x plain (goal ${goal}); ${rates}`)
  }
}

/**
 * @param url of the same PostgreSQL server, for plain inserts over their own connections; left out for PGlite.
 * @throws Error when the log and the plain table do not hold the same number of rows.
 */
export async function benchAppend(database: Database, name: string, url?: string): Promise<Ratio[]> {
  await createPlainTable(database)
  const before = await count(database, 'log.events')
  const log = new PostgresEventLog(database, { maxAppendBytes: 16 * 1024 * 1024 })
  const plain = url ? pooledInserts(url) : { insert: insertInto(database), close: async () => {} }
  try {
    const bulk = await compare(BULK_ROUNDS, BULK_EVENTS, {
      log: (events) => log.append(uuidv4(), events, 'no_stream'),
      plain: (events) => plain.insert(events),
    })
    const callers = await compare(CALLER_ROUNDS, CALLERS * CALLER_EVENTS, {
      log: (events) => eachCaller(CALLERS, events, (event, caller) => log.append(caller, [event], 'any')),
      plain: (events) => eachCaller(url ? CONNECTIONS : CALLERS, events, (event) => plain.insert([event])),
    })
    const written = (await count(database, 'log.events')) - before
    const inserted = await count(database, PLAIN_TABLE)
    if (written !== inserted) throw new Error(`The log holds ${written} rows, the plain table ${inserted}`)
    return [
      { name: `${name}, appends of ${BULK_EVENTS} events`, ...bulk, goal: 0.85 },
      { name: `${name}, ${CALLERS} callers`, ...callers, goal: 1.5 },
    ]
  } finally {
    await plain.close()
    await log.close()
    await dropPlainTable(database)
  }
}

/** Runs both alternately on fresh events. The ratio is the median over the rounds, after one round to warm up. */
async function compare(
  rounds: number,
  size: number,
  sides: Record<'log' | 'plain', (events: readonly NewEvent[]) => Promise<unknown>>,
): Promise<Pick<Ratio, 'logPerSecond' | 'plainPerSecond' | 'ratio'>> {
  const seconds = { log: [] as number[], plain: [] as number[] }
  for (let round = 0; round <= rounds; round++) {
    // Whoever comes second in a round may find the caches warmer or the disk busier: take turns.
    for (const side of round % 2 === 0 ? (['log', 'plain'] as const) : (['plain', 'log'] as const)) {
      const events = sampleEvents(size)
      const begun = performance.now()
      await sides[side](events)
      if (round > 0) seconds[side].push((performance.now() - begun) / 1000)
    }
  }
  return {
    logPerSecond: size / median(seconds.log),
    plainPerSecond: size / median(seconds.plain),
    ratio: median(seconds.plain.map((plain, round) => plain / seconds.log[round]!)),
  }
}

/** So many callers at once, each with its share of the events, one after the other. */
async function eachCaller(
  callers: number,
  events: readonly NewEvent[],
  work: (event: NewEvent, caller: string) => Promise<unknown>,
): Promise<void> {
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      const name = uuidv4()
      for (let index = caller; index < events.length; index += callers) await work(events[index]!, name)
    }),
  )
}

const INSERT = insertRowsInto(PLAIN_TABLE)

let position = 0

/** What the plain insert gets: every row a stream of its own, so that the unique keys hold. */
function plainRows(events: readonly NewEvent[]): string {
  return eventRows(events.map((event) => ({ ...event, position: ++position, stream: event.id, revision: 0 })))
}

const insertInto = (database: Database) => (events: readonly NewEvent[]) => database.query(INSERT, [plainRows(events)])

/** Plain inserts as prepared statements on connections of their own: the best case for the other side. */
function pooledInserts(url: string) {
  const sql = postgres(url, { max: CONNECTIONS, onnotice: () => {} })
  return {
    insert: async (events: readonly NewEvent[]) => sql.unsafe(INSERT, [plainRows(events)], { prepare: true }),
    close: () => sql.end(),
  }
}

/** Events of the size of ours: some 100 bytes of data, 350 of metadata. */
function sampleEvents(size: number): NewEvent[] {
  return Array.from({ length: size }, (_, n) => ({
    id: uuidv4(),
    type: 'MetadataEdited',
    data: { n, field: 'description', value: 'Photometric redshifts of the DP1 fields', columns: ['ra', 'dec', 'z'] },
    metadata: {
      actor: { userId: 7, username: 'ada' },
      at: '2026-01-01T00:00:00.000Z',
      commandId: uuidv4(),
      $correlationId: uuidv4(),
      $causationId: uuidv4(),
      softwareVersion: '0.1.0',
      schemaVersion: 1,
      previous: 'f'.repeat(64),
    },
  }))
}

async function count(database: Database, table: string): Promise<number> {
  const [row] = await database.query<{ rows: string }>(`select count(*) as rows from ${table}`)
  return Number(row?.rows)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2
}
