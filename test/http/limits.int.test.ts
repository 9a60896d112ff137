import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Limits } from '../../src/accounts/limits.ts'
import { type Client, type TestApp, testApp } from '../support/app.ts'
import { accepted, CATALOG, PRODUCT_TYPE, published, registered } from '../support/products.ts'
import { see, upload } from './pages-forms.ts'

describe('limits', () => {
  it('let so many be under way for a person and for all, and give places back', () => {
    const limits = new Limits()
    const places = Array.from({ length: 16 }, () => limits.enter('upload', 1))
    expect(() => limits.enter('upload', 1)).toThrow('You have 16 uploads under way')
    places[0]?.[Symbol.dispose]()
    places[0]?.[Symbol.dispose]()
    limits.enter('upload', 1)
    expect(() => limits.enter('upload', 1)).toThrow('which is the most at a time')
    for (let n = 0; n < 84; n++) limits.enter('upload', 10 + n)
    expect(() => limits.enter('upload', 500)).toThrow('The server has 100 uploads under way')
  })

  it('let so many be asked for in an hour', async () => {
    const limits = new Limits()
    for (let n = 0; n < 30; n++) await limits.spend('password', 1)
    await expect(limits.spend('password', 1)).rejects.toMatchObject({
      code: 'too_many_requests',
      retryAfter: expect.any(Number),
      message: expect.stringContaining('more than 30 changes of passwords in an hour'),
    })
    await limits.spend('password', 2)
  })

  it('answer 429 with the time to wait: tokens, uploads, archives, cone searches', async () => {
    const app = await testApp()
    try {
      const alice = app.as('alice')
      const { userId } = alice.request.actor
      const id = await published(alice)
      const refused = async (answer: Promise<{ status: number; headers: Headers; json: { code: string } }>) => {
        const { status, headers, json } = await answer
        expect([status, json.code]).toEqual([429, 'too_many_requests'])
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      }
      const { limits } = app.context
      for (let n = 0; n < 200; n++) await limits.spend('token', userId)
      await refused(alice.post('/api/tokens/', { name: 'one more' }))
      const full = (['upload', 'archive', 'table'] as const).flatMap((name) =>
        Array.from({ length: name === 'table' ? 64 : 16 }, () => limits.enter(name, userId)),
      )
      await refused(alice.upload(id, 'notes.txt', 'x', { role: 2 }))
      await refused(alice.send('POST', `/api/products/${id}/download/prepare/`))
      await refused(alice.get(`/api/products/${id}/cone/?RA=10.5&DEC=-29.87&SR=0.1`))
      for (const place of full) place[Symbol.dispose]()
      accepted(await alice.upload(id, 'notes.txt', 'x', { role: 2 }))
      accepted(await alice.get(`/api/products/${id}/cone/?RA=10.5&DEC=-29.87&SR=0.1`))
    } finally {
      await app.close()
    }
  })
})

describe('the rates of requests', () => {
  let app: TestApp
  let alice: Client
  let bob: Client
  beforeAll(async () => {
    // 12 requests, 2 searches and 1 upload in a minute, 1 run in an hour.
    app = await testApp({ env: { RATE_LIMITS: '0.004', TRUST_PROXY: '1' } })
    alice = app.as('alice')
    bob = app.as('bob')
  })
  afterAll(() => app.close())

  const told = ({ headers }: { headers: Headers }) =>
    ['limit', 'remaining', 'reset'].map((name) => Number(headers.get(`ratelimit-${name}`) ?? Number.NaN))

  it('are told with every answer of the API, and refused beyond the limit with the time to wait', async () => {
    const first = await alice.get('/api/products/')
    expect([first.status, ...told(first)]).toEqual([200, 12, 11, expect.any(Number)])
    const unknown = await alice.get('/api/nonsense/')
    expect([unknown.status, ...told(unknown).slice(0, 2)]).toEqual([404, 12, 10])
    for (let n = 10; n > 0; n--) expect(told(await alice.get('/api/products/'))[1]).toBe(n - 1)

    const refused = await alice.get('/api/products/')
    expect([refused.status, refused.json.code]).toEqual([429, 'too_many_requests'])
    expect(refused.json.detail).toContain('more than 12 requests in a minute')
    const wait = Number(refused.headers.get('retry-after'))
    expect(wait > 0 && wait <= 60).toBe(true)
    expect(told(refused)).toEqual([12, 0, wait])
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff')

    const page = await see(alice, '/products')
    expect([page.status, page.headers.get('retry-after') !== null]).toEqual([429, true])
    expect(page.text).toContain('Please try again in')
  })

  it('are of each person, and of an address where nobody signed in', async () => {
    accepted(await bob.get('/api/products/'))
    const from = (address: string) => app.request('/api/nonsense/', { headers: { 'X-Forwarded-For': address } })
    for (let n = 0; n < 12; n++) expect((await from('192.0.2.1')).status).not.toBe(429)
    expect((await from('192.0.2.1')).status).toBe(429)
    expect((await from('192.0.2.2')).status).not.toBe(429)
  })

  it('do not count style sheets, scripts, and questions about the health', async () => {
    for (let n = 0; n < 15; n++) {
      expect((await alice.get('/static/tokens.css')).status).toBe(200)
      expect((await app.request('/health/live')).status).toBe(200)
    }
  })

  it('are counted by what a request costs', async () => {
    const limit = async (method: string, path: string, init: RequestInit = {}) =>
      Number((await app.as('admin').send(method, path, init)).headers.get('ratelimit-limit'))
    const body = new FormData()
    body.append('file', new File(['x'], 'x.csv'))
    expect(await limit('GET', '/api/products/?search=x')).toBe(2)
    expect(await limit('GET', '/api/products/1/cone/?RA=1&DEC=1&SR=1')).toBe(2)
    expect(await limit('POST', '/api/product-files/', { body })).toBe(1)
    expect(await limit('POST', '/api/processes/')).toBe(1)
    const again = await app.as('admin').send('POST', '/api/processes/')
    expect([again.status, again.json.detail]).toEqual([429, expect.stringContaining('1 requests for runs in an hour')])
    expect(await limit('GET', '/api/processes/')).toBe(12)
  })

  it("are nobody's concern when the configuration switches them off", async () => {
    const other = await testApp({ env: { RATE_LIMITS: 'off' } })
    try {
      const answer = await other.as('alice').get('/api/products/')
      expect([answer.status, answer.headers.get('ratelimit-limit')]).toEqual([200, null])
    } finally {
      await other.close()
    }
  })
})

describe('the room of a person', () => {
  let app: TestApp
  let alice: Client
  beforeAll(async () => {
    app = await testApp({ env: { PERSON_QUOTA: '500' } })
    alice = app.as('alice')
  })
  afterAll(() => app.close())

  const room = async () =>
    />\s*([\d.]+\s\w+ of [\d.]+\s\w+)/u.exec((await see(alice, '/account')).text)?.[1]?.replaceAll('\u202f', ' ')

  it('is kept, with the numbers, and what does not fit leaves nothing behind', async () => {
    const id = await registered(alice, { product_type: PRODUCT_TYPE.other })
    accepted(await alice.upload(id, 'catalog.csv', CATALOG))
    const refused = await alice.upload(id, 'large.txt', 'x'.repeat(410), { role: 2 })
    expect([refused.status, refused.json.code]).toEqual([413, 'quota_exceeded'])
    expect(refused.json.detail).toContain(`${CATALOG.length} bytes of 500 bytes are used for files of yours`)
    expect(refused.json.detail).toContain('410 bytes more do not fit')
    accepted(await alice.upload(id, 'small.txt', 'x'.repeat(300), { role: 2 }))
    expect(await room()).toBe(`${CATALOG.length + 300} B of 500 B`)
    // The same bytes are stored once.
    const draft = await upload(alice, '/product/new/main-file', 'file', {
      'another.csv': `${CATALOG}3,1,1,1\n`.repeat(2),
    })
    expect(draft.status).toBe(413)
    expect(draft.text).toContain('of 500 bytes are used')
  })

  it('counts what was deleted, and an administrator’s upload for the owner', async () => {
    const { results } = accepted(await alice.get('/api/products/?status=0'))
    accepted(await alice.patch(`/api/products/${results[0].id}/`, { description: 'x' }))
    const admin = app.as('admin')
    expect((await admin.upload(results[0].id, 'x.txt', 'x'.repeat(200), { role: 2 })).status).toBe(413)
    expect((await alice.delete(`/api/products/${results[0].id}/`)).status).toBe(204)
    expect(await room()).toBe(`${CATALOG.length + 300} B of 500 B`)
    accepted(await admin.upload(await registered(admin, { product_type: PRODUCT_TYPE.other }), 'a.csv', CATALOG))
  })

  it('refuses by the announced length before a byte is taken', async () => {
    const body = new ReadableStream({
      pull() {
        throw new Error('a byte was asked for')
      },
    })
    const answer = await alice.send('POST', '/api/product-files/', {
      headers: { 'Content-Type': 'multipart/form-data; boundary=x', 'Content-Length': '1000000' },
      body,
      duplex: 'half',
    } as RequestInit)
    expect([answer.status, answer.json.code]).toEqual([413, 'quota_exceeded'])
  })

  it('is not limited unless the configuration says so', async () => {
    const other = await testApp()
    try {
      expect((await see(other.as('alice'), '/account')).text).not.toContain('<meter')
    } finally {
      await other.close()
    }
  })
})

it('absolute addresses begin with PUBLIC_URL, whatever the header Host says', async () => {
  const app = await testApp({ env: { PUBLIC_URL: 'https://pz.example.org' } })
  try {
    const root = accepted(await app.as('alice').get('/api/', { Host: 'evil.example' }))
    expect(root.products).toBe('https://pz.example.org/api/products/')
  } finally {
    await app.close()
  }
})
