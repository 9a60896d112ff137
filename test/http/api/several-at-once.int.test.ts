import { describe, expect, it, vi } from 'vitest'
import type { Json } from '../../support/answer.ts'
import { accepted, CATALOG, columnsOf, registered } from '../../support/products.ts'
import { refused } from './refused.ts'
import { watchedApp } from './watched-app.ts'

/** Inputs to survive: `security.md`, "Bad inputs", by number: what comes several at a time. */
const { app, alice } = await watchedApp()
const admin = app.as('admin')

describe('several at once', () => {
  it('#21: a publish button that is clicked twice publishes once', async () => {
    const id = await registered(alice)
    accepted(await alice.upload(id, 'catalog.csv', CATALOG))
    for (const [name, column] of await columnsOf(alice, id)) {
      if (name !== 'objectId') accepted(await alice.patch(`/api/product-contents/${column.id}/`, { alias: name }))
    }
    const clicks = [1, 2, 3].map(() => alice.patch(`/api/products/${id}/`, { status: '1' }))
    for (const { status } of await Promise.all(clicks)) expect(status).toBe(200)
    const { results } = accepted(await alice.get(`/api/products/${id}/history/`))
    expect(results.filter((event: Json) => event.type === 'ProductPublished')).toHaveLength(1)
  })

  it('#21: an edit of what somebody else has changed meanwhile is refused with 412', async () => {
    const id = await registered(alice)
    const etag = (await alice.get(`/api/products/${id}/`)).headers.get('etag') ?? ''
    expect(etag).toBe('"r0"')
    const edit = (description: string) => alice.patch(`/api/products/${id}/`, { description }, { 'If-Match': etag })
    const answers = await Promise.all([edit('one'), edit('two')])
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 412])
    const stale = await edit('three')
    expect([stale.status, stale.json.code]).toEqual([412, 'wrong_expected_revision'])
    const now = await alice.get(`/api/products/${id}/`)
    expect(now.json.revision).toBe(1)
    const fresh = { 'If-Match': now.headers.get('etag') ?? '' }
    expect((await alice.patch(`/api/products/${id}/`, { description: 'three' }, fresh)).status).toBe(200)
    expect((await alice.delete(`/api/products/${id}/`, fresh)).status).toBe(412)
    expect((await alice.delete(`/api/products/${id}/`, { 'If-Match': 'nonsense' })).status).toBe(400)
    expect((await alice.delete(`/api/products/${id}/`, { 'If-Match': '"other"' })).status).toBe(412)
    const several = { 'If-Match': `"r0", ${(await alice.get(`/api/products/${id}/`)).headers.get('etag')}` }
    expect((await alice.patch(`/api/products/${id}/`, { description: 'four' }, several)).status).toBe(200)
    // What is read has conditions of its own.
    expect((await alice.get('/api/products/', { 'If-Match': '"abc"' })).status).toBe(200)
    expect((await alice.delete(`/api/products/${id}/`, { 'If-Match': '*' })).status).toBe(204)
  })

  it('#21: without If-Match, edits of different fields at the same time are all kept', async () => {
    const id = await registered(alice, { product_type: 7 })
    const edits = [{ description: 'd' }, { pz_code: 'bpz' }, { display_name: 'New name' }]
    const answers = await Promise.all(edits.map((fields) => alice.patch(`/api/products/${id}/`, fields)))
    for (const { status } of answers) expect(status).toBe(200)
    expect(accepted(await alice.get(`/api/products/${id}/`))).toMatchObject({
      description: 'd',
      pz_code: 'bpz',
      display_name: 'New name',
      revision: 3,
    })
  })

  it('a number is one, also beside another, and a moment is never empty', async () => {
    const id = await registered(alice, { product_type: 7 })
    await refused(app, [400], async function* () {
      for (const path of [
        `product-files/?product_id=${id}&id=abc`,
        'product-files/?id=abc',
        `product-contents/?product=${id}&id=abc`,
        'product-contents/?id=abc',
        'product-types/?id=abc',
        'pipelines/?id=abc',
        'products/?as_of=',
        'products/?as_of=%20',
        `products/${id}/?as_of=`,
        `products/${id}/history/?as_of=`,
        `products/${id}/blame/?as_of=`,
        `product-files/?product_id=${id}&as_of=`,
      ])
        yield await alice.get(`/api/${path}`)
    })
    // A form of a page says it with an empty field.
    expect((await alice.get('/products?as_of=', { Accept: 'text/html' })).status).toBe(200)
  })

  it('one file at a time', async () => {
    const form = new FormData()
    for (const name of ['a.csv', 'b.csv']) form.append('file', new File([CATALOG], name))
    const answer = await alice.send('POST', '/api/product-files/', { body: form })
    expect([answer.status, answer.json.detail]).toEqual([413, 'At most 1 file can be sent at once.'])
  })

  it('the media type of a file is one, or nothing is stored', async () => {
    const id = await registered(alice, { product_type: 7 })
    await refused(app, [400], async function* () {
      for (const type of ['text/html\r\nX: y', 'csv', 'text/html; <script>', `text/${'x'.repeat(300)}`])
        yield await alice.upload(id, 'a.csv', CATALOG, { type })
    })
    const wrong = await alice.upload(id, 'a.csv', CATALOG, { type: 'csv' })
    expect(wrong.json.type).toBe('"csv" is not valid here. Expected: a media type, e.g. text/csv.')
    const none = accepted(await alice.upload(id, 'a.csv', CATALOG, { type: '', role: 2 }))
    expect(none.type).not.toBe('')
    const html = accepted(await alice.upload(id, 'b.html', '<p>', { type: 'text/html; charset=utf-8', role: 2 }))
    expect(html.type).toBe('text/html; charset=utf-8')
  })

  it('#21: of two main files at once, one is taken', async () => {
    const id = await registered(alice)
    const answers = await Promise.all([alice.upload(id, 'a.csv', CATALOG), alice.upload(id, 'b.csv', CATALOG)])
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409])
    expect(accepted(await alice.get(`/api/products/${id}/files/`)).count).toBe(1)
  })

  it('a file that was replaced before its upload is answered was taken all the same', async () => {
    const id = await registered(alice)
    const { projections } = app.context
    const waitFor = projections.waitFor.bind(projections)
    const waiting = vi.spyOn(projections, 'waitFor').mockImplementationOnce(async (...asked) => {
      const reached = await waitFor(...asked)
      accepted(await alice.upload(id, 'b.csv', CATALOG, { replace: true }))
      return reached
    })
    const first = accepted(await alice.upload(id, 'a.csv', CATALOG))
    waiting.mockRestore()
    expect(first).toMatchObject({ name: 'a.csv', can_delete: false })
    expect(accepted(await alice.get(`/api/products/${id}/files/`)).results).toMatchObject([{ name: 'b.csv' }])
    expect((await alice.get(`/api/product-files/${first.id}/`)).status).toBe(404)
  })

  it('of two releases that are given a name at once, one has it', async () => {
    const define = (name: string) => admin.post('/api/releases/', { name })
    const defined = await Promise.all([define('dp7'), define('dp7'), define('dp8')])
    expect(defined.map((answer) => answer.status).sort()).toEqual([201, 201, 400])
    const releases: Json[] = accepted(await admin.get('/api/releases/')).results
    const rename = ({ id }: Json) => admin.patchJson(`/api/releases/${id}/`, { name: 'dp9' })
    const renamed = await Promise.all(releases.filter(({ name }) => /^dp[78]$/.test(name)).map(rename))
    expect(renamed.map((answer) => answer.status).sort()).toEqual([200, 400])
    const names = accepted(await admin.get('/api/releases/')).results.map(({ name }: Json) => name)
    expect(names.filter((name: string) => name === 'dp9')).toHaveLength(1)
  })

  it('several changes in one request happen together or not at all', async () => {
    const id = await registered(alice)
    const answer = await alice.patchJson(`/api/products/${id}/`, { description: 'half', status: 1 })
    expect(answer.status).toBe(406)
    expect(accepted(await alice.get(`/api/products/${id}/`))).toMatchObject({ description: null, revision: 0 })
  })
})
