import type { Context, MiddlewareHandler } from 'hono'
import { RequestError } from '../problem.ts'
import type { HttpEnv } from './environment.ts'
import type { SessionCookie } from './session-cookie.ts'

interface Options {
  readonly publicUrl: string | null
  readonly cookie: SessionCookie
}

/**
 * Refuses requests that another site makes in a visitor's name (cross-site request forgery). Browsers say where a request
 * comes from, in `Sec-Fetch-Site` and `Origin`, and pages cannot forge either; so no token in forms is needed.
 *
 * A request without a cookie of ours but with a token is exempt: programs send neither header, and no other site has the
 * token. With a cookie, the browser must have said that the request is ours. GET, HEAD and OPTIONS pass.
 */
export function refuseCrossSite(options: Options): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (!/^(GET|HEAD|OPTIONS)$/.test(c.req.method)) requireOwnSite(c, options)
    await next()
  }
}

/** The same for a route whose GET changes something: links on other sites must not trigger it. */
export function ownSiteOnly(options: Options): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    requireOwnSite(c, options)
    await next()
  }
}

function requireOwnSite(c: Context<HttpEnv>, { publicUrl, cookie }: Options): void {
  const hasCookie = cookie.read(c) !== null
  // A browser that was once given a name and a password sends them by itself.
  if (!hasCookie && /^\s*(?:token|bearer)\b/i.test(c.req.header('authorization') ?? '')) return
  const source = sourceOf(c, publicUrl)
  if (source === 'own' || (source === 'unknown' && !hasCookie)) return
  throw new RequestError('cross_site', 'This request came from another site, or the browser did not say from where.')
}

function sourceOf(c: Context<HttpEnv>, publicUrl: string | null): 'own' | 'other' | 'unknown' {
  const site = c.req.header('sec-fetch-site')
  const origin = c.req.header('origin')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'other'
  if (origin !== undefined && !isOwn(origin, c, publicUrl)) return 'other'
  return site === undefined && origin === undefined ? 'unknown' : 'own'
}

/** Our public address, or whatever host the browser itself believes to talk to (the scheme may change at a proxy). */
function isOwn(origin: string, c: Context<HttpEnv>, publicUrl: string | null): boolean {
  if (origin === publicUrl) return true
  const host = c.req.header('host') ?? new URL(c.req.url).host
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
}
