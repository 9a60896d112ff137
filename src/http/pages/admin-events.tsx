import { type Context, Hono } from 'hono'
import { EventsPage } from '../../../views/pages/admin/events.tsx'
import type { AppContext } from '../../context.ts'
import { notFound } from '../../domain/error.ts'
import {
  countEventsBy,
  type EventFilter,
  type EventPage,
  findEvent,
  type ListedEvent,
  listEvents,
} from '../../projections/history/queries.ts'
import type { HistoryRow } from '../../projections/history/tables.ts'
import { wholeEvents } from '../../projections/history/whole-events.ts'
import { EXPORT_PAGE, type ExportFormat, exportFormat, exportRows } from '../export-stream.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { queryOf } from '../middleware/query.ts'
import { shortPosition } from './admin-read-models.tsx'
import { periodOf } from './period.ts'
import { frameOf, requestOf } from './visit.ts'

const EVENTS = 50

/** `/admin/events`: the log, newest first, by stream, type, person and day; and one event as it was recorded. */
export function eventPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  const { drizzle } = context.database

  router.get('/admin/events', async (c) => {
    requestOf(c, { adminsOnly: true })
    const query = queryOf(c)
    const { searchParams, search } = new URL(c.req.url)
    const { filter, errors } = filterOf(query, searchParams)
    const format = exportFormat(query.get('format'))
    if (format !== null && Object.keys(errors).length === 0) return exportEvents(context, c, format, filter)
    const page = pageOf(query)
    const [events, types, actors] = await Promise.all([
      listEvents(drizzle, filter, page, EVENTS + 1),
      countEventsBy(drizzle, 'type', filter),
      countEventsBy(drizzle, 'actor', filter),
    ])
    const forwards = page !== null && 'after' in page
    const more = events.length > EVENTS
    // One more than a page was asked for, to know whether there is another one: the oldest, or forwards the newest.
    const shown = forwards ? events.slice(-EVENTS) : events.slice(0, EVENTS)
    return c.html(
      <EventsPage
        frame={frameOf(context, c, 'admin')}
        place={{ path: '/admin/events', query: search.slice(1) }}
        stream={query.get('stream') ?? ''}
        since={query.get('since') ?? ''}
        until={query.get('until') ?? ''}
        errors={errors}
        events={shown.map(rowOf)}
        facets={[
          { name: 'type', label: 'Type', values: types.map((each) => chosenIn(filter.types, each)) },
          { name: 'actor', label: 'Person', values: actors.map((each) => chosenIn(filter.actors, each)) },
        ]}
        olderFrom={(forwards ? shown.length > 0 : more) ? shortPosition(shown.at(-1)?.position ?? '') : null}
        newerFrom={page !== null && (forwards ? more : true) ? shortPosition(shown[0]?.position ?? '') || null : null}
      />,
      Object.keys(errors).length > 0 ? 400 : 200,
    )
  })

  router.get('/admin/events/:position{[0-9]{1,20}}', async (c) => {
    requestOf(c, { adminsOnly: true })
    const found = await findEvent(drizzle, c.req.param('position').padStart(20, '0'))
    if (found === null) throw notFound()
    for await (const event of context.store.readStream(found.stream, { from: BigInt(found.revision), max: 1 })) {
      const body = JSON.stringify({ ...event, revision: String(event.revision) }, null, 2)
      return c.body(body, 200, { 'Content-Type': 'application/json; charset=utf-8' })
    }
    throw notFound()
  })
  return router
}

const EXPORTED = ['position', 'id', 'stream', 'revision', 'type', 'actor_id', 'actor', 'at', 'data'] as const

/** All events that fit, newest first, with their whole data. */
const exportEvents = ({ database }: AppContext, c: Context, format: ExportFormat, filter: EventFilter): Response =>
  exportRows<HistoryRow>(c, {
    format,
    name: 'events',
    columns: EXPORTED,
    page: (after) => wholeEvents(database.drizzle, filter, after?.position ?? null, EXPORT_PAGE),
    row: (event) => ({
      position: shortPosition(event.position),
      id: event.eventId,
      stream: event.stream,
      revision: event.revision,
      type: event.type,
      actor_id: event.actorId,
      actor: event.actor,
      at: event.at,
      data: event.data,
    }),
  })

const chosenIn = (chosen: readonly string[] | undefined, { value, count }: { value: string; count: number }) => ({
  value,
  label: value,
  count,
  chosen: chosen?.includes(value) ?? false,
})

const rowOf = (event: ListedEvent) => ({
  position: shortPosition(event.position),
  stream: event.stream,
  revision: String(event.revision),
  type: event.type,
  actor: event.actor,
  at: event.at,
  json: event.data === null ? null : JSON.stringify(event.data, null, 2),
  length: event.length,
  href: `/admin/events/${shortPosition(event.position)}`,
})

function pageOf(query: ReadonlyMap<string, string>): EventPage {
  const before = query.get('before') ?? ''
  const after = query.get('after') ?? ''
  if (/^\d{1,20}$/.test(after)) return { after: after.padStart(20, '0') }
  return /^\d{1,20}$/.test(before) ? { before: before.padStart(20, '0') } : null
}

function filterOf(query: ReadonlyMap<string, string>, params: URLSearchParams) {
  const { period, errors } = periodOf(query)
  const stream = query.get('stream')?.trim().slice(0, 200) || undefined
  const filter: EventFilter = {
    types: params.getAll('type').slice(0, 100),
    actors: params.getAll('actor').slice(0, 100),
    ...(stream === undefined ? {} : { stream }),
    ...period,
  }
  return { filter, errors }
}
