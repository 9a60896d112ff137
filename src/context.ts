import type { Limits } from './accounts/limits.ts'
import type { LoginThrottle } from './accounts/login-throttle.ts'
import type { DerivedFiles } from './application/derived-files.ts'
import type { AuditTrail } from './audit/audit-trail.ts'
import type { BlobStore } from './blobs/blob-store.ts'
import type { Config } from './config.ts'
import type { Database } from './database/database.ts'
import type { EventStore } from './eventstore/port.ts'
import type { SchemaRegistry } from './eventstore/schema-registry.ts'
import type { StreamFollower } from './eventstore/stream-follower.ts'
import type { DownloadTokens } from './http/download/download-token.ts'
import type { ZipCache } from './http/download/zip-cache.ts'
import type { FeedKeys } from './http/feed-key.ts'
import type { KeptAnswers } from './http/kept-answers.ts'
import type { Log } from './log.ts'
import type { Replays } from './pipelines/replay/replays.ts'
import type { ProjectionEngine } from './projections/engine.ts'
import type { RunTask } from './tables/child/task.ts'
import type { Examine } from './tables/examine.ts'

/** Everything that a request handler may reach. Tests build one with a fixed clock and databases in memory. */
export interface AppContext {
  readonly config: Config
  readonly log: Log
  readonly database: Database
  readonly store: EventStore
  readonly registry: SchemaRegistry
  /** Single streams live, for pages that show what happens. */
  readonly follower: StreamFollower
  readonly projections: ProjectionEngine
  readonly blobs: BlobStore
  /** Looks into a file in a child process that can be killed. */
  readonly examine: Examine
  /** Other heavy work on files, in the same kind of child process. */
  readonly runTask: RunTask
  /** Replays runs; one at a time for each run. */
  readonly replays: Replays
  readonly loginThrottle: LoginThrottle
  /** How much each person may ask for of what costs us something. */
  readonly limits: Limits
  /** Who took what, and who came in. */
  readonly audit: AuditTrail
  /** Answers to requests with an `Idempotency-Key`. */
  readonly keptAnswers: KeptAnswers
  readonly zips: ZipCache
  /** What child processes found out about files. */
  readonly derived: DerivedFiles
  readonly downloadTokens: DownloadTokens
  readonly feedKeys: FeedKeys
  readonly clock: () => Date
  /** A new UUID. */
  readonly newId: () => string
  /** Version of the program, for people. */
  readonly version: string
  /** Program and engine with their versions, kept in every event. */
  readonly softwareVersion: string
}
