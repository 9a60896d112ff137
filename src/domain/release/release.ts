import { type Static, Type } from '@sinclair/typebox'
import type { Actor } from '../actor.ts'
import type { Decider } from '../decider.ts'
import { DomainError, forbidden, invalidField, notFound } from '../error.ts'
import { defineEvent, type EventOf, eventGuard } from '../event-definition.ts'
import { LONGEST_TEXT, optionalText, requiredText } from '../text.ts'

/** A choice that the Training Set Maker offers for a release: a dust map, or a kind of flux. */
export const ReleaseChoice = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    display_name: Type.String(),
    selected: Type.Optional(Type.Boolean()),
    disabled: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)

const ReleaseFields = Type.Object(
  {
    name: Type.String({ description: 'short and unique, also the folder of its object catalog, e.g. dp1' }),
    displayName: Type.String(),
    description: Type.String(),
    indexingColumn: Type.String({ description: 'the column of the object catalog that holds ids' }),
    hasMagHats: Type.Boolean({ description: 'there is an object catalog with magnitudes' }),
    hasFluxHats: Type.Boolean({ description: 'there is an object catalog with fluxes' }),
    dereddening: Type.Array(ReleaseChoice),
    fluxes: Type.Array(ReleaseChoice),
    isPublic: Type.Boolean(),
    accessGroups: Type.Array(Type.Integer({ minimum: 1 }), { description: 'ids of the groups that may use it' }),
  },
  { additionalProperties: false },
)
export type ReleaseFields = Static<typeof ReleaseFields>

export const ReleaseDefined = defineEvent({
  type: 'ReleaseDefined',
  version: 1,
  description: 'A data release became known to the server.',
  schema: Type.Object(
    { releaseId: Type.Integer({ minimum: 1 }), fields: ReleaseFields },
    { additionalProperties: false },
  ),
})
export const ReleaseChanged = defineEvent({
  type: 'ReleaseChanged',
  version: 1,
  description: 'Facts of a release, or who may use it, were changed; only the new values of what changed.',
  schema: Type.Object(
    { from: Type.Partial(ReleaseFields), to: Type.Partial(ReleaseFields) },
    { additionalProperties: false },
  ),
})
export const ReleaseRetired = defineEvent({
  type: 'ReleaseRetired',
  version: 1,
  description: 'The release can no longer be chosen; products that belong to it stay.',
  schema: Type.Object({}, { additionalProperties: false }),
})
export const ReleaseRestored = defineEvent({
  type: 'ReleaseRestored',
  version: 1,
  description: 'A retired release can be chosen again.',
  schema: Type.Object({}, { additionalProperties: false }),
})

export const RELEASE_EVENTS = [ReleaseDefined, ReleaseChanged, ReleaseRetired, ReleaseRestored] as const
export type ReleaseEvent = EventOf<(typeof RELEASE_EVENTS)[number]>
export const isReleaseEvent = eventGuard(RELEASE_EVENTS)

export type ReleaseState =
  | { readonly status: 'absent' }
  | { readonly status: 'current' | 'retired'; readonly id: number; readonly fields: ReleaseFields }

/** What can be done to a release that is there. */
export type ReleaseChange =
  | { readonly type: 'ChangeRelease'; readonly fields: Partial<ReleaseFields> }
  | { readonly type: 'RetireRelease' }
  | { readonly type: 'RestoreRelease' }

export type ReleaseCommand = { readonly by: Actor } & (
  | { readonly type: 'DefineRelease'; readonly releaseId: number; readonly fields: Partial<ReleaseFields> }
  | ReleaseChange
)

export const releaseStream = (id: number): string => `release-${id}`

const DEFAULTS: Omit<ReleaseFields, 'name' | 'displayName' | 'isPublic'> = {
  description: '',
  indexingColumn: 'objectId',
  hasMagHats: false,
  hasFluxHats: false,
  dereddening: [],
  fluxes: [],
  accessGroups: [],
}

function checked(fields: Partial<ReleaseFields>): Partial<ReleaseFields> {
  if (fields.name !== undefined) {
    const name = requiredText('name', fields.name, 64)
    // The name is a folder below the root of object catalogs, so nothing that walks out of it.
    if (!/^[a-z0-9][\w.-]*$/i.test(name))
      throw invalidField('name', 'Use letters, digits, dots, dashes and underscores.')
    fields = { ...fields, name }
  }
  if (fields.displayName !== undefined) {
    fields = { ...fields, displayName: requiredText('display_name', fields.displayName, 255) }
  }
  if (fields.description !== undefined) {
    fields = { ...fields, description: optionalText('description', fields.description, LONGEST_TEXT) ?? '' }
  }
  if (fields.indexingColumn !== undefined) {
    fields = { ...fields, indexingColumn: requiredText('indexing_column', fields.indexingColumn, 255) }
  }
  return fields
}

export const releaseDecider: Decider<ReleaseState, ReleaseCommand, ReleaseEvent> = {
  initialState: { status: 'absent' },
  isEvent: isReleaseEvent,

  evolve(state, event) {
    if (event.type === 'ReleaseDefined') {
      return { status: 'current', id: event.data.releaseId, fields: event.data.fields }
    }
    if (state.status === 'absent') return state
    if (event.type === 'ReleaseChanged') return { ...state, fields: { ...state.fields, ...event.data.to } }
    return { ...state, status: event.type === 'ReleaseRetired' ? 'retired' : 'current' }
  },

  decide(command, state) {
    if (!command.by.isAdmin) throw forbidden()
    if (command.type === 'DefineRelease') {
      if (state.status !== 'absent') throw new DomainError('conflict', `Release ${command.releaseId} exists already.`)
      const name = requiredText('name', command.fields.name, 64)
      const fields = checked({ ...command.fields, name, displayName: command.fields.displayName ?? name })
      // Whoever names groups means an embargo: only in so many words is it public as well.
      const isPublic = (fields.accessGroups ?? []).length === 0
      return [
        {
          type: 'ReleaseDefined',
          data: { releaseId: command.releaseId, fields: { ...DEFAULTS, isPublic, name, displayName: name, ...fields } },
        },
      ]
    }
    if (state.status === 'absent') throw notFound()
    if (command.type === 'RetireRelease')
      return state.status === 'retired' ? [] : [{ type: 'ReleaseRetired', data: {} }]
    if (command.type === 'RestoreRelease')
      return state.status === 'current' ? [] : [{ type: 'ReleaseRestored', data: {} }]
    const { from, to } = difference(state.fields, checked(command.fields))
    return Object.keys(to).length === 0 ? [] : [{ type: 'ReleaseChanged', data: { from, to } }]
  },
}

function difference(before: ReleaseFields, wanted: Partial<ReleaseFields>) {
  const changed = (Object.keys(wanted) as (keyof ReleaseFields)[]).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(wanted[key]),
  )
  const pick = (fields: Partial<ReleaseFields>): Partial<ReleaseFields> =>
    Object.fromEntries(changed.map((key) => [key, fields[key]]))
  return { from: pick(before), to: pick(wanted) }
}
