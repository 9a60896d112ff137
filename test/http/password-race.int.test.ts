import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { findUserByName, verifyPassword } from '../../src/accounts/users.ts'
import { accountsOf, resetPassword } from '../../src/application/people.ts'
import { type Client, PASSWORD, type TestApp, testApp } from '../support/app.ts'
import { accepted } from '../support/products.ts'
import { post } from './pages-forms.ts'

/** An administrator sets a new password while somebody who knows the old one is on the way in with it. */
let app: TestApp
let admin: Client
let nobody: Client
let carol: { readonly username: string; readonly password: string }
let people = 0

beforeAll(async () => {
  app = await testApp()
  admin = app.as('admin')
  nobody = app.withToken(null)
})
afterAll(() => app.close())
beforeEach(async () => {
  carol = { username: `carol${++people}`, password: PASSWORD }
  accepted(await admin.post('/api/users/', carol))
})
afterEach(() => vi.restoreAllMocks())

async function idOfCarol(): Promise<number> {
  const user = await findUserByName(accountsOf(app.context), carol.username)
  if (user === null) throw new Error('Carol has no account')
  return user.id
}
const reset = async () =>
  resetPassword(app.context, admin.request, await idOfCarol(), { password: 'of the admin', revokeTokens: true })

/** The new password is set when the old one was found right, and nothing was given for it yet. */
function resetAfterCheck() {
  vi.spyOn(app.context.loginThrottle, 'succeeded').mockImplementationOnce(async () => void (await reset()))
}
async function held(table: 'sessions' | 'tokens', condition = 'true'): Promise<number> {
  const rows = await app.context.database.query(`select 1 from accounts.${table} where user_id = $1 and ${condition}`, [
    await idOfCarol(),
  ])
  return rows.length
}

it('gives no session for the old password', async () => {
  resetAfterCheck()
  const answer = await post(nobody, '/sign-in', { ...carol, next: '/' })
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([400, null])
  expect(await held('sessions')).toBe(0)
})

it('gives no token for the old password', async () => {
  resetAfterCheck()
  expect((await nobody.post('/api/obtain_token/', carol)).status).toBe(400)
  expect(await held('tokens', 'revoked_at is null')).toBe(0)
})

it('keeps the new password, when who has the old one is changing it', async () => {
  const signedIn = await post(nobody, '/sign-in', { ...carol, next: '/' })
  const cookie = /^pz=[^;]+/.exec(signedIn.headers.get('set-cookie') ?? '')?.[0] ?? ''
  const { database } = app.context
  const transaction = database.transaction.bind(database)
  const change = { currentPassword: PASSWORD, newPassword: 'of the intruder' }
  vi.spyOn(database, 'transaction').mockImplementationOnce(async (work) => {
    await reset()
    return transaction(work)
  })
  const own = { Cookie: cookie, Origin: 'http://localhost', Host: 'localhost' }
  const answer = await post(nobody, '/account/password', change, own)
  expect(answer.status).toBe(400)
  expect(await verifyPassword(accountsOf(app.context), carol.username, 'of the admin')).not.toBeNull()
})
