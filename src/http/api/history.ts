import { type Static, Type } from '@sinclair/typebox'
import { blameOf } from '../../application/blame.ts'
import { historyOf, namesOfToday, type Subject } from '../../application/history.ts'
import { originalHistory } from '../../application/imported-history.ts'
import { listMoment } from '../../application/time-travel.ts'
import { undoReleaseEvent } from '../../application/undo.ts'
import { type Names, tell } from '../../domain/words.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import { EVENT_KINDS, fitsHistory, historyFilter } from '../../projections/history/kinds.ts'
import { stampOf } from '../../projections/recorded.ts'
import type { FieldBlame, SetValue } from '../../provenance/blame/fields.ts'
import { type Call, endpoint } from './endpoint.ts'
import { cut, PAGING, pageOf } from './paging.ts'
import { idOf } from './products.ts'
import { show as showRelease } from './releases.ts'
import { HistoryEntry, ListOf, Moment, NullableText, nullable, Release } from './schemas.ts'

const SetValueFields = {
  value: Type.Unknown({ description: 'as JSON; a file with its number, name, size and digest' }),
  by: Type.Object({ id: Type.Integer(), username: Type.String() }),
  at: Moment,
  position: Type.String({ description: 'of the event in the log' }),
  event: Type.String({ description: 'type of the event' }),
}

const BlameEntry = Type.Object(
  {
    field: Type.String({ description: 'display_name, status, file:main, column:12:role, …' }),
    label: Type.String({ description: 'as people call it' }),
    group: Type.String({ description: 'metadata, status, files or columns' }),
    ...SetValueFields,
    before: nullable(
      Type.Object(SetValueFields, { description: 'what it was before; null when this is its first value' }),
    ),
  },
  { $id: 'BlameEntry' },
)

const AS_OF = Type.Optional(Type.String({ description: 'as it was: an ISO time, a date or a position' }))

const HistoryQuery = Type.Object({
  by: Type.Optional(Type.String({ description: 'usernames at that time, comma-separated' })),
  kind: Type.Optional(
    Type.String({ description: `comma-separated: ${EVENT_KINDS.join(', ')}, or types of events like FileAttached` }),
  ),
  as_of: AS_OF,
  ...PAGING,
})

/** An event as histories tell it. */
function historyEntry(event: RecordedEvent, names?: Names): Static<typeof HistoryEntry> {
  const { at, actorId, actor } = stampOf(event)
  const { words, changes } = tell(event, names)
  return {
    position: event.position,
    revision: Number(event.revision),
    event_id: event.id,
    type: event.type,
    at,
    by: { id: actorId, username: actor },
    words,
    changes: [...changes],
    data: event.data,
  }
}

const listed = (text: string | undefined): string[] => (text ?? '').split(',')

async function history(call: Call<Static<typeof HistoryQuery>, unknown>, kind: Subject['kind']): Promise<Response> {
  const { context, request, params, query, http } = call
  const filter = historyFilter(listed(query.by), listed(query.kind))
  const moment = await listMoment(context, query.as_of)
  const events = await historyOf(context, request, { kind, id: idOf(params) }, moment)
  const fitting = events.filter((event) => fitsHistory(filter, { type: event.type, actor: stampOf(event).actor }))
  const { count, results } = cut(fitting, pageOf(query))
  // Only releases speak of groups.
  const names = kind === 'release' ? await namesOfToday(context) : undefined
  return http.json({ count, results: results.map((event) => historyEntry(event, names)) })
}

async function blame(call: Call<{ as_of?: string }, unknown>, kind: Subject['kind']): Promise<Response> {
  const { context, request, params, query, http } = call
  const moment = await listMoment(context, query.as_of)
  const fields: readonly (FieldBlame & { readonly before: SetValue | null })[] = await blameOf(
    context,
    request,
    { kind, id: idOf(params) },
    moment,
  )
  return http.json({ count: fields.length, results: fields })
}

const THINGS = [
  { kind: 'product', path: '/products/{id}', tag: 'Products', noun: 'product' },
  { kind: 'release', path: '/releases/{id}', tag: 'Releases', noun: 'release' },
  { kind: 'run', path: '/processes/{id}', tag: 'Processes', noun: 'run' },
] as const

export const historyEndpoints = [
  ...THINGS.flatMap(({ kind, path, tag, noun }) => [
    endpoint({
      method: 'get',
      path: `${path}/history/`,
      tag,
      summary: `Every event of a ${noun}, in words and in data`,
      query: HistoryQuery,
      responses: { 200: { description: 'The events, oldest first', schema: ListOf(HistoryEntry) } },
      handle: (call) => history(call, kind),
    }),
    endpoint({
      method: 'get',
      path: `${path}/blame/`,
      tag,
      summary: `Who set what a ${noun} says, field by field, when, and what it said before`,
      description: 'A field that never had a value is not there: nobody set it.',
      query: Type.Object({ as_of: AS_OF }),
      responses: { 200: { description: 'The fields', schema: ListOf(BlameEntry) } },
      handle: (call) => blame(call, kind),
    }),
  ]),
  endpoint({
    method: 'get',
    path: '/products/{id}/original_history/',
    tag: 'Products',
    summary: 'What happened to an imported product on the server that it comes from',
    description:
      'The events as they were recorded there, with their people and moments, and whether their chain and the signature over it still hold. 404 for a product that was not imported.',
    query: Type.Object(PAGING),
    responses: {
      200: {
        description: 'The events, oldest first',
        schema: Type.Object({
          count: Type.Integer(),
          server: NullableText,
          stream: Type.String(),
          signed_by: Type.String({ description: 'SHA-256 of the public key of that server' }),
          signed_at: Moment,
          verified: Type.Boolean({ description: 'the hash chain, the inclusion proofs and the signature hold' }),
          problem: NullableText,
          results: Type.Array(HistoryEntry),
        }),
      },
    },
    async handle({ context, request, params, query, http }) {
      const { from, events, problem } = await originalHistory(context, request, idOf(params))
      const { count, results } = cut(events, pageOf(query))
      return http.json({
        count,
        server: from.server,
        stream: from.stream,
        signed_by: from.signedBy,
        signed_at: from.signedAt,
        verified: problem === null,
        problem,
        results: results.map((event) => historyEntry(event)),
      })
    },
  }),
  endpoint({
    method: 'post',
    path: '/releases/{id}/undo/',
    tag: 'Releases',
    summary: 'Take back a change of a release, or of who may use it, by a new event',
    description: 'Refused (409), with the reason, when something later changed the same field.',
    access: 'admins',
    body: Type.Object({
      position: Type.String({
        pattern: '^[0-9]{1,20}$',
        description: 'position of the event in the log, in digits, as the history tells it',
      }),
    }),
    responses: { 200: { description: 'The release', schema: Release }, 409: { description: 'It cannot be undone' } },
    async handle(call) {
      await undoReleaseEvent(call.context, call.request, idOf(call.params), call.body.position)
      return showRelease(call)
    },
  }),
]
