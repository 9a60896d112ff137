import type { Context, MiddlewareHandler } from 'hono'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { TooManyRequests } from '../../accounts/limits.ts'
import type { Config } from '../../config.ts'
import { clientAddress } from './client-address.ts'
import type { HttpEnv } from './environment.ts'
import { bringsFiles } from './upload-admission.ts'

/** Requests that cost us about the same. */
interface CostClass {
  readonly what: string
  /** So many in so many seconds, for each person, or for each address where nobody signed in. */
  readonly points: number
  readonly duration: number
  fits(c: Context<HttpEnv>): boolean
}

/** Far beyond what people and notebooks do: these stop loops that have gone wild. The first class that fits counts. */
const CLASSES: readonly CostClass[] = [
  {
    what: 'requests for runs',
    points: 240,
    duration: 3600,
    fits: ({ req }) =>
      req.method === 'POST' && /^\/api\/processes\/$|^\/pipelines\/[^/]+$|\/\d+\/replay\/?$/.test(req.path),
  },
  { what: 'uploads', points: 240, duration: 60, fits: bringsFiles },
  {
    what: 'searches and comparisons',
    points: 600,
    duration: 60,
    fits: ({ req }) =>
      /^\/(api\/)?compare\b|\/(cone|read_data)\/$/.test(req.path) ||
      // The list of products, and the cone search on the page of one.
      Boolean(req.query('search') || req.query('radius')),
  },
  { what: 'requests', points: 3000, duration: 60, fits: () => true },
]

/**
 * Bounds how often one asks, by what a request costs, and tells of it in the headers of the API (`RateLimit-Reset` in seconds).
 * In memory: several servers each count for themselves, and a restart forgives everything.
 * @throws TooManyRequests
 */
export function rateLimits({ rateLimits: factor, trustedProxies }: Config): MiddlewareHandler<HttpEnv> {
  if (factor === null) return (_, next) => next()
  const classes = CLASSES.map(({ points, ...rest }) => {
    const limit = Math.max(1, Math.round(points * factor))
    return { ...rest, limit, counter: new RateLimiterMemory({ points: limit, duration: rest.duration }) }
  })
  return async (c, next) => {
    const found = c.req.path.startsWith('/static/') ? undefined : classes.find(({ fits }) => fits(c))
    if (found === undefined) return next()
    const { what, limit, duration, counter } = found
    const person = c.get('identity')?.userId
    // Unlike `consume`, it counts without an exception.
    const spent = await counter.penalty(person ?? `address ${clientAddress(c, trustedProxies)}`)
    const seconds = Math.max(1, Math.ceil(spent.msBeforeNext / 1000))
    const tell = () => {
      if (!c.req.path.startsWith('/api/')) return
      c.header('RateLimit-Limit', String(limit))
      c.header('RateLimit-Remaining', String(spent.remainingPoints))
      c.header('RateLimit-Reset', String(seconds))
    }
    if (spent.consumedPoints > limit) {
      void c.res // From now on headers are kept for the answer that the error becomes.
      tell()
      throw new TooManyRequests(`No more than ${limit} ${what} in ${IN_WORDS[duration]}.`, seconds)
    }
    await next()
    tell()
  }
}

const IN_WORDS: Readonly<Record<number, string>> = { 60: 'a minute', 3600: 'an hour' }
