import { type Context, Hono } from 'hono'
import type { Identity } from '../../accounts/identity.ts'
import type { Request } from '../../application/command.ts'
import type { AppContext } from '../../context.ts'
import { forbidden, notFound } from '../../domain/error.ts'
import { readBody } from '../body.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { queryOf } from '../middleware/query.ts'
import { answerShown, noteNotShown } from '../not-shown.ts'
import { problemResponse, RequestError } from '../problem.ts'
import { allEndpoints } from './all.ts'
import { checkFields } from './check.ts'
import { type Call, type Endpoint, takesKey } from './endpoint.ts'
import { givenIn } from './filters.ts'
import { optionsOf } from './options.ts'
import { HIGHEST_ID } from './schemas.ts'

/** The JSON API: each endpoint at its path, 405 for other methods there, and OPTIONS that tells what a path can do. */
export function apiRouter(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>({ strict: true })
  for (const endpoint of allEndpoints) {
    router.on(endpoint.method.toUpperCase(), pattern(endpoint.path), async (c) => {
      const request = requestOf(c, endpoint)
      const params = paramsOf(c)
      const query = endpoint.query === null ? {} : checkFields(endpoint.query, givenIn(endpoint.query, queryOf(c)))
      const body = await bodyOf(c, endpoint)
      const once = oncePerKey(context, request, c, endpoint)
      const call = { context, request, params, query, body, http: c, once }
      const answer = (given: Call<unknown, unknown>) => answerShown(c, () => endpoint.answer(given))
      return endpoint.streams
        ? answer({ ...call, once: (content, act) => once(content, () => answerShown(c, act)) })
        : once(body, () => answer(call))
    })
  }
  for (const [path, endpoints] of byPath()) {
    router.options(pattern(path), (c) => {
      if (!c.get('identity')) throw unauthenticated()
      return c.json(optionsOf(path, endpoints))
    })
    router.all(pattern(path), (c) => {
      const allowed = [...endpoints.map((endpoint) => endpoint.method.toUpperCase()), 'OPTIONS']
      const problem = {
        status: 405,
        title: 'Method not allowed',
        detail: `Method "${c.req.method}" not allowed.`,
        code: 'method_not_allowed',
        fields: null,
        headers: { Allow: allowed.join(', ') },
      }
      return problemResponse(problem, c.get('requestId'))
    })
  }
  router.all('*', () => {
    throw notFound()
  })
  return router
}

/** `/products/{id}/` for Hono: braces hold numbers, so that `/products/pending_publication/` is another path. */
const pattern = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1{[0-9]+}')

function byPath(): Map<string, Endpoint[]> {
  const paths = new Map<string, Endpoint[]>()
  for (const endpoint of allEndpoints) paths.set(endpoint.path, [...(paths.get(endpoint.path) ?? []), endpoint])
  return paths
}

const unauthenticated = () => new RequestError('unauthenticated', 'Authentication credentials were not provided.')

/** Who asks, as the application sees it. Nobody in particular where the endpoint is open to anyone. */
function requestOf(c: Context<HttpEnv>, endpoint: Endpoint): Request {
  const identity = c.get('identity')
  if (identity === null && endpoint.access !== 'anyone') throw unauthenticated()
  if (endpoint.access === 'admins' && !identity?.isAdmin) throw forbidden()
  // Reading has conditions of its own (`serveBytes`).
  const expected = endpoint.method === 'get' ? undefined : expectedRevision(c.req.header('if-match'))
  return {
    actor: actorOf(identity),
    correlationId: c.get('requestId'),
    notShown: noteNotShown(c),
    ...(expected === undefined ? {} : { expectedRevision: expected }),
  }
}

export const actorOf = (identity: Identity | null): Request['actor'] =>
  identity === null
    ? { userId: 0, username: 'nobody', isAdmin: false, groupIds: [] }
    : {
        userId: identity.userId,
        username: identity.username,
        isAdmin: identity.isAdmin,
        groupIds: identity.groupIds,
      }

const ENTITY_TAG = /^(?:W\/)?"[!#-~\u0080-\u00ff]*"$/

/**
 * The revision that the entity tags of `If-Match` name: of several the highest, because whoever lists them has seen all.
 * @throws RequestError when it is no list of tags, or none of them is one of ours
 */
function expectedRevision(header: string | undefined): bigint | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  const tags = header.split(',').map((tag) => tag.trim())
  if (!tags.every((tag) => ENTITY_TAG.test(tag))) {
    throw new RequestError('bad_request', 'If-Match must be an ETag, like "r7".')
  }
  const revisions = tags.flatMap((tag) => /^(?:W\/)?"r(\d{1,15})"$/.exec(tag)?.[1] ?? []).map(Number)
  if (revisions.length === 0) throw new RequestError('wrong_expected_revision', 'Nothing has this ETag.')
  return BigInt(Math.max(...revisions))
}

function paramsOf(c: Context): Record<string, number> {
  return Object.fromEntries(
    Object.entries(c.req.param()).map(([name, text]) => {
      const value = Number(text)
      if (!Number.isSafeInteger(value) || value > HIGHEST_ID) throw notFound()
      return [name, value]
    }),
  )
}

function oncePerKey(
  { keptAnswers }: AppContext,
  { actor }: Request,
  c: Context<HttpEnv>,
  endpoint: Endpoint,
): Call<unknown, unknown>['once'] {
  const key = c.req.header('idempotency-key')
  if (key === undefined || !takesKey(endpoint)) return (_, act) => act()
  const { pathname, search } = new URL(c.req.url)
  return (content, act) => keptAnswers.once(actor.userId, key, [c.req.method, pathname, search, content], act)
}

async function bodyOf(c: Context<HttpEnv>, endpoint: Endpoint): Promise<unknown> {
  if (endpoint.body === null || endpoint.streams) return {}
  await using body = await readBody(c.req.raw)
  return checkFields(endpoint.body, body.fields, { isJson: body.kind === 'json' })
}
