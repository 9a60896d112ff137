import { Hono } from 'hono'
import { SignInPage } from '../../../views/pages/sign-in.tsx'
import { endSession } from '../../accounts/sessions.ts'
import type { PasswordProof } from '../../accounts/users.ts'
import { accountsOf } from '../../application/people.ts'
import { beginSession, signIn } from '../../application/sign-in.ts'
import type { AppContext } from '../../context.ts'
import { readBody } from '../body.ts'
import { clientAddress } from '../middleware/client-address.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import type { SessionCookie } from '../middleware/session-cookie.ts'
import { problemOf } from '../problem.ts'
import { frameOf, safePath } from './visit.ts'

const WRONG = 'The user name or the password is wrong.'

/** `/sign-in` and `/sign-out`. */
export function sessionPages(context: AppContext, cookie: SessionCookie): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  const accounts = accountsOf(context)

  router.get('/sign-in', (c) => {
    const next = safePath(c.req.query('next'))
    if (c.get('identity')) return c.redirect(next, 303)
    return c.html(<SignInPage frame={frameOf(context, c, null)} next={next} />)
  })

  router.post('/sign-in', async (c) => {
    await using body = await readBody(c.req.raw)
    const username = String(body.fields.username ?? '')
    const next = safePath(String(body.fields.next ?? '/'))
    const again = (problem: string, status: 400 | 429) =>
      c.html(<SignInPage frame={frameOf(context, c, null)} next={next} username={username} problem={problem} />, status)
    const door = { address: clientAddress(c, context.config.trustedProxies), via: 'page' } as const
    const password = String(body.fields.password ?? '')
    let proof: PasswordProof | null
    try {
      proof = await signIn(context, { username, password }, door)
    } catch (error) {
      const problem = problemOf(error)
      if (problem?.code !== 'too_many_attempts') throw error
      return again(problem.detail, 429)
    }
    const secret = proof === null ? null : await beginSession(context, proof)
    if (secret === null) return again(WRONG, 400)
    const before = cookie.read(c)
    if (before !== null) await endSession(accounts, before)
    cookie.write(c, secret)
    return c.redirect(next, 303)
  })

  router.post('/sign-out', async (c) => {
    const secret = cookie.read(c)
    if (secret !== null) await endSession(accounts, secret)
    cookie.clear(c)
    return c.redirect('/', 303)
  })
  return router
}
