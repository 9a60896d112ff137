import type { AppContext } from '../context.ts'
import { DomainError } from '../domain/error.ts'
import { undoOf } from '../provenance/undo/undo.ts'
import type { Request } from './command.ts'
import { changeProduct, requireProduct } from './products.ts'
import { requireRelease } from './releases.ts'
import { productEvents } from './time-travel.ts'

/**
 * Takes back one event of a product, by a new event.
 * @param position of the event in the log
 * @throws DomainError `conflict` with the reason when it cannot be taken back, or what the domain says of the change
 */
export async function undoEvent(context: AppContext, request: Request, id: number, position: string): Promise<void> {
  await requireProduct(context, request, id)
  const events = []
  for await (const event of productEvents(context, id)) events.push(event)
  const undo = undoOf(events, position.padStart(20, '0'))
  if ('refused' in undo) throw new DomainError('conflict', `This cannot be undone. ${undo.refused}`)
  const { command } = undo
  if (command.type === 'EditMetadata' && command.metadata.release) {
    await requireRelease(context, request, command.metadata.release.id)
  }
  const revision = events.at(-1)?.revision
  // Nobody may slip in between the look and the change.
  const guarded = revision === undefined ? request : { expectedRevision: revision, ...request }
  await changeProduct(context, guarded, id, command)
}
