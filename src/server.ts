import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { Limits } from './accounts/limits.ts'
import { LoginThrottle } from './accounts/login-throttle.ts'
import { CheckpointKeeper } from './application/checkpoints.ts'
import { DerivedFiles } from './application/derived-files.ts'
import { filesAreAtHand } from './application/files-at-hand.ts'
import { ensureAdministrator } from './application/people.ts'
import { followPurges } from './application/purge.ts'
import { createReplays } from './application/replays.ts'
import { childCarrier, createRunWorker } from './application/run-worker.ts'
import { SecurityKeeper } from './application/security-acts.ts'
import { AuditTrail } from './audit/audit-trail.ts'
import type { BlobStore } from './blobs/blob-store.ts'
import { FileBlobStore } from './blobs/file-blob-store.ts'
import { S3BlobStore } from './blobs/s3/s3-blob-store.ts'
import type { Config, Secrets } from './config.ts'
import type { AppContext } from './context.ts'
import type { Database } from './database/database.ts'
import { lockDataDir } from './database/lock.ts'
import { openDatabase } from './database/open.ts'
import { SYSTEM } from './domain/actor.ts'
import { EVENT_DEFINITIONS } from './domain/events.ts'
import { EventStoreDB } from './eventstore/eventstoredb/event-store.ts'
import type { EventStore } from './eventstore/port.ts'
import { PostgresEventLog } from './eventstore/postgres/event-log.ts'
import { SchemaRegistry } from './eventstore/schema-registry.ts'
import { StreamFollower } from './eventstore/stream-follower.ts'
import { createApp } from './http/app.ts'
import { DownloadTokens } from './http/download/download-token.ts'
import { ZipCache } from './http/download/zip-cache.ts'
import { FeedKeys } from './http/feed-key.ts'
import { KeptAnswers } from './http/kept-answers.ts'
import { loadLinkKey } from './http/link-key.ts'
import { AUTO_CLEANUP_INCOMING, SERVER_OPTIONS } from './http/middleware/slow-clients.ts'
import { answerUnreadable, MOST_HEADER_BYTES } from './http/unreadable-requests.ts'
import type { Log } from './log.ts'
import { allProjections } from './projections/all.ts'
import { ProjectionEngine } from './projections/engine.ts'
import { Examiner } from './tables/child/examiner.ts'
import { SOFTWARE_VERSION, VERSION } from './version.ts'

/** How long an orderly shutdown waits for requests that are under way, in ms. */
const DRAIN_MS = 20_000

/** Events that are read from the embedded log at once: as many as the projections take in one batch. */
const LOG_PAGE = 2_000

export interface RunningServer {
  readonly url: string
  readonly context: AppContext
  /** The random password of the account `admin`, when this start made it. */
  readonly madePassword: string | null
  /** Stops accepting, lets requests finish, ends the projections, closes the stores and gives the folder back. */
  close(): Promise<void>
}

/** Undoes what a start has done so far, last things first. */
class Teardown {
  readonly #steps: (() => Promise<unknown> | unknown)[] = []

  add(step: () => Promise<unknown> | unknown): void {
    this.#steps.unshift(step)
  }

  async run(): Promise<void> {
    const errors: unknown[] = []
    for (const step of this.#steps.splice(0)) {
      try {
        await step()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be closed')
  }
}

/** Starts the whole program. What was opened is closed again when a later step fails. */
export async function startServer(
  config: Config,
  secrets: Secrets,
  log: Log,
  clock: () => Date = () => new Date(),
): Promise<RunningServer> {
  const teardown = new Teardown()
  try {
    await mkdir(config.dataDir, { recursive: true })
    const lock = await lockDataDir(config.dataDir)
    teardown.add(() => lock.release())
    const context = await openContext(config, secrets, log, clock, teardown)
    const starting = { actor: SYSTEM, correlationId: context.newId() }
    const madePassword = await ensureAdministrator(context, starting, secrets.adminPassword)
    teardown.add(await followPurges(context))
    const acts = await SecurityKeeper.start(context)
    teardown.add(() => acts.close())
    const keeper = new CheckpointKeeper(context)
    teardown.add(() => keeper.close())
    const url = await listen(context, lock.holder.controlKey, teardown)
    startWorker(context, teardown)
    await lock.publish(url)
    log.info({ url, dataDir: config.dataDir, database: config.database, eventStore: config.eventStore }, 'serving')
    return { url, context, madePassword, close: () => teardown.run() }
  } catch (error) {
    await teardown.run()
    throw error
  }
}

/** What holds the data of a server. */
export interface Stores {
  readonly database: Database
  readonly store: EventStore
  readonly registry: SchemaRegistry
  readonly blobs: BlobStore
}

/** Opens what holds the data, and changes nothing in it. */
export async function openStores(
  config: Config,
  secrets: Secrets,
  log: Log,
  teardown: { add(step: () => Promise<unknown> | unknown): void },
): Promise<Stores> {
  const database = await openDatabase({
    dataDir: config.dataDir,
    ...(secrets.databaseUrl === null ? {} : { databaseUrl: secrets.databaseUrl }),
    log: (message) => log.info(message),
  })
  teardown.add(() => database.close())
  const store = openStore(secrets, database, log)
  teardown.add(() => store.close())
  return {
    database,
    store,
    registry: new SchemaRegistry(EVENT_DEFINITIONS),
    blobs: await openBlobs(config, secrets, log, teardown),
  }
}

async function openBlobs(
  config: Config,
  { bucket }: Secrets,
  log: Log,
  teardown: { add(step: () => unknown): void },
): Promise<BlobStore> {
  if (bucket === null) return FileBlobStore.open(config.dataDir)
  const store = await S3BlobStore.open(bucket, join(config.dataDir, 'blob-cache'), {
    limit: config.blobCacheLimit,
    // A run may read its inputs until its time is over.
    inUseMs: config.runs.seconds * 1000,
    onTrouble: (error) => log.warn({ err: error }, 'the copies of files need more room than they may'),
  })
  teardown.add(() => store.close())
  return store
}

/** The engine of all read models. */
export const engineOf = ({ database, store, registry }: Stores, log: Log): ProjectionEngine =>
  new ProjectionEngine({
    database,
    store,
    registry,
    projections: allProjections,
    log: (message) => log.info(message),
  })

/** Everything below HTTP: stores, read models, accounts. Nothing is recorded: commands that only look leave the log as it is. */
export async function openContext(
  config: Config,
  secrets: Secrets,
  log: Log,
  clock: () => Date,
  teardown: { add(step: () => Promise<unknown> | unknown): void },
): Promise<AppContext> {
  const stores = await openStores(config, secrets, log, teardown)
  const { database, store, registry, blobs } = stores
  if (config.database === 'pglite') log.warn('The embedded database does not fsync; set DATABASE_URL for production')
  const examiner = new Examiner({
    workDir: join(config.dataDir, 'tmp'),
    memoryBytes: config.inspection.memory,
    timeMs: config.inspection.seconds * 1000,
  })
  teardown.add(() => examiner.close())

  const ending = new AbortController()
  const projections = engineOf(stores, log)
  const zips = await ZipCache.open(config.dataDir, blobs, { limit: config.cacheLimit, clock })
  const follower = new StreamFollower(store, registry, (error) => log.warn({ err: error }, 'live events'))
  teardown.add(() => follower.close())
  const replaying = childCarrier(config, 1)
  teardown.add(() => replaying.close())
  const replays = createReplays(() => context, replaying.carry)
  teardown.add(() => replays.close())
  const limits = new Limits()
  const audit = new AuditTrail({
    database,
    clock,
    downloads: config.downloadAudit,
    onTrouble: (message, facts) => log.error(facts, message),
  })
  teardown.add(() => audit.close())
  const linkKey = await loadLinkKey(database, config.dataDir)
  const context: AppContext = {
    config,
    log,
    database,
    store,
    registry,
    follower,
    replays,
    projections,
    blobs,
    examine: (source, options) => examiner.examine(source, options),
    runTask: async (task, args, options) => {
      using _ = limits.enter('task', 0)
      return await examiner.runTask(task, args, options)
    },
    loginThrottle: new LoginThrottle(),
    limits,
    audit,
    keptAnswers: new KeptAnswers({ database, clock, log }),
    zips,
    derived: new DerivedFiles(config.dataDir, log),
    downloadTokens: new DownloadTokens(linkKey, clock),
    feedKeys: new FeedKeys(linkKey),
    clock,
    newId: randomUUID,
    version: VERSION,
    softwareVersion: SOFTWARE_VERSION,
  }
  teardown.add(async () => {
    ending.abort()
    await projections.stopped()
  })
  await projections.start(ending.signal)
  if (!(await filesAreAtHand(context))) {
    const where =
      config.blobs === 'files' ? `DATA_DIR/blobs (${join(config.dataDir, 'blobs')})` : 'the bucket of BLOBS_URL'
    log.error(`None of the newest files is in ${where}: servers that share a database must share the files`)
  }
  return context
}

function openStore(secrets: Secrets, database: Database, log: Log): EventStore {
  const onTrouble = (error: unknown) => log.warn({ err: error }, 'event store')
  return secrets.eventStoreUrl === null
    ? new PostgresEventLog(database, { onTrouble, pageSize: LOG_PAGE })
    : new EventStoreDB(secrets.eventStoreUrl, { onTrouble })
}

/**
 * Carries out runs of pipelines in this process, until it ends: then those under way are given back for others.
 * @returns the worker's name, null when the configuration wants none
 */
export function startWorker(
  context: AppContext,
  teardown: { add(step: () => Promise<unknown> | unknown): void },
): string | null {
  const capacity = context.config.runs.workers
  if (capacity === 0) return null
  const carrier = childCarrier(context.config, capacity)
  const worker = createRunWorker(context, { capacity, carry: carrier.carry })
  const ending = new AbortController()
  worker.start(ending.signal)
  teardown.add(async () => {
    ending.abort()
    await worker.stopped()
    await carrier.close()
  })
  return worker.name
}

async function listen(context: AppContext, controlKey: string, teardown: Teardown): Promise<string> {
  const { host, port } = context.config
  const app = createApp(context, { controlKey })
  const { server, address } = await new Promise<{ server: ReturnType<typeof serve>; address: AddressInfo }>(
    (resolve, reject) => {
      const starting = serve(
        {
          fetch: app.fetch,
          hostname: host,
          port,
          serverOptions: { ...SERVER_OPTIONS, maxHeaderSize: MOST_HEADER_BYTES },
          autoCleanupIncoming: AUTO_CLEANUP_INCOMING,
        },
        (bound) => resolve({ server: starting, address: bound }),
      )
      starting.once('error', reject)
      if (starting instanceof Server) answerUnreadable(starting, context.log)
    },
  )
  teardown.add(
    () =>
      new Promise<void>((resolve) => {
        context.follower.close() // pages that watch would keep their connections open
        const impatient = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), DRAIN_MS)
        // Again and again: a connection whose request has just ended would be kept alive for a minute.
        const idle = setInterval(() => 'closeIdleConnections' in server && server.closeIdleConnections(), 100)
        server.close(() => {
          clearTimeout(impatient)
          clearInterval(idle)
          resolve()
        })
      }),
  )
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${name}:${address.port}`
}
