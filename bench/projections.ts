import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { v5 as uuid } from 'uuid'
import type { Database } from '../src/database/database.ts'
import { openDatabase } from '../src/database/open.ts'
import { EVENT_DEFINITIONS } from '../src/domain/events.ts'
import type { ProductEvent } from '../src/domain/product/events.ts'
import type { NewEvent } from '../src/eventstore/port.ts'
import { PostgresEventLog } from '../src/eventstore/postgres/event-log.ts'
import { SchemaRegistry } from '../src/eventstore/schema-registry.ts'
import { allProjections } from '../src/projections/all.ts'
import { ProjectionEngine } from '../src/projections/engine.ts'
import type { Projection } from '../src/projections/projection.ts'
import { openMemoryDatabase } from '../test/support/memory-database.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import {
  createPlainTable,
  dropPlainTable,
  type EventRow,
  eventRows,
  insertRowsInto,
  PLAIN_TABLE,
  PLAIN_WORDS,
} from './plain-table.ts'

const BULK = 2_000
const EVENTS_PER_PRODUCT = 10
const NAMESPACE = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'

/**
 * How fast the read models follow: all of them together against a plain bulk insert of the same event rows, a rebuild of
 * the whole log, and the time from append to visible. `--events=1000000` (the default), `--pglite` for the embedded
 * database in memory; else a PostgreSQL server of our own, or that of DATABASE_URL. `--models=products,files` for some alone.
 */
export async function run(args: readonly string[]): Promise<void> {
  const count = Number(args.find((arg) => arg.startsWith('--events='))?.slice(9) ?? 1_000_000)
  const names = args
    .find((arg) => arg.startsWith('--models='))
    ?.slice(9)
    .split(',')
  const projections = allProjections.filter(({ name }) => names?.includes(name) ?? true)
  if (names && projections.length < names.length) throw new RangeError(`There is no read model ${names.join(' or ')}.`)
  const own = args.includes('--pglite') || process.env.DATABASE_URL ? undefined : await startPostgresServer()
  const databaseUrl = process.env.DATABASE_URL ?? (await own?.newDatabase())
  const database = databaseUrl ? await openDatabase({ dataDir: '.', databaseUrl }) : await openMemoryDatabase()
  try {
    await measure(database, count, projections)
  } finally {
    await database.close()
    await own?.stop()
  }
}

async function measure(database: Database, count: number, projections: readonly Projection[]): Promise<void> {
  console.log(`${database.kind}, ${count} events, read models: ${projections.map(({ name }) => name).join(', ')}`)
  const plain = await plainInsert(database, count)
  report(PLAIN_WORDS, count, plain)
  await fillLog(database, count)

  const store = new PostgresEventLog(database, { pageSize: BULK })
  const registry = new SchemaRegistry(EVENT_DEFINITIONS)
  const engine = new ProjectionEngine({ database, store, registry, projections, log: console.log })
  const abort = new AbortController()
  const first = await timed(() => engine.start(abort.signal))
  report('first build of the read models', count, first)
  const stopped = (await engine.status()).filter((status) => status.status !== 'running')
  if (stopped.length > 0) throw new Error(`Stopped: ${JSON.stringify(stopped)}`)
  console.log(`  ratio to the plain insert: ${(plain / first).toFixed(2)} (goal 0.5)`)

  const visible: number[] = []
  const after = Math.ceil(count / EVENTS_PER_PRODUCT) + 1
  for (let product = after; product < after + 200; product++) {
    const begin = performance.now()
    const { position } = await store.append(`product-${product}`, productEvents(product).slice(0, 1), 'no_stream')
    if (!(await engine.waitFor(position, 5_000))) throw new Error('The read models did not follow')
    visible.push(performance.now() - begin)
  }
  visible.sort((a, b) => a - b)
  const quantile = (q: number) => visible[Math.floor(q * (visible.length - 1))]!.toFixed(1)
  console.log(`append to visible: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms`)

  const phases = new Map<string, number>()
  const begin = performance.now()
  await engine.rebuild(undefined, {
    onProgress: ({ phase }) => phases.set(phase, phases.get(phase) ?? performance.now() - begin),
  })
  report('rebuild beside the live tables', count, performance.now() - begin)
  for (const [phase, at] of phases) console.log(`  ${phase} from ${(at / 1000).toFixed(2)} s`)
  abort.abort()
  await engine.stopped()
  await store.close()
}

async function plainInsert(database: Database, count: number): Promise<number> {
  const batches = [...batchesOf(count)]
  await createPlainTable(database)
  const ms = await timed(async () => {
    for (const batch of batches) await database.query(insertRowsInto(PLAIN_TABLE), [eventRows(batch)])
  })
  await dropPlainTable(database)
  return ms
}

/** Straight into the tables of the log: what is measured is reading it. */
async function fillLog(database: Database, count: number): Promise<void> {
  for (const batch of batchesOf(count)) await database.query(insertRowsInto('log.events'), [eventRows(batch)])
  await database.query(
    'INSERT INTO log.streams (stream, revision) SELECT stream, max(revision) FROM log.events GROUP BY stream',
  )
  await database.query('UPDATE log.head SET position = (SELECT max(position) FROM log.events), recorded_at = now()')
  // Else autovacuum does it, while we measure something else.
  await database.query('VACUUM (ANALYZE) log.events')
}

function* batchesOf(count: number): Generator<EventRow[]> {
  let position = 0
  let rows: EventRow[] = []
  for (let product = 1; position < count; product++) {
    for (const [revision, event] of productEvents(product).entries())
      rows.push({ ...event, stream: `product-${product}`, revision, position: ++position })
    if (rows.length < BULK && position < count) continue
    yield rows
    rows = []
  }
}

/** The life of an ordinary product, of ten events. */
export function productEvents(product: number): NewEvent[] {
  const person = { userId: 1 + (product % 50), username: `astronomer${product % 50}` }
  const at = new Date(Date.UTC(2026, 0, 1) + product * 60_000).toISOString()
  const sha256 = createHash('sha256').update(`file ${product}`).digest('hex')
  const name = `Training set ${product}`
  const files = 2 * product
  const names = ['object_id', 'ra', 'dec', 'z', 'z_err', 'mag_g', 'mag_r', 'mag_i']
  const columns = names.map((column, i) => ({
    id: names.length * product + i,
    name: column,
    type: i === 0 ? 'int64' : 'float64',
    unit: i > 0 && i < 3 ? 'deg' : null,
    ucd: null,
    description: null,
  }))
  const attached = (fileId: number, role: 'main' | 'auxiliary') => ({
    type: 'FileAttached' as const,
    data: { fileId, role, name: `${role}.parquet`, mediaType: null, sha256, size: 1_000_000, original: null },
  })
  const associated = (index: number, alias: string, ucd: string) => ({
    type: 'ColumnAssociated' as const,
    data: {
      columnId: columns[index]!.id,
      columnName: columns[index]!.name,
      alias,
      ucd,
      previous: { alias: null, ucd: null },
    },
  })
  const events: ProductEvent[] = [
    {
      type: 'ProductRegistered',
      data: {
        productId: product,
        internalName: `${product}_training_set_${product}`,
        displayName: name,
        productType: 'training_set',
        release: { id: 1 + (product % 5), displayName: `DP${product % 5}` },
        pzCode: null,
        description: 'Magnitudes, errors and **reference redshifts** of galaxies in the deep fields.',
        owner: person,
        origin: 'Upload',
        runId: null,
        status: 'registering',
      },
    },
    attached(files, 'main'),
    {
      type: 'MainFileInspected',
      data: { fileId: files, format: 'parquet', rows: 100_000, columns, inspection: { sha256, size: 4_000 } },
    },
    associated(1, 'RA', 'pos.eq.ra;meta.main'),
    associated(2, 'Dec', 'pos.eq.dec;meta.main'),
    associated(3, 'z', 'src.redshift'),
    associated(4, 'z_err', 'stat.error;src.redshift'),
    attached(files + 1, 'auxiliary'),
    { type: 'MetadataEdited', data: { changes: { displayName: { from: name, to: `${name} (v2)` } } } },
    { type: 'ProductPublished', data: {} },
  ]
  return events.map(({ type, data }, index) => ({
    id: uuid(`${product} ${index}`, NAMESPACE),
    type,
    data,
    metadata: { actor: person, at },
  }))
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

function report(what: string, count: number, ms: number): void {
  console.log(`${what}: ${(ms / 1000).toFixed(2)} s, ${Math.round(count / (ms / 1000))} events/s`)
}
