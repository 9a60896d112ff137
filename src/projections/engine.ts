import { backoffMs, sleep } from '../backoff.ts'
import type { Database, Sql } from '../database/database.ts'
import { tableDefinition } from '../database/ddl.ts'
import { isTransient } from '../database/errors.ts'
import { type EventStore, type Position, type RecordedEvent, START } from '../eventstore/port.ts'
import type { SchemaRegistry } from '../eventstore/schema-registry.ts'
import { applyBatch, applyGoodPart, type Poison } from './batch.ts'
import {
  advanceCheckpoints,
  type Checkpoint,
  lockCheckpoints,
  readCheckpoints,
  resumeCheckpoints,
  saveCheckpoint,
} from './checkpoints.ts'
import type { TableDifference } from './compare.ts'
import { inCurrentVersion } from './current-version.ts'
import { Feed } from './feed.ts'
import type { Projection } from './projection.ts'
import { alone, clearLeftovers, Rebuild, type RebuildOptions } from './rebuild.ts'
import { raiseSequences } from './sequences.ts'

export interface EngineOptions {
  readonly database: Database
  /** Gives events as they were recorded. */
  readonly store: EventStore
  /** Brings events of older versions up to date. */
  readonly registry: SchemaRegistry
  readonly projections: readonly Projection[]
  readonly log?: (message: string) => void
  /** Events in one transaction at most. */
  readonly batchSize?: number
  /** How often to look at the checkpoints when nothing happens: others may project, rebuild or switch versions. */
  readonly pollMs?: number
}

export interface ProjectionStatus {
  readonly name: string
  readonly version: number
  readonly position: Position
  /** Distance of positions to the newest event: events in the embedded log, bytes in EventStoreDB. */
  readonly lag: number
  readonly status: 'running' | 'stopped' | 'rebuilding'
  readonly error: string | null
}

/** How long `waitFor` trusts this process before it looks into the database. */
const WAIT_POLL_MS = 50

/**
 * Keeps the read models in step with the log. One pass over the log feeds all projections that stand at the same checkpoint: a
 * batch is one transaction with the rows of all of them and their checkpoints. Any number of server processes may run an
 * engine on one database; the lock on the checkpoint rows lets one at a time project, and the others see what it did.
 */
export class ProjectionEngine {
  readonly #database: Database
  readonly #store: EventStore
  readonly #projections: readonly Projection[]
  readonly #log: (message: string) => void
  readonly #batchSize: number
  readonly #pollMs: number
  readonly #checkpoints = new Map<string, Checkpoint>()
  readonly #rebuilding = new Set<string>()
  readonly #waiting = new Set<() => void>()
  #feed: Feed | undefined
  #running: Promise<void> | undefined
  #ready = false
  #wake: () => void = () => {}

  constructor(options: EngineOptions) {
    this.#database = options.database
    this.#store = options.store
    this.#projections = options.projections.map((each) => inCurrentVersion(each, options.registry))
    this.#log = options.log ?? (() => {})
    this.#batchSize = options.batchSize ?? (options.database.kind === 'pglite' ? 500 : 4_000)
    this.#pollMs = options.pollMs ?? 1_000
    const names = options.projections.flatMap((each) => [each.name, ...tablesOf(each).map((table) => `table ${table}`)])
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice) throw new Error(`Two projections have the same ${twice}`)
  }

  /**
   * Begins to project and resolves when the read models know every event that was recorded at the beginning. Projections
   * that are new or of another version are built first. Ends when `signal` aborts; then `stopped` resolves.
   */
  async start(signal: AbortSignal): Promise<void> {
    await clearLeftovers(this.#database)
    await this.#buildMissing(signal)
    await resumeCheckpoints(this.#database, this.#names)
    await this.#refresh()
    let announce: () => void = () => {}
    const caughtUp = new Promise<void>((resolve) => {
      announce = resolve
    })
    this.#running = this.#run(signal, announce)
    await Promise.race([caughtUp, this.#running])
    signal.throwIfAborted()
    await this.#database.transaction((tx) => raiseSequences(tx, this.#projections))
    this.#ready = true
  }

  /** The read models have caught up once since the start, and none of them is stopped. */
  get ready(): boolean {
    return this.#ready && [...this.#checkpoints.values()].every((checkpoint) => checkpoint.status === 'running')
  }

  /** Resolves when the engine has ended, after `signal` of `start` aborted. */
  async stopped(): Promise<void> {
    await this.#running
  }

  async status(): Promise<ProjectionStatus[]> {
    const [head, rows] = await Promise.all([this.#store.head(), readCheckpoints(this.#database, this.#names)])
    return this.#projections.map(({ name, version }) => {
      const row = rows.find((each) => each.name === name)
      const position = row?.position ?? START
      const behind = BigInt(head) - BigInt(position)
      const foreign = row !== undefined && row.version !== version
      return {
        name,
        version,
        position,
        lag: behind > 0n ? Number(behind) : 0,
        status: this.#rebuilding.has(name) ? 'rebuilding' : foreign ? 'stopped' : (row?.status ?? 'rebuilding'),
        error: foreign ? `Its tables are of version ${row.version}, made by another program` : (row?.error ?? null),
      }
    })
  }

  /**
   * Waits until the read models know the event at `position`, at most `timeoutMs`. Right also when another process projects.
   * Projections that are stopped are not waited for. False when the time is over first.
   */
  async waitFor(position: Position, timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs
    while (!this.#reached(position, this.#checkpoints.values())) {
      const left = deadline - performance.now()
      if (left <= 0) return false
      await this.#nextMove(Math.min(left, WAIT_POLL_MS))
      if (this.#reached(position, this.#checkpoints.values())) return true
      if (this.#reached(position, await readCheckpoints(this.#database, this.#names))) return true
    }
    return true
  }

  /**
   * Builds the tables of these projections (all when not given) anew from the log while the old ones serve, then switches.
   * Safe to call in another process than the one that serves, on PostgreSQL.
   * @throws RebuildFailed when a projection cannot apply an event; everything is then as before.
   */
  async rebuild(names?: readonly string[], options: RebuildOptions = {}): Promise<void> {
    const chosen = this.#chosen(names)
    await alone(this.#database, options.signal, async (lock) => {
      for (const projection of chosen) this.#rebuilding.add(projection.name)
      try {
        await new Rebuild(this.#database, this.#store, lock, chosen, this.#batchSize, options).replace('fail')
      } finally {
        for (const projection of chosen) this.#rebuilding.delete(projection.name)
      }
    })
    await this.#refresh()
    this.#wake()
  }

  /** Builds the tables anew from the log, compares them with the live ones at the same position, and throws them away. */
  async compareWithLog(names?: readonly string[], options: RebuildOptions = {}): Promise<TableDifference[]> {
    return alone(this.#database, options.signal, (lock) =>
      new Rebuild(this.#database, this.#store, lock, this.#chosen(names), this.#batchSize, options).compare(),
    )
  }

  get #names(): string[] {
    return this.#projections.map((projection) => projection.name)
  }

  #chosen(names?: readonly string[]): readonly Projection[] {
    if (!names) return this.#projections
    const unknown = names.find((name) => !this.#names.includes(name))
    if (unknown !== undefined)
      throw new RangeError(`There is no projection ${unknown}; there are ${this.#names.join(', ')}`)
    return this.#projections.filter((projection) => names.includes(projection.name))
  }

  async #missing(): Promise<Projection[]> {
    const rows = await readCheckpoints(this.#database, this.#names)
    return this.#projections.filter(
      ({ name, version }) => !rows.some((row) => row.name === name && row.version === version),
    )
  }

  async #buildMissing(signal: AbortSignal): Promise<void> {
    if ((await this.#missing()).length === 0) return
    await alone(this.#database, signal, async (lock) => {
      const missing = await this.#missing() // another process may have built them while we waited
      if (missing.length === 0) return
      const names = missing.map((projection) => `${projection.name} (version ${projection.version})`)
      this.#log(`Building read models from the log: ${names.join(', ')}`)
      await new Rebuild(this.#database, this.#store, lock, missing, this.#batchSize, { signal }).replace('stop')
    })
  }

  async #run(signal: AbortSignal, caughtUp: () => void): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      try {
        const moved = await this.#step()
        failures = 0
        if (moved) continue
        if (this.#feed === undefined || this.#feed.drained) caughtUp()
        if (!(await this.#idle(signal))) await this.#refresh()
      } catch (error) {
        const delay = backoffMs(failures++)
        this.#log(`The projections pause for ${Math.round(delay)} ms: ${error}`)
        await sleep(delay, signal)
      }
    }
    await this.#feed?.stop()
  }

  /** Resolves true when something happened, false when `pollMs` are over. */
  async #idle(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (happened: boolean) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        this.#wake = () => {}
        resolve(happened)
      }
      const abort = () => finish(true)
      const timer = setTimeout(() => finish(false), this.#pollMs)
      signal.addEventListener('abort', abort)
      this.#wake = () => finish(true)
      if (signal.aborted || this.#hasWork) finish(true)
    })
  }

  /** Events wait, and somebody can take them. */
  get #hasWork(): boolean {
    const feed = this.#feed
    return (
      feed !== undefined &&
      feed.peek(feed.after, 1).length > 0 &&
      this.#projections.some((each) => this.#isActive(each))
    )
  }

  /** Projects one batch for those that are furthest behind. False when there is nothing to do. */
  async #step(): Promise<boolean> {
    const active = this.#projections.filter((projection) => this.#isActive(projection))
    if (active.length === 0) return false
    const positions = [...new Set(active.map((projection) => this.#positionOf(projection)))].sort()
    const [from, next] = positions as [Position, Position | undefined]
    const cohort = active.filter((projection) => this.#positionOf(projection) === from)
    const events = next === undefined ? await this.#fromFeed(from) : await this.#fromLog(from, next)
    const to = events.at(-1)?.position ?? next
    if (to === undefined) return false
    await this.#project(cohort, from, to, events)
    return true
  }

  #isActive({ name, version }: Projection): boolean {
    const checkpoint = this.#checkpoints.get(name)
    return checkpoint?.status === 'running' && checkpoint.version === version
  }

  #positionOf({ name }: Projection): Position {
    return this.#checkpoints.get(name)?.position ?? START
  }

  async #fromFeed(from: Position): Promise<RecordedEvent[]> {
    if (!this.#feed || this.#feed.after > from) {
      await this.#feed?.stop()
      this.#feed = new Feed(this.#store, from, 2 * this.#batchSize, () => this.#wake(), this.#log)
    }
    return this.#feed.peek(from, this.#batchSize)
  }

  /** For those that are behind the others, up to where these are. */
  async #fromLog(from: Position, upTo: Position): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = []
    for await (const event of this.#store.readAll(from, { max: this.#batchSize })) {
      if (event.position > upTo) break
      events.push(event)
    }
    return events
  }

  async #project(
    cohort: readonly Projection[],
    from: Position,
    to: Position,
    events: readonly RecordedEvent[],
  ): Promise<void> {
    let checkpoints: Checkpoint[]
    try {
      checkpoints = await this.#transact(cohort, from, to, async (tx, ours) => {
        await applyBatch(ours, events, tx)
        return new Map()
      })
    } catch (error) {
      if (isTransient(error)) throw error
      // somebody cannot take an event: once more, each behind a savepoint
      checkpoints = await this.#transact(cohort, from, to, async (_tx, ours) => {
        const poisoned = new Map<Projection, Poison>()
        for (const projection of ours) {
          const poison = await applyGoodPart(this.#database, projection, events, from)
          if (poison) poisoned.set(projection, poison)
        }
        return poisoned
      })
    }
    this.#learn(checkpoints)
  }

  /** One transaction for those of the cohort that still stand at `from`. Gives the checkpoints as they are after it. */
  async #transact(
    cohort: readonly Projection[],
    from: Position,
    to: Position,
    apply: (tx: Sql, ours: readonly Projection[]) => Promise<Map<Projection, Poison>>,
  ): Promise<Checkpoint[]> {
    return this.#database.transaction(async (tx) => {
      const locked = await lockCheckpoints(
        tx,
        cohort.map((projection) => projection.name),
      )
      const rowOf = (projection: Projection) => locked.find((row) => row.name === projection.name)
      const ours = cohort.filter((projection) => {
        const row = rowOf(projection)
        return row?.position === from && row.version === projection.version && row.status === 'running'
      })
      if (ours.length === 0) return locked
      const poisoned = await apply(tx, ours)
      const healthy = ours.filter((projection) => !poisoned.has(projection)).map((projection) => projection.name)
      if (healthy.length > 0) await advanceCheckpoints(tx, healthy, from, to)
      const stopped: Checkpoint[] = []
      for (const [projection, { position, error }] of poisoned) {
        const row = rowOf(projection)
        if (row) stopped.push({ ...row, position, status: 'stopped', error })
      }
      for (const checkpoint of stopped) {
        await saveCheckpoint(tx, checkpoint)
        this.#log(`The projection ${checkpoint.name} stops: ${checkpoint.error}`)
      }
      return locked.map(
        (row) =>
          stopped.find((each) => each.name === row.name) ??
          (healthy.includes(row.name) ? { ...row, position: to } : row),
      )
    })
  }

  async #refresh(): Promise<void> {
    this.#learn(await readCheckpoints(this.#database, this.#names))
  }

  #learn(checkpoints: readonly Checkpoint[]): void {
    for (const checkpoint of checkpoints) this.#checkpoints.set(checkpoint.name, checkpoint)
    for (const wake of [...this.#waiting]) wake()
  }

  #reached(position: Position, checkpoints: Iterable<Checkpoint>): boolean {
    const running = [...checkpoints].filter((each) => each.status === 'running')
    if (running.length === 0) return this.#projections.length === 0
    return running.every((each) => each.position >= position)
  }

  /** Resolves when a checkpoint moved in this process, or when the time is over. */
  async #nextMove(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        this.#waiting.delete(finish)
        resolve()
      }
      const timer = setTimeout(finish, ms)
      this.#waiting.add(finish)
    })
  }
}

const tablesOf = (projection: Projection): string[] => projection.tables.map((table) => tableDefinition(table).name)
