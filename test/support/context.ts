import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Limits } from '../../src/accounts/limits.ts'
import { LoginThrottle } from '../../src/accounts/login-throttle.ts'
import { DerivedFiles } from '../../src/application/derived-files.ts'
import { createReplays } from '../../src/application/replays.ts'
import { AuditTrail } from '../../src/audit/audit-trail.ts'
import { FileBlobStore } from '../../src/blobs/file-blob-store.ts'
import { type Config, type Environment, readConfig } from '../../src/config.ts'
import type { AppContext } from '../../src/context.ts'
import { EVENT_DEFINITIONS } from '../../src/domain/events.ts'
import { PostgresEventLog } from '../../src/eventstore/postgres/event-log.ts'
import { SchemaRegistry } from '../../src/eventstore/schema-registry.ts'
import { StreamFollower } from '../../src/eventstore/stream-follower.ts'
import { DownloadTokens } from '../../src/http/download/download-token.ts'
import { ZipCache } from '../../src/http/download/zip-cache.ts'
import { FeedKeys } from '../../src/http/feed-key.ts'
import { KeptAnswers } from '../../src/http/kept-answers.ts'
import { createLog } from '../../src/log.ts'
import type { PipelineOutcome } from '../../src/pipelines/pipeline.ts'
import type { Carry } from '../../src/pipelines/worker/ports.ts'
import { allProjections } from '../../src/projections/all.ts'
import { ProjectionEngine } from '../../src/projections/engine.ts'
import { run as examine } from '../../src/tables/child/examine-task.ts'
import type { RunTask, TaskFunction } from '../../src/tables/child/task.ts'
import type { Examine } from '../../src/tables/examine.ts'
import { DEFAULT_LIMITS } from '../../src/tables/table.ts'
import { openMemoryDatabase } from './memory-database.ts'

/** A clock that moves by 10 ms whenever somebody looks at it, so that no two events have the same time. */
export class TestClock {
  #now = Date.parse('2026-03-14T09:00:00.000Z')

  readonly read = (): Date => {
    this.#now += 10
    return new Date(this.#now)
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds
  }
}

export interface TestContext {
  readonly context: AppContext
  readonly clock: TestClock
  readonly dataDir: string
  /** What was logged: one JSON object per line. */
  logged(): string
  close(): Promise<void>
}

/**
 * Everything below HTTP, with a database in memory and files in a temporary folder. Only two things differ from the running
 * program: the clock, and files are examined in this process, because a child costs half a second.
 */
export async function testContext(
  options: {
    readonly env?: Environment
    readonly examine?: Examine
    /** Changes parts of the context, e.g. to inject faults. */
    readonly adjust?: (context: AppContext) => AppContext
  } = {},
): Promise<TestContext> {
  const dataDir = await mkdtemp(join(tmpdir(), 'photoz-context-'))
  const config: Config = readConfig({ RATE_LIMITS: 'off', ...options.env, DATA_DIR: dataDir }).config
  const clock = new TestClock()
  const lines: string[] = []
  const log = createLog('info', { write: (line: string) => void lines.push(line) })
  const database = await openMemoryDatabase()
  const store = new PostgresEventLog(database)
  const registry = new SchemaRegistry(EVENT_DEFINITIONS)
  const blobs = await FileBlobStore.open(dataDir)
  const ending = new AbortController()
  const projections = new ProjectionEngine({
    database,
    store,
    registry,
    projections: allProjections,
    pollMs: 60_000, // one process: nobody else moves the checkpoints
  })
  const follower = new StreamFollower(store, registry)
  const audit = new AuditTrail({
    database,
    clock: clock.read,
    downloads: config.downloadAudit,
    onTrouble: (message, facts) => log.error(facts, message),
  })
  const context: AppContext = {
    config,
    log,
    database,
    store,
    registry,
    follower,
    replays: createReplays(() => context, carryHere),
    projections,
    blobs,
    examine: options.examine ?? examineHere(dataDir),
    runTask: runHere,
    loginThrottle: new LoginThrottle(),
    limits: new Limits(),
    audit,
    keptAnswers: new KeptAnswers({ database, clock: clock.read, log }),
    zips: await ZipCache.open(dataDir, blobs, { limit: config.cacheLimit, clock: clock.read }),
    derived: new DerivedFiles(dataDir, log),
    downloadTokens: new DownloadTokens(Buffer.alloc(32, 7), clock.read),
    feedKeys: new FeedKeys(Buffer.alloc(32, 7)),
    clock: clock.read,
    newId: randomUUID,
    version: 'test',
    softwareVersion: 'test',
  }
  await projections.start(ending.signal)
  return {
    context: options.adjust?.(context) ?? context,
    clock,
    dataDir,
    logged: () => lines.join(''),
    async close() {
      follower.close()
      await audit.close()
      ending.abort()
      await projections.stopped()
      await store.close()
      await database.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const examineHere =
  (dataDir: string): Examine =>
  (source) =>
    examine(
      { source, limits: DEFAULT_LIMITS, unpackTo: join(dataDir, 'tmp', `${randomUUID()}.part`) },
      { progress: () => undefined, tell: () => undefined },
    )

/** What goes in and comes out is cloned, as on the way to a child process: classes do not survive that. */
const runHere: RunTask = async <Arguments, Result>(task: { readonly module: URL }, args: Arguments) => {
  const { run }: { run: TaskFunction<Arguments, Result> } = await import(task.module.href)
  return structuredClone(await run(structuredClone(args), { progress: () => undefined, tell: () => undefined }))
}

/** Carries out runs in this process: a child costs half a second. It cannot be killed, so it is asked to end. */
export const carryHere: Carry = async (task, work, { signal, onNews }) => {
  const { run }: { run: TaskFunction<typeof work, PipelineOutcome> } = await import(task.module.href)
  const outcome = await run(structuredClone(work), {
    progress: () => undefined,
    tell(news) {
      signal.throwIfAborted()
      onNews(structuredClone(news))
    },
  })
  return structuredClone(outcome)
}
