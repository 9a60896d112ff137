import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Log } from '../../log.ts'
import type { HttpEnv } from './environment.ts'

/**
 * Gives the request its id and its log, and writes one line when it is answered: the path without the query, because
 * queries carry download tokens. A proxy that we trust may bring the id along.
 */
export function requestLog(log: Log, options: { readonly trustedProxies: number }): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const start = performance.now()
    const given = options.trustedProxies > 0 ? c.req.header('x-request-id') : undefined
    const requestId = given && /^[\w-]{8,64}$/.test(given) ? given : randomUUID()
    c.set('requestId', requestId)
    c.set('log', log.child({ request: requestId }))
    c.set('identity', null)
    c.set('identifyAgain', async () => null)
    await next()
    c.header('X-Request-Id', requestId)
    const status = c.res.status
    const line = {
      method: c.req.method,
      path: c.req.path,
      status,
      ms: Math.round(performance.now() - start),
      user: c.get('identity')?.userId ?? null,
    }
    if (status >= 500) c.get('log').error(line, 'request')
    else c.get('log').info(line, 'request')
  }
}
