import { Hono } from 'hono'
import { accountsOf } from '../application/people.ts'
import type { AppContext } from '../context.ts'
import { notFound } from '../domain/error.ts'
import { openApi } from './api/openapi.ts'
import { apiRouter } from './api/router.ts'
import { baseUrl } from './base-url.ts'
import { healthRouter } from './health.ts'
import { maintenanceRouter } from './maintenance.ts'
import { authentication, mayWrite, signedIn } from './middleware/authentication.ts'
import { ownSiteOnly, refuseCrossSite } from './middleware/cross-site.ts'
import type { HttpEnv } from './middleware/environment.ts'
import { readYourWrites } from './middleware/event-position.ts'
import { pathOf } from './middleware/path.ts'
import { rateLimits } from './middleware/rate-limits.ts'
import { requestLog } from './middleware/request-log.ts'
import { securityHeaders } from './middleware/security-headers.ts'
import { SessionCookie } from './middleware/session-cookie.ts'
import { uploadAdmission } from './middleware/upload-admission.ts'
import { apiDocs } from './pages/api-docs.tsx'
import { errorPage, pageRouter } from './pages/router.tsx'
import { answerErrors } from './problem.ts'

/** The whole site over one context; tests call `createApp(context).request(…)` without a port. */
export function createApp(context: AppContext, options: { readonly controlKey?: string } = {}): Hono<HttpEnv> {
  const { config } = context
  const app = new Hono<HttpEnv>({ getPath: pathOf, strict: true })
  const cookie = new SessionCookie(config.publicUrl)
  app.onError(answerErrors(errorPage(context)))
  app.use(requestLog(context.log, { trustedProxies: config.trustedProxies }))
  app.use(securityHeaders(config))
  app.route('/health', healthRouter(context))
  if (options.controlKey !== undefined) app.route('/internal', maintenanceRouter(context, options.controlKey))
  app.get('/which_environment/', (c) =>
    // The misspelling is the reference server's, and what clients read.
    c.json({ enviroment_name: config.environmentName, is_dev: config.environmentName !== 'production' }),
  )

  app.use(refuseCrossSite({ publicUrl: config.publicUrl, cookie }))
  app.use(authentication({ accounts: accountsOf(context), cookie }))
  app.use(rateLimits(config))
  app.use(uploadAdmission(context))
  app.use(
    '/api/*',
    readYourWrites((position, ms) => context.projections.waitFor(position, ms)),
  )
  // The Python client stops a run with a GET, which other sites' links and tokens that may only read must not.
  app.use('/api/processes/:id/stop/', ownSiteOnly({ publicUrl: config.publicUrl, cookie }), mayWrite)
  app.get('/api/openapi.json', (c) => c.json(openApi(context.version, '/')))
  app.get('/api/', signedIn, (c) => c.json(rootOf(baseUrl(config, c))))
  app.route('/', apiDocs(context))
  app.route('/api', apiRouter(context))
  app.route('/', pageRouter(context, cookie))
  app.notFound(() => {
    throw notFound()
  })
  return app
}

const COLLECTIONS = [
  'users',
  'releases',
  'product-types',
  'products',
  'products-specz',
  'product-contents',
  'product-files',
  'pipelines',
  'processes',
]

/** The Python client asks for this to see whether its token is good. */
const rootOf = (origin: string): Record<string, string> =>
  Object.fromEntries(COLLECTIONS.map((name) => [name, `${origin}/api/${name}/`]))
