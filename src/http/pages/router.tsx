import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono } from 'hono'
import { ErrorPage } from '../../../views/pages/error.tsx'
import type { AppContext } from '../../context.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import type { SessionCookie } from '../middleware/session-cookie.ts'
import { tellNotShown } from '../not-shown.ts'
import type { Problem } from '../problem.ts'
import { accountPages } from './account.tsx'
import { adminPages } from './admin.tsx'
import { comparePages } from './compare.tsx'
import { feedPages } from './feeds.tsx'
import { helpPages } from './help.tsx'
import { homePages } from './home.tsx'
import { pipelinePages } from './pipelines.tsx'
import { productPages } from './product.tsx'
import { productDownloadPages } from './product-downloads.tsx'
import { editProductPages } from './product-edit.tsx'
import { productImportPages } from './product-import.tsx'
import { productListPages } from './product-list.tsx'
import { newProductPages } from './product-new.tsx'
import { rawPages } from './raw.ts'
import { releaseHistoryPages } from './releases.tsx'
import { runHistoryPages } from './run-history.tsx'
import { runPages } from './runs.tsx'
import { sessionPages } from './session.tsx'
import { trainingSetPages } from './training-set.tsx'
import { frameOf } from './visit.ts'

const STATIC = relative(process.cwd(), fileURLToPath(new URL('../../../static', import.meta.url)))

/** The pages for people: one router per noun, all rendered on the server. */
export function pageRouter(context: AppContext, cookie: SessionCookie): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  router.use(
    '/static/*',
    serveStatic({
      root: STATIC || '.',
      rewriteRequestPath: (path) => path.replace(/^\/static/, ''),
      onFound: (_path, c) => c.header('Cache-Control', 'public, max-age=300'),
    }),
  )
  router.use(tellNotShown)
  router.route('/', sessionPages(context, cookie))
  router.route('/', homePages(context))
  router.route('/', accountPages(context, cookie))
  router.route('/', adminPages(context))
  router.route('/', helpPages(context))
  router.route('/', productListPages(context))
  router.route('/', newProductPages(context))
  router.route('/', productImportPages(context))
  router.route('/', editProductPages(context))
  router.route('/', productDownloadPages(context))
  router.route('/', productPages(context))
  router.route('/', comparePages(context))
  router.route('/', rawPages(context))
  router.route('/', feedPages(context))
  router.route('/', pipelinePages(context))
  router.route('/', trainingSetPages(context))
  router.route('/', runPages(context))
  router.route('/', runHistoryPages(context))
  router.route('/', releaseHistoryPages(context))
  return router
}

/** An error as a page; who is not signed in is led to the sign-in, and back afterwards. */
export const errorPage =
  (context: AppContext) =>
  (problem: Problem, c: Context<HttpEnv>): Response | Promise<Response> => {
    const frame = frameOf(context, c, null)
    if (problem.code === 'unauthenticated' && c.req.method === 'GET') {
      return c.redirect(`/sign-in?next=${encodeURIComponent(frame.here)}`, 303)
    }
    for (const [name, value] of Object.entries(problem.headers)) c.header(name, value)
    c.status(problem.status as Parameters<typeof c.status>[0]) // a status of our own table of problems
    return c.html(
      <ErrorPage
        frame={frame}
        status={problem.status}
        detail={problem.detail}
        requestId={problem.status >= 500 ? c.get('requestId') : null}
        limit={problem.status === 413 && problem.code !== 'quota_exceeded' ? context.config.uploadLimit : null}
      />,
    )
  }
