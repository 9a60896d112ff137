import { Hono } from 'hono'
import type { AppContext } from '../../context.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { deletedPages } from './admin-deleted.tsx'
import { downloadPages } from './admin-downloads.tsx'
import { eventPages } from './admin-events.tsx'
import { integrityPages } from './admin-integrity.tsx'
import { officialPages } from './admin-official.tsx'
import { peoplePages } from './admin-people.tsx'
import { readModelPages } from './admin-read-models.tsx'
import { releasePages } from './admin-releases.tsx'
import { securityPages } from './admin-security.tsx'
import { transferPages } from './product-import.tsx'
import { requestOf } from './visit.ts'

/** `/admin`: one router per tab. Everything below is for administrators alone. */
export function adminPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  for (const path of ['/admin', '/admin/*']) {
    router.use(path, async (c, next) => {
      requestOf(c, { adminsOnly: true })
      await next()
    })
  }
  router.route('/', peoplePages(context))
  router.route('/', releasePages(context))
  router.route('/', officialPages(context))
  router.route('/', deletedPages(context))
  router.route('/', readModelPages(context))
  router.route('/', integrityPages(context))
  router.route('/', eventPages(context))
  router.route('/', securityPages(context))
  router.route('/', downloadPages(context))
  router.route('/', transferPages(context))
  return router
}
