import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Blob, BlobStore } from '../blobs/blob-store.ts'
import type { AppContext } from '../context.ts'
import type { Database } from '../database/database.ts'
import { type EventStore, type RecordedEvent, START } from '../eventstore/port.ts'
import type { SchemaRegistry } from '../eventstore/schema-registry.ts'
import { OrderedAppends } from '../provenance/portable/append-in-order.ts'
import { exportedLog, type LogEnd, readLogFile } from '../provenance/portable/log-file.ts'
import { BlobReferences } from './blob-references.ts'

/** The whole log as NDJSON, line by line. Accounts are not part of it. */
export async function* exportLog(context: AppContext): AsyncGenerator<string> {
  const references = new BlobReferences()
  yield* exportedLog(
    context.store,
    {
      server: context.config.publicUrl,
      software: context.softwareVersion,
      exportedAt: context.clock().toISOString(),
    },
    (event) => references.note(context.registry.upcast(event)),
    () => references.blobs(),
  )
}

/** Copies every file that the log refers to into a folder, under its digest. */
export async function exportBlobs(context: AppContext, folder: string): Promise<{ readonly copied: number }> {
  const references = new BlobReferences()
  for await (const event of context.store.readAll(START)) references.note(context.registry.upcast(event))
  await mkdir(folder, { recursive: true })
  let copied = 0
  for (const { sha256 } of references.blobs()) {
    // Not by way of `path`: of a bucket, that would fill this machine with a second copy of everything.
    await writeFile(join(folder, sha256), context.blobs.read(sha256))
    copied += 1
  }
  return { copied }
}

/** An import that was not begun; nothing was stored. */
export class ImportRefused extends Error {
  readonly code = 'import_refused'
  override readonly name = 'ImportRefused'
}

export interface ImportTarget {
  readonly database: Database
  readonly store: EventStore
  readonly registry: SchemaRegistry
  readonly blobs: BlobStore
  /** Whether the store keeps the order of appends that are under way together. */
  readonly writesInOrder: boolean
}

export interface ImportReport extends LogEnd {
  /** Files that were copied along, and those that the log refers to and that are not there. */
  readonly copied: number
  readonly missing: readonly string[]
}

/**
 * Brings an exported log into an empty store. The file is read twice: the first time only checked, so that nothing is
 * stored of a damaged one. Read models are built afterwards, by the next start of a projection engine.
 * @param blobsFolder files under their digests, as `exportBlobs` writes them
 * @throws DamagedLogFile, ImportRefused
 */
export async function importLog(target: ImportTarget, path: string, blobsFolder?: string): Promise<ImportReport> {
  if ((await target.store.head()) !== START) {
    throw new ImportRefused(
      'The event log here is not empty: import into a new data folder, and before its first start.',
    )
  }
  const blobs: Blob[] = []
  const people = new HighestPerson()
  const end = await eachItem(path, async (item) => {
    if (item.kind === 'blob') blobs.push(item.blob)
    else requireKnown(target.registry, item.event)
  })
  let copied = 0
  for (const blob of blobsFolder === undefined ? [] : blobs) {
    copied += await copyBlob(target.blobs, blob, join(blobsFolder ?? '', blob.sha256))
  }
  const appends = new OrderedAppends(target.store, { concurrently: target.writesInOrder })
  await eachItem(path, async (item) => {
    if (item.kind !== 'event') return
    people.note(item.event)
    await appends.add(item.event)
  })
  await appends.flush()
  await keepNumbersOfPeople(target.database, people.highest)
  const missing: string[] = []
  for (const { sha256 } of blobs) if (!(await target.blobs.has(sha256))) missing.push(sha256)
  return { ...end, copied, missing }
}

type Item = ReturnType<typeof readLogFile> extends AsyncGenerator<infer T> ? T : never

async function eachItem(path: string, use: (item: Item) => Promise<void>): Promise<LogEnd> {
  const items = readLogFile(path)
  for (;;) {
    const next = await items.next()
    if (next.done) return next.value
    await use(next.value)
  }
}

function requireKnown(registry: SchemaRegistry, event: RecordedEvent): void {
  try {
    registry.foreign(event)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ImportRefused(`Revision ${event.revision} of ${event.stream} cannot be read by this program: ${why}`)
  }
}

async function copyBlob(store: BlobStore, { sha256, size }: Blob, path: string): Promise<number> {
  if (await store.has(sha256)) return 0
  const source = createReadStream(path)
  // A file that cannot be opened says so here; the store listens only once it has a file of its own.
  await once(source, 'open').catch((error: NodeJS.ErrnoException) => {
    throw new ImportRefused(`${path} cannot be read (${error.code}). No event was stored.`)
  })
  const received = await store.receive(source)
  if (received.sha256 !== sha256 || received.size !== size) {
    await received.discard()
    throw new ImportRefused(`${path} was changed: its digest is ${received.sha256}. No event was stored.`)
  }
  await received.keep()
  return 1
}

/** The highest number of an account that the log speaks of. */
class HighestPerson {
  highest = 0

  note({ stream, metadata, data }: RecordedEvent): void {
    for (const person of [metadata.actor, data.owner]) {
      if (typeof person === 'object' && person !== null && 'userId' in person) this.#see(Number(person.userId))
    }
    if (stream.startsWith('security-')) this.#see(Number(stream.slice('security-'.length)))
  }

  #see(id: number): void {
    if (Number.isSafeInteger(id)) this.highest = Math.max(this.highest, id)
  }
}

/** Accounts do not come along. A new one must not get the number of somebody in the log, or it would own their products. */
async function keepNumbersOfPeople(database: Database, highest: number): Promise<void> {
  if (highest === 0) return
  await database.query(
    `select setval(pg_get_serial_sequence('accounts.users', 'id'), greatest($1::bigint, coalesce((select max(id) from accounts.users), 0)))`,
    [highest],
  )
}
