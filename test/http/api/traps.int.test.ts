import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ORDERINGS } from '../../../src/projections/products/filter.ts'
import { type Answer, type Json, multipart } from '../../support/answer.ts'
import { type Client, type TestApp, testApp } from '../../support/app.ts'
import { accepted, CATALOG, columnsOf, PRODUCT_TYPE, published, registered } from '../../support/products.ts'

/** Every place where a roughly compatible server breaks the Python client: `http-api.md`, 1.10, by number. */
let app: TestApp
let alice: Client
let bob: Client
/** A published redshift catalog of Alice's. */
let catalog: number

beforeAll(async () => {
  app = await testApp()
  alice = app.as('alice')
  bob = app.as('bob')
  catalog = await published(alice)
})
afterAll(() => app.close())

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('traps of the Python client', () => {
  it('T1: two slashes are one, without a redirect, for every method', async () => {
    expect((await alice.get('/api//products/?status=1')).status).toBe(200)
    expect((await alice.post('/api//products/', { display_name: 'x', product_type: 7 })).status).toBe(201)
    expect((await alice.send('OPTIONS', '/api//products/')).status).toBe(200)
  })

  it('T2: JSON is announced and nothing is sent', async () => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': '0' }
    expect((await alice.get('/api/products/')).status).toBe(200)
    expect((await alice.send('POST', `/api/products/${catalog}/download/prepare/`, { headers })).status).toBe(200)
    const main = `/api/products/${catalog}/download/main-file/prepare/`
    expect((await alice.send('POST', main, { headers, body: '' })).status).toBe(200)
  })

  it('T3: JSON, forms and multipart are taken wherever something is written', async () => {
    const fields = { display_name: 'Three ways', product_type: '7' }
    const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(fields) }
    for (const init of [json, { body: new URLSearchParams(fields) }, multipart({ ...fields, release: '' }, null)]) {
      expect((await alice.send('POST', '/api/products/', init)).status).toBe(201)
    }
    const id = await registered(alice)
    for (const init of [
      { body: new URLSearchParams({ description: 'as a form' }) },
      { headers: { 'Content-Type': 'application/json' }, body: '{"description":"as JSON"}' },
      multipart({ description: 'as multipart' }, null),
    ]) {
      expect(accepted(await alice.send('PATCH', `/api/products/${id}/`, init)).description).toMatch(/^as /)
    }
  })

  it('T4: a token suffices where no browser says where the request comes from', async () => {
    const id = await registered(alice, { product_type: 7 })
    expect((await alice.patch(`/api/products/${id}/`, { description: 'x' })).status).toBe(200)
    expect((await alice.upload(id, 'a.txt', 'x', { role: 2 })).status).toBe(201)
    expect((await alice.delete(`/api/products/${id}/`)).status).toBe(204)
  })

  it('T5: OPTIONS tells the filters, and is no preflight', async () => {
    const { headers, json, status } = await alice.send('OPTIONS', '/api/products/')
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringMatching(/^application\/json/)])
    const names = json.filter_classes.map((filter: Json) => filter.name)
    expect(names).toEqual(
      expect.arrayContaining(
        `internal_name internal_name__in display_name display_name__in release release__in product_type product_type__in
        official_product official_product__in status status__in user user__in release__isnull uploaded_by__or uploaded_by
        product_type_name__or product_type_name release_name__or release_name product_name__or product_name`.split(
          /\s+/,
        ),
      ),
    )
    expect(json.search).toEqual(['display_name', 'user__username', 'user__first_name', 'user__last_name'])
    expect(json.ordering).toEqual([...ORDERINGS])
    expect(json.ordering).toEqual(expect.arrayContaining(['id', 'display_name', 'product_type', 'created_at']))
    for (const [path, filterset] of [
      ['releases', ['id', 'name']],
      ['product-types', ['id', 'name']],
      ['pipelines', ['id', 'name']],
      ['product-contents', ['id', 'product']],
      ['product-files', ['id', 'product_id']],
    ] as const) {
      expect((await alice.send('OPTIONS', `/api/${path}/`)).json.filterset).toEqual(filterset)
    }
    const users = await alice.send('OPTIONS', '/api/users/')
    expect([users.status, users.json.filterset, users.json.ordering[0]]).toEqual([200, undefined, 'username'])
    expect((await alice.send('OPTIONS', '/api/releases/')).json.search).toEqual(['display_name', 'description'])
    // Every filter that there is.
    expect((await alice.send('OPTIONS', '/api/processes/')).json.filterset).toEqual(
      `id status status__in pipeline pipeline__or pipeline__name owned_by user release release__isnull release_name
      release_name__or upload`.split(/\s+/),
    )
    expect((await app.request('/api/products/', { method: 'OPTIONS' })).status).toBe(401)
  })

  it('OPTIONS tells what a new thing takes', async () => {
    const fieldsOf = async (path: string) => (await alice.send('OPTIONS', `/api/${path}/`)).json.actions.POST
    const product = await fieldsOf('products')
    expect(product.display_name).toEqual({
      type: 'string',
      required: true,
      read_only: false,
      label: 'display name',
      max_length: 255,
    })
    expect(product.product_type).toMatchObject({ type: 'choice', required: true })
    expect(product.product_type.choices[0]).toEqual({ value: 1, display_name: 'Reference Redshift Catalog' })
    expect(product.description).toMatchObject({ required: false, max_length: 65_536 })
    expect(product.release).toMatchObject({ type: 'integer', required: false })
    const file = await fieldsOf('product-files')
    expect(file.role.choices.map(({ display_name }: Json) => display_name)).toEqual([
      'Main',
      'Description',
      'Auxiliary',
    ])
    expect([file.product.required, file.file.required, file.type.max_length]).toEqual([true, true, 255])
    const run = await fieldsOf('processes')
    expect(Object.keys(run).filter((name) => run[name].required)).toEqual(['display_name', 'pipeline', 'inputs'])
    expect((await fieldsOf('releases')).name).toMatchObject({ required: true, max_length: 64 })
    expect((await fieldsOf('tokens')).scope.choices.map(({ value }: Json) => value)).toEqual(['read', 'write'])
    const { filter_classes } = (await alice.send('OPTIONS', '/api/products/')).json
    const status = filter_classes.find(({ name }: Json) => name === 'status')
    expect(status.choices.map(({ value }: Json) => value)).toEqual([0, 1, 2, 3, 9])
  })

  it('T6: the last of repeated query keys wins', async () => {
    const draft = await registered(alice)
    const { results } = accepted(await alice.get('/api/products/?status=1&status=0'))
    expect(results.map((each: Json) => each.id)).toContain(draft)
    expect(results.every((each: Json) => each.status === 0)).toBe(true)
  })

  it('T7: main_file_info of a product without a main file has a main file of nulls', async () => {
    const id = await registered(alice)
    const answer = await alice.get(`/api/products/${id}/main_file_info/`)
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({
      id,
      is_owner: true,
      main_file: { name: null, n_rows: null, size: null, extension: null, type: null, is_directory: false },
    })
    const download = await alice.post(`/api/products/${id}/download/main-file/prepare/`)
    expect([download.status, download.json.detail]).toEqual([404, 'This product has no main file.'])
  })

  it('T8: downloads are never compressed, and their length is told', async () => {
    const { download_url } = accepted(await alice.post(`/api/products/${catalog}/download/prepare/`))
    for (const path of [download_url, `/api/products/${catalog}/download_main_file/`]) {
      const { bytes, headers } = await alice.get(path, { 'Accept-Encoding': 'gzip, br' })
      expect(headers.get('content-encoding')).toBeNull()
      expect(headers.get('content-length')).toBe(String(bytes.length))
      expect(bytes.length).toBeGreaterThan(0)
    }
  })

  it('T9: a range is told with its place in the whole; one beyond the end gives the whole', async () => {
    const path = `/api/products/${catalog}/download_main_file/`
    const part = await alice.get(path, { Range: 'bytes=10-' })
    expect([part.status, part.text]).toEqual([206, CATALOG.slice(10)])
    expect(part.headers.get('content-range')).toBe(`bytes 10-${CATALOG.length - 1}/${CATALOG.length}`)
    expect((await alice.get(path, { Range: 'bytes=0-0' })).headers.get('content-range')).toMatch(/^bytes 0-0\//)
    const done = await alice.get(path, { Range: `bytes=${CATALOG.length}-` })
    expect([done.status, done.text]).toEqual([200, CATALOG])
  })

  it('T10: a zip has the same bytes and the same name until the product changes', async () => {
    const id = await published(alice)
    const prepare = async (): Promise<Json> => accepted(await alice.post(`/api/products/${id}/download/prepare/`))
    const first = await prepare()
    const { bytes } = await alice.get(first.download_url)
    expect(sha256(bytes)).toBe(first.checksum)
    expect(bytes.length).toBe(first.size)
    const again = await prepare()
    expect([again.filename, again.checksum]).toEqual([first.filename, first.checksum])
    accepted(await alice.patch(`/api/products/${id}/`, { description: 'changed' }))
    const changed = await prepare()
    expect(changed.filename).not.toBe(first.filename)
    expect(changed.checksum).not.toBe(first.checksum)
  })

  it('T11: the file name in Content-Disposition keeps its extension, in ASCII, whatever the name', async () => {
    const id = await registered(alice, { product_type: 7 })
    for (const name of ['São Paulo (1).csv', 'плотность.csv', 'a;b.csv', '銀河 "z".csv']) {
      const file = accepted(await alice.upload(id, name.replaceAll('"', '%22'), CATALOG, { role: 2 }))
      expect(file).toMatchObject({ name: name.normalize('NFC'), extension: '.csv' })
      const header = (await alice.get(file.file)).headers.get('content-disposition') ?? ''
      expect(header).toMatch(/^[\x20-\x7e]*$/)
      expect(header).toMatch(/filename=("[^"]*\.csv"|[\w.+~-]*\.csv)$/)
      const extended = /filename\*=UTF-8''([^;\s]+)/.exec(header)?.[1]
      if (extended !== undefined) expect(decodeURIComponent(extended)).toBe(name.normalize('NFC'))
    }
  })

  it('T12: a main file is served under its own name', async () => {
    const ready = accepted(await alice.post(`/api/products/${catalog}/download/main-file/prepare/`))
    expect(ready.filename).toBe('catalog.csv')
    expect((await alice.get(ready.download_url)).headers.get('content-disposition')).toContain('catalog.csv')
  })

  it('T13: lists are objects with a count and results', async () => {
    for (const path of [
      'products/',
      'products-specz/',
      'product-types/',
      'releases/',
      'users/',
      'pipelines/',
      'processes/',
      'tokens/',
      `product-contents/?product=${catalog}`,
      `product-files/?product_id=${catalog}`,
      `products/${catalog}/files/`,
      `products/${catalog}/columns/`,
      `products/${catalog}/history/`,
    ]) {
      const { json, status } = await alice.get(`/api/${path}`)
      expect([path, status, typeof json.count, Array.isArray(json.results)]).toEqual([path, 200, 'number', true])
    }
  })

  it('T14: without page and page_size everything is given', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `many ${index}`)
    await Promise.all(names.map((display_name) => registered(bob, { display_name, product_type: 7 })))
    const all = accepted(await bob.get('/api/products/?search=many'))
    expect([all.count, all.results.length]).toEqual([120, 120])
    const page = accepted(await bob.get('/api/products/?search=many&page=2&page_size=50&ordering=id'))
    expect([page.count, page.results.length]).toEqual([120, 50])
    expect(accepted(await bob.get('/api/products/?search=many&page=1')).results).toHaveLength(100)
    expect((await bob.get('/api/products/?search=many&page=4&page_size=50')).status).toBe(404)
  })

  it('T15: a download is "ready" in lower case', async () => {
    for (const part of ['download', 'download/main-file']) {
      expect(accepted(await alice.post(`/api/products/${catalog}/${part}/prepare/`)).status).toBe('ready')
      expect(accepted(await alice.get(`/api/products/${catalog}/${part}/status/`)).status).toBe('ready')
    }
  })

  it('T17: raw UTF-8 file names, no content type, no type, and nulls', async () => {
    const id = await registered(alice, { product_type: 7, release: null, pz_code: null, description: null })
    const file = accepted(await alice.upload(id, 'éàü 星.ipynb', '{}', { role: 2 }))
    expect(file).toMatchObject({ name: 'éàü 星.ipynb', type: null, role: 2, role_name: 'Auxiliary', product: id })
    const swapped = await alice.send('POST', '/api/product-files/', swappedMultipart(id))
    expect(accepted(swapped)).toMatchObject({ name: 'first.txt', role: 1, role_name: 'Description', type: 'text/x' })
  })

  it('T18: GET registry may be repeated, and columns are there right after the upload', async () => {
    const id = await registered(alice)
    accepted(await alice.upload(id, 'catalog.csv', CATALOG))
    for (const _ of [1, 2]) {
      const answer = await alice.get(`/api/products/${id}/registry/`)
      expect(answer.json).toMatchObject({ id, status: 0, revision: 2 })
    }
    expect((await columnsOf(alice, id)).size).toBe(4)
    expect(accepted(await alice.post(`/api/products/${id}/registry/`))).toMatchObject({ id, status: 0 })
    expect((await columnsOf(alice, id)).size).toBe(4)
  })

  it('T19: is_owner is true or false', async () => {
    expect(accepted(await alice.get(`/api/products/${catalog}/`)).is_owner).toBe(true)
    expect(accepted(await bob.get(`/api/products/${catalog}/`)).is_owner).toBe(false)
    expect(accepted(await app.as('admin').get(`/api/products/${catalog}/`))).toMatchObject({
      is_owner: false,
      can_update: true,
      can_delete: true,
    })
  })

  it('T20: download_url starts at the root of the server', async () => {
    const { download_url } = accepted(await alice.post(`/api/products/${catalog}/download/prepare/`))
    expect(download_url).toMatch(/^\/api\//)
  })

  it('T21: product types are numbers everywhere', async () => {
    const types = accepted(await alice.get('/api/product-types/?ordering=order')).results
    expect(types.map((type: Json) => type.id)).toEqual([1, 2, 5, 3, 4, 6, 7])
    const [pipeline] = accepted(await alice.get('/api/pipelines/?name=combine_redshift_dedup')).results
    const product = accepted(await alice.get(`/api/products/${catalog}/`))
    expect(pipeline.product_types_accepted).toContain(product.product_type)
    expect(types.map((type: Json) => type.id)).toContain(pipeline.output_product_type)
    expect(pipeline.system_config.param).toBeInstanceOf(Object)
  })

  it('T22: a body that announces too much is refused early, with JSON', async () => {
    const { headers, body } = multipart({ product: 1, role: 0 }, { name: 'a.csv', content: 'x' })
    const answer = await alice.send('POST', '/api/product-files/', {
      headers: { ...headers, 'Content-Length': '99999999999' },
      body,
    })
    expect(answer.status).toBe(413)
    expect(answer.json.error).toMatch(/200/)
  })

  it('T23: the rows of a list have what the client prints', async () => {
    const { results } = accepted(await alice.get(`/api/products/?status=1&id=${catalog}`))
    expect(results).toHaveLength(1)
    for (const key of `id internal_name display_name product_type_name release_name uploaded_by official_product pz_code
      description created_at release product_type product_type_internal_name is_owner origin process_status process_id
      product_status can_delete can_update updated_at status release_year`.split(/\s+/)) {
      expect(results[0]).toHaveProperty(key)
    }
    expect(results[0].created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/)
  })

  it('T24: a published product is found by its internal name', async () => {
    const { internal_name } = accepted(await alice.get(`/api/products/${catalog}/`))
    const found = accepted(await bob.get(`/api//products/?status=1&internal_name=${internal_name}`))
    expect(found.results.map((each: Json) => each.id)).toEqual([catalog])
  })

  it('T25: GET /api/ answers JSON to a good token and 401 to others', async () => {
    const root = await alice.get('/api/')
    expect([root.status, root.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^application\/json/)])
    expect(root.json.products).toMatch(/^https?:\/\/.*\/api\/products\/$/)
    expect((await app.request('/api/')).json.detail).toBe('Authentication credentials were not provided.')
    const bad = await app.withToken('0'.repeat(40)).get('/api/')
    expect([bad.status, bad.json.detail]).toEqual([401, 'Invalid token.'])
  })
})

describe('the flow of a download', () => {
  const fetchWith = (client: Client, query: string): Promise<Answer> =>
    client.get(`/api/products/${catalog}/download/file/${query}`)

  it('refuses a missing, a bad and an old token in the words of the reference', async () => {
    const { download_url } = accepted(await alice.post(`/api/products/${catalog}/download/prepare/`))
    expect(await fetchWith(alice, '')).toMatchObject({ status: 403, json: { detail: 'Missing download token.' } })
    expect(await fetchWith(alice, '?token=a.b')).toMatchObject({
      status: 403,
      json: { detail: 'Invalid download token.' },
    })
    app.clock.advance(901_000)
    expect(await alice.get(download_url)).toMatchObject({
      status: 403,
      json: { detail: 'Download token has expired.' },
    })
  })

  it('refuses a token for another product, and one for content that is gone', async () => {
    const id = await published(alice)
    const { download_url } = accepted(await alice.post(`/api/products/${id}/download/main-file/prepare/`))
    const token = download_url.slice(download_url.indexOf('?'))
    expect((await alice.get(`/api/products/${catalog}/download/main-file/file/${token}`)).status).toBe(404)
    expect((await bob.get(download_url)).status).toBe(200) // somebody else who may see the product
    accepted(await alice.upload(id, 'catalog.csv', CATALOG.replace('0.5', '0.7'), { replace: true }))
    expect((await alice.get(download_url)).status).toBe(404)
  })

  it('offers the old way too, and says that it is old', async () => {
    const { headers, status } = await alice.get(`/api/products/${catalog}/download/`)
    expect([status, headers.get('deprecation')]).toEqual([200, 'true'])
    expect(headers.get('link')).toBe(`</api/products/${catalog}/download/prepare/>; rel="successor-version"`)
  })

  it('gives a zip a name that file systems can hold, however long that of the product', async () => {
    const id = await registered(alice, { display_name: '銀'.repeat(255), product_type: PRODUCT_TYPE.other })
    const { filename, download_url } = accepted(await alice.post(`/api/products/${id}/download/prepare/`))
    expect(Buffer.byteLength(`${filename}.part`)).toBeLessThanOrEqual(255)
    expect((await alice.get(download_url)).headers.get('content-disposition')).toContain(encodeURIComponent(filename))
  })
})

/** The file before its fields, as the pages of the reference send it. */
function swappedMultipart(product: number) {
  const lines = [
    '--b',
    'Content-Disposition: form-data; name="file"; filename="first.txt"',
    'Content-Type: text/plain',
    '',
    'hello',
    '--b',
    'Content-Disposition: form-data; name="role"',
    '',
    '1',
    '--b',
    'Content-Disposition: form-data; name="product"',
    '',
    String(product),
    '--b',
    'Content-Disposition: form-data; name="type"',
    '',
    'text/x',
    '--b--',
    '',
  ]
  return { headers: { 'Content-Type': 'multipart/form-data; boundary=b' }, body: lines.join('\r\n') }
}
