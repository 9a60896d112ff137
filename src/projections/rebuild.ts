import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Sql } from '../database/database.ts'
import { type TableDefinition, tableDefinition } from '../database/ddl.ts'
import type { HeldLock } from '../database/driver.ts'
import { isTransient } from '../database/errors.ts'
import { quoteIdentifier } from '../database/names.ts'
import { type EventStore, type Position, type RecordedEvent, START } from '../eventstore/port.ts'
import { inBatches } from './batch.ts'
import { lockCheckpoints, saveCheckpoint } from './checkpoints.ts'
import { compareTables, type TableDifference } from './compare.ts'
import { Lane, SecondAttempt } from './lane.ts'
import type { Projection } from './projection.ts'
import { raiseSequences } from './sequences.ts'

export interface RebuildProgress {
  readonly phase: 'reading' | 'indexing' | 'switching' | 'done'
  /** Events applied so far. */
  readonly events: number
  readonly position: Position
}

export interface RebuildOptions {
  readonly onProgress?: ((progress: RebuildProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** A rebuild met an event that a projection cannot apply; the live tables are as they were. */
export class RebuildFailed extends Error {
  readonly code = 'rebuild_failed'
  override readonly name = 'RebuildFailed'
}

type Purpose = 'to stay' | 'to compare'

const LOCK = 'photoz projections rebuild'
const NEXT = 'read_next'
/** Readers hold a lock for as long as their statement runs. We give up before PostgreSQL sees a deadlock, and come again. */
const SWITCH_LOCK_TIMEOUT_MS = 300
const SWITCH_ATTEMPTS = 200
/** Now and then we wait until PostgreSQL looks what holds us up (deadlock_timeout, a second): it stops autovacuum for us. */
const LONG_LOCK_TIMEOUT_MS = 1_200
const LONG_ATTEMPT = 4
const NO_AUTOVACUUM = ['autovacuum_enabled', 'toast.autovacuum_enabled']
/** Connections that fill tables at the same time. */
const LANES = 5
/** Batches that wait for the slowest lane beside the one it is at: more only fill the memory. */
const BATCHES_AHEAD = 1

/** Waits until no other process rebuilds, and runs `work` as the only one. */
export async function alone<T>(
  database: Database,
  signal: AbortSignal | undefined,
  work: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  for (;;) {
    signal?.throwIfAborted()
    const lock = await database.tryLock(LOCK)
    if (!lock) {
      await sleep(200, undefined, { signal })
      continue
    }
    try {
      return await work(lock)
    } finally {
      await lock.release()
    }
  }
}

/** Removes what a rebuild left behind whose process died. Leaves one alone that is running. */
export async function clearLeftovers(database: Database): Promise<void> {
  const [row] = await database.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [NEXT])
  if (!row) return
  const lock = await database.tryLock(LOCK)
  if (!lock) return
  try {
    await database.query(`DROP SCHEMA IF EXISTS ${NEXT} CASCADE`)
  } finally {
    await lock.release()
  }
}

/**
 * Fills new tables from the whole log beside the live ones, in the schema `read_next`, then puts them in the place of the
 * live ones in one transaction. Only the holder of the lock may do it.
 */
export class Rebuild {
  readonly #database: Database
  readonly #store: EventStore
  readonly #lock: HeldLock
  readonly #batchSize: number
  readonly #options: RebuildOptions
  readonly #id = randomUUID()
  readonly #projections: readonly Projection[]
  readonly #lanes: readonly Lane[]
  /** How far all lanes are. */
  #standing: { readonly position: Position; readonly events: number } = { position: START, events: 0 }

  constructor(
    database: Database,
    store: EventStore,
    lock: HeldLock,
    projections: readonly Projection[],
    batchSize: number,
    options: RebuildOptions,
  ) {
    this.#database = database
    this.#store = store
    this.#lock = lock
    this.#projections = projections
    this.#lanes = Lane.lanes(database, projections, database.kind === 'pglite' ? 1 : LANES)
    this.#batchSize = batchSize
    this.#options = options
  }

  /**
   * @param onPoison `fail`: leave the live tables as they are. `stop`: switch all the same and let the projection stand
   * before the event it cannot apply, for when the live tables are of another version and no use.
   */
  async replace(onPoison: 'fail' | 'stop'): Promise<void> {
    await this.#build(onPoison, 'to stay')
    await this.#asBuilt(async (tx) => {
      const live = await lockCheckpoints(tx, this.#names)
      const furthest =
        live
          .map((each) => each.position)
          .sort()
          .at(-1) ?? START
      await this.#useNext(tx)
      await this.#applyUpTo(tx, furthest, onPoison)
      await this.#useLive(tx)
      await this.#switch(
        tx,
        live.flatMap((checkpoint) => checkpoint.tables),
      )
    })
    this.#report('done')
  }

  /** Compares the live tables with what the log gives at the same position, and leaves them as they are. */
  async compare(): Promise<TableDifference[]> {
    await this.#build('fail', 'to compare')
    return this.#asBuilt(async (tx) => {
      const live = await lockCheckpoints(tx, this.#names)
      const [first] = live
      if (!first || live.length !== this.#projections.length) throw new Error('A projection has no live tables')
      const stopped = live.find((checkpoint) => checkpoint.status === 'stopped')
      if (stopped) throw new RebuildFailed(`The projection ${stopped.name} is stopped: ${stopped.error}`)
      if (live.some((checkpoint) => checkpoint.position !== first.position) || first.position < this.#standing.position)
        throw new SecondAttempt('The live tables are still behind')
      await this.#useNext(tx)
      await this.#applyUpTo(tx, first.position, 'fail')
      await this.#useLive(tx)
      const differences = await compareTables(tx, 'read', NEXT, this.#tableNames)
      await tx.query(`DROP SCHEMA ${NEXT} CASCADE`)
      return differences
    })
  }

  get #names(): string[] {
    return this.#projections.map((projection) => projection.name)
  }

  get #definitions(): TableDefinition[] {
    return this.#lanes.flatMap((lane) => lane.tables)
  }

  get #tableNames(): string[] {
    return this.#definitions.map((table) => table.name)
  }

  async #build(onPoison: 'fail' | 'stop', purpose: Purpose): Promise<void> {
    await this.#createTables(purpose)
    try {
      await this.#readLog(onPoison)
      // Rows are compared without their indexes.
      if (purpose === 'to stay') await this.#createIndexes()
      await this.#readLog(onPoison) // what came while the indexes were made
    } catch (error) {
      await Promise.all(this.#lanes.map((lane) => lane.rest()))
      await this.#dropNext()
      throw error
    }
  }

  async #createTables(purpose: Purpose): Promise<void> {
    await this.#database.transaction(async (tx) => {
      await tx.query(`DROP SCHEMA IF EXISTS ${NEXT} CASCADE`)
      await tx.query(`CREATE SCHEMA ${NEXT}`)
      // A crash of the database empties this table, and may lose what was committed last: so the rebuild learns of it.
      await tx.query(`CREATE UNLOGGED TABLE ${NEXT}.build (id text NOT NULL)`)
      await tx.query(`INSERT INTO ${NEXT}.build VALUES ($1)`, [this.#id])
      await this.#useNext(tx)
      const needed = this.#neededIndexes
      for (const table of this.#definitions) {
        for (const statement of table.create) await tx.query(statement)
        const name = quoteIdentifier(table.name)
        // What is thrown away after a comparison need not go through the write-ahead log.
        if (purpose === 'to compare') await tx.query(`ALTER TABLE ${name} SET UNLOGGED`)
        // It would hold the tables, once they are large, just when they are to be switched.
        await tx.query(`ALTER TABLE ${name} SET (${NO_AUTOVACUUM.map((setting) => `${setting} = off`).join(', ')})`)
        for (const index of table.indexes) if (needed.has(index.name)) await tx.query(index.create)
      }
    })
  }

  get #neededIndexes(): Set<string> {
    return new Set(this.#projections.flatMap((projection) => projection.indexesToApply ?? []))
  }

  async #createIndexes(): Promise<void> {
    this.#report('indexing')
    const needed = this.#neededIndexes
    const work = (tables: readonly TableDefinition[]) =>
      this.#database.transaction(async (tx) => {
        await this.#useNext(tx)
        for (const table of tables) {
          for (const index of table.indexes) if (!needed.has(index.name)) await tx.query(index.create)
          await tx.query(`ANALYZE ${quoteIdentifier(table.name)}`)
        }
      })
    await Promise.all(this.#lanes.map((lane) => work(lane.tables)))
  }

  /** Reads on while the lanes apply what was read before, at most a batch ahead of the slowest. */
  async #readLog(onPoison: 'fail' | 'stop'): Promise<void> {
    const underway: Promise<void>[] = []
    let from = this.#standing.position
    for await (const batch of inBatches(this.#store.readAll(from), this.#batchSize)) {
      this.#options.signal?.throwIfAborted()
      const before = from
      from = batch.at(-1)?.position ?? from
      underway.push(
        this.#inAllLanes(batch, before, onPoison).then(() => {
          this.#passed(batch)
          this.#report('reading')
        }),
      )
      underway.at(-1)?.catch(() => undefined) // reported when it is awaited
      if (underway.length > BATCHES_AHEAD) await underway.shift()
    }
    await Promise.all(underway)
  }

  async #inAllLanes(batch: readonly RecordedEvent[], from: Position, onPoison: 'fail' | 'stop'): Promise<void> {
    const outcomes = await Promise.allSettled(
      this.#lanes.map((lane) =>
        lane.queue(async () => {
          lane.poison = await this.#patiently(async (tx) => {
            await this.#useNext(tx)
            return this.#apply(lane, batch, from, tx, onPoison)
          })
        }),
      ),
    )
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  #passed(batch: readonly RecordedEvent[]): void {
    this.#standing = {
      position: batch.at(-1)?.position ?? this.#standing.position,
      events: this.#standing.events + batch.length,
    }
  }

  /** Within the transaction of the switch: on from where we are, to `target` at least. */
  async #applyUpTo(tx: Sql, target: Position, onPoison: 'fail' | 'stop'): Promise<void> {
    while (this.#standing.position < target) {
      const from = this.#standing.position
      const batch: RecordedEvent[] = []
      for await (const event of this.#store.readAll(from, { max: this.#batchSize })) {
        if (event.position > target) break
        batch.push(event)
      }
      if (batch.length === 0) throw new SecondAttempt(`The log has nothing up to ${target}, where the live tables are`)
      for (const lane of this.#lanes) lane.poison = await this.#apply(lane, batch, from, tx, onPoison)
      this.#passed(batch)
    }
  }

  async #apply(lane: Lane, batch: readonly RecordedEvent[], from: Position, tx: Sql, onPoison: 'fail' | 'stop') {
    try {
      return await lane.apply(batch, from, tx, onPoison)
    } catch (error) {
      if (isTransient(error) || error instanceof SecondAttempt) throw error
      const reason = error instanceof Error ? error.message : String(error)
      const [first, last] = [batch[0]?.position, batch.at(-1)?.position]
      throw new RebuildFailed(`An event between ${first} and ${last} cannot be applied: ${reason}`, { cause: error })
    }
  }

  async #switch(tx: Sql, oldTables: readonly string[]): Promise<void> {
    this.#report('switching')
    const tables = this.#tableNames
    for (const table of new Set([...oldTables, ...tables]))
      await tx.query(`DROP TABLE IF EXISTS read.${quoteIdentifier(table)}`)
    for (const table of tables) {
      await tx.query(`ALTER TABLE ${NEXT}.${quoteIdentifier(table)} RESET (${NO_AUTOVACUUM.join(', ')})`)
      await tx.query(`ALTER TABLE ${NEXT}.${quoteIdentifier(table)} SET SCHEMA read`)
    }
    await tx.query(`DROP SCHEMA ${NEXT} CASCADE`)
    await raiseSequences(tx, this.#projections)
    const poisons = new Map(this.#lanes.flatMap((lane) => [...lane.poison]))
    for (const projection of this.#projections) {
      const poison = poisons.get(projection)
      await saveCheckpoint(tx, {
        name: projection.name,
        version: projection.version,
        position: poison?.position ?? this.#standing.position,
        status: poison ? 'stopped' : 'running',
        error: poison?.error ?? null,
        tables: projection.tables.map((table) => tableDefinition(table).name),
      })
    }
  }

  /** One transaction on the tables as they were built, however often it takes. */
  async #asBuilt<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    const built = this.#standing
    const poison = this.#lanes.map((lane) => lane.poison)
    try {
      return await this.#patiently(async (tx) => {
        this.#standing = built
        this.#lanes.forEach((lane, index) => {
          lane.poison = poison[index] ?? lane.poison
        })
        return work(tx)
      })
    } catch (error) {
      await this.#dropNext()
      throw error
    }
  }

  /** One transaction, again while the database says "not now". Nobody waits for a lock of ours for long. */
  async #patiently<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      this.#options.signal?.throwIfAborted()
      if (this.#lock.lost.aborted) throw new RebuildFailed('The rebuild lost its lock; begin again')
      try {
        return await this.#database.transaction(async (tx) => {
          const patience = attempt % LONG_ATTEMPT === 0 ? LONG_LOCK_TIMEOUT_MS : SWITCH_LOCK_TIMEOUT_MS
          await tx.query(`SELECT set_config('lock_timeout', '${patience}', true)`)
          const [build] = await tx.query(`SELECT 1 FROM ${NEXT}.build WHERE id = $1`, [this.#id])
          if (!build)
            throw new RebuildFailed('Another rebuild has begun in our place, or the database crashed; begin again')
          return work(tx)
        })
      } catch (error) {
        const again = error instanceof SecondAttempt || isTransient(error)
        if (!again || attempt >= SWITCH_ATTEMPTS) throw error
        await sleep(20 + Math.random() * 80, undefined, { signal: this.#options.signal })
      }
    }
  }

  async #dropNext(): Promise<void> {
    await this.#database.query(`DROP SCHEMA IF EXISTS ${NEXT} CASCADE`).catch(() => undefined) // the next start clears it
  }

  async #useNext(tx: Sql): Promise<void> {
    // What is lost in a crash of the database is built again. Tables that grow from nothing have no statistics: without the
    // advice, rows are looked for by reading them all.
    await tx.query(
      `SELECT set_config('search_path', '${NEXT}, public', true), set_config('synchronous_commit', 'off', true),
         set_config('enable_seqscan', 'off', true)`,
    )
  }

  async #useLive(tx: Sql): Promise<void> {
    await tx.query(`SELECT set_config('search_path', 'read, public', true), set_config('enable_seqscan', 'on', true)`)
  }

  #report(phase: RebuildProgress['phase']): void {
    this.#options.onProgress?.({ phase, ...this.#standing })
  }
}
