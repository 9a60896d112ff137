import { listGroups } from '../accounts/groups.ts'
import type { AppContext } from '../context.ts'
import { DomainError, invalidField, notFound } from '../domain/error.ts'
import { mayUseRelease } from '../domain/product/permissions.ts'
import type { ReleaseReference } from '../domain/product/product.ts'
import { type ReleaseChange, type ReleaseFields, releaseDecider, releaseStream } from '../domain/release/release.ts'
import { findRelease, listReleases } from '../projections/releases/queries.ts'
import { execute, READ_YOUR_WRITES_MS, type Request } from './command.ts'
import { nextNumber } from './numbers.ts'
import { accountsOf } from './people.ts'

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
  return naming(context, async () => {
    await requireFreeName(context, request, fields.name, null)
    await requireGroups(context, fields.accessGroups, [])
    const releaseId = await nextNumber(context.database, 'release')
    const command = { type: 'DefineRelease', by: request.actor, releaseId, fields } as const
    const outcome = await execute(context, request, releaseDecider, releaseStream(releaseId), command)
    return { id: releaseId, position: outcome.position }
  })
}

/** @throws DomainError `not_found` when there is none, or it is hidden from the person */
export async function changeRelease(
  context: AppContext,
  request: Request,
  id: number,
  change: ReleaseChange,
): Promise<void> {
  const release = await findRelease(context.database.drizzle, request.actor, id)
  if (release === null) throw notFound()
  const carryOut = async () => {
    if (change.type === 'ChangeRelease') {
      await requireFreeName(context, request, change.fields.name, id)
      await requireGroups(context, change.fields.accessGroups, release.accessGroups)
    }
    await execute(context, request, releaseDecider, releaseStream(id), { ...change, by: request.actor })
  }
  const namesIt = change.type === 'ChangeRelease' && change.fields.name !== undefined
  await (namesIt ? naming(context, carryOut) : carryOut())
}

/**
 * Carries out `work`, which finds a name free and then gives it to a release, while nobody else names one, on any server.
 * @throws DomainError `conflict` while the list of releases lacks what was recorded: a name in it is taken, another may be
 */
async function naming<T>({ database, store, projections }: AppContext, work: () => Promise<T>): Promise<T> {
  const lock = await database.lock('names of releases', 'exclusive')
  try {
    if (!(await projections.waitFor(await store.head(), READ_YOUR_WRITES_MS))) {
      throw new DomainError('conflict', 'The list of releases is not up to date. Try again in a moment.')
    }
    return await work()
  } finally {
    await lock.release()
  }
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

/**
 * Nobody could use a release of a group that does not exist, and nobody would know why.
 * @param had those that the release is open to already: a group may have gone since
 * @throws DomainError `invalid`, naming the groups that there are not
 */
async function requireGroups(context: AppContext, wanted: readonly number[] | undefined, had: readonly number[]) {
  const added = (wanted ?? []).filter((id) => !had.includes(id))
  if (added.length === 0) return
  const known = new Set((await listGroups(accountsOf(context))).map(({ id }) => id))
  const unknown = added.filter((id) => !known.has(id))
  if (unknown.length === 0) return
  const message =
    unknown.length === 1
      ? `There is no group ${unknown[0]}: leave it out, or make it first.`
      : `There are no groups ${unknown.join(', ')}: leave them out, or make them first.`
  throw invalidField('access_groups', message, true)
}
