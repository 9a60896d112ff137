import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { atomFeed } from '../../../src/provenance/feeds/atom.ts'
import { post, see } from '../../http/pages-forms.ts'
import { type Client, type Json, PASSWORD, type TestApp, testApp } from '../../support/app.ts'
import { accepted, published, registered } from '../../support/products.ts'
import { elements, parseXml } from './xml.ts'

let app: TestApp
let alice: Client
let bob: Client
let id: number
let draft: number
beforeAll(async () => {
  app = await testApp({ env: { PUBLIC_URL: 'https://pz.example.org' } })
  alice = app.as('alice')
  bob = app.as('bob')
  id = await published(alice, { display_name: 'Gold & <silver>' })
  accepted(await alice.patch(`/api/products/${id}/`, { description: 'Tab\tand ]]> and "quotes"' }))
  accepted(await alice.upload(id, 'catalog.csv', 'objectId,RA,Dec,z\n1,2,3,0.5\n', { replace: true }))
  draft = await registered(alice, { display_name: 'A secret draft' })
})
afterAll(() => app.close())

const UUID = /^urn:uuid:[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const json = async (path: string, who = bob): Promise<Json> => accepted(await who.get(path))

describe('an Atom feed', () => {
  it('is well-formed, with everything that RFC 4287 demands', async () => {
    for (const path of ['/api/feed/', `/api/products/${id}/feed/`]) {
      const answer = await bob.get(path)
      expect(answer.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8')
      const feed = parseXml(answer.text)
      expect([feed.name, feed.attributes.xmlns]).toEqual(['feed', 'http://www.w3.org/2005/Atom'])
      for (const name of ['id', 'title', 'updated']) expect(elements(feed, name), name).toHaveLength(1)
      const links = elements(feed, 'link').map(({ attributes }) => attributes)
      expect(links.find(({ rel }) => rel === 'self')?.href).toBe(`https://pz.example.org${path}`)
      const entries = elements(feed, 'entry')
      expect(entries.length).toBeGreaterThan(2)
      for (const entry of entries) {
        for (const name of ['id', 'title', 'updated', 'author', 'content', 'link']) {
          expect(elements(entry, name), name).toHaveLength(1)
        }
        expect(elements(entry, 'id')[0]?.text).toMatch(UUID)
        expect(elements(entry, 'updated')[0]?.text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
        expect(elements(elements(entry, 'author')[0]!, 'name')[0]?.text).toBe('alice')
      }
      const times = entries.map((entry) => elements(entry, 'updated')[0]?.text ?? '')
      expect(times).toEqual(times.toSorted().reverse())
      expect(elements(feed, 'updated')[0]?.text).toBe(times[0])
      expect(new Set(entries.map((entry) => elements(entry, 'id')[0]?.text)).size).toBe(entries.length)
    }
  })

  it('tells names and values as they are', async () => {
    const feed = parseXml((await bob.get('/api/feed/?kind=metadata')).text)
    const [entry] = elements(feed, 'entry')
    expect(elements(entry!, 'title')[0]?.text).toBe('Gold & <silver>: alice changed the description')
    expect(elements(entry!, 'content')[0]?.text).toContain('description: nothing → Tab\tand ]]> and "quotes"')
  })
})

it('writes no character that XML cannot hold', () => {
  const entry = { id: 'x', title: 'a\u0000b\u001Fc\uFFFFd\uD800e\u{1F52D}', author: '', at: '', url: '"', text: '' }
  const feed = { id: '', title: '', subtitle: '', home: '', self: '', updated: '', entries: [entry] }
  const [written] = elements(parseXml(atomFeed(feed)), 'entry')
  expect(elements(written!, 'title')[0]?.text).toBe('a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\u{1F52D}')
})

describe('a JSON feed', () => {
  it('says the same, in the shape of JSON Feed 1.1', async () => {
    const answer = await bob.get('/api/feed/?format=json')
    expect(answer.headers.get('content-type')).toBe('application/feed+json')
    const feed = JSON.parse(answer.text)
    expect(feed).toMatchObject({
      version: 'https://jsonfeed.org/version/1.1',
      title: 'Photo-z Server',
      home_page_url: 'https://pz.example.org/products',
      feed_url: 'https://pz.example.org/api/feed/?format=json',
    })
    const atom = elements(parseXml((await bob.get('/api/feed/')).text), 'entry')
    expect(feed.items.map((item: Json) => item.id)).toEqual(atom.map((entry) => elements(entry, 'id')[0]?.text))
    for (const item of feed.items) {
      expect(typeof item.content_text).toBe('string')
      expect(item.authors).toEqual([{ name: 'alice' }])
      expect(new Date(item.date_published).toISOString()).toBe(item.date_published)
    }
  })

  it('tells one command in one entry, and leads to it', async () => {
    const { items } = JSON.parse((await bob.get(`/api/products/${id}/feed/?format=json`)).text)
    expect(items[0]).toMatchObject({ title: 'alice replaced the main file catalog.csv (and 1 more)' })
    const url = new URL(items[0].url)
    const { text } = await see(bob, `${url.pathname}${url.search}`)
    expect(text).toContain(`id="${url.hash.slice(1)}"`)
  })

  it('is narrowed to people and kinds', async () => {
    const titles = async (query: string): Promise<string[]> =>
      JSON.parse((await bob.get(`/api/products/${id}/feed/?format=json&${query}`)).text).items.map(
        (item: Json) => item.title,
      )
    expect(await titles('by=bob')).toEqual([])
    expect((await titles('by=bob,alice&kind=status')).map((title) => title.split(' ')[1])).toEqual([
      'published',
      'registered',
    ])
    expect((await bob.get('/api/feed/?kind=nothing')).status).toBe(400)
  })
})

describe('who reads a feed', () => {
  it('sees what they may see, and the site its drafts never', async () => {
    expect((await bob.get('/api/feed/')).text).not.toContain('secret draft')
    expect((await alice.get('/api/feed/')).text).not.toContain('secret draft')
    expect((await bob.get(`/api/products/${draft}/feed/`)).status).toBe(404)
    expect((await alice.get(`/api/products/${draft}/feed/`)).text).toContain('secret draft')
    accepted(await alice.delete(`/api/products/${id}/`))
    expect((await bob.get('/api/feed/')).text).not.toContain('Gold')
    expect((await alice.get('/api/feed/')).text).toContain('deleted it')
    accepted(await alice.post(`/api/products/${id}/restore/`))
  })

  it('is asked who they are, unless the address has a key, which opens nothing else and can be revoked', async () => {
    const anonymous = app.withToken(null)
    expect((await anonymous.get('/api/feed/')).status).toBe(401)
    const signedIn = await post(anonymous, '/sign-in', { username: 'bob', password: PASSWORD, next: '/' })
    const Cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const inBrowser = (path: string) => anonymous.get(path, { Accept: 'text/html', Cookie })
    const before = await see(bob, `/feeds?product=${id}`)
    expect(before.text).toContain('Make a key')
    expect((await post(bob, `/feeds?product=${id}`)).headers.get('location')).toBe(`/feeds?product=${id}`)
    await post(bob, '/feeds') // has one already
    const page = await inBrowser(`/feeds?product=${id}`)
    const urls = [...page.text.matchAll(/https:\/\/pz\.example\.org(\/api[^<"]+)/g)].map(([, path = '']) =>
      path.replaceAll('&amp;', '&'),
    )
    expect(new Set(urls).size).toBe(4)
    for (const url of urls) expect((await anonymous.get(url)).status, url).toBe(200)
    const key = new URL(urls[0]!, 'https://pz.example.org').searchParams.get('key') ?? ''
    for (const path of ['/api/products/', `/api/products/${id}/`, '/products', '/api/']) {
      expect((await anonymous.get(`${path}?key=${key}`)).status, path).toBe(401)
      expect((await app.withToken(key).get(path)).status, path).toBe(401)
    }
    const [user, token, signature = ''] = key.split('.')
    const others = [`1.${token}.${signature}`, `${user}.1.${signature}`, `${user}.${token}.${'A'.repeat(43)}`, 'x', '']
    for (const wrong of others) expect((await anonymous.get(`/api/feed/?key=${wrong}`)).status, wrong).toBe(401)
    expect((await see(bob, '/account')).text.match(/Feed reader/g)?.length).toBeGreaterThan(0)
    // A program with a token is not shown the key: it would outlive the token.
    const { token: readOnly } = accepted(await bob.post('/api/tokens/', { name: 'look', scope: 'read' }))
    const basic = `Basic ${Buffer.from(`bob:${readOnly}`).toString('base64')}`
    for (const [Authorization, status] of [
      [`Token ${readOnly}`, 200],
      [`Token ${bob.token}`, 200],
      [basic, 303],
    ] as const) {
      const answer = await app.request('/feeds', { headers: { Authorization, Accept: 'text/html' } })
      expect([answer.status, answer.text.includes('key=')]).toEqual([status, false])
    }
    expect((await post(bob, '/feeds/revoke')).status).toBe(303)
    for (const url of urls) expect((await anonymous.get(url)).status, url).toBe(401)
    expect((await inBrowser('/feeds')).text).toContain('Make a key')
  })

  it('is told when there is nothing new', async () => {
    const first = await bob.get('/api/feed/')
    const etag = first.headers.get('etag') ?? ''
    const again = await bob.get('/api/feed/', { 'If-None-Match': etag })
    expect([again.status, again.text]).toEqual([304, ''])
    accepted(await alice.patch(`/api/products/${id}/`, { display_name: 'Renamed' }))
    const later = await bob.get('/api/feed/', { 'If-None-Match': etag })
    expect(later.status).toBe(200)
    // What was told once keeps its id.
    const ids = (text: string) => elements(parseXml(text), 'entry').map((entry) => elements(entry, 'id')[0]?.text)
    expect(ids(later.text).slice(1)).toEqual(ids(first.text))
  })

  it('finds the feeds from the pages', async () => {
    expect((await json(`/api/products/${id}/`)).id).toBe(id)
    const { internal_name } = await json(`/api/products/${id}/`)
    for (const path of [`/product/${internal_name}?tab=history`, '/products', '/']) {
      const { text } = await see(bob, path)
      expect(text, path).toMatch(/<link rel="alternate" href="[^"]*feed[^"]*" type="application\/atom\+xml"/)
      expect(text, path).toMatch(/<a [^>]*href="\/feeds/)
    }
  })
})
