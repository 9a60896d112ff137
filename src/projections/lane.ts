import type { Database, Sql } from '../database/database.ts'
import { type TableDefinition, tableDefinition } from '../database/ddl.ts'
import { isTransient } from '../database/errors.ts'
import type { Position, RecordedEvent } from '../eventstore/port.ts'
import { applyBatch, applyGoodPart, type Poison } from './batch.ts'
import type { Projection } from './projection.ts'

/**
 * Projections that a rebuild moves on together. Lanes go side by side, each in transactions of its own: the database works
 * for one of them while we work for another.
 */
export class Lane {
  /** Projections that stand before an event they cannot apply. */
  poison: ReadonlyMap<Projection, Poison> = new Map()
  readonly #projections: readonly Projection[]
  readonly #database: Database
  /** The batch at hand goes behind savepoints. */
  #careful = false
  #last: Promise<void> = Promise.resolve()

  constructor(database: Database, projections: readonly Projection[]) {
    this.#database = database
    this.#projections = projections
  }

  get tables(): TableDefinition[] {
    return this.#projections.flatMap((projection) => projection.tables.map(tableDefinition))
  }

  /** Deals projections out to so many lanes. */
  static lanes(database: Database, projections: readonly Projection[], most: number): Lane[] {
    const dealt = Array.from({ length: Math.min(most, projections.length) }, (): Projection[] => [])
    projections.forEach((projection, index) => {
      dealt[index % dealt.length]!.push(projection)
    })
    return dealt.map((hand) => new Lane(database, hand))
  }

  /** Does some work after all that was queued before; fails when any of that failed. */
  queue(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work)
    this.#last.catch(() => undefined) // whoever waits for it is told
    return this.#last
  }

  /** Resolves when nothing is underway any more, be it well or not. */
  async rest(): Promise<void> {
    await this.#last.catch(() => undefined)
  }

  /**
   * Applies a batch within the running transaction.
   *
   * @param from position before the batch
   * @returns what stops here, to be added to `poison` once the transaction is committed
   * @throws SecondAttempt when an event was bad: the same again then finds out which
   */
  async apply(
    batch: readonly RecordedEvent[],
    from: Position,
    tx: Sql,
    onPoison: 'fail' | 'stop',
  ): Promise<ReadonlyMap<Projection, Poison>> {
    const healthy = this.#projections.filter((projection) => !this.poison.has(projection))
    if (!this.#careful) {
      try {
        await applyBatch(healthy, batch, tx)
        return this.poison
      } catch (error) {
        if (isTransient(error)) throw error
        this.#careful = true
        throw new SecondAttempt('Somebody cannot take an event: once more, each behind a savepoint')
      }
    }
    const poison = new Map(this.poison)
    for (const projection of healthy) {
      const found = await applyGoodPart(this.#database, projection, batch, from)
      if (found && onPoison === 'fail') throw new Error(found.error)
      if (found) poison.set(projection, found)
    }
    this.#careful = false
    return poison
  }
}

/** The same may work the next time. */
export class SecondAttempt extends Error {
  override readonly name: string = 'SecondAttempt'
}
