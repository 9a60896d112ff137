import type { Database, Sql } from '../database/database.ts'
import { isTransient, sqlState } from '../database/errors.ts'
import type { Position, RecordedEvent } from '../eventstore/port.ts'
import type { Projection } from './projection.ts'

/** An event that a projection cannot apply. */
export interface Poison {
  readonly event: RecordedEvent
  /** Where the projection stands: just before that event. */
  readonly position: Position
  readonly error: string
}

function relevant(projection: Projection, events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  if (projection.eventTypes === 'all') return events
  const types = new Set(projection.eventTypes)
  return events.filter((event) => types.has(event.type))
}

/**
 * Applies the batch to all projections within the running transaction, each at work while another waits for the database.
 * Throws what the first of them throws, once all have come to rest.
 */
export async function applyBatch(
  projections: readonly Projection[],
  events: readonly RecordedEvent[],
  tx: Sql,
): Promise<void> {
  const outcomes = await Promise.allSettled(
    projections.map(async (projection) => {
      const own = relevant(projection, events)
      if (own.length > 0) await projection.apply(own, tx)
    }),
  )
  // after a failed statement all others fail with 25P02: the cause is the one that is not
  const errors = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []))
  if (errors.length > 0) throw errors.find((error) => sqlState(error) !== '25P02') ?? errors[0]
}

/**
 * Applies as much of the batch as the projection can take, within the running transaction: behind a savepoint, halving the
 * batch when it throws. Gives the event that it cannot take, and undefined when it took all.
 * @throws what is the database's fault and not the event's, such as a lost connection.
 */
export async function applyGoodPart(
  database: Database,
  projection: Projection,
  events: readonly RecordedEvent[],
  from: Position,
): Promise<Poison | undefined> {
  const own = relevant(projection, events)
  const culprit = await firstBad(database, projection, own)
  if (!culprit) return undefined
  const before = events.findLast((event) => event.position < culprit.event.position)
  return { ...culprit, position: before?.position ?? from }
}

async function firstBad(
  database: Database,
  projection: Projection,
  events: readonly RecordedEvent[],
): Promise<{ event: RecordedEvent; error: string } | undefined> {
  const [event] = events
  if (!event) return undefined
  try {
    await database.transaction((tx) => projection.apply(events, tx))
    return undefined
  } catch (error) {
    if (isTransient(error)) throw error
    if (events.length === 1) return { event, error: describePoison(event, error) }
  }
  const half = Math.ceil(events.length / 2)
  return (
    (await firstBad(database, projection, events.slice(0, half))) ??
    (await firstBad(database, projection, events.slice(half)))
  )
}

function describePoison(event: RecordedEvent, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  return `${event.type} at ${event.position} (${event.stream}, revision ${event.revision}): ${reason}`.replaceAll(
    '\0',
    '',
  )
}

/** Groups a stream of events into arrays, and reads the next while the last is worked on. */
export async function* inBatches(events: AsyncIterable<RecordedEvent>, size: number): AsyncGenerator<RecordedEvent[]> {
  const iterator = events[Symbol.asyncIterator]()
  const fill = async (): Promise<RecordedEvent[]> => {
    const batch: RecordedEvent[] = []
    while (batch.length < size) {
      const next = await iterator.next()
      if (next.done) break
      batch.push(next.value)
    }
    return batch
  }
  let pending = fill()
  try {
    for (;;) {
      const batch = await pending
      if (batch.length === 0) return
      pending = batch.length === size ? fill() : Promise.resolve([])
      pending.catch(() => undefined) // reported when it is awaited
      yield batch
    }
  } finally {
    await pending.catch(() => undefined)
    await iterator.return?.()
  }
}
