import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ImportReport, importLog } from '../../src/application/portable-log.ts'
import { FileBlobStore } from '../../src/blobs/file-blob-store.ts'
import type { Database, Sql } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open.ts'
import { EVENT_DEFINITIONS } from '../../src/domain/events.ts'
import { hashEvent } from '../../src/eventstore/chain.ts'
import { type EventStore, START } from '../../src/eventstore/port.ts'
import { PostgresEventLog } from '../../src/eventstore/postgres/event-log.ts'
import { SchemaRegistry } from '../../src/eventstore/schema-registry.ts'
import { allProjections } from '../../src/projections/all.ts'
import { ProjectionEngine } from '../../src/projections/engine.ts'
import { openMemoryDatabase } from '../support/memory-database.ts'

/** Somewhere to import a log into: stores as a new server has them, and no read models yet. */
export interface Target {
  readonly database: Database
  readonly store: EventStore
  readonly writesInOrder: boolean
  readonly dataDir: string
  close(): Promise<void>
  onClose(step: () => Promise<void>): void
}

export type Kind =
  | { readonly kind: 'pglite' }
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'eventstoredb'; readonly store: EventStore; readonly stop: () => Promise<void> }

export async function targetOn(kind: Kind): Promise<Target> {
  const dataDir = await mkdtemp(join(tmpdir(), 'photoz-target-'))
  const database =
    kind.kind === 'postgres' ? await openDatabase({ dataDir, databaseUrl: kind.url }) : await openMemoryDatabase()
  const store = kind.kind === 'eventstoredb' ? kind.store : new PostgresEventLog(database)
  const steps: (() => Promise<void>)[] = []
  return {
    database,
    store,
    writesInOrder: kind.kind !== 'eventstoredb',
    dataDir,
    onClose: (step) => steps.push(step),
    async close() {
      for (const step of steps) await step()
      await store.close()
      await database.close()
      if (kind.kind === 'eventstoredb') await kind.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Imports as `npm run import` does, and builds the read models. */
export async function importInto(target: Target, path: string, blobsFolder?: string): Promise<ImportReport> {
  const registry = new SchemaRegistry(EVENT_DEFINITIONS)
  const blobs = await FileBlobStore.open(target.dataDir)
  const report = await importLog({ ...target, registry, blobs }, path, blobsFolder)
  const engine = new ProjectionEngine({
    database: target.database,
    store: target.store,
    registry,
    projections: allProjections,
    pollMs: 60_000,
  })
  const ending = new AbortController()
  await engine.start(ending.signal)
  target.onClose(async () => {
    ending.abort()
    await engine.stopped()
  })
  return report
}

/** All events in order, without what belongs to the store: position and time of recording. */
export async function historyOf(store: EventStore): Promise<object[]> {
  const events: object[] = []
  for await (const event of store.readAll(START)) {
    const { position: _, recordedAt: __, ...rest } = event
    events.push({ ...rest, revision: event.revision.toString(), hash: hashEvent(event) })
  }
  return events
}

/** Every row of every read model, as PostgreSQL writes it. The people of this server are not from the log. */
export async function readModelsOf(database: Sql): Promise<Record<string, string[]>> {
  const tables = await database.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'read' and tablename <> 'checkpoints' order by 1`,
  )
  const rows: Record<string, string[]> = {}
  for (const { name } of tables) {
    const lines = await database.query<{ line: string }>(`select t::text as line from read.${name} t order by 1`)
    rows[name] = lines.map(({ line }) => line)
  }
  return rows
}
