import { type Static, Type } from '@sinclair/typebox'
import { invalidField } from '../../domain/error.ts'
import { PIPELINES } from '../../pipelines/registry.ts'
import type { Order } from '../../projections/order.ts'
import { RUN_ORDERINGS, type RunFilter, type RunOrdering } from '../../projections/runs/queries.ts'
import { statusesOfWord } from '../../projections/runs/words.ts'
import { number } from './check.ts'
import { fieldsOrdered, orderedBy } from './ordering.ts'
import { PAGING, searchedIn, searchTerms } from './paging.ts'

/** How a list of runs is narrowed, ordered and cut (section 1.4 of the reference's API). */
export const ProcessQuery = Type.Object({
  id: Type.Optional(Type.String()),
  status: Type.Optional(Type.String({ description: 'Pending, Running, Stopping, Stopped, Successful, Failed' })),
  status__in: Type.Optional(Type.String({ description: 'several, separated by commas' })),
  pipeline: Type.Optional(Type.String({ description: 'its number, or parts of its name, separated by commas' })),
  pipeline__or: Type.Optional(Type.String({ description: 'parts of names, of which one is enough' })),
  pipeline__name: Type.Optional(Type.String()),
  owned_by: Type.Optional(Type.String({ description: 'user name' })),
  user: Type.Optional(Type.String({ description: 'number of the user, or user name' })),
  release: Type.Optional(Type.String({ description: 'number of the release whose objects were matched' })),
  release__isnull: Type.Optional(Type.String()),
  release_name: Type.Optional(Type.String({ description: 'parts of its name, separated by commas' })),
  release_name__or: Type.Optional(Type.String({ description: 'parts of names, of which one is enough' })),
  upload: Type.Optional(Type.String({ description: 'number of the product that the run makes' })),
  ...searchedIn(
    ['display_name', 'description', 'comment', 'owned_by', 'pipeline_name'],
    'words that must each be found in names, description, comment or owner',
  ),
  ...orderedBy(RUN_ORDERINGS),
  ...PAGING,
})
export type ProcessQuery = Static<typeof ProcessQuery>

const partsOf = (text: string | undefined): string[] | undefined =>
  text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** Pipelines that fit a number, or parts of their names: all of them, or with `__or` one of them. */
function pipelinesOf({ pipeline, pipeline__or, pipeline__name }: ProcessQuery): string[] | undefined {
  if ([pipeline, pipeline__or, pipeline__name].every((each) => each === undefined)) return undefined
  const id = /^\d{1,9}$/.test(pipeline ?? '') ? Number(pipeline) : undefined
  const [all, any] = [id === undefined ? partsOf(pipeline) : undefined, partsOf(pipeline__or)]
  return PIPELINES.filter(({ id: own, name, displayName }) => {
    const has = (part: string) => [name, displayName].some((each) => each.toLowerCase().includes(part.toLowerCase()))
    return (
      (id === undefined || own === id) &&
      (all?.every(has) ?? true) &&
      (any?.some(has) ?? true) &&
      (pipeline__name === undefined || name === pipeline__name)
    )
  }).map(({ name }) => name)
}

/** @throws DomainError `invalid` for a status that there is not */
function statusesOf({ status, status__in }: ProcessQuery): RunFilter['statuses'] {
  const words = [...(partsOf(status) ?? []), ...(partsOf(status__in) ?? [])]
  if (words.length === 0) return undefined
  return words.flatMap((word) => {
    // A status of the reference server that no run here ever has: those that wait are Pending.
    if (word.toLowerCase() === 'queued') return []
    const statuses = statusesOfWord(word)
    if (statuses.length === 0) throw invalidField('status', `"${word.slice(0, 64)}" is not a valid choice.`, true)
    return statuses
  })
}

/** @throws DomainError `invalid` */
export function filterOf(query: ProcessQuery): RunFilter {
  const [statuses, pipelines] = [statusesOf(query), pipelinesOf(query)]
  const ownerId = /^\d{1,9}$/.test(query.user ?? '') ? Number(query.user) : undefined
  const owner = query.owned_by ?? (ownerId === undefined ? query.user : undefined)
  const noRelease = /^true$/i.test(query.release__isnull ?? '')
  const someRelease = /^false$/i.test(query.release__isnull ?? '')
  return {
    ...(query.id === undefined ? {} : { ids: [number('id', query.id)] }),
    ...(statuses === undefined ? {} : { statuses }),
    ...(pipelines === undefined ? {} : { pipelines }),
    ...(owner === undefined ? {} : { owners: [owner] }),
    ...(ownerId === undefined ? {} : { ownerIds: [ownerId] }),
    ...(query.upload === undefined ? {} : { outputProductIds: [number('upload', query.upload)] }),
    ...(query.release === undefined ? {} : { releaseIds: [number('release', query.release)] }),
    ...(noRelease || someRelease ? { hasRelease: someRelease } : {}),
    releaseNames: partsOf(query.release_name) ?? [],
    anyReleaseName: partsOf(query.release_name__or) ?? [],
    search: searchTerms(query.search),
  }
}

export function orderOf(ordering: string | undefined): Order<RunOrdering> {
  const wanted = fieldsOrdered(ordering, RUN_ORDERINGS)
  return wanted.length === 0 ? [{ by: 'id', descending: true }] : wanted
}
