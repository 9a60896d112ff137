import type { SchemaRegistry } from '../eventstore/schema-registry.ts'
import type { Projection } from './projection.ts'

/**
 * The projection, to be given events as they were recorded: it takes them in their current version. An event that cannot be
 * brought up to date fails with the batch, as one that the projection itself refuses, so that it stops those alone that read
 * it. Who takes events of all types interprets none, and gets them as they are.
 */
export function inCurrentVersion(projection: Projection, registry: SchemaRegistry): Projection {
  if (projection.eventTypes === 'all') return projection
  return {
    ...projection,
    apply: async (events, tx) =>
      projection.apply(
        events.map((event) => registry.upcast(event)),
        tx,
      ),
  }
}
