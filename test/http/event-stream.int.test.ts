import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSession, endSession } from '../../src/accounts/sessions.ts'
import { issueToken, revokeToken } from '../../src/accounts/tokens.ts'
import { changeUser } from '../../src/accounts/users.ts'
import { accountsOf } from '../../src/application/people.ts'
import type { Answer } from '../support/answer.ts'
import { type Client, type TestApp, testApp } from '../support/app.ts'
import { requestCombine, twoCatalogs } from '../support/runs.ts'

const HEARTBEAT = 15_000

let app: TestApp
let alice: Client
let userId: number
let run: number
beforeAll(async () => {
  app = await testApp()
  alice = app.as('alice')
  userId = alice.request.actor.userId
  // Nobody carries it out, so that its streams stay open.
  run = (await requestCombine(alice, await twoCatalogs(alice))).id
})
afterAll(() => app.close())
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** The text of a stream that has ended after so many heartbeats; fails when it has not. */
async function ended(live: Promise<Answer>, heartbeats = 3): Promise<Answer> {
  for (let n = 0; n < heartbeats; n++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    vi.advanceTimersByTime(HEARTBEAT)
  }
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('The stream is still open')), 2_000)
  })
  return Promise.race([live, late])
}

describe('a live stream', () => {
  const path = () => `/api/processes/${run}/events/`

  it('goes on while one may listen', async () => {
    const { secret, token } = await issueToken(accountsOf(app.context), userId, { name: 'live' })
    const live = app.withToken(secret).get(path())
    await expect(ended(live)).rejects.toThrow('still open')
    await revokeToken(accountsOf(app.context), userId, token.id)
    const { text } = await ended(live)
    expect(text.match(/: still here/g)).toHaveLength(3)
  })

  it('ends soon after the token was revoked', async () => {
    const { secret, token } = await issueToken(accountsOf(app.context), userId, { name: 'revoked' })
    const live = app.withToken(secret).get(path())
    await revokeToken(accountsOf(app.context), userId, token.id)
    expect((await ended(live)).status).toBe(200)
  })

  it('ends soon after one signed out: the page of a run', async () => {
    const secret = await createSession(accountsOf(app.context), userId)
    const live = app.request(`/runs/${run}/events`, { headers: { Cookie: `pz=${secret}` } })
    await endSession(accountsOf(app.context), secret)
    expect((await ended(live)).status).toBe(200)
  })

  it.each([
    ['an administrator, who may see all runs, is one no more', { isAdmin: false }],
    ['the account was closed', { active: false }],
  ])('ends soon after %s', async (_, change) => {
    const accounts = accountsOf(app.context)
    const bob = app.as('bob')
    await changeUser(accounts, bob.request.actor.userId, { isAdmin: true })
    const live = bob.get(path())
    await expect(ended(live, 1)).rejects.toThrow('still open')
    await changeUser(accounts, bob.request.actor.userId, change)
    expect((await ended(live)).status).toBe(200)
  })

  it('is one of at most 100 of a person; HEAD opens none', async () => {
    const { secret, token } = await issueToken(accountsOf(app.context), userId, { name: 'many' })
    const many = app.withToken(secret)
    for (let n = 0; n < 110; n++) expect((await many.send('HEAD', path())).status).toBe(200)
    const open = Array.from({ length: 100 }, () => many.get(path()))
    await new Promise((resolve) => setTimeout(resolve, 500))
    const refused = await many.get(path())
    expect([refused.status, refused.json.code]).toEqual([429, 'too_many_requests'])
    await revokeToken(accountsOf(app.context), userId, token.id)
    await Promise.all(open.map((live) => ended(live)))
    const again = alice.get(path())
    await expect(ended(again, 1)).rejects.toThrow('still open')
    await app.context.follower.close()
    expect((await again).status).toBe(200)
  })
})
