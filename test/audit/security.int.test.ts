import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LoginThrottle } from '../../src/accounts/login-throttle.ts'
import { post, see } from '../http/pages-forms.ts'
import { type Client, type Json, PASSWORD, type TestApp, testApp } from '../support/app.ts'
import { accepted, published } from '../support/products.ts'

let app: TestApp
let admin: Client
let alice: Client

beforeAll(async () => {
  app = await testApp({ adjust: (context) => ({ ...context, loginThrottle: new LoginThrottle() }) })
  admin = app.as('admin')
  alice = app.as('alice')
})
afterAll(() => app.close())

const nobody = () => app.withToken(null)
const rows = async (query = ''): Promise<Json[]> => {
  const answer = await admin.get(`/admin/security?format=ndjson&${query}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}
const told = ({ act, account, by, via }: Json) => [act, account, by, via]

describe('security acts', () => {
  it('are noted at the door: sign-ins, failures, refusals and new passwords', async () => {
    expect((await post(nobody(), '/sign-in', { username: 'ALICE', password: PASSWORD })).status).toBe(303)
    expect((await post(nobody(), '/sign-in', { username: 'alice', password: 'wrong' })).status).toBe(400)
    const wrong = { username: 'my secret passphrase', password: 'x' }
    for (let n = 0; n < 5; n++) expect((await nobody().post('/api/obtain_token/', wrong)).status).toBe(400)
    for (let n = 0; n < 3; n++) expect((await nobody().post('/api/obtain_token/', wrong)).status).toBe(429)
    const passwords = { currentPassword: PASSWORD, newPassword: 'another password' }
    expect((await post(alice, '/account/password', passwords)).status).toBe(303)
    expect((await post(admin, '/admin/people/2/password', { password: PASSWORD })).status).toBe(303)
    const door = (await rows()).filter(({ position }) => position === null)
    expect(door.map(told)).toEqual([
      ['password_set', 'alice', 'admin', 'page'],
      ['password_changed', 'alice', 'alice', 'page'],
      // Once, though refused three times; and the name that was typed is not kept, for it may be a password.
      ['sign_in_throttled', null, null, 'api'],
      ...Array(5).fill(['sign_in_failed', null, null, 'api']),
      ['sign_in_failed', 'alice', null, 'page'],
      ['sign_in', 'alice', 'alice', 'page'],
    ])
    expect(JSON.stringify(door)).not.toContain('passphrase')
  })

  it('stand beside the events of the log, newest first, and are filtered by kind, person and period', async () => {
    const made = accepted(await alice.post('/api/tokens/', { name: '=cmd', scope: 'read' }))
    expect((await alice.delete(`/api/tokens/${made.id}/`)).status).toBe(204)
    accepted(await admin.send('PATCH', '/api/users/2/', jsonBody({ groups: ['readers'] })))
    const latest = (await rows()).slice(0, 3)
    expect(latest.map(told)).toEqual([
      ['GroupMembershipChanged', 'alice', 'admin', null],
      ['TokenRevoked', 'alice', 'alice', null],
      ['TokenIssued', 'alice', 'alice', null],
    ])
    expect(latest[2]).toMatchObject({
      position: expect.stringMatching(/^\d+$/),
      data: { name: '=cmd', scopes: ['read'] },
    })
    expect((await rows('act=TokenIssued')).map(told)).toEqual([['TokenIssued', 'alice', 'alice', null]])
    expect(new Set((await rows('person=Admin')).map(({ by }) => by))).toEqual(new Set(['admin']))
    expect(await rows('until=2026-03-13')).toEqual([])
    expect((await rows('since=2026-03-14&until=2026-03-14')).length).toBe((await rows()).length)
    expect((await see(admin, '/admin/security?since=2026-02-30x')).status).toBe(400)
  })

  it('are told on a page, page by page, to administrators alone', async () => {
    for (let n = 0; n < 60; n++) {
      app.context.audit.access({ act: 'sign_in', account: 3, address: '192.0.2.7', via: 'page' })
    }
    const all = await rows()
    const seen: string[] = []
    let next = '/admin/security'
    for (let n = 0; n < 5 && next !== ''; n++) {
      const { status, text } = await see(admin, next)
      expect(status).toBe(200)
      seen.push(...[...text.matchAll(/<time datetime="([^"]+)"/g)].map(([, at]) => at ?? ''))
      next = (/href="([^"]+)" rel="next"/.exec(text)?.[1] ?? '').replaceAll('&amp;', '&')
    }
    expect(seen).toEqual(all.map(({ at }) => at))
    const { text } = await see(admin, '/admin/security?act=sign_in_failed')
    expect(text).toContain('Sign-in failed')
    expect(text).toContain('no such account')
    expect((await see(alice, '/admin/security')).status).toBe(403)
    expect((await alice.get('/admin/security?format=csv')).status).toBe(403)
  })

  it('are a CSV in which no text is a formula', async () => {
    const { text, headers } = await admin.get('/admin/security?format=csv&act=GroupMembershipChanged')
    expect(headers.get('content-disposition')).toContain('security.csv')
    expect(text.split('\r\n')[0]).toBe('at,act,account,by,address,via,position,data')
    app.context.audit.access({ act: 'sign_in', account: 2, address: '=1+1', via: 'api' })
    expect((await admin.get('/admin/security?format=csv&act=sign_in')).text).toContain(",'=1+1,api,")
  })

  it('are forgotten with the account, and after half a year', async () => {
    const { database, audit } = app.context
    await database.query('delete from accounts.users where id = 3')
    expect((await rows()).filter(({ position, account }) => position === null && account === 'bob')).toEqual([])
    app.clock.advance(181 * 24 * 3_600_000)
    audit.access({ act: 'sign_in', account: 2, address: null, via: 'api' })
    expect((await rows()).filter(({ position }) => position === null)).toHaveLength(1)
  })
})

const jsonBody = (body: object): RequestInit => ({
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
})

describe('the event browser', () => {
  it('gives all events that fit its filters as a file, with their whole data', async () => {
    const id = await published(alice)
    const wide = `objectId,RA,Dec,z,${Array.from({ length: 300 }, (_, n) => `column_${n}`).join(',')}\n`
    const row = `1,10,-20,0.5,${Array(300).fill('1').join(',')}\n`
    accepted(await alice.upload(id, 'wide.csv', wide + row, { replace: true }))
    const lines = async (query: string): Promise<Json[]> =>
      (await admin.get(`/admin/events?format=ndjson&${query}`)).text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    const all = await lines(`stream=product-${id}`)
    expect(all[0]).toMatchObject({ stream: `product-${id}`, revision: all.length - 1, actor: 'alice', actor_id: 2 })
    const whole = all.find(({ data }) => JSON.stringify(data).length > 4_000)
    expect(whole?.data.inspection?.columns ?? whole?.data.columns).toHaveLength(304)
    const types = new Set((await lines(`stream=product-${id}&type=FileAttached`)).map(({ type }) => type))
    expect(types).toEqual(new Set(['FileAttached']))
    expect(await lines('actor=nobody-at-all')).toEqual([])
    const csv = (await admin.get(`/admin/events?format=csv&stream=product-${id}`)).text.split('\r\n')
    expect(csv[0]).toBe('position,id,stream,revision,type,actor_id,actor,at,data')
    expect(csv).toHaveLength(all.length + 2)
    expect((await alice.get('/admin/events?format=ndjson')).status).toBe(403)
  })

  it('exports more than one page of its reading, each event once', async () => {
    const { drizzle } = app.context.database
    const { history } = await import('../../src/projections/history/tables.ts')
    const at = '2020-01-01T00:00:00.000Z'
    const made = Array.from({ length: 2_500 }, (_, n) => ({
      position: String(9_000_000 + n).padStart(20, '0'),
      eventId: `made-${n}`,
      stream: 'other-1',
      revision: n,
      type: 'Made',
      actorId: 0,
      actor: 'system',
      at,
      data: { n },
    }))
    await drizzle.insert(history).values(made)
    const { text } = await admin.get('/admin/events?format=ndjson&stream=other-1')
    const numbers = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).data.n)
    expect(numbers).toEqual(Array.from({ length: 2_500 }, (_, n) => 2_499 - n))
  })
})
