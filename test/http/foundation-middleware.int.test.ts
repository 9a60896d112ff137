import { Writable } from 'node:stream'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AccountError } from '../../src/accounts/error.ts'
import { TooManyAttempts } from '../../src/accounts/login-throttle.ts'
import { createSession } from '../../src/accounts/sessions.ts'
import { issueToken } from '../../src/accounts/tokens.ts'
import { createUser } from '../../src/accounts/users.ts'
import { BlobMissing, BlobTooLarge, DiskFull } from '../../src/blobs/error.ts'
import type { Database } from '../../src/database/database.ts'
import { DatabaseUnavailable, SqlError } from '../../src/database/errors.ts'
import { DomainError, forbidden, invalidField, notFound } from '../../src/domain/error.ts'
import { EventStoreUnavailable, InvalidEvent, WrongExpectedRevision } from '../../src/eventstore/errors.ts'
import { authentication, mayWrite, signedIn } from '../../src/http/middleware/authentication.ts'
import { clientAddress } from '../../src/http/middleware/client-address.ts'
import { ownSiteOnly, refuseCrossSite } from '../../src/http/middleware/cross-site.ts'
import type { HttpEnv } from '../../src/http/middleware/environment.ts'
import { readYourWrites, tellPosition } from '../../src/http/middleware/event-position.ts'
import { pathOf } from '../../src/http/middleware/path.ts'
import { queryOf } from '../../src/http/middleware/query.ts'
import { requestLog } from '../../src/http/middleware/request-log.ts'
import { securityHeaders } from '../../src/http/middleware/security-headers.ts'
import { SessionCookie } from '../../src/http/middleware/session-cookie.ts'
import { answerErrors } from '../../src/http/problem.ts'
import { createLog } from '../../src/log.ts'
import { TableError } from '../../src/tables/table.ts'
import { openMemoryDatabase } from '../support/memory-database.ts'

const HOST = 'https://pz.example.org'
const POSITION = '42'.padStart(20, '0')
const cookie = new SessionCookie(HOST)
const lines: string[] = []
const log = createLog(
  'info',
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  }),
)

let database: Database
let token: string
let reader: string
let session: string
let app: Hono<HttpEnv>
let thrown: unknown

beforeAll(async () => {
  database = await openMemoryDatabase()
  const accounts = { database, clock: () => new Date() }
  const user = await createUser(accounts, { username: 'vera', password: 'correct horse' })
  token = (await issueToken(accounts, user.id, { name: 'notebook' })).secret
  reader = (await issueToken(accounts, user.id, { name: 'reader', scope: 'read' })).secret
  session = await createSession(accounts, user.id)

  const site = { publicUrl: HOST, cookie }
  app = new Hono<HttpEnv>({ getPath: pathOf })
  app.onError(answerErrors((problem) => new Response(`<h1>${problem.title}</h1>`, { status: problem.status })))
  app.use(requestLog(log, { trustedProxies: 0 }))
  app.use(securityHeaders({ publicUrl: HOST, rawOrigin: 'https://raw.example.org' }))
  app.use(refuseCrossSite(site))
  app.use(authentication({ accounts, cookie }))
  app.use(readYourWrites(async (position) => position <= POSITION))
  app.get('/public', (c) => c.json({ user: c.get('identity')?.username ?? null }))
  app.get('/throw', () => {
    throw thrown
  })
  app.post('/login', (c) => c.text('welcome'))
  app.get('/raw', (c) =>
    c.html('<p>raw</p>', 200, { 'Content-Security-Policy': 'sandbox', 'Cache-Control': 'public, max-age=300' }),
  )
  app.get('/address', (c) => c.text(clientAddress(c, 1)))
  app.get('/api/public', (c) => c.json({ user: c.get('identity')?.username ?? null }))
  app.use('/api/*', signedIn)
  app.get('/api/throw', () => {
    throw thrown
  })
  app.get('/api/products/', (c) => c.json(Object.fromEntries(queryOf(c))))
  app.options('/api/products/', (c) => c.json({ filterset: ['status'] }))
  app.on(['POST', 'PATCH', 'DELETE'], '/api/products/', (c) => {
    tellPosition(c, POSITION)
    return c.json({ user: c.get('identity')?.username })
  })
  app.post('/api/products/1/download/prepare/', (c) => c.json({ status: 'ready' }))
  app.get('/api/processes/1/stop/', mayWrite, ownSiteOnly(site), (c) => c.json({ status: 'Stopped' }))
})
afterAll(() => database.close())

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  app.request(`${HOST}${path}`, { method, headers })
const withToken = (secret = token) => ({ Authorization: `Token ${secret}` })
const withCookie = (headers: Record<string, string> = {}) => ({ Cookie: `${cookie.name}=${session}`, ...headers })

describe('routing', () => {
  it('takes repeated slashes for one, without a redirect', async () => {
    const response = await ask('/api//products/?status=1', withToken())
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: '1' })
    expect((await ask('///api///products//', withToken(), 'POST')).status).toBe(200)
  })

  it('takes the last of several values of a query parameter', async () => {
    const response = await ask('/api/products/?status=1&status=0&status__in=0,%201&search=a+b', withToken())
    expect(await response.json()).toEqual({ status: '0', status__in: '0, 1', search: 'a b' })
  })

  it('refuses null characters and floods of parameters', async () => {
    expect((await ask('/api/products/?search=%00', withToken())).status).toBe(400)
    expect((await ask(`/api/products/?${'a=1&'.repeat(1001)}`, withToken())).status).toBe(400)
  })

  it('does not take OPTIONS for itself', async () => {
    const response = await ask('/api/products/', { ...withToken(), Origin: 'https://elsewhere.example' }, 'OPTIONS')
    expect(await response.json()).toEqual({ filterset: ['status'] })
  })
})

describe('authentication', () => {
  it.each(['Token', 'token', 'TOKEN', 'Bearer'])('takes the scheme %s', async (scheme) => {
    const response = await ask('/api/public', { Authorization: `${scheme} ${token}` })
    expect(await response.json()).toEqual({ user: 'vera' })
  })

  it('takes the session cookie', async () => {
    expect(await (await ask('/public', withCookie())).json()).toEqual({ user: 'vera' })
    expect(await (await ask('/public', { Cookie: `${cookie.name}=nonsense` })).json()).toEqual({ user: null })
    expect(await (await ask('/public', { Cookie: `${cookie.name}=${'x'.repeat(1_000_000)}` })).json()).toEqual({
      user: null,
    })
    expect(await (await ask('/public')).json()).toEqual({ user: null })
  })

  it('asks for credentials where they are needed', async () => {
    const response = await ask('/api/products/')
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe(
      'Token, Basic realm="Photo-z Server: a token as the password", charset="UTF-8"',
    )
    expect(await response.json()).toMatchObject({ detail: 'Authentication credentials were not provided.' })
    expect((await ask(`/api/products/?token=${token}`)).status).toBe(401)
  })

  it('leaves the way to sign in open on pages, whatever a browser sends along', async () => {
    const wrong = ['Token wrong', 'Basic dmVyYTpwYXNz', `Basic ${Buffer.from(`vera:${token}`).toString('base64')}`, '']
    for (const header of wrong) {
      expect(await (await ask('/public', { Authorization: header })).json()).toEqual({ user: null })
      expect(await (await ask('/public', withCookie({ Authorization: header }))).json()).toEqual({ user: 'vera' })
    }
    expect(await (await ask('/public', withToken())).json()).toEqual({ user: 'vera' })
  })

  it('never makes a browser ask for a name and a password', async () => {
    for (const header of [{ 'Sec-Fetch-Mode': 'navigate' }, { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64)' }]) {
      expect((await ask('/api/products/', header)).headers.get('www-authenticate')).toBe('Token')
    }
  })

  it('takes the token as the password of a program that knows nothing else, for reading alone', async () => {
    const basic = (name: string, password: string) => ({
      Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
    })
    for (const name of ['vera', '', 'anything', 'é']) {
      expect(await (await ask('/api/public', basic(name, token))).json()).toEqual({ user: 'vera' })
    }
    expect((await ask('/api/products/', basic('vera', token), 'PATCH')).status).toBe(403)
    expect((await ask('/api/processes/1/stop/', basic('vera', token))).status).toBe(403)
    expect((await ask('/api/public', basic('vera', `${token}:`))).status).toBe(401)
    expect((await ask('/api/public', { Authorization: `Basic ${'A'.repeat(100_000)}` })).status).toBe(401)
  })

  it.each([
    ['Token wrong', 'Invalid token.'],
    ['Token', 'Invalid token header. No credentials provided.'],
    ['Token a b', 'Invalid token.'],
    ['Token a, Token b', 'Invalid token.'],
    [`Token ${'x'.repeat(1_000_000)}`, 'Invalid token.'],
    ["Token ' or 1=1 --", 'Invalid token.'],
    ['Basic dmVyYTpwYXNz', 'Invalid token.'],
    ['Basic', 'Invalid token header. No credentials provided.'],
    ['Digest username="vera"', 'Use the header'],
    ['', 'Use the header'],
  ])('refuses %.40j, even with a good cookie', async (header, detail) => {
    for (const headers of [{ Authorization: header }, withCookie({ Authorization: header })]) {
      const response = await ask('/api/public', headers)
      expect(response.status).toBe(401)
      expect(JSON.parse(await response.text()).detail).toContain(detail)
    }
  })

  it('lets a token for reading read, and nothing else', async () => {
    expect((await ask('/api/products/', withToken(reader))).status).toBe(200)
    expect((await ask('/api/products/1/download/prepare/', withToken(reader), 'POST')).status).toBe(200)
    expect((await ask('/api/products/', withToken(reader), 'PATCH')).status).toBe(403)
    expect((await ask('/api/processes/1/stop/', withToken(reader))).status).toBe(403)
    expect((await ask('/api/processes/1/stop/', withToken())).status).toBe(200)
  })
})

describe('requests from other sites', () => {
  it.each(['POST', 'PATCH', 'DELETE'])('programs with a token may %s without saying where from', async (method) => {
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json']) {
      expect((await ask('/api/products/', { ...withToken(), 'Content-Type': type }, method)).status).toBe(200)
    }
  })

  it.each([
    ['our own page', { Origin: HOST, 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['our own page in an old browser', { Origin: HOST }, 200],
    ['our own page without Origin', { 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['another site', { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['another site in an old browser', { Origin: 'https://evil.example' }, 403],
    ['a sister host', { Origin: 'https://raw.example.org', 'Sec-Fetch-Site': 'same-site' }, 403],
    ['a sandbox', { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['a null origin that claims to be ours', { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' }, 403],
    ['another port', { Origin: 'https://pz.example.org:8443' }, 403],
    ['a host with our name in front', { Origin: 'https://pz.example.org.evil.example' }, 403],
    ['nowhere', {}, 403],
    ['another site with htmx', { Origin: 'https://evil.example', 'HX-Request': 'true', 'HX-Current-URL': HOST }, 403],
    ['another site as text', { Origin: 'https://evil.example', 'Content-Type': 'text/plain' }, 403],
    ['nowhere, with a forwarded host', { 'X-Forwarded-Host': 'pz.example.org' }, 403],
  ])('with our cookie, a POST from %s', async (_name, headers, status) => {
    expect((await ask('/api/products/', withCookie(headers), 'POST')).status).toBe(status)
  })

  it('are not excused by a token next to the cookie', async () => {
    const foreign = { ...withToken(), Origin: 'https://evil.example' }
    expect((await ask('/api/products/', withCookie(foreign), 'POST')).status).toBe(403)
    expect((await ask('/api/products/', withCookie({ Authorization: 'Token x' }), 'POST')).status).toBe(403)
  })

  it('cannot log somebody in, programs can', async () => {
    expect((await ask('/login', { Origin: 'https://evil.example' }, 'POST')).status).toBe(403)
    expect((await ask('/login', { Origin: HOST }, 'POST')).status).toBe(200)
    expect((await ask('/login', {}, 'POST')).status).toBe(200)
  })

  it('cannot trigger a GET that changes something', async () => {
    const stop = (headers: Record<string, string>) => ask('/api/processes/1/stop/', withCookie(headers))
    expect((await stop({ 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect((await stop({})).status).toBe(403)
    expect((await stop({ 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200)
  })
})

describe('every answer', () => {
  it('carries the security headers, and pages a strict policy', async () => {
    const { headers } = await ask('/public')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("script-src 'self';")
    expect(headers.get('content-security-policy')).toContain("frame-src 'self' https://raw.example.org")
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=/)
    expect(headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
    expect((await ask('/raw')).headers.get('content-security-policy')).toBe('sandbox')
    expect((await ask('/nowhere')).headers.get('x-content-type-options')).toBe('nosniff')
    expect((await ask('/api/products/')).headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('is for whoever asks alone, and asked for again each time, unless it says otherwise', async () => {
    const cacheControl = async (path: string, headers = {}) => (await ask(path, headers)).headers.get('cache-control')
    expect(await cacheControl('/public', withCookie())).toBe('private, no-cache')
    expect(await cacheControl('/api/products/', withToken())).toBe('private, no-cache')
    expect(await cacheControl('/raw')).toBe('public, max-age=300')
    expect(await cacheControl('/nowhere')).toMatch(/private|no-store/)
  })

  it('is written to the log in one line without secrets', async () => {
    lines.length = 0
    const response = await ask('/api/products/?token=hush', { ...withToken(), 'X-Request-Id': 'forged-by-client' })
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      method: 'GET',
      path: '/api/products/',
      status: 200,
      user: 1,
      request: response.headers.get('x-request-id'),
    })
    expect(lines[0]).not.toMatch(/hush|pz_|forged/)
  })

  it('knows the position of the log', async () => {
    const written = await ask('/api/products/', withToken(), 'POST')
    expect(written.headers.get('x-event-position')).toBe(POSITION)
    const later = '43'.padStart(20, '0')
    expect((await ask('/public', { 'X-Event-Position': POSITION })).status).toBe(200)
    const tooEarly = await ask('/public', { 'X-Event-Position': later })
    expect(tooEarly.status).toBe(503)
    expect(tooEarly.headers.get('retry-after')).toBe('1')
    expect((await ask('/public', { 'X-Event-Position': '-1' })).status).toBe(400)
  })

  it('believes only our own proxies about addresses', async () => {
    const request = (forwarded: string) => ask('/address', { 'X-Forwarded-For': forwarded })
    expect(await (await request('6.6.6.6, 10.0.0.7')).text()).toBe('10.0.0.7')
    expect(await (await request('')).text()).toBe('unknown')
  })
})

describe('the session cookie', () => {
  it('is bound to our host over HTTPS, and works without it', async () => {
    const set = async (publicUrl: string | null) => {
      const plain = new Hono().get('/', (c) => {
        new SessionCookie(publicUrl).write(c, 'secret')
        return c.text('')
      })
      return (await plain.request('/')).headers.get('set-cookie')
    }
    expect(await set(HOST)).toBe('__Host-pz=secret; Max-Age=1209600; Path=/; HttpOnly; Secure; SameSite=Lax')
    expect(await set(null)).toBe('pz=secret; Max-Age=1209600; Path=/; HttpOnly; SameSite=Lax')
  })
})

describe('an error', () => {
  const answer = async (error: unknown, path = '/throw', headers = {}) => {
    thrown = error
    const response = await ask(path, headers)
    return { response, body: await response.text() }
  }

  it.each([
    [invalidField('display_name', 'This field is required.'), 400, { display_name: 'This field is required.' }],
    [invalidField('release', 'No.', true), 400, { release: ['No.'], detail: 'release: No.', error: 'release: No.' }],
    [invalidField('status', 'Wrong.'), 400, { status: 'Wrong.' }],
    [forbidden(), 403, { detail: 'You do not have permission to perform this action.' }],
    [notFound(), 404, { detail: 'Not found.' }],
    [new DomainError('roles_missing', 'The column(s) was not filled in: Dec'), 406, { code: 'roles_missing' }],
    [new DomainError('conflict', 'Restore it first.'), 409, { error: 'Restore it first.' }],
    [new AccountError('invalid', 'x', { password: 'Use more.' }), 400, { password: 'Use more.' }],
    [new TooManyAttempts(20), 429, { code: 'too_many_attempts' }],
    [new TableError('malformed', 'Line 3 has 4 cells.', 3), 422, { detail: 'Line 3 has 4 cells.' }],
    [new BlobTooLarge(200_000_000), 413, { detail: 'The file is larger than the limit of 200 MB (200000000 bytes).' }],
    [new DiskFull(), 507, { code: 'disk_full' }],
    [Object.assign(new Error("open '/data/5432'"), { code: 'EROFS' }), 507, { code: 'disk_unusable' }],
    [Object.assign(new Error("mkdir '/data/5432'"), { code: 'EACCES' }), 507, { code: 'disk_unusable' }],
    [new WrongExpectedRevision('product-1', 1n, 2n), 412, { code: 'wrong_expected_revision' }],
    [new InvalidEvent('events[0]', 'NUL'), 400, { code: 'invalid_event' }],
    [new DatabaseUnavailable('connect ECONNREFUSED db:5432'), 503, { code: 'database_unavailable' }],
    [new EventStoreUnavailable('gone'), 503, { code: 'event_store_unavailable' }],
    [new Error('Failed query', { cause: new DatabaseUnavailable('db:5432') }), 503, { code: 'database_unavailable' }],
    [new SqlError('statement timeout of db:5432', '57014', {}), 503, { code: 'database_busy' }],
    [new SqlError('deadlock detected: process 5432', '40P01', {}), 503, { code: 'database_busy' }],
    [new SqlError('read-only transaction in 5432', '25006', {}), 503, { code: 'database_busy' }],
    [new SqlError('syntax error at 5432', '42601', {}), 500, { code: 'internal' }],
    [new HTTPException(418, { message: 'A teapot.' }), 418, { detail: 'A teapot.' }],
  ])('%s is %s', async (error, status, members) => {
    const { response, body } = await answer(error)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(JSON.parse(body)).toMatchObject(members)
    expect(body).not.toContain('5432')
  })

  it('says when to come back', async () => {
    expect((await answer(new TooManyAttempts(20))).response.headers.get('retry-after')).toBe('20')
    expect((await answer(new EventStoreUnavailable('x'))).response.headers.get('retry-after')).toBe('5')
  })

  it.each([
    new Error('secret detail'),
    new BlobMissing('ab'),
    Object.assign(new Error('secret detail'), { code: 'ENOENT' }),
    Object.assign(new Error('secret detail'), { code: 'constructor' }),
  ])('that is our defect tells nothing, and is logged: %s', async (error) => {
    lines.length = 0
    const { response, body } = await answer(error)
    expect(response.status).toBe(500)
    expect(body).not.toContain('secret detail')
    expect(JSON.parse(body).request_id).toBe(response.headers.get('x-request-id'))
    const logged = lines.find((line) => line.includes('request failed')) ?? ''
    expect(logged).toContain(error.message)
    expect(JSON.parse(logged).request).toBe(response.headers.get('x-request-id'))
  })

  it('is a page for browsers, but never in the API', async () => {
    expect((await answer(notFound(), '/throw', { Accept: 'text/html' })).body).toBe('<h1>Not found</h1>')
    const inApi = await answer(notFound(), '/api/throw', { Accept: 'text/html', ...withToken() })
    expect(JSON.parse(inApi.body).detail).toBe('Not found.')
  })
})
