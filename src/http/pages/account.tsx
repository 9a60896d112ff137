import { Hono } from 'hono'
import { AccountPage, type AccountProps, type AccountToken } from '../../../views/pages/account.tsx'
import { listMemberships } from '../../accounts/groups.ts'
import { createSession } from '../../accounts/sessions.ts'
import { listTokens, type Token } from '../../accounts/tokens.ts'
import { findUser } from '../../accounts/users.ts'
import type { Request } from '../../application/command.ts'
import {
  accountsOf,
  changeOwnName,
  changeOwnPassword,
  endToken,
  makeToken,
  type NewPassword,
} from '../../application/people.ts'
import { roomOf } from '../../application/quota.ts'
import type { AppContext } from '../../context.ts'
import { notFound } from '../../domain/error.ts'
import { readBody } from '../body.ts'
import { clientAddress } from '../middleware/client-address.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import type { SessionCookie } from '../middleware/session-cookie.ts'
import { RequestError } from '../problem.ts'
import { refusal, textOf } from './product-form.ts'
import { frameOf, leaveFlash, type PageContext, requestOf } from './visit.ts'

const DAY = 24 * 3600 * 1000
/** What the form offers: days, or nothing for "never". */
const LIFETIMES = ['30', '90', '365', '']
/** Tokens that ended stay in sight among so many of the newest. */
const MOST_TOKENS = 100

/** `/account`: one's name, password and API tokens. */
export function accountPages(context: AppContext, cookie: SessionCookie): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  const accounts = accountsOf(context)

  router.get('/account', (c) => show(c, requestOf(c)))

  router.post('/account', async (c) => {
    const request = requestOf(c)
    await using body = await readBody(c.req.raw)
    const displayName = textOf(body, 'displayName')
    try {
      await changeOwnName(context, request, displayName)
    } catch (error) {
      return refused(c, request, error, 'displayName', { displayName })
    }
    leaveFlash(c, { kind: 'success', text: 'Your name is saved.' })
    return c.redirect('/account', 303)
  })

  router.post('/account/password', async (c) => {
    const request = requestOf(c)
    await using body = await readBody(c.req.raw)
    const { username, userId } = request.actor
    const address = clientAddress(c, context.config.trustedProxies)
    const next = { password: textOf(body, 'newPassword'), revokeTokens: textOf(body, 'revokeTokens') === 'true' }
    let revoked: number
    try {
      await context.loginThrottle.attempt(username, address)
      revoked = await changeOwnPassword(context, request, textOf(body, 'currentPassword'), next, address)
      await context.loginThrottle.succeeded(username, address)
    } catch (error) {
      const isNew = refusal(error).fields?.password !== undefined
      const { revokeTokens } = next
      return refused(c, request, error, isNew ? 'newPassword' : 'currentPassword', { revokeTokens })
    }
    // All sessions are over, this one too: whoever came in with the old password is out.
    if (c.get('identity')?.proof.kind === 'session') cookie.write(c, await createSession(accounts, userId))
    leaveFlash(c, {
      kind: 'success',
      text: `The password is changed. Other sessions were ended; ${tokensInWords('your', next, revoked)}.`,
    })
    return c.redirect('/account', 303)
  })

  router.post('/account/tokens', async (c) => {
    const request = requestOf(c)
    await using body = await readBody(c.req.raw)
    const days = textOf(body, 'expires')
    const scope = textOf(body, 'scope')
    try {
      if (!LIFETIMES.includes(days)) throw new RequestError('bad_request', 'Choose when the token expires.')
      if (scope !== 'read' && scope !== 'write') throw new RequestError('bad_request', 'Choose what the token may do.')
      const expiresAt = days === '' ? null : new Date(context.clock().getTime() + Number(days) * DAY)
      const { token, secret } = await makeToken(context, request, { name: textOf(body, 'tokenName'), scope, expiresAt })
      // Not a redirect: the secret exists in this answer and nowhere else.
      return show(c, request, { newToken: { name: token.name, secret } })
    } catch (error) {
      return refused(c, request, error, 'tokenName')
    }
  })

  router.post('/account/tokens/:id{[0-9]{1,9}}/revoke', async (c) => {
    await endToken(context, requestOf(c), Number(c.req.param('id')))
    leaveFlash(c, { kind: 'success', text: 'The token is revoked.' })
    return c.redirect('/account#tokens', 303)
  })

  async function refused(
    c: PageContext,
    request: Request,
    error: unknown,
    field: keyof AccountProps['errors'],
    typed: Partial<AccountProps> = {},
  ) {
    const { status, detail, fields } = refusal(error)
    const message =
      Object.values(fields ?? {})
        .flat()
        .join(' ') || detail
    return show(c, request, { ...typed, errors: { [field]: message } }, status === 429 ? 429 : 400)
  }

  async function show(
    c: PageContext,
    request: Request,
    more: Partial<Pick<AccountProps, 'displayName' | 'errors' | 'newToken' | 'revokeTokens'>> = {},
    status: 200 | 400 | 429 = 200,
  ) {
    const { userId } = request.actor
    const [user, tokens, memberships, room] = await Promise.all([
      findUser(accounts, userId),
      listTokens(accounts, userId),
      listMemberships(accounts),
      roomOf(context, userId),
    ])
    if (user === null) throw notFound()
    c.header('Cache-Control', 'no-store')
    return c.html(
      <AccountPage
        frame={frameOf(context, c, 'account')}
        username={user.username}
        displayName={more.displayName ?? user.displayName}
        email={null}
        groups={memberships.filter((each) => each.userId === userId).map(({ group }) => group.name)}
        tokens={tokens.slice(0, MOST_TOKENS).map((token) => tokenView(token, context.clock()))}
        newToken={more.newToken ?? null}
        room={room}
        revokeTokens={more.revokeTokens ?? false}
        errors={more.errors ?? {}}
        mayChangePassword
      />,
      status,
    )
  }
  return router
}

/** What became of somebody's tokens when the password was changed. */
export function tokensInWords(whose: 'your' | 'their', { revokeTokens }: NewPassword, revoked: number): string {
  if (!revokeTokens) return `${whose} API tokens still work`
  if (revoked === 0) return `there was no API token to revoke`
  return revoked === 1 ? `${whose} API token was revoked` : `${whose} ${revoked} API tokens were revoked`
}

const tokenView = (token: Token, now: Date): AccountToken => ({
  id: String(token.id),
  name: token.name,
  scopes: token.scope === 'write' ? ['read', 'write'] : ['read'],
  createdAt: token.createdAt,
  expiresAt: token.expiresAt,
  lastUsedAt: token.lastUsedAt,
  state:
    token.revokedAt !== null
      ? 'revoked'
      : token.expiresAt !== null && new Date(token.expiresAt) <= now
        ? 'expired'
        : 'active',
})
