import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json } from '../../support/answer.ts'
import { type Client, type TestApp, testApp } from '../../support/app.ts'
import { accepted, CATALOG, columnsOf, giveRole, PRODUCT_TYPE, published, registered } from '../../support/products.ts'
import { closedRelease } from '../../support/releases.ts'

/** The holes of the reference server that this one must not have: `domain.md`, "Be better", by number. */
let app: TestApp
let admin: Client
let alice: Client
let bob: Client

beforeAll(async () => {
  app = await testApp()
  admin = app.as('admin')
  alice = app.as('alice')
  bob = app.as('bob')
})
afterAll(() => app.close())

const product = async (id: number, client = alice): Promise<Json> => accepted(await client.get(`/api/products/${id}/`))

describe('security and authorisation', () => {
  it('1: only the owner and administrators edit, delete, publish or restore a product', async () => {
    const id = await published(alice)
    for (const fields of [
      { description: 'mine now' },
      { product_type: String(PRODUCT_TYPE.other) },
      { official_product: 'true' },
      { status: '2' },
    ]) {
      const answer = await bob.patch(`/api/products/${id}/`, fields)
      expect(answer.status).toBe(403)
      expect(answer.json.detail).toMatch(/permission/i)
    }
    expect((await bob.delete(`/api/products/${id}/`)).status).toBe(403)
    expect((await bob.post(`/api/products/${id}/restore/`)).status).toBe(403)
    expect(await product(id)).toMatchObject({ status: 1, official_product: false, description: null, revision: 6 })
    expect((await admin.patch(`/api/products/${id}/`, { description: 'by an administrator' })).status).toBe(200)
  })

  it('1: nobody but an administrator makes a product official, at creation or later', async () => {
    const body = { display_name: 'Mine', product_type: 7, official_product: true }
    const refused = await alice.post('/api/products/', body)
    expect(refused.status).toBe(403)
    expect(refused.json.error).toBe('Not allowed. Only users with admin permissions can create official products.')
    const id = await registered(alice)
    expect((await alice.patch(`/api/products/${id}/`, { official_product: 'true' })).status).toBe(403)
    expect((await admin.patch(`/api/products/${id}/`, { official_product: 'true' })).json.official_product).toBe(true)
    expect(accepted(await admin.post('/api/products/', body)).official_product).toBe(true)
  })

  it('1: a product cannot be created as published, nor published without file and columns', async () => {
    const created = await alice.post('/api/products/', { display_name: 'x', product_type: 1, status: 1 })
    expect(created.status).toBe(400)
    expect(created.json.status).toBeInstanceOf(Array)
    const id = await registered(alice)
    const refused = await alice.patch(`/api/products/${id}/`, { status: '1' })
    expect(refused.status).toBe(406)
    expect(refused.json.detail).toContain('A published product of type Reference Redshift Catalog needs a main file')
    const other = await registered(alice, { product_type: PRODUCT_TYPE.other })
    expect((await alice.patch(`/api/products/${other}/`, { status: '1' })).status).toBe(409)
  })

  it("2: nobody re-maps another one's columns or has another one's file inspected again", async () => {
    const id = await published(alice)
    const column = (await columnsOf(alice, id)).get('z')
    expect((await bob.patch(`/api/product-contents/${column?.id}/`, { alias: 'RA' })).status).toBe(403)
    expect((await bob.post(`/api/products/${id}/registry/`)).status).toBe(403)
    expect((await bob.get(`/api/products/${id}/registry/`)).status).toBe(200) // reads only
    expect((await product(id)).revision).toBe(6)
    for (const [method, path] of [
      ['POST', '/api/product-contents/'],
      ['DELETE', `/api/product-contents/${column?.id}/`],
    ] as const) {
      const answer = await alice.send(method, path)
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, expect.stringContaining('GET')])
      expect(answer.json.request_id).toBe(answer.headers.get('x-request-id'))
    }
  })

  it('4: restricted and unpublished products appear in no list and under no number of others', async () => {
    const release = await closedRelease(app)
    const secret = await published(admin, {
      display_name: 'Embargoed',
      product_type: PRODUCT_TYPE.trainingSet,
      release,
    })
    const draft = await registered(admin, { display_name: 'Embargoed draft' })
    accepted(await admin.upload(draft, 'draft.csv', CATALOG))
    for (const id of [secret, draft]) {
      const column = (await columnsOf(admin, id)).get('z')
      const file = accepted(await admin.get(`/api/product-files/?product_id=${id}`)).results[0]
      const missing = await alice.get('/api/products/999999/')
      for (const path of [
        `/api/products/${id}/`,
        `/api/products/${id}/?as_of=00001`,
        `/api/products/${id}/files/`,
        `/api/products/${id}/columns/`,
        `/api/products/${id}/history/`,
        `/api/products/${id}/read_data/`,
        `/api/products/${id}/main_file_info/`,
        `/api/products/${id}/process_config/`,
        `/api/products/${id}/registry/`,
        `/api/products/${id}/download/`,
        `/api/products/${id}/download/status/`,
        `/api/products/${id}/download_main_file/`,
        `/api/products/${id}/download/main-file/status/`,
        `/api/products-specz/${id}/`,
        `/api/product-files/${file.id}/`,
        `/api/product-files/${file.id}/download/`,
        `/api/product-files/?id=${file.id}`,
        `/api/product-files/?product_id=${id}`,
        `/api/product-contents/?product=${id}`,
        `/api/product-contents/?id=${column?.id}`,
        `/api/product-contents/${column?.id}/`,
      ]) {
        const answer = await alice.get(path)
        expect([path, answer.status]).toEqual([path, 404])
        expect({ ...answer.json, request_id: '' }).toEqual({ ...missing.json, request_id: '' })
      }
      for (const answer of [
        await alice.patch(`/api/products/${id}/`, { description: 'x' }),
        await alice.delete(`/api/products/${id}/`),
        await alice.post(`/api/products/${id}/download/prepare/`),
        await alice.post(`/api/products/${id}/registry/`),
        await alice.upload(id, 'x.csv', CATALOG),
        await alice.delete(`/api/product-files/${file.id}/`),
        await alice.patch(`/api/product-contents/${column?.id}/`, { alias: 'z' }),
      ]) {
        expect(answer.status).toBe(404)
      }
    }
    for (const query of ['', '?search=embargoed', '?product_name=embargoed', `?release=${release}`, '?id=1']) {
      const { results } = accepted(await alice.get(`/api/products/${query}`))
      expect(results.filter((each: Json) => [secret, draft].includes(each.id))).toEqual([])
    }
    expect(accepted(await admin.get('/api/products/?search=embargoed')).count).toBe(2)
  })

  it('4: a product cannot be put into a release that its owner may not use', async () => {
    const release = await closedRelease(app)
    const refused = await alice.post('/api/products/', { display_name: 'x', product_type: 2, release })
    expect(refused.status).toBe(400)
    expect(refused.json.release).toBe(`Invalid pk "${release}" - object does not exist.`)
    const id = await registered(alice, { product_type: PRODUCT_TYPE.other })
    expect((await alice.patch(`/api/products/${id}/`, { release: String(release) })).status).toBe(400)
    expect((await alice.get(`/api/releases/${release}/`)).status).toBe(404)
    expect(accepted(await alice.get('/api/releases/')).results.map((each: Json) => each.id)).not.toContain(release)
  })

  it('5: bytes come only with credentials, and only for those who may see the product', async () => {
    const id = await published(alice)
    const [file] = accepted(await alice.get(`/api/product-files/?product_id=${id}`)).results
    const { download_url } = accepted(await alice.post(`/api/products/${id}/download/prepare/`))
    for (const path of [file.file, download_url, `/api/products/${id}/download/`]) {
      expect((await app.request(path)).status).toBe(401)
      expect((await bob.get(path)).status).toBe(200)
    }
    accepted(await alice.delete(`/api/products/${id}/`))
    for (const path of [file.file, download_url]) expect((await bob.get(path)).status).toBe(404)
  })

  it('6: every download is an attachment of bytes that no browser interprets', async () => {
    const id = await registered(alice, { product_type: PRODUCT_TYPE.other })
    const html = '<script>alert(document.cookie)</script>'
    const file = accepted(await alice.upload(id, 'about.html', html, { role: 1, type: 'text/html' }))
    const { headers } = await alice.get(file.file)
    expect(headers.get('content-type')).toBe('application/octet-stream')
    expect(headers.get('content-disposition')).toMatch(/^attachment/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it('7: no answer to a visitor without credentials holds a secret', async () => {
    for (const path of ['/which_environment/', '/health/live', '/health/ready', '/api/openapi.json']) {
      expect((await app.request(path)).text).not.toMatch(/client_secret|password"\s*:\s*"[^"]|postgres:\/\//i)
    }
    expect((await app.request('/front-api/config')).status).toBe(404)
  })

  it('9: tokens are many, named, revocable, shown once, and what a GET does changes nothing', async () => {
    const made = accepted(await bob.post('/api/tokens/', { name: 'laptop', scope: 'read' }))
    expect(made.token).toMatch(/^pz_/)
    const listed = accepted(await bob.get('/api/tokens/')).results
    expect(listed).toHaveLength(2)
    expect(JSON.stringify(listed)).not.toContain(made.token)
    const reader = app.withToken(made.token)
    expect((await reader.get('/api/')).status).toBe(200)
    expect((await reader.post('/api/products/', { display_name: 'x', product_type: 7 })).status).toBe(403)
    expect((await alice.delete(`/api/tokens/${made.id}/`)).status).toBe(404)
    expect((await bob.delete(`/api/tokens/${made.id}/`)).status).toBe(204)
    expect((await reader.get('/api/')).status).toBe(401)

    const id = await published(alice)
    const before = await app.context.store.head()
    for (const path of ['registry', 'main_file_info', 'read_data', 'download/status', 'columns', 'history']) {
      expect((await bob.get(`/api/products/${id}/${path}/`)).status).toBe(200)
    }
    expect(await app.context.store.head()).toBe(before)
  })

  it('10: an upload beyond the limit is refused with 413, and nothing of it stays', async () => {
    const small = await testApp({ env: { UPLOAD_LIMIT: '1kB' } })
    try {
      const carol = small.as('alice')
      const id = await registered(carol, { product_type: PRODUCT_TYPE.other })
      const answer = await carol.upload(id, 'big.bin', Buffer.alloc(2_000, 1))
      expect(answer.status).toBe(413)
      expect(answer.json.detail).toContain('1')
      expect(accepted(await carol.get(`/api/products/${id}/files/`)).count).toBe(0)
      for await (const blob of small.context.blobs.list()) expect.fail(`${blob.sha256} stayed`)
      expect(await readdir(join(small.dataDir, 'tmp'))).toEqual([])
    } finally {
      await small.close()
    }
  })
})

describe('correctness', () => {
  it('11: a main file that replaces one of the same name is the one that is downloaded', async () => {
    const id = await published(alice)
    const changed = CATALOG.replace('1.25', '2.5')
    expect((await alice.upload(id, 'catalog.csv', changed)).status).toBe(409)
    accepted(await alice.upload(id, 'catalog.csv', changed, { replace: true }))
    expect((await bob.get(`/api/products/${id}/download_main_file/`)).text).toBe(changed)
    const { download_url } = accepted(await bob.post(`/api/products/${id}/download/main-file/prepare/`))
    expect((await bob.get(download_url)).text).toBe(changed)
    expect(await product(id)).toMatchObject({ version: 2, status: 1 })
    expect((await columnsOf(alice, id)).get('z')?.alias).toBe('z')
  })

  it('12: a product has one main file, and no two files of the same name', async () => {
    const id = await registered(alice)
    accepted(await alice.upload(id, 'first.csv', CATALOG))
    const second = await alice.upload(id, 'second.csv', CATALOG)
    expect(second.status).toBe(409)
    expect(second.json.detail).toContain('first.csv')
    accepted(await alice.upload(id, 'notes.txt', 'one', { role: 2 }))
    const twin = await alice.upload(id, 'notes.txt', 'two', { role: 2 })
    expect([twin.status, twin.json.file]).toEqual([409, ['A file with the same name already exists.']])
    expect((await alice.upload(id, 'first.csv', 'three', { role: 2, replace: true })).status).toBe(409)
    const files = accepted(await alice.get(`/api/product-files/?product_id=${id}`)).results
    expect(files.map((file: Json) => file.name)).toEqual(['first.csv', 'notes.txt'])
  })

  it('13: a refused creation leaves no row and uses no number up', async () => {
    const first = await registered(alice)
    for (const body of [
      {},
      { display_name: '  ', product_type: 1 },
      { display_name: 'x', product_type: 77 },
      { display_name: 'x'.repeat(256), product_type: 1 },
      { display_name: 'x', product_type: 2, pz_code: 'bpz' },
      { display_name: 'x', product_type: 1, release: 1_000_000 },
      { display_name: 'x', product_type: 7, official_product: true },
    ]) {
      expect((await alice.post('/api/products/', body)).status).toBeGreaterThanOrEqual(400)
    }
    expect(await registered(alice)).toBe(first + 1)
  })

  it('14: what cannot be read as a table is refused at once, and the product stays a draft that can be mended', async () => {
    const id = await registered(alice)
    const refused = await alice.upload(id, 'picture.csv', Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1'))
    expect(refused.status).toBe(422)
    expect(refused.json.detail).toMatch(/PNG/)
    expect(await product(id)).toMatchObject({ status: 0, n_files: 0, can_delete: true, can_update: true })
    accepted(await alice.upload(id, 'catalog.csv', CATALOG))
    expect((await alice.delete(`/api/products/${id}/`)).status).toBe(204)
    expect((await alice.post(`/api/products/${id}/restore/`)).json.status).toBe(0)
  })

  it('16: the data of a product that is no table is an answer, not endless waiting', async () => {
    const id = await registered(alice, { product_type: PRODUCT_TYPE.other })
    const none = await alice.get(`/api/products/${id}/read_data/`)
    expect(none.status).toBe(409)
    accepted(await alice.upload(id, 'table.csv', CATALOG, { role: 2 })) // an auxiliary table is not the main file
    accepted(await alice.upload(id, 'model.pkl', Buffer.from([0x80, 0x04, 0x4e, 0x2e])))
    const answer = await alice.get(`/api/products/${id}/read_data/`)
    expect(answer.status).toBe(409)
    expect(answer.json.detail).toMatch(/pickle/i)
  })

  it('17: integers beyond 2^53 are exact, as strings', async () => {
    const id = await published(alice)
    const data = accepted(await alice.get(`/api/products/${id}/read_data/`))
    expect(data.results.map((row: Json) => row.objectId)).toEqual(['2305843019946942123', '2305843019946942124'])
    expect(data.results[0]).toMatchObject({ RA: 10.5, Dec: -29.87, z: 0.5 })
    const [column] = accepted(await alice.get(`/api/products/${id}/columns/`)).results
    expect(column.statistics).toMatchObject({ min: '2305843019946942123', max: '2305843019946942124' })
  })

  it('18: a role is held by one column: it moves, with its UCD, and publishing asks for the same roles', async () => {
    const id = await registered(alice)
    accepted(await alice.upload(id, 'catalog.csv', CATALOG))
    await giveRole(alice, id, 'objectId', 'ra')
    await giveRole(alice, id, 'RA', 'RA')
    const columns = await columnsOf(alice, id)
    expect(columns.get('objectId')).toMatchObject({ alias: null, ucd: null })
    expect(columns.get('RA')).toMatchObject({ alias: 'RA', ucd: 'pos.eq.ra;meta.main' })
    const refused = await alice.patch(`/api/products/${id}/`, { status: '1' })
    expect(refused.text).toContain('was not filled in: Dec,z')
  })

  it('18: a published product keeps its mandatory roles', async () => {
    const id = await published(alice)
    const z = (await columnsOf(alice, id)).get('z')
    for (const fields of [{ alias: '', ucd: '' }, { alias: 'mine' }, { alias: 'RA' }]) {
      expect((await alice.patch(`/api/product-contents/${z?.id}/`, fields)).status).toBe(406)
    }
    const without = 'RA,Dec,mag_i\n1,2,23.5\n'
    expect((await alice.upload(id, 'catalog.csv', without, { replace: true })).status).toBe(406)
    const [main] = accepted(await alice.get(`/api/product-files/?product_id=${id}`)).results
    const removed = await alice.delete(`/api/product-files/${main.id}/`)
    expect([removed.status, removed.json.detail]).toEqual([406, expect.stringContaining('needs a main file')])
    expect(await product(id)).toMatchObject({ status: 1, n_files: 1, version: 1 })
  })

  it('19: an empty text is nothing, and nothing stays nothing', async () => {
    const id = await registered(alice, { product_type: 7, pz_code: '', description: null })
    expect(await product(id)).toMatchObject({ pz_code: null, description: null })
    accepted(await alice.patch(`/api/products/${id}/`, { pz_code: '', description: '' }))
    accepted(await alice.patchJson(`/api/products/${id}/`, { pz_code: null, description: null }))
    expect(await product(id)).toMatchObject({ pz_code: null, description: null, revision: 0 })
  })

  it('20: columns without a name, named alike or unnamed are told apart, in every answer the same', async () => {
    const id = await registered(alice)
    accepted(await alice.upload(id, 'odd.csv', ',ra,ra\n0,1,2\n1,3,4\n'))
    const names = [...(await columnsOf(alice, id)).keys()]
    expect(new Set(names).size).toBe(3)
    const info = accepted(await alice.get(`/api/products/${id}/main_file_info/`))
    expect(info.main_file.columns).toEqual(names)
    expect(info.main_file.associated_columns.map((each: Json) => each.column_name)).toEqual(names)
    expect((await alice.get(`/api/products/${id}/registry/`)).status).toBe(200)
  })

  it('20: a registry call without a main file is an error of the client, in words', async () => {
    const id = await registered(alice)
    const answer = await alice.get(`/api/products/${id}/registry/`)
    expect(answer.status).toBe(409)
    expect(answer.json.detail).toMatch(/no main file/)
  })

  it('21: the zip holds the files and the metadata, nothing else, and asking for a preview changes nothing', async () => {
    const id = await published(alice)
    const before = accepted(await alice.post(`/api/products/${id}/download/prepare/`))
    accepted(await alice.get(`/api/products/${id}/read_data/`))
    const after = accepted(await alice.post(`/api/products/${id}/download/prepare/`))
    expect(after.checksum).toBe(before.checksum)
    const { text } = await alice.get(after.download_url)
    expect(text).toContain('product_metadata.yaml')
    expect(text).toContain('catalog.csv')
    expect(text).not.toContain('__table_preview.json')
  })

  it('22: an upload to a product that is not there is 404', async () => {
    expect((await alice.upload(999_999, 'catalog.csv', CATALOG)).status).toBe(404)
    expect((await alice.upload('abc', 'catalog.csv', CATALOG)).status).toBe(400)
    expect((await alice.upload('99999999999', 'catalog.csv', CATALOG)).status).toBe(400)
    expect((await alice.get('/api/processes/?search=x')).status).toBe(200)
  })

  it('23: all of many columns are listed, and the last one takes a role', async () => {
    const names = Array.from({ length: 1_200 }, (_, index) => `c${index}`)
    const id = await registered(alice)
    accepted(await alice.upload(id, 'wide.csv', `${names.join(',')}\n${names.map((_, i) => i).join(',')}\n`))
    const columns = await columnsOf(alice, id)
    expect([...columns.keys()]).toEqual(names)
    await giveRole(alice, id, 'c1199', 'z')
    expect((await columnsOf(alice, id)).get('c1199')?.alias).toBe('z')
  })

  it('24: a table without rows has 0 rows', async () => {
    const id = await registered(alice)
    expect(accepted(await alice.upload(id, 'empty.csv', 'RA,Dec,z\n')).n_rows).toBe(0)
    expect(await product(id)).toMatchObject({ n_rows: 0, n_columns: 3 })
    expect(accepted(await alice.get(`/api/products/${id}/read_data/`))).toMatchObject({ count: 0, results: [] })
  })
})
