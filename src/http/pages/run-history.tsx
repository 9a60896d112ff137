import { Hono } from 'hono'
import { RunHistoryPage } from '../../../views/pages/run-history.tsx'
import { historyOf } from '../../application/history.ts'
import { requireRun } from '../../application/runs.ts'
import type { AppContext } from '../../context.ts'
import { stampOf } from '../../projections/recorded.ts'
import { blameRun } from '../../provenance/blame/run-blame.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { askedHistory, blameRows, filterForm, timelineOfEvents, toldEvents } from './history-view.ts'
import { frameOf, requestOf } from './visit.ts'

/** `/runs/<id>/history` */
export function runHistoryPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  router.get('/runs/:id{[0-9]{1,9}}/history', async (c) => {
    const request = requestOf(c)
    const id = Number(c.req.param('id'))
    const run = await requireRun(context, request, id)
    const events = await historyOf(context, request, { kind: 'run', id })
    const filter = askedHistory(new URL(c.req.url).searchParams)
    const path = `/runs/${id}/history`
    const told = toldEvents(events)
    return c.html(
      <RunHistoryPage
        frame={frameOf(context, c, 'runs')}
        run={{ id, name: run.displayName }}
        blame={blameRows(blameRun(events.map((event) => ({ ...event, ...stampOf(event) }))), path)}
        filter={filterForm(
          told.map(({ event }) => event),
          filter,
          { path, carried: [] },
        )}
        entries={timelineOfEvents(told, filter)}
      />,
    )
  })
  return router
}
