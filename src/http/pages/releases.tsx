import { Hono } from 'hono'
import type { TimelineEntry } from '../../../views/components/timeline.tsx'
import { ReleasePage } from '../../../views/pages/release.tsx'
import { anchorOf } from '../../application/feeds.ts'
import { historyOf, namesOfToday } from '../../application/history.ts'
import { undoReleaseEvent } from '../../application/undo.ts'
import type { AppContext } from '../../context.ts'
import { DomainError, invalidField, notFound } from '../../domain/error.ts'
import type { Names } from '../../domain/words.ts'
import { countProducts } from '../../projections/products/queries.ts'
import { stampOf } from '../../projections/recorded.ts'
import { findRelease } from '../../projections/releases/queries.ts'
import type { ReleaseRow } from '../../projections/releases/tables.ts'
import type { FieldBlame, Json } from '../../provenance/blame/fields.ts'
import { blameRelease } from '../../provenance/blame/release-blame.ts'
import { undoOfRelease } from '../../provenance/undo/release-undo.ts'
import { readBody } from '../body.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { askedHistory, blameRows, filterForm, timelineOfEvents, toldEvents } from './history-view.ts'
import { UndoButton } from './product-history.tsx'
import { frameOf, leaveFlash, type PageContext, requestOf } from './visit.ts'

/** `/releases/<id>`, for everybody who may use the release, and its undo for administrators. */
export function releaseHistoryPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  const ONE = '/releases/:id{[0-9]{1,9}}'
  const { drizzle } = context.database

  router.get(ONE, async (c) => {
    const request = requestOf(c)
    const { actor } = request
    const id = idOf(c)
    const release = await findRelease(drizzle, actor, id)
    if (release === null) throw notFound()
    const path = `/releases/${id}`
    const filter = askedHistory(new URL(c.req.url).searchParams)
    const [events, products, names] = await Promise.all([
      historyOf(context, request, { kind: 'release', id }),
      countProducts(drizzle, actor, { releaseIds: [id], statuses: ['published'] }),
      namesOfToday(context),
    ])
    const told = toldEvents(events, names)
    const undoable = actor.isAdmin ? events.filter(({ position }) => 'command' in undoOfRelease(events, position)) : []
    const undoes = new Map(undoable.map((event) => [anchorOf(event), event.position]))
    return c.html(
      <ReleasePage
        frame={frameOf(context, c, 'products')}
        release={{
          id,
          name: release.name,
          displayName: release.displayName,
          description: release.description,
          retired: release.retired,
          seenBy: seenBy(release, names),
          catalogs: [...(release.hasMagHats ? ['magnitudes'] : []), ...(release.hasFluxHats ? ['fluxes'] : [])],
          indexingColumn: release.indexingColumn,
          createdAt: release.createdAt,
          products,
        }}
        blame={blameRows(
          blameRelease(events.map((event) => ({ ...event, ...stampOf(event) }))).map(withGroupNames(names)),
          path,
        )}
        filter={filterForm(
          told.map(({ event }) => event),
          filter,
          { path, carried: [] },
        )}
        entries={timelineOfEvents(told, filter).map((entry) => withUndo(entry, path, undoes.get(entry.id ?? '')))}
        editHref={actor.isAdmin ? `/admin/releases/${id}` : null}
      />,
    )
  })

  router.post(`${ONE}/undo`, async (c) => {
    const request = requestOf(c, { adminsOnly: true })
    const id = idOf(c)
    await using body = await readBody(c.req.raw)
    const { position } = body.fields
    if (typeof position !== 'string' || !/^\d{1,20}$/.test(position)) throw invalidField('position', 'Choose an event.')
    try {
      await undoReleaseEvent(context, request, id, position)
      leaveFlash(c, { kind: 'success', text: 'The change was taken back. The history keeps both.' })
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'not_found') throw error
      leaveFlash(c, { kind: 'problem', text: error.message })
    }
    return c.redirect(`/releases/${id}#history`, 303)
  })

  return router
}

const seenBy = ({ isPublic, accessGroups }: ReleaseRow, names: Names): string =>
  isPublic || accessGroups.length === 0
    ? 'everybody with an account'
    : `the members of ${accessGroups.map(names.group).join(', ')}`

/** Groups by their names, which the log does not have: they can be erased. */
const withGroupNames =
  (names: Names) =>
  (field: FieldBlame): FieldBlame => {
    if (field.field !== 'access_groups') return field
    const named = (value: Json): Json => (Array.isArray(value) ? value.map((id) => names.group(Number(id))) : value)
    const before = field.before && { ...field.before, value: named(field.before.value) }
    return { ...field, value: named(field.value), before }
  }

const withUndo = (entry: TimelineEntry, path: string, position: string | undefined): TimelineEntry =>
  position === undefined ? entry : { ...entry, links: <UndoButton path={path} position={position} /> }

const idOf = (c: PageContext): number => Number(c.req.param('id'))
