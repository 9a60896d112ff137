import { type Static, Type } from '@sinclair/typebox'
import { changeRelease, defineRelease } from '../../application/releases.ts'
import { notFound } from '../../domain/error.ts'
import { ReleaseChoice, type ReleaseFields } from '../../domain/release/release.ts'
import { LONGEST_TEXT } from '../../domain/text.ts'
import { findRelease, listReleases } from '../../projections/releases/queries.ts'
import type { ReleaseRow } from '../../projections/releases/tables.ts'
import { number } from './check.ts'
import { type Call, endpoint } from './endpoint.ts'
import { ordered, orderedBy } from './ordering.ts'
import { cut, PAGING, pageOf, searchedIn, searchTerms } from './paging.ts'
import { idOf } from './products.ts'
import { IdInput, ListOf, Release } from './schemas.ts'

function releaseJson(release: ReleaseRow): Static<typeof Release> {
  return {
    id: release.id,
    name: release.name,
    display_name: release.displayName,
    description: release.description,
    created_at: release.createdAt,
    indexing_column: release.indexingColumn,
    has_mag_hats: release.hasMagHats,
    has_flux_hats: release.hasFluxHats,
    dereddening: release.dereddening,
    fluxes: release.fluxes,
    is_public: release.isPublic,
    access_groups: [...release.accessGroups],
    retired: release.retired,
  }
}

const NAME = Type.String({ maxLength: 64, description: 'letters, digits, dots, dashes and underscores' })
const ReleaseBody = Type.Object({
  name: Type.Optional(NAME),
  display_name: Type.Optional(Type.String({ maxLength: 255 })),
  description: Type.Optional(Type.String({ maxLength: LONGEST_TEXT })),
  indexing_column: Type.Optional(Type.String({ maxLength: 255 })),
  has_mag_hats: Type.Optional(Type.Boolean()),
  has_flux_hats: Type.Optional(Type.Boolean()),
  dereddening: Type.Optional(Type.Array(ReleaseChoice)),
  fluxes: Type.Optional(Type.Array(ReleaseChoice)),
  is_public: Type.Optional(Type.Boolean()),
  access_groups: Type.Optional(Type.Array(IdInput('number of a group'))),
})
const NewRelease = Type.Object({ ...ReleaseBody.properties, name: NAME })

function fieldsOf(body: Static<typeof ReleaseBody>): Partial<ReleaseFields> {
  const fields: { [Key in keyof ReleaseFields]: ReleaseFields[Key] | undefined } = {
    name: body.name,
    displayName: body.display_name,
    description: body.description,
    indexingColumn: body.indexing_column,
    hasMagHats: body.has_mag_hats,
    hasFluxHats: body.has_flux_hats,
    dereddening: body.dereddening,
    fluxes: body.fluxes,
    isPublic: body.is_public,
    accessGroups: body.access_groups,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

export async function show({ context, request, params, http }: Call<unknown, unknown>, status: 200 | 201 = 200) {
  const release = await findRelease(context.database.drizzle, request.actor, idOf(params))
  if (release === null) throw notFound()
  return http.json(releaseJson(release), status)
}

const ORDERINGS = ['id', 'name', 'display_name', 'created_at'] as const

export const releaseEndpoints = [
  endpoint({
    method: 'get',
    path: '/releases/',
    tag: 'Releases',
    summary: 'The data releases that you may use',
    query: Type.Object({
      id: Type.Optional(Type.String()),
      name: Type.Optional(Type.String({ description: 'exact' })),
      ...searchedIn(['display_name', 'description'], 'words that must each be found in names or description'),
      ...orderedBy(ORDERINGS),
      ...PAGING,
    }),
    responses: { 200: { description: 'Newest first', schema: ListOf(Release) } },
    async handle({ context, request, query, http }) {
      const rows = await listReleases(context.database.drizzle, request.actor, {
        ...(query.id === undefined ? {} : { id: number('id', query.id) }),
        ...(query.name === undefined ? {} : { name: query.name }),
        search: searchTerms(query.search),
      })
      return http.json(cut(ordered(rows.map(releaseJson), query.ordering, ORDERINGS), pageOf(query)))
    },
  }),
  endpoint({
    method: 'get',
    path: '/releases/{id}/',
    tag: 'Releases',
    summary: 'A release',
    responses: { 200: { description: 'The release', schema: Release } },
    handle: (call) => show(call),
  }),
  endpoint({
    method: 'post',
    path: '/releases/',
    tag: 'Releases',
    summary: 'Define a release',
    description: 'With `access_groups` and without `is_public`, it is for these groups alone.',
    access: 'admins',
    body: NewRelease,
    responses: { 201: { description: 'The release', schema: Release } },
    async handle(call) {
      const { id } = await defineRelease(call.context, call.request, fieldsOf(call.body))
      return show({ ...call, params: { id } }, 201)
    },
  }),
  endpoint({
    method: 'patch',
    path: '/releases/{id}/',
    tag: 'Releases',
    summary: 'Change a release, or who may use it',
    access: 'admins',
    body: ReleaseBody,
    responses: { 200: { description: 'The release', schema: Release } },
    async handle(call) {
      await changeRelease(call.context, call.request, idOf(call.params), {
        type: 'ChangeRelease',
        fields: fieldsOf(call.body),
      })
      return show(call)
    },
  }),
  endpoint({
    method: 'delete',
    path: '/releases/{id}/',
    tag: 'Releases',
    summary: 'Retire a release: it can no longer be chosen until it is brought back, its products stay',
    access: 'admins',
    responses: { 204: { description: 'Retired' } },
    async handle({ context, request, params, http }) {
      await changeRelease(context, request, idOf(params), { type: 'RetireRelease' })
      return http.body(null, 204)
    },
  }),
  endpoint({
    method: 'post',
    path: '/releases/{id}/restore/',
    tag: 'Releases',
    summary: 'Bring a retired release back: it can be chosen again',
    access: 'admins',
    responses: { 200: { description: 'The release', schema: Release } },
    async handle(call) {
      await changeRelease(call.context, call.request, idOf(call.params), { type: 'RestoreRelease' })
      return show(call)
    },
  }),
]
