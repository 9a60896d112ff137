import { Hono } from 'hono'
import { ReadModelsPage } from '../../../views/pages/admin/read-models.tsx'
import type { AppContext } from '../../context.ts'
import { notFound } from '../../domain/error.ts'
import { countEvents } from '../../projections/history/queries.ts'
import { readModelSizes } from '../../projections/sizes.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { frameOf, leaveFlash, requestOf } from './visit.ts'

/** How long (ms) the answer waits for a rebuild, so that small ones are done when the page comes. */
const PATIENCE = 2_000

/** `/admin/read-models`: how far each has come; any can be built anew. */
export function readModelPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()

  router.get('/admin/read-models', async (c) => {
    requestOf(c, { adminsOnly: true })
    const [status, head, events, sizes] = await Promise.all([
      context.projections.status(),
      context.store.head(),
      countEvents(context.database.drizzle),
      readModelSizes(context.database),
    ])
    return c.html(
      <ReadModelsPage
        frame={frameOf(context, c, 'admin')}
        head={{
          position: shortPosition(head),
          events,
          store: context.config.eventStore === 'postgres' ? 'embedded' : 'EventStoreDB',
        }}
        models={status.map((model) => ({
          name: model.name,
          position: shortPosition(model.position),
          lag: model.lag,
          rows: sizes.get(model.name)?.rows ?? 0,
          updatedAt: sizes.get(model.name)?.updatedAt ?? null,
          state: model.status === 'running' ? 'live' : model.status === 'stopped' ? 'failed' : 'rebuilding',
          progress: null,
          error: model.error,
        }))}
      />,
    )
  })

  router.post('/admin/read-models/:name/rebuild', async (c) => {
    const name = c.req.param('name')
    if (!(await context.projections.status()).some((model) => model.name === name)) throw notFound()
    const rebuilding = context.projections.rebuild([name]).then(
      () => ({ kind: 'success', text: `“${name}” was built anew from the log.` }) as const,
      (error: unknown) => {
        context.log.error({ err: error, readModel: name }, 'rebuild failed')
        return { kind: 'problem', text: `“${name}” could not be built anew; the old one serves. See the log.` } as const
      },
    )
    const later = new Promise<{ kind: 'notice'; text: string }>((resolve) => {
      setTimeout(() => resolve({ kind: 'notice', text: `“${name}” is being built anew.` }), PATIENCE).unref()
    })
    leaveFlash(c, await Promise.race([rebuilding, later]))
    return c.redirect('/admin/read-models', 303)
  })
  return router
}

/** Positions are written with leading zeros, for machines to compare. */
export const shortPosition = (position: string): string => position.replace(/^0+(?=\d)/, '')
