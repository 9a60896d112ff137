import type { RecordedEvent } from '../eventstore/port.ts'

/** Who, when and where of an event, from its metadata. */
export interface Stamp {
  readonly actorId: number
  readonly actor: string
  /** ISO 8601 UTC, when the command was given. */
  readonly at: string
}

/** @throws Error when an event was not written by this program: a poison event, which stops the projection that meets it. */
export function stampOf(event: RecordedEvent): Stamp {
  const { actor, at } = event.metadata
  if (typeof at !== 'string' || typeof actor !== 'object' || actor === null || !('userId' in actor)) {
    throw new Error(`Event ${event.id} at ${event.position} has no actor or time in its metadata`)
  }
  return { actorId: Number(actor.userId), actor: String(actor.username), at }
}

/** The number in the name of a stream, e.g. 42 of `product-42`. */
export const subjectId = (stream: string): number => Number(stream.slice(stream.indexOf('-') + 1))

/** Events by the number in the name of their stream, in order. */
export function bySubject(events: readonly RecordedEvent[]): Map<number, RecordedEvent[]> {
  const groups = new Map<number, RecordedEvent[]>()
  for (const event of events) {
    const id = subjectId(event.stream)
    const group = groups.get(id)
    if (group === undefined) groups.set(id, [event])
    else group.push(event)
  }
  return groups
}
