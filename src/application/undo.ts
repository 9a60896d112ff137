import type { TemporaryBlob } from '../blobs/blob-store.ts'
import type { AppContext } from '../context.ts'
import { DomainError, notFound } from '../domain/error.ts'
import { productDecider } from '../domain/product/decider.ts'
import { productStream } from '../domain/product/product.ts'
import { releaseStream } from '../domain/release/release.ts'
import type { RecordedEvent } from '../eventstore/port.ts'
import { findRelease } from '../projections/releases/queries.ts'
import { undoOfRelease } from '../provenance/undo/release-undo.ts'
import { type BringBack, undoOf } from '../provenance/undo/undo.ts'
import { execute, type Request, tryOut } from './command.ts'
import { withExamined } from './files.ts'
import { changeProduct, requireProduct } from './products.ts'
import { changeRelease, requireRelease } from './releases.ts'
import { productEvents } from './time-travel.ts'

/**
 * Takes back one event of a product, by a new event.
 * @param position of the event in the log
 * @throws DomainError `conflict` with the reason when it cannot be taken back, or what the domain says of the change
 */
export async function undoEvent(context: AppContext, request: Request, id: number, position: string): Promise<void> {
  await requireProduct(context, request, id)
  const events: RecordedEvent[] = []
  for await (const event of productEvents(context, id)) events.push(event)
  const undo = undoOf(events, position.padStart(20, '0'))
  if ('refused' in undo) throw refused(undo.refused)
  const guarded = guardedBy(request, events)
  if ('bringBack' in undo) return bringBack(context, guarded, id, undo.bringBack)
  const { command } = undo
  if (command.type === 'EditMetadata' && command.metadata.release) {
    await requireRelease(context, request, command.metadata.release.id)
  }
  await changeProduct(context, guarded, id, command)
}

/** Takes back a change of a release, by a new event. @throws DomainError as above */
export async function undoReleaseEvent(
  context: AppContext,
  request: Request,
  id: number,
  position: string,
): Promise<void> {
  if ((await findRelease(context.database.drizzle, request.actor, id)) === null) throw notFound()
  const events: RecordedEvent[] = []
  for await (const event of context.store.readStream(releaseStream(id))) events.push(context.registry.upcast(event))
  const undo = undoOfRelease(events, position.padStart(20, '0'))
  if ('refused' in undo) throw refused(undo.refused)
  await changeRelease(context, guardedBy(request, events), id, undo.command)
}

const refused = (why: string) => new DomainError('conflict', `This cannot be undone. ${why}`)

/** Nobody may slip in between the look and the change. */
function guardedBy(request: Request, events: readonly RecordedEvent[]): Request {
  const revision = events.at(-1)?.revision
  return revision === undefined ? request : { expectedRevision: revision, ...request }
}

/** Attaches a file once more from the bytes that are kept, and gives its columns the roles that they had. */
async function bringBack(context: AppContext, request: Request, id: number, { file, replace, roles }: BringBack) {
  const { role, name, mediaType, sha256, size, original } = file
  const kept: TemporaryBlob = {
    sha256,
    size,
    path: await context.blobs.path(sha256),
    keep: async () => ({ sha256, size }),
    discard: async () => undefined,
  }
  const stream = productStream(id)
  const incoming = { file: { name, mediaType, blob: kept }, role, replace }
  await withExamined(context, request, incoming, async ({ command, store }) => {
    const again = { original, formerRoles: roles }
    // Whoever may not do it uses up no numbers.
    await tryOut(context, productDecider, stream, { ...command, ...again })
    await execute(context, request, productDecider, stream, { ...(await store()), ...again })
  })
}
