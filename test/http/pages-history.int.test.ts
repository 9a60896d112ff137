import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGroup, deleteGroup } from '../../src/accounts/groups.ts'
import { accountsOf } from '../../src/application/people.ts'
import { derived } from '../provenance/generations.ts'
import { type Client, type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted, PRODUCT_TYPE, published } from '../support/products.ts'
import { location, post, see } from './pages-forms.ts'

let app: TestApp
let alice: Client
let bob: Client
let admin: Client
let id: number
let path: string
beforeAll(async () => {
  app = await testApp()
  alice = app.as('alice')
  bob = app.as('bob')
  admin = app.as('admin')
  id = await published(alice, { display_name: 'Gold', description: 'First words' })
  accepted(
    await admin.patch(`/api/products/${id}/`, { description: 'Words of an administrator', official_product: 'true' }),
  )
  path = `/product/${accepted(await bob.get(`/api/products/${id}/`)).internal_name}`
})
afterAll(() => app.close())

/** The words of the timeline on a page, oldest first. */
const told = (text: string): string[] =>
  [...text.matchAll(/<li id="event-\d+"><div class="what">(.*?)<\/div>/g)]
    .map(([, words = '']) => words.replaceAll('&quot;', '"'))
    .reverse()

describe('the history of a product', () => {
  it('is narrowed to a person and a kind, on the page as in the API', async () => {
    const all = told((await see(bob, `${path}?tab=history`)).text)
    expect(all.length).toBeGreaterThan(6)
    for (const query of ['by=admin', 'kind=files', 'by=alice&kind=columns', 'kind=MetadataEdited', 'by=&kind=']) {
      const page = await see(bob, `${path}?tab=history&${query}`)
      const { results } = accepted(await bob.get(`/api/products/${id}/history/?${query}`))
      const words = results.map((each: Json) => each.words.slice(0, 1).toUpperCase() + each.words.slice(1))
      expect(told(page.text), query).toEqual(words)
    }
    expect(told((await see(bob, `${path}?tab=history&by=admin`)).text)).toEqual([
      'Changed the description',
      'Marked it official',
    ])
    const nothing = await see(bob, `${path}?tab=history&by=nobody`)
    expect(nothing.text).toContain('Nothing like that happened')
    expect((await see(bob, `${path}?tab=history&kind=nonsense`)).status).toBe(400)
    expect((await bob.get(`/api/products/${id}/history/?kind=nonsense`)).json.kind).toBeTruthy()
  })

  it('stays in the past when it is narrowed there', async () => {
    const { results } = accepted(await bob.get(`/api/products/${id}/history/`))
    const { position } = results.find((each: Json) => each.type === 'ProductPublished')
    const { text } = await see(bob, `${path}?tab=history&as_of=${position}`)
    expect(text).toContain(`<input type="hidden" name="as_of" value="${position}"/>`)
  })
})

describe('blame', () => {
  it('says on the page and in the API who set what', async () => {
    const { results } = accepted(await bob.get(`/api/products/${id}/blame/`))
    const of = (field: string) => results.find((each: Json) => each.field === field)
    expect(of('description')).toMatchObject({
      value: 'Words of an administrator',
      by: { username: 'admin' },
      before: { value: 'First words', by: { username: 'alice' } },
    })
    expect(of('official')).toMatchObject({ value: true, event: 'ProductMarkedOfficial' })
    expect(of('file:main')).toMatchObject({ value: { name: 'catalog.csv' }, before: null })
    const { text } = await see(bob, `${path}?tab=provenance`)
    const table = text.slice(text.indexOf('id="blame"'))
    expect(table).toMatch(/description<\/th>.*?Words of an administrator.*?admin.*?First words/)
    expect(table).toMatch(/role of z<\/th>/)
    expect(table).toContain(`href="${path}?tab=history#event-${Number(of('description').position)}"`)
  })

  it('is that of then in the past', async () => {
    const { position } = accepted(await bob.get(`/api/products/${id}/history/`)).results.find(
      (each: Json) => each.type === 'ProductPublished',
    )
    const { results } = accepted(await bob.get(`/api/products/${id}/blame/?as_of=${position}`))
    expect(results.find((each: Json) => each.field === 'description')).toMatchObject({
      value: 'First words',
      before: null,
    })
    const { text } = await see(bob, `${path}?tab=provenance&as_of=${position}`)
    expect(text.slice(text.indexOf('id="blame"'))).not.toContain('administrator')
    expect((await bob.get(`/api/products/${id}/blame/?as_of=99999999`)).status).toBe(400)
    expect((await bob.get('/api/products/999/blame/')).status).toBe(404)
  })
})

describe('a release', () => {
  let release: number
  beforeAll(async () => {
    release = accepted(await admin.post('/api/releases/', { name: 'dp1', display_name: 'Data Preview 1' })).id
    accepted(await admin.patchJson(`/api/releases/${release}/`, { description: 'The first one' }))
  })

  it('has a page with its facts, who set them, and its history', async () => {
    const { text } = await see(bob, `/releases/${release}`)
    expect(told(text)).toEqual(['Defined the release Data Preview 1', 'Changed the description'])
    expect(text).toMatch(/description<\/th>.*?The first one/)
    expect(text).toContain('everybody with an account')
    expect(text).not.toContain('/undo')
    expect((await see(bob, '/releases/999')).status).toBe(404)
    expect(told((await see(bob, `/releases/${release}?kind=metadata`)).text)).toEqual(['Changed the description'])
    const set = { display_name: 'Training', product_type: PRODUCT_TYPE.trainingSet, release }
    const { internal_name } = accepted(await bob.get(`/api/products/${await published(alice, set)}/`))
    expect((await see(bob, `/product/${internal_name}`)).text).toContain(`href="/releases/${release}"`)
    expect((await see(bob, `/releases/${release}`)).text).toContain('1 product')
  })

  it('has the name that it had, on pages and in answers of the past', async () => {
    const { id: other } = accepted(await admin.post('/api/releases/', { name: 'dp2', display_name: 'DP two' }))
    const fields = { display_name: 'Named', product_type: PRODUCT_TYPE.trainingSet, release: other }
    const product = await published(alice, fields)
    const { internal_name, position } = accepted(await bob.get(`/api/products/${product}/`))
    accepted(await admin.patchJson(`/api/releases/${other}/`, { display_name: 'Data Preview 2' }))
    const page = `/product/${internal_name}`
    expect((await see(bob, page)).text).toContain(`href="/releases/${other}">Data Preview 2</a>`)
    expect((await see(bob, `${page}?as_of=${position}`)).text).toContain(`href="/releases/${other}">DP two</a>`)
    const then = () => bob.get(`/api/products/${product}/?as_of=${position}`)
    expect(accepted(await then())).toMatchObject({ release: other, release_name: 'DP two' })
    const list = (query: string) => bob.get(`/api/products/?display_name=Named${query}`)
    expect(accepted(await list('')).results).toMatchObject([{ release_name: 'Data Preview 2' }])
    expect(accepted(await list(`&as_of=${position}`)).results).toMatchObject([{ release_name: 'DP two' }])
    // Also after the product went to another release.
    accepted(await alice.patch(`/api/products/${product}/`, { release: String(release) }))
    expect(accepted(await then())).toMatchObject({ release: other, release_name: 'DP two' })
  })

  it('is undone by administrators, from its page', async () => {
    const gone = await createGroup(accountsOf(app.context), 'going')
    const closed = accepted(
      await admin.patchJson(`/api/releases/${release}/`, { is_public: false, access_groups: [gone.id] }),
    )
    await deleteGroup(accountsOf(app.context), gone.id)
    expect(closed.is_public).toBe(false)
    expect((await see(bob, `/releases/${release}`)).status).toBe(404)
    expect((await bob.get(`/api/releases/${release}/history/`)).status).toBe(404)
    const { text } = await see(admin, `/releases/${release}`)
    expect(text).toMatch(new RegExp(`access groups</th>.*?a group that is gone \\(${gone.id}\\)`))
    const [, position = ''] = /Changed the public mark, access groups.*?name="position" value="(\d+)"/.exec(text) ?? []
    expect((await post(bob, `/releases/${release}/undo`, { position })).status).toBe(403)
    expect(location(await post(admin, `/releases/${release}/undo`, { position }))).toBe(`/releases/${release}#history`)
    expect((await see(bob, `/releases/${release}`)).status).toBe(200)
    // Once more is refused, in words.
    const again = await post(admin, `/releases/${release}/undo`, { position })
    expect(location(again)).toBe(`/releases/${release}#history`)
    expect(accepted(await admin.get(`/api/releases/${release}/history/`)).results).toHaveLength(4)
  })
})

describe('a run', () => {
  it('has a history with who set what, for its owner', async () => {
    const { run } = await derived(app, alice, [id], 'Made')
    accepted(await alice.patchJson(`/api/processes/${run}/`, { comment: 'Worth keeping' }))
    const { text } = await see(alice, `/runs/${run}/history`)
    expect(told(text)).toEqual([
      expect.stringContaining('Asked for the run'),
      'Began the run',
      'Finished the run with 1 file',
      expect.stringContaining('Worth keeping'),
    ])
    expect(told((await see(alice, `/runs/${run}/history?kind=progress`)).text)).toEqual(['Began the run'])
    const { results } = accepted(await alice.get(`/api/processes/${run}/blame/`))
    expect(results.find((each: Json) => each.field === 'status')).toMatchObject({
      value: 'succeeded',
      before: { value: 'running' },
    })
    expect((await see(bob, `/runs/${run}/history`)).status).toBe(404)
    expect((await bob.get(`/api/processes/${run}/blame/`)).status).toBe(404)
    expect((await see(alice, `/runs/${run}`)).text).toContain(`/runs/${run}/history`)
  })
})
