import type { AppContext } from '../context.ts'
import type { Actor } from '../domain/actor.ts'
import type { Json, JsonObject, RecordedEvent } from '../eventstore/port.ts'
import { evolveFileRows } from '../projections/files/projection.ts'
import type { FileRow } from '../projections/files/tables.ts'
import { evolveProductRow } from '../projections/products/projection.ts'
import type { ProductRow } from '../projections/products/tables.ts'
import { listReleases } from '../projections/releases/queries.ts'

/**
 * What the history of a product does not show to those who see the product but may not change it: the names of releases that
 * they may not use, and files that were gone before anybody else could see them.
 */

/** Stands for the name of a release. */
const HIDDEN_RELEASE = 'a release that you may not see'

/** Of an event, wherever it is kept. */
interface Told {
  readonly type: string
  readonly data: JsonObject
}

/** The same events without the names of releases that the person may not use. */
export async function withoutSecretReleases<E extends Told>(
  context: AppContext,
  actor: Actor,
  events: readonly E[],
): Promise<E[]> {
  const secret = await secretReleases(context, actor, events)
  if (secret.size === 0) return [...events]
  return events.map((event) => ({ ...event, data: withReleases(event, (release) => hidden(release, secret)) }))
}

/** The numbers of the releases that events tell of and that the person may not use. */
export async function secretReleases(
  context: AppContext,
  actor: Actor,
  events: readonly Told[],
): Promise<ReadonlySet<number>> {
  const told = new Set<number>()
  for (const event of events) {
    withReleases(event, (release) => {
      if (isRelease(release)) told.add(release.id)
      return release
    })
  }
  if (told.size === 0) return told
  for (const { id } of await listReleases(context.database.drizzle, actor, { withRetired: true })) told.delete(id)
  return told
}

/** Digests of the files that everybody who sees the product could have fetched at some time, with what was found in them. */
export function filesOncePublished(events: readonly RecordedEvent[]): ReadonlySet<string> {
  const published = new Set<string>()
  let product: ProductRow | null = null
  let files: FileRow[] = []
  for (const event of events) {
    product = evolveProductRow(product, event)
    files = evolveFileRows(files, event)
    if (product?.status !== 'published') continue
    for (const { sha256, originalSha256, inspection, removedAt } of files) {
      if (removedAt !== null) continue
      for (const digest of [sha256, originalSha256, inspection]) if (digest !== null) published.add(digest)
    }
  }
  return published
}

function isRelease(value: Json): value is { readonly id: number; readonly displayName: string } {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'number'
}

const hidden = (release: Json, secret: ReadonlySet<number>): Json =>
  isRelease(release) && secret.has(release.id) ? { ...release, displayName: HIDDEN_RELEASE } : release

type Change = (release: Json) => Json

/** The data of an event of a product with its releases changed. */
function withReleases({ type, data }: Told, change: Change): JsonObject {
  if (type === 'ProductRegistered') return { ...data, release: change(data.release ?? null) }
  const { changes } = data
  if (type !== 'MetadataEdited' || !isObject(changes) || !isObject(changes.release)) return data
  const { from, to } = changes.release
  return { ...data, changes: { ...changes, release: { from: change(from ?? null), to: change(to ?? null) } } }
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
