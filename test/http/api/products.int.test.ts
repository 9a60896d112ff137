import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Json, multipart } from '../../support/answer.ts'
import { type Client, type TestApp, testApp } from '../../support/app.ts'
import { accepted, CATALOG, columnsOf, giveRole, PRODUCT_TYPE, published, registered } from '../../support/products.ts'

/** Products, files and columns in the words of the reference: `http-api.md`, 1.3, 1.7 and `domain.md`, 2.1 to 2.6. */
let app: TestApp
let alice: Client
let bob: Client

beforeAll(async () => {
  app = await testApp()
  alice = app.as('alice')
  bob = app.as('bob')
  accepted(await app.as('admin').post('/api/releases/', { name: 'dp1', display_name: 'Data Preview 1' }))
})
afterAll(() => app.close())

describe('creating a product', () => {
  it('gives it a number, an internal name and an owner', async () => {
    const product = accepted(
      await alice.post('/api/products/', {
        display_name: '  Example Upload (v1.0) — ção!  ',
        product_type: 3,
        release: 1,
        official_product: false,
        pz_code: 'BPZ',
        description: 'About it',
        status: 0,
      }),
    )
    expect(product).toMatchObject({
      display_name: 'Example Upload (v1.0) — ção!',
      internal_name: `${product.id}_example_upload_v10__ção`,
      product_type: 3,
      product_type_name: 'Validation Results',
      product_type_internal_name: 'validation_results',
      release: 1,
      release_name: 'Data Preview 1',
      pz_code: 'BPZ',
      uploaded_by: 'alice',
      is_owner: true,
      origin: 'Upload',
      status: 0,
      product_status: 'Registering',
    })
  })

  it.each([
    [{ product_type: 1 }, { display_name: 'This field is required.' }],
    [{ display_name: null, product_type: 1 }, { display_name: 'This field is required.' }],
    [{ display_name: '   ', product_type: 1 }, { display_name: 'This field may not be blank.' }],
    [
      { display_name: 'x'.repeat(256), product_type: 1 },
      { display_name: 'Ensure this field has no more than 255 characters.' },
    ],
    [{ display_name: 'x' }, { product_type: 'This field is required.' }],
    [{ display_name: 'x', product_type: 77 }, { product_type: 'Invalid pk "77" - object does not exist.' }],
    [{ display_name: 'x', product_type: 'abc' }, { product_type: 'A valid integer is required.' }],
    [
      { display_name: 'x', product_type: 1, release: 1 },
      { release: ['Release must be null on Redshift Catalogs products.'] },
    ],
    [
      { display_name: 'x', product_type: 2, pz_code: 'bpz' },
      { pz_code: ["Pz Code must be null on Training Set products. 'bpz'"] },
    ],
    [{ display_name: 'x', product_type: 2, release: 99 }, { release: 'Invalid pk "99" - object does not exist.' }],
  ])('%j is refused in the words of the reference', async (body, words) => {
    const answer = await alice.post('/api/products/', body)
    expect([answer.status, answer.json]).toEqual([400, expect.objectContaining(words)])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.json).toMatchObject({ detail: expect.any(String), code: 'invalid', title: 'Invalid' })
  })
})

describe('changing a product', () => {
  it('edits every field, and keeps the internal name', async () => {
    const id = await registered(alice, { display_name: 'Before', product_type: 3 })
    const changes = { display_name: 'After', release: 1, pz_code: 'LePhare', description: 'New', product_type: 4 }
    const product = accepted(await alice.patchJson(`/api/products/${id}/`, changes))
    expect(product).toMatchObject({ ...changes, internal_name: `${id}_before`, revision: 1 })
    expect(accepted(await alice.patchJson(`/api/products/${id}/`, changes)).revision).toBe(1)
    expect(accepted(await alice.patch(`/api/products/${id}/`, { release: '' })).release).toBeNull()
  })

  it('PUT wants the mandatory fields', async () => {
    const id = await registered(alice, { product_type: 7 })
    const put = (body: object) =>
      alice.send('PUT', `/api/products/${id}/`, {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
    expect((await put({ description: 'x' })).json.display_name).toBe('This field is required.')
    expect((await put({ display_name: 'x' })).json.product_type).toBe('This field is required.')
    expect(accepted(await put({ display_name: 'Put', product_type: 7 })).display_name).toBe('Put')
  })

  it('records no inspection that finds what the last one found', async () => {
    for (const [name, content, product_type] of [
      ['picture.png', '\x89PNG\r\n\x1a\n', 7],
      ['catalog.csv', CATALOG, 1],
    ] as const) {
      const id = await registered(alice, { product_type })
      accepted(await alice.upload(id, name, content))
      const before = accepted(await alice.get(`/api/products/${id}/`))
      const after = accepted(await alice.post(`/api/products/${id}/registry/`))
      expect(after).toMatchObject({ revision: before.revision, updated_at: before.updated_at })
    }
  })

  it('takes no status that it cannot reach, but that which the product has', async () => {
    const draft = await registered(alice)
    const done = await published(alice)
    const set = async (id: number, status: string) => {
      const answer = await alice.patch(`/api/products/${id}/`, { status, description: 'x' })
      return [answer.status, answer.status === 200 ? answer.json.status : answer.json.status[0]]
    }
    const refusal = (status: number) => [400, `"${status}" is not a valid choice: 1 publishes, 2 deletes.`]
    expect(await set(draft, '0')).toEqual([200, 0])
    expect(await set(done, '0')).toEqual(refusal(0))
    expect(await set(done, '1')).toEqual([200, 1])
    for (const status of [3, 5, 9]) expect(await set(done, String(status))).toEqual(refusal(status))
    expect(accepted(await alice.get(`/api/products/${done}/`)).status).toBe(1)
    expect((await app.as('bob').patch(`/api/products/${draft}/`, { status: '9' })).status).toBe(404)
  })

  it('refuses strangers also what changes nothing', async () => {
    const id = await published(alice)
    for (const body of [{}, { official_product: '' }, { display_name: 'x' }] as Record<string, string>[]) {
      expect([body, (await bob.patch(`/api/products/${id}/`, body)).status]).toEqual([body, 403])
    }
    const { revision } = accepted(await alice.patch(`/api/products/${id}/`, {}))
    expect(accepted(await alice.get(`/api/products/${id}/`)).revision).toBe(revision)
  })

  it('publishes only what has its roles, and says which are missing', async () => {
    const id = await registered(alice)
    accepted(await alice.upload(id, 'catalog.csv', CATALOG))
    await giveRole(alice, id, 'z', 'z')
    const refused = await alice.patch(`/api/products/${id}/`, { status: '1' })
    expect([refused.status, refused.json.detail]).toEqual([406, 'The column(s) was not filled in: Dec,RA'])
    await giveRole(alice, id, 'RA', 'RA')
    await giveRole(alice, id, 'Dec', 'dec') // whatever its case
    const product = accepted(await alice.patch(`/api/products/${id}/`, { status: '1' }))
    expect(product).toMatchObject({ status: 1, product_status: 'Published' })
    expect(product.published_at).toBe(product.updated_at)
  })

  it('publishes photo-z estimates without a file, because their data may be elsewhere', async () => {
    const id = await registered(alice, { product_type: PRODUCT_TYPE.photozEstimates })
    expect(accepted(await alice.patch(`/api/products/${id}/`, { status: '1' })).status).toBe(1)
  })

  it('deletes softly, and restores what was', async () => {
    const id = await published(alice)
    expect((await alice.delete(`/api/products/${id}/`)).status).toBe(204)
    expect((await alice.delete(`/api/products/${id}/`)).status).toBe(204) // again changes nothing
    expect((await bob.get(`/api/products/${id}/`)).status).toBe(404)
    expect(accepted(await alice.get(`/api/products/${id}/`))).toMatchObject({ status: 2, product_status: 'Deleted' })
    for (const answer of [
      await alice.patch(`/api/products/${id}/`, { description: 'x' }),
      await alice.patch(`/api/products/${id}/`, { status: '1' }),
      await alice.upload(id, 'x.csv', CATALOG, { role: 2 }),
    ]) {
      expect([answer.status, answer.json.detail]).toEqual([409, expect.stringContaining('Restore it first')])
    }
    const restored = accepted(await alice.post(`/api/products/${id}/restore/`))
    expect(restored).toMatchObject({ status: 1, n_files: 1 })
    accepted(await alice.patch(`/api/products/${id}/`, { status: '2' })) // as the reference deletes
    expect((await bob.get(`/api/products/${id}/`)).status).toBe(404)
  })

  it('refuses impossible statuses', async () => {
    const id = await registered(alice)
    for (const status of ['abc', '5', '3', '9', '-1']) {
      const answer = await alice.patch(`/api/products/${id}/`, { status })
      expect([status, answer.status, answer.json.code]).toEqual([status, 400, 'invalid'])
    }
  })

  it('tells the position of what it wrote, and a GET that brings it along is answered no earlier', async () => {
    const id = await registered(alice)
    const edited = await alice.patch(`/api/products/${id}/`, { description: 'x' })
    const position = edited.headers.get('x-event-position') ?? ''
    expect(position).toMatch(/^\d{20}$/)
    const read = await alice.get(`/api/products/${id}/`, { 'X-Event-Position': position })
    expect(read.json).toMatchObject({ description: 'x', position })
    expect((await alice.get('/api/products/', { 'X-Event-Position': 'x' })).status).toBe(400)
  })
})

describe('files and columns', () => {
  it('a file has its role, size, extension and type, and can be taken away', async () => {
    const id = await registered(alice, { product_type: 7 })
    const file = accepted(await alice.upload(id, 'Results.TAR.gz', 'abc', { role: 2, type: 'application/gzip' }))
    expect(file).toMatchObject({
      product: id,
      role: 2,
      role_name: 'Auxiliary',
      name: 'Results.TAR.gz',
      extension: '.tar.gz',
      type: 'application/gzip',
      size: 3,
      n_rows: null,
      is_directory: false,
      can_delete: true,
      file: `http://localhost/api/product-files/${file.id}/download/`,
    })
    expect((await bob.delete(`/api/product-files/${file.id}/`)).status).toBe(404)
    expect((await alice.send('PATCH', `/api/product-files/${file.id}/`)).status).toBe(405)
    expect((await alice.delete(`/api/product-files/${file.id}/`)).status).toBe(204)
    for (const path of [`${file.id}/`, `${file.id}/download/`]) {
      expect((await alice.get(`/api/product-files/${path}`)).status).toBe(404)
    }
    expect((await alice.delete(`/api/product-files/${file.id}/`)).status).toBe(404)
  })

  it('a file without a role is the main file', async () => {
    const id = await registered(alice, { product_type: 7 })
    const upload = (fields: Json) =>
      alice.send(
        'POST',
        '/api/product-files/',
        multipart({ product: id, ...fields }, { name: 'a.bin', content: 'abc' }),
      )
    expect(accepted(await upload({}))).toMatchObject({ role: 0, role_name: 'Main' })
    expect((await upload({ role: '' })).json.role).toEqual(['"" is not a valid choice.'])
  })

  it('others may not add files; administrators may', async () => {
    const id = await published(alice)
    const refused = await bob.upload(id, 'notes.txt', 'x', { role: 2 })
    expect([refused.status, refused.json.detail]).toEqual([403, expect.stringContaining('permission')])
    expect((await app.as('admin').upload(id, 'notes.txt', 'x', { role: 2 })).status).toBe(201)
  })

  it('a table in an archive becomes the main file; the archive can still be had', async () => {
    const { gzipSync } = await import('node:zlib')
    const id = await registered(alice)
    const packed = gzipSync(CATALOG)
    const file = accepted(await alice.upload(id, 'catalog.csv.gz', packed))
    expect(file).toMatchObject({ name: 'catalog.csv', extension: '.csv', n_rows: 2, original_name: 'catalog.csv.gz' })
    expect((await alice.get(file.file)).text).toBe(CATALOG)
    const original = await alice.get(`${file.file}?original=true`)
    expect(Buffer.from(original.bytes).equals(packed)).toBe(true)
    expect(original.headers.get('content-disposition')).toContain('catalog.csv.gz')
  })

  it('a free-format product takes any main file, and says why it is no table', async () => {
    const id = await registered(alice, { product_type: PRODUCT_TYPE.trainingResults })
    const file = accepted(await alice.upload(id, 'model.pkl', Buffer.from([0x80, 0x04, 0x4e, 0x2e])))
    expect(file).toMatchObject({ n_rows: null, inspection_error: expect.stringMatching(/pickle/i) })
    expect(accepted(await alice.patch(`/api/products/${id}/`, { status: '1' })).status).toBe(1)
    expect((await columnsOf(alice, id)).size).toBe(0)
    const refused = await registered(alice)
    expect((await alice.upload(refused, 'model.pkl', Buffer.from([0x80, 0x04, 0x4e, 0x2e]))).status).toBe(422)
  })

  it('a column takes a standard role with its UCD, a name of its own without, and loses both', async () => {
    const id = await registered(alice)
    accepted(await alice.upload(id, 'catalog.csv', CATALOG))
    const column = (await columnsOf(alice, id)).get('z')
    const patch = async (fields: Record<string, string>): Promise<Json> =>
      accepted(await alice.patch(`/api/product-contents/${column?.id}/`, fields))
    expect(await patch({ ucd: 'src.redshift', alias: 'z' })).toMatchObject({ alias: 'z', ucd: 'src.redshift' })
    expect(await patch({ alias: 'mycustom' })).toMatchObject({ alias: 'mycustom', ucd: null })
    expect(await patch({ alias: 'z_ERR' })).toMatchObject({ alias: 'z_err', ucd: 'stat.error;src.redshift' })
    expect(await patch({ ucd: '', alias: '' })).toMatchObject({ alias: null, ucd: null })
    expect(await patch({ ucd: 'phot.mag' })).toMatchObject({ alias: null, ucd: 'phot.mag' })
    const refused = await alice.patch(`/api/product-contents/${column?.id}/`, { ucd: 'not a ucd' })
    expect([refused.status, refused.json.ucd]).toEqual([400, expect.stringContaining('is not a UCD')])
  })

  it('main_file_info lists every column, and how a text table is written', async () => {
    const id = await published(alice)
    const { main_file } = accepted(await bob.get(`/api/products/${id}/main_file_info/`))
    expect(main_file).toMatchObject({
      name: 'catalog.csv',
      extension: '.csv',
      size: CATALOG.length,
      n_rows: 2,
      is_directory: false,
      delimiter: ',',
      has_header: true,
      columns: ['objectId', 'RA', 'Dec', 'z'],
    })
    expect(main_file.associated_columns).toEqual([
      { column_name: 'objectId', ucd: null, alias: null },
      { column_name: 'RA', ucd: 'pos.eq.ra;meta.main', alias: 'RA' },
      { column_name: 'Dec', ucd: 'pos.eq.dec;meta.main', alias: 'Dec' },
      { column_name: 'z', ucd: 'src.redshift', alias: 'z' },
    ])
  })

  it('a new version of the main file keeps the roles and the numbers of columns by their names', async () => {
    const id = await published(alice)
    const before = await columnsOf(alice, id)
    const text = 'z,extra,Dec,RA\n0.1,1,2,3\n'
    accepted(await alice.upload(id, 'better.csv', text, { replace: true }))
    const after = await columnsOf(alice, id)
    expect([...after.keys()]).toEqual(['z', 'extra', 'Dec', 'RA'])
    for (const name of ['z', 'Dec', 'RA']) {
      expect(after.get(name)).toMatchObject({ id: before.get(name)?.id, alias: name })
    }
    expect([...before.values()].map((column) => column.id)).not.toContain(after.get('extra')?.id)
  })
})

describe('history and time travel', () => {
  it('tells what happened, by whom, in words', async () => {
    const id = await published(alice, { display_name: 'Told' })
    const { results } = accepted(await bob.get(`/api/products/${id}/history/`))
    expect(results.map((event: Json) => event.words)).toEqual([
      'registered "Told" as Reference Redshift Catalog',
      'added the main file catalog.csv (91 bytes)',
      'inspected the main file: 2 rows, 4 columns, csv',
      'set the role of RA to RA',
      'set the role of Dec to Dec',
      'set the role of z to z',
      'published it',
    ])
    expect(results[0]).toMatchObject({ type: 'ProductRegistered', revision: 0, by: { id: 2, username: 'alice' } })
    const until = accepted(await bob.get(`/api/products/${id}/history/?as_of=${results[2].position}`))
    expect(until.count).toBe(3)
  })

  it('gives files, columns and downloads as they were', async () => {
    const id = await published(alice)
    const [{ at }] = accepted(await alice.get(`/api/products/${id}/history/`)).results.toReversed()
    accepted(await alice.upload(id, 'v2.csv', 'RA,Dec,z,extra\n1,2,3,4\n', { replace: true }))
    const asOf = `as_of=${at}`

    const files = accepted(await alice.get(`/api/product-files/?product_id=${id}&${asOf}`)).results
    expect(files.map(({ name }: Json) => name)).toEqual(['catalog.csv'])
    const columns = accepted(await alice.get(`/api/product-contents/?product=${id}&${asOf}`)).results
    expect(columns.map(({ column_name }: Json) => column_name)).not.toContain('extra')
    const old = await alice.get(files[0].file)
    expect(old.text).toContain('RA,Dec,z')
    expect((await bob.get(files[0].file)).text).toBe(old.text)
    expect((await alice.get(`/api/products/${id}/download_main_file/?${asOf}`)).text).toBe(old.text)
    const { files: listed } = accepted(await alice.get(`/api/products/${id}/?${asOf}`))
    expect((await alice.get(listed[0].file)).text).toBe(old.text)
    const zips = [
      await alice.get(`/api/products/${id}/download/?${asOf}`),
      await alice.get(`/api/products/${id}/download/`),
    ]
    expect(zips.map(({ text }) => text.includes('catalog.csv'))).toEqual([true, false])

    // Without a moment, a file that was replaced is gone; and it was not there before it came.
    expect((await alice.get(`/api/product-files/${files[0].id}/download/`)).status).toBe(404)
    expect((await alice.get(`/api/product-files/${files[0].id}/download/?as_of=2026-01-01`)).status).toBe(404)
    expect((await alice.get(`/api/product-files/999999/download/?${asOf}`)).status).toBe(404)
  })

  it('shows a product as it was at every position of its history', async () => {
    const id = await published(alice)
    accepted(await alice.upload(id, 'v2.csv', 'RA,Dec,z\n1,2,3\n', { replace: true }))
    accepted(await alice.patch(`/api/products/${id}/`, { display_name: 'Renamed' }))
    const { results } = accepted(await alice.get(`/api/products/${id}/history/`))
    const seen = []
    for (const { position } of results) {
      const past = accepted(await alice.get(`/api/products/${id}/?as_of=${position}`))
      seen.push([past.display_name, past.status, past.n_rows, past.files.map((file: Json) => file.name)])
    }
    expect(seen[0]).toEqual(['A catalog', 0, null, []])
    expect(seen[2]).toEqual(['A catalog', 0, 2, ['catalog.csv']])
    expect(seen[6]).toEqual(['A catalog', 1, 2, ['catalog.csv']])
    expect(seen.at(-1)).toEqual(['Renamed', 1, 1, ['v2.csv']])
    // Others see it from its publication on.
    expect((await bob.get(`/api/products/${id}/?as_of=${results[5].position}`)).status).toBe(404)
    expect((await bob.get(`/api/products/${id}/?as_of=${results[6].position}`)).status).toBe(200)
    expect((await bob.get(`/api/products/${id}/?as_of=${results[6].at}`)).status).toBe(200)
  })
})
