import { describe, expect, it } from 'vitest'
import { createSession } from '../../../src/accounts/sessions.ts'
import { accountsOf } from '../../../src/application/people.ts'
import type { Json } from '../../support/answer.ts'
import { accepted, columnsOf, published, registered } from '../../support/products.ts'
import { refused } from './refused.ts'
import { watchedApp } from './watched-app.ts'

/** Inputs to survive: `security.md`, "Bad inputs", by number. */
const { app, alice, bob } = await watchedApp()

const head = () => app.context.store.head()

describe('what people type', () => {
  const nasty = [
    '<script>alert(1)</script>',
    '{{7*7}}',
    '" onmouseover=alert(1)',
    "'; drop table products; --",
    '\u202e',
  ]

  it('#15: markup, templates and quotes are kept as they are', async () => {
    for (const text of nasty) {
      const id = await registered(alice, {
        display_name: `x${text}`,
        description: text,
        product_type: 7,
        pz_code: text,
      })
      const answer = await bob.get(`/api/products/${id}/`)
      expect(answer.status).toBe(404) // a draft
      expect(accepted(await alice.get(`/api/products/${id}/`)).description).toBe(text)
    }
  })

  it('#15: megabytes, null characters and halves of characters are refused', async () => {
    const id = await registered(alice, { product_type: 7 })
    const column = await published(alice).then((each) => columnsOf(alice, each))
    await refused(app, [400, 413], async function* () {
      for (const text of ['x'.repeat(1_000_000), 'a\u0000b', 'a\ud800b', '\u0007']) {
        for (const field of ['display_name', 'description', 'pz_code']) {
          yield await alice.patchJson(`/api/products/${id}/`, { [field]: text })
          yield await alice.post('/api/products/', { display_name: 'x', product_type: 7, [field]: text })
        }
        yield await alice.patchJson(`/api/product-contents/${column.get('z')?.id}/`, { alias: text })
        yield await alice.patchJson(`/api/product-contents/${column.get('z')?.id}/`, { alias: 'mine', ucd: text })
        yield await app.as('admin').post('/api/releases/', { name: 'x', description: text })
      }
      yield await alice.post('/api/products/', { display_name: 'x'.repeat(3_000_000), product_type: 7 })
    })
  })

  it('#15: bodies that are no objects, too deep, or of the wrong types', async () => {
    const send = (body: string, type = 'application/json') =>
      alice.send('POST', '/api/products/', { headers: { 'Content-Type': type }, body })
    await refused(app, [400, 413, 415], async function* () {
      for (const body of [
        '[]',
        '"x"',
        'null',
        '{',
        '{"display_name":',
        '5',
        `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`,
      ]) {
        yield await send(body)
      }
      for (const wrong of [5, true, [], {}, ['x']]) {
        yield await send(JSON.stringify({ display_name: wrong, product_type: 7 }))
        if (wrong !== 5) yield await send(JSON.stringify({ display_name: 'x', product_type: wrong }))
        yield await send(JSON.stringify({ display_name: 'x', product_type: 7, description: wrong }))
      }
      for (const number of [0, -1, 1.5, 1e300, 2 ** 31, 77]) {
        yield await send(JSON.stringify({ display_name: 'x', product_type: 2, release: number }))
        if (number !== 1.5) yield await send(JSON.stringify({ display_name: 'x', product_type: number }))
      }
      yield await send('display_name=x&product_type=abc', 'application/x-www-form-urlencoded')
      yield await send('{"display_name":"x","product_type":7}', 'text/plain')
      yield await send('<product/>', 'application/xml')
      yield await send('{"display_name":"x","product_type":7,"__proto__":{"status":1},"constructor":1,"status":9}')
    })
  })

  it('#22: filters and pages that mean nothing', async () => {
    const list = (query: string) => alice.get(`/api/products/${query}`)
    const everything = accepted(await list('')).count
    for (const query of [
      '?ordering=__class__',
      '?ordering=-password',
      '?page_size=1e9',
      '?page_size=-4',
      '?page_size=abc',
      '?release__in=',
      '?unknown=1&user__password=x',
      '?official_product=banana',
      '?status__in=0, 1, 2, 3, 9',
      '?release=',
      '?as_ofx=1',
    ]) {
      expect([query, accepted(await list(query)).count]).toEqual([query, everything])
    }
    for (const query of ['?page=-1', '?page=NaN', '?page=0', '?page=1e9', '?page=', '?page=99999', '?page=1.5']) {
      const answer = await list(query)
      expect([query, answer.status, answer.json.detail]).toEqual([query, 404, 'Invalid page.'])
    }
    for (const query of [
      '?release=a',
      '?release=0',
      '?status=abc',
      '?status=5',
      '?product_type=77',
      '?id=99999999999',
      '?id__in=1,x',
      `?id__in=${Array.from({ length: 10_000 }, (_, i) => i).join(',')}`,
      `?${Array.from({ length: 2_000 }, (_, i) => `a${i}=1`).join('&')}`,
      '?search=%00',
      `?search=${'a '.repeat(30)}`,
      '?as_of=yesterday',
    ]) {
      const { status, json } = await list(query)
      expect([query.slice(0, 40), status, typeof json.detail]).toEqual([query.slice(0, 40), 400, 'string'])
    }
    const refusal = await list('?release=0')
    const words = 'Select a valid choice. That choice is not one of the available choices.'
    expect(refusal.json.release).toEqual([words])
    const format = await alice.get('/api/feed/?format=xml')
    expect([format.status, format.json.format]).toEqual([400, '"xml" is not a valid choice: atom, json.'])
    const undo = await alice.post('/api/products/1/undo/', { position: 'the last' })
    const expected = 'position of the event in the log, in digits, as the history tells it'
    expect([undo.status, undo.json.position]).toEqual([400, `"the last" is not valid here. Expected: ${expected}.`])
    for (const path of [
      '/api/product-contents/',
      '/api/product-contents/?product=abc',
      '/api/product-contents/?product=1&id=x',
      '/api/product-files/?product_id=99999999999',
      '/api/product-files/?id=-1',
      '/api/releases/?id=x',
      '/api/products/99999999999999999999/',
      '/api/products/abc/',
      '/api/products/1',
      '/api/product-types/999/',
      '/api/pipelines/2147483648/',
      '/api/releases/?search=%25%5C',
      '/api/users/?page=7',
    ]) {
      const { status } = await alice.get(path)
      expect([path, status]).toEqual([path, expect.toBeOneOf([200, 400, 404])])
    }
  })

  it('#23: a search finds its words literally', async () => {
    const odd = String.raw`50%_of\ all & (z|!ra) <-> 'x'`
    const id = await registered(bob, { display_name: odd, product_type: 7 })
    await registered(bob, { display_name: '50 of all', product_type: 7 })
    const found = async (text: string): Promise<number[]> => {
      const { results } = accepted(await bob.get(`/api/products/?user=3&search=${encodeURIComponent(text)}`))
      return results.map((each: Json) => each.id)
    }
    for (const text of ['%_', '%_of', '\\', '50%_of', '&', '(z|!ra)', '<->', "'x'", odd]) {
      expect([text, await found(text)]).toEqual([text, [id]])
    }
    for (const text of ["' OR 1=1--", '50__of', '%of', 'x'.repeat(10_240)]) expect(await found(text)).toEqual([])
    const name = encodeURIComponent('50%_')
    expect(accepted(await bob.get(`/api/products/?product_name=${name}`)).count).toBe(1)
    await app.as('admin').post('/api/releases/', { name: 'percent', description: '100 percent' })
    expect(accepted(await bob.get('/api/releases/?search=%25')).count).toBe(0)
    expect(accepted(await bob.get('/api/releases/?search=%5C')).count).toBe(0)
  })

  it('#24: moments that never were', async () => {
    const id = await published(alice)
    const at = (text: string) => alice.get(`/api/products/${id}/?as_of=${encodeURIComponent(text)}`)
    for (const text of [
      'yesterday',
      '-1',
      '',
      '2026-02-30',
      '2026-13-01T00:00:00Z',
      '9223372036854775808',
      '3026-01-01',
    ]) {
      const answer = await at(text)
      expect([text, answer.status, answer.json.as_of]).toEqual([text, 400, expect.any(String)])
    }
    for (const text of ['2020-01-01', '00000', '2026-03-14T09:00:00Z']) expect((await at(text)).status).toBe(404)
    expect((await at(await head())).json).toMatchObject({ id, status: 1 })
    const history = await alice.get(`/api/products/${id}/history/?as_of=yesterday`)
    expect(history.status).toBe(400)
  })

  it('expiry times that no date can be', async () => {
    for (const expires_at of ['2026-12-31T23:59:60Z', '9999-12-31T23:59:59-23:59', '2020-01-01T00:00:00Z', 'soon', 5]) {
      const answer = await alice.post('/api/tokens/', { name: 'x', expires_at })
      expect([expires_at, answer.status, answer.json.expires_at]).toEqual([expires_at, 400, expect.any(String)])
    }
    expect((await alice.post('/api/tokens/', { name: ' ' })).status).toBe(400)
    expect((await alice.post('/api/tokens/', { name: 'x', scope: 'root' })).status).toBe(400)
  })

  it('releases and accounts with impossible values', async () => {
    const admin = app.as('admin')
    await refused(app, [400], async function* () {
      for (const fields of [
        {},
        { name: '../etc' },
        { name: 'a b' },
        { name: '' },
        { name: 'x'.repeat(65) },
        { name: 'ok', access_groups: [3_000_000_000] },
        { name: 'ok', access_groups: ['x'] },
        { name: 'ok', access_groups: [4_000] },
        { name: 'ok', fluxes: [{ name: '', display_name: 'x' }] },
        { name: 'ok', fluxes: [{ name: 'a', display_name: 'x', extra: 1 }] },
        { name: 'ok', dereddening: 'sfd' },
        { name: 'ok', is_public: 'maybe' },
        { name: 'ok', indexing_column: ' ' },
      ]) {
        yield await admin.post('/api/releases/', fields)
      }
      for (const person of [
        { username: '', password: 'long enough' },
        { username: 'x', password: 'short' },
        { username: 'system', password: 'long enough' },
        { username: 'a\u200bb', password: 'long enough' },
        { username: 'x'.repeat(200), password: 'long enough' },
        { username: 'x', password: 'long enough', groups: [''] },
      ]) {
        yield await admin.post('/api/users/', person)
      }
      yield await admin.patchJson('/api/users/1/', { is_admin: false })
      yield await admin.patchJson('/api/users/1/', { groups: ['x'.repeat(200)] })
    })
    expect((await admin.post('/api/users/', { username: 'ALICE', password: 'long enough' })).status).toBe(409)
    expect((await admin.patchJson('/api/users/999/', { active: false })).status).toBe(404)
    expect((await alice.post('/api/users/', { username: 'eve', password: 'long enough' })).status).toBe(403)
    expect((await alice.post('/api/releases/', { name: 'mine' })).status).toBe(403)
  })
})

describe('who asks', () => {
  it('#26: what another site sends in the name of a visitor is refused', async () => {
    const session = await createSession(accountsOf(app.context), 2)
    const cookie = { Cookie: `pz=${session}` }
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const send = (headers: Record<string, string>, method = 'POST') =>
      app.request('/api/products/', { method, headers, body: 'display_name=x&product_type=7' })
    await refused(app, [403], async function* () {
      for (const source of [
        { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
        { 'Sec-Fetch-Site': 'same-site' },
        { Origin: 'https://evil.example' },
        { Origin: 'null' },
        {},
        { Origin: 'https://evil.example', 'HX-Request': 'true', 'HX-Current-URL': 'http://localhost/' },
      ]) {
        yield await send({ ...cookie, ...form, ...source })
      }
      yield await send({ ...cookie, 'Content-Type': 'text/plain', Origin: 'https://evil.example' })
      // a cookie and a token together: the token alone counts, and the browser must still say that it is us
      yield await send({ ...cookie, ...form, Authorization: `Token ${alice.token}`, Origin: 'https://evil.example' })
      yield await send({ ...form, Origin: 'https://evil.example' })
    })
    expect((await send({ ...cookie, ...form, Origin: 'http://localhost' })).status).toBe(201)
    expect((await send({ ...cookie, ...form, 'Sec-Fetch-Site': 'same-origin' })).status).toBe(201)
    expect((await send({ ...form, Authorization: `Token ${alice.token}` })).status).toBe(201)
  })

  it('#27: tokens that are revoked, expired, malformed, doubled, huge or in the query', async () => {
    const revoked = accepted(await bob.post('/api/tokens/', { name: 'revoked' }))
    accepted(await bob.delete(`/api/tokens/${revoked.id}/`))
    const soon = new Date(app.clock.read().getTime() + 60_000).toISOString()
    const expired = accepted(await bob.post('/api/tokens/', { name: 'expired', expires_at: soon }))
    app.clock.advance(61_000)
    for (const authorization of [
      `Token ${revoked.token}`,
      `Token ${expired.token}`,
      `Basic ${Buffer.from('bob:x').toString('base64')}`,
      'Token',
      'Token  ',
      bob.token,
      `Token ${bob.token} ${bob.token}`,
      `Token ${bob.token}, Token ${alice.token}`,
      `Token ${'x'.repeat(1_000_000)}`,
      "Token ' OR 1=1",
      `Token ${bob.token.toUpperCase()}`,
    ]) {
      const answer = await app.request('/api/products/', { headers: { Authorization: authorization } })
      expect([authorization.slice(0, 20), answer.status]).toEqual([authorization.slice(0, 20), 401])
      expect(answer.headers.get('www-authenticate')).toMatch(/^Token, Basic /)
    }
    for (const scheme of ['Token', 'token', 'TOKEN', 'Bearer']) {
      expect((await app.request('/api/', { headers: { Authorization: `${scheme} ${bob.token}` } })).status).toBe(200)
    }
    expect((await app.request(`/api/products/?token=${bob.token}`)).status).toBe(401)
    expect(app.logged()).not.toContain(bob.token)
  })

  it('a login that fails says nothing about the account', async () => {
    const login = (username: string, password: string) =>
      app.request('/api/obtain_token/', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ username, password }),
      })
    const words = { non_field_errors: ['Unable to log in with provided credentials.'] }
    expect(await login('alice', 'wrong password')).toMatchObject({ status: 400, json: words })
    expect(await login('nobody at all', 'wrong password')).toMatchObject({ status: 400, json: words })
    expect((await login('', '')).status).toBe(400)
    expect((await login('x'.repeat(100_000), 'y'.repeat(100_000))).status).toBe(400)
    const { token } = accepted(await login('Alice', 'correct horse battery'))
    expect((await app.withToken(token).get('/api/')).status).toBe(200)
  })
})
