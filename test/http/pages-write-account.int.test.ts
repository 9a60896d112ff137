import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, PASSWORD, type TestApp, testApp } from '../support/app.ts'
import { accepted } from '../support/products.ts'
import { post, see } from './pages-forms.ts'

let app: TestApp
let alice: Client
let bob: Client

beforeAll(async () => {
  app = await testApp()
  alice = app.as('alice')
  bob = app.as('bob')
})
afterAll(() => app.close())

describe('the account', () => {
  /** Signs in as a browser. @returns the cookie */
  async function signIn(username: string, password: string): Promise<string> {
    const answer = await post(app.withToken(null), '/sign-in', { username, password, next: '/' })
    return /^pz=[^;]+/.exec(answer.headers.get('set-cookie') ?? '')?.[0] ?? ''
  }
  const own = (cookie: string) => ({ Cookie: cookie, Origin: 'http://localhost', Host: 'localhost' })

  it('changes the display name', async () => {
    expect((await post(bob, '/account', { displayName: 'Bob the Great' })).status).toBe(303)
    expect((await see(bob, '/account')).text).toContain('value="Bob the Great"')
    expect((await post(bob, '/account', { displayName: ' ' })).status).toBe(400)
  })

  it('changes the password, and ends all other sessions', async () => {
    const here = await signIn('bob', PASSWORD)
    const elsewhere = await signIn('bob', PASSWORD)
    const nobody = app.withToken(null)
    const change = (currentPassword: string, newPassword: string) =>
      post(nobody, '/account/password', { currentPassword, newPassword }, own(here))
    const wrong = await change('not it', 'a better password')
    expect([wrong.status, wrong.text.includes('not your current password')]).toEqual([400, true])
    expect((await change(PASSWORD, 'short')).text).toContain('Use at least 8 characters.')
    const changed = await change(PASSWORD, 'a better password')
    expect(changed.status).toBe(303)
    const now = changed.headers
      .getSetCookie()
      .map((each) => /^pz=[^;]+/.exec(each)?.[0])
      .find(Boolean)
    const sees = async (cookie = '') => (await nobody.get('/account', { Accept: 'text/html', Cookie: cookie })).status
    expect([await sees(now), await sees(here), await sees(elsewhere)]).toEqual([200, 303, 303])
  })

  it('leaves the tokens when the password changes, or revokes them, as one chooses, and says so', async () => {
    const carol = { username: 'carol', password: PASSWORD }
    accepted(await app.as('admin').post('/api/users/', carol))
    const token = async () => accepted(await app.withToken(null).post('/api/obtain_token/', carol)).token as string
    const here = await signIn('carol', PASSWORD)
    const first = await token()
    accepted(await app.withToken(first).post('/api/tokens/', { name: 'notebook' }))
    const works = async (secret: string) => (await app.withToken(secret).get('/api/')).status === 200
    const change = async (fields: Record<string, string>, cookie = here) => {
      const passwords = { currentPassword: PASSWORD, newPassword: PASSWORD, ...fields }
      const answer = await post(app.withToken(null), '/account/password', passwords, own(cookie))
      const cookies = answer.headers.getSetCookie()
      const flash = cookies.map((each) => /^pz_flash=([^;]+)/.exec(each)?.[1]).find(Boolean) ?? ''
      const next = cookies.map((each) => /^pz=[^;]+/.exec(each)?.[0]).find(Boolean) ?? ''
      return { ...answer, said: Buffer.from(flash, 'base64url').toString(), next }
    }
    expect((await see(app.withToken(first), '/account')).text).toMatch(/name="revokeTokens"(?![^>]*checked)/)
    const again = await change({ revokeTokens: 'true', newPassword: 'short' })
    expect([again.status, /name="revokeTokens"[^>]*checked/.test(again.text)]).toEqual([400, true])
    expect(await works(first)).toBe(true)

    const kept = await change({})
    expect(kept.said).toContain('Other sessions were ended; your API tokens still work.')
    expect(await works(first)).toBe(true)
    const ended = await change({ revokeTokens: 'true' }, kept.next)
    expect(ended.said).toContain('Other sessions were ended; your 2 API tokens were revoked.')
    expect(await works(first)).toBe(false)
    expect((await change({ revokeTokens: 'true' }, ended.next)).said).toContain('there was no API token to revoke')

    const second = await token()
    const page = await see(app.as('admin'), '/admin/people/4')
    expect(page.text).toMatch(/name="revokeTokens"[^>]*checked/)
    const fields = { password: 'set by an administrator', revokeTokens: 'true' }
    expect((await post(app.as('admin'), '/admin/people/4/password', fields)).status).toBe(303)
    expect(await works(second)).toBe(false)

    const told = await app.as('admin').get('/admin/security?format=ndjson&act=TokenRevoked&person=carol')
    const acts = told.text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
    expect(acts.map(({ by, data }) => [by, data.name])).toEqual([
      ['admin', 'obtain_token'],
      ['carol', 'notebook'],
      ['carol', 'obtain_token'],
    ])
  })

  it('makes tokens that are shown once, and revokes them', async () => {
    const made = await post(alice, '/account/tokens', { tokenName: 'laptop', scope: 'read', expires: '30' })
    expect([made.status, made.headers.get('cache-control')]).toEqual([200, 'no-store'])
    const secret = /pz_[\w-]{20,}/.exec(made.text)?.[0] ?? ''
    expect((await app.withToken(secret).get('/api/products/')).status).toBe(200)
    expect((await app.withToken(secret).post('/api/products/', { display_name: 'x' })).status).toBe(403)
    const page = await see(alice, '/account')
    expect(page.text).not.toContain(secret)
    const id = /action="\/account\/tokens\/(\d+)\/revoke"/.exec(page.text)?.[1]
    expect((await post(bob, `/account/tokens/${id}/revoke`)).status).toBe(404)
    expect((await post(alice, `/account/tokens/${id}/revoke`)).status).toBe(303)
    expect((await app.withToken(secret).get('/api/products/')).status).toBe(401)
  })

  it.each([
    { tokenName: '', scope: 'read', expires: '30' },
    { tokenName: 'x', scope: 'everything', expires: '30' },
    { tokenName: 'x', scope: 'read', expires: '-1' },
    { tokenName: 'x'.repeat(500), scope: 'read', expires: '' },
  ])('refuses the token %o', async (fields) => {
    expect((await post(alice, '/account/tokens', fields)).status).toBe(400)
  })

  it('cannot be changed from another site', async () => {
    const cookie = await signIn('alice', PASSWORD)
    const headers = { Cookie: cookie, Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }
    expect((await post(app.withToken(null), '/account', { displayName: 'owned' }, headers)).status).toBe(403)
  })
})

describe('the help', () => {
  it.each([
    '/help',
    '/help/find',
    '/help/upload',
    '/help/change',
    '/help/python',
    '/help/account',
    '/help/administration',
    '/help/pipelines',
  ])('has the chapter %s, for anybody', async (path) => {
    const page = await see(app.withToken(null), path)
    expect(page.status).toBe(200)
    expect(page.text).toContain('<article>')
    expect(page.text).not.toContain('pz.example.org')
  })

  it.each(['/help/api', '/api/docs', '/api/docs/'])('has the reference of the API at %s, for anybody', async (path) => {
    const page = await see(app.withToken(null), path)
    expect(page.status).toBe(200)
    const document = accepted(await app.withToken(null).get('/api/openapi.json'))
    for (const address of Object.keys(document.paths)) expect(page.text).toContain(address)
  })

  it('leads only to places that are there', async () => {
    const nobody = app.withToken(null)
    const { text } = await see(nobody, '/help')
    const chapters = new Set([...text.matchAll(/href="(\/help[\w/-]*)"/g)].map(([, path = '']) => path))
    expect(chapters.size).toBeGreaterThan(7)
    const pages = new Map<string, string>()
    for (const path of chapters) pages.set(path, (await see(nobody, path)).text)
    const links = [...pages.values()].flatMap((page) => [...page.matchAll(/href="(\/help[\w/-]*)(?:#([\w-]+))?"/g)])
    // The page of a product leads there.
    for (const [, path = '', part] of [...links, ['', '/help', 'proof']]) {
      expect(pages.has(path), path).toBe(true)
      if (part !== undefined) expect(pages.get(path), `${path}#${part}`).toContain(` id="${part}"`)
    }
  })

  it('has no other chapters', async () => {
    expect((await see(alice, '/help/nonsense')).status).toBe(404)
    expect((await see(alice, '/help/../../package.json')).status).toBe(404)
  })
})
