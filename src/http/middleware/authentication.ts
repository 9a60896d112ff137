import type { MiddlewareHandler } from 'hono'
import type { Identity } from '../../accounts/identity.ts'
import { authenticateSession } from '../../accounts/sessions.ts'
import type { Accounts } from '../../accounts/tables.ts'
import { authenticateToken } from '../../accounts/tokens.ts'
import { RequestError } from '../problem.ts'
import type { HttpEnv } from './environment.ts'
import type { SessionCookie } from './session-cookie.ts'

const LONGEST_TOKEN = 256

/**
 * Finds out who asks: by `Authorization: Token …` (or `Bearer …`, in any case), else by the session cookie. In the API the
 * header alone counts where it is there: a wrong token is refused, whatever cookie comes along; on pages a wrong one is none,
 * so that the way to sign in stays open. A token that may only read can send nothing but GET, HEAD, OPTIONS and
 * `readingPosts`. In the API, programs that know nothing but a name and a password, such as TOPCAT, give the token as the
 * password, and may only read: a browser would send it along with requests of other sites.
 */
export function authentication(options: {
  readonly accounts: Accounts
  readonly cookie: SessionCookie
  /** POST requests that change nothing, by path. */
  readonly readingPosts?: (path: string) => boolean
}): MiddlewareHandler<HttpEnv> {
  const { accounts, cookie } = options
  const isReadingPost = options.readingPosts ?? ((path) => /\/prepare\/$|^\/api\/logged_user\/$/.test(path))
  return async (c, next) => {
    const header = c.req.header('authorization')
    const secret = cookie.read(c)
    const isApi = c.req.path.startsWith('/api/')
    const identify = async () =>
      header === undefined
        ? await fromCookie(secret)
        : isApi
          ? await fromHeader(header)
          : ((await fromToken(header)) ?? (await fromCookie(secret)))
    const identity = await identify()
    c.set('identity', identity)
    c.set('identifyAgain', () => identify().catch(nobodyIfRefused))
    const reads = /^(GET|HEAD|OPTIONS)$/.test(c.req.method) || (c.req.method === 'POST' && isReadingPost(c.req.path))
    if (identity && !identity.mayWrite && !reads) {
      throw new RequestError('read_only_token', 'This token may only read. Use one with the scope "write".')
    }
    await next()
  }

  async function fromHeader(header: string): Promise<Identity> {
    const [scheme = '', sent, ...more] = header.trim().split(/\s+/, 4)
    const isBasic = /^basic$/i.test(scheme)
    if (!isBasic && !/^(token|bearer)$/i.test(scheme)) {
      throw new RequestError('unauthenticated', 'Use the header "Authorization: Token <your token>".')
    }
    const secret = isBasic && sent !== undefined ? passwordOf(sent) : sent
    if (secret === undefined) {
      throw new RequestError('unauthenticated', 'Invalid token header. No credentials provided.')
    }
    // Several Authorization headers arrive joined by a comma.
    if (more.length > 0 || secret.length > LONGEST_TOKEN || !/^[\w-]+$/.test(secret)) {
      throw new RequestError('unauthenticated', 'Invalid token.')
    }
    const identity = await authenticateToken(accounts, secret)
    if (!identity) throw new RequestError('unauthenticated', 'Invalid token.')
    return isBasic ? { ...identity, mayWrite: false } : identity
  }

  async function fromToken(header: string): Promise<Identity | null> {
    const secret = /^\s*(?:token|bearer)\s+([\w-]+)\s*$/i.exec(header)?.[1]
    return secret === undefined || secret.length > LONGEST_TOKEN ? null : authenticateToken(accounts, secret)
  }

  async function fromCookie(secret: string | null): Promise<Identity | null> {
    return secret !== null && secret.length <= LONGEST_TOKEN ? authenticateSession(accounts, secret) : null
  }
}

function nobodyIfRefused(error: unknown): null {
  if (error instanceof RequestError) return null
  throw error
}

/** The password in the credentials of RFC 7617, which are `name:password` in Base64. */
const passwordOf = (credentials: string): string =>
  Buffer.from(credentials.slice(0, 4 * LONGEST_TOKEN), 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '')

/** Lets only people through whom we know. */
export const signedIn: MiddlewareHandler<HttpEnv> = async (c, next) => {
  if (!c.get('identity')) {
    throw new RequestError('unauthenticated', 'Authentication credentials were not provided.')
  }
  await next()
}

/** For a GET that changes something, as the reference server has them: a token that may only read is refused. */
export const mayWrite: MiddlewareHandler<HttpEnv> = async (c, next) => {
  if (c.get('identity')?.mayWrite === false) {
    throw new RequestError('read_only_token', 'This token may only read. Use one with the scope "write".')
  }
  await next()
}
