import type { AppContext } from '../context.ts'
import { invalidField, notFound } from '../domain/error.ts'
import { mayUseRelease } from '../domain/product/permissions.ts'
import type { ReleaseReference } from '../domain/product/product.ts'
import { type ReleaseChange, type ReleaseFields, releaseDecider, releaseStream } from '../domain/release/release.ts'
import { findRelease, listReleases } from '../projections/releases/queries.ts'
import { execute, type Request } from './command.ts'
import { nextNumber } from './numbers.ts'

/**
 * The release that a product is to belong to. One that is hidden from the person is answered like one that does not exist.
 * @throws DomainError `invalid` on the field `release`.
 */
export async function requireRelease(
  context: AppContext,
  request: Request,
  id: number | null,
): Promise<ReleaseReference | null> {
  if (id === null) return null
  const release = await findRelease(context.database.drizzle, request.actor, id)
  if (release === null || release.retired || !mayUseRelease(request.actor, release)) {
    throw invalidField('release', `Invalid pk "${id}" - object does not exist.`)
  }
  return { id: release.id, displayName: release.displayName }
}

export async function defineRelease(context: AppContext, request: Request, fields: Partial<ReleaseFields>) {
  // Decided once with a number that is never kept, so that a refused command does not use one up.
  releaseDecider.decide({ type: 'DefineRelease', by: request.actor, releaseId: 1, fields }, releaseDecider.initialState)
  await requireFreeName(context, request, fields.name, null)
  const releaseId = await nextNumber(context.database, 'release')
  const command = { type: 'DefineRelease', by: request.actor, releaseId, fields } as const
  const outcome = await execute(context, request, releaseDecider, releaseStream(releaseId), command)
  return { id: releaseId, position: outcome.position }
}

/** @throws DomainError `not_found` when there is none, or it is hidden from the person */
export async function changeRelease(
  context: AppContext,
  request: Request,
  id: number,
  change: ReleaseChange,
): Promise<void> {
  if ((await findRelease(context.database.drizzle, request.actor, id)) === null) throw notFound()
  if (change.type === 'ChangeRelease') await requireFreeName(context, request, change.fields.name, id)
  await execute(context, request, releaseDecider, releaseStream(id), { ...change, by: request.actor })
}

/** The Python client looks releases up by name and expects one. */
async function requireFreeName(context: AppContext, request: Request, name: string | undefined, own: number | null) {
  if (name === undefined) return
  const namesakes = await listReleases(context.database.drizzle, request.actor, {
    name: name.trim(),
    withRetired: true,
  })
  if (namesakes.some((release) => release.id !== own)) {
    throw invalidField('name', 'release with this name already exists.')
  }
}
