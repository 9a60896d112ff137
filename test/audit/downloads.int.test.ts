import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { see } from '../http/pages-forms.ts'
import { type Client, type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted, CATALOG, PRODUCT_TYPE, published, registered } from '../support/products.ts'

let app: TestApp
let admin: Client
let alice: Client
let bob: Client
let id: number
let path: string
let fileId: number

beforeAll(async () => {
  app = await testApp()
  admin = app.as('admin')
  alice = app.as('alice')
  bob = app.as('bob')
})
afterAll(() => app.close())
beforeEach(async () => {
  id = await published(alice, { display_name: '=HYPERLINK("http://x")' })
  accepted(await alice.upload(id, 'about.html', '<p>Hello</p>', { role: 1 }))
  path = `/product/${accepted(await bob.get(`/api/products/${id}/`)).internal_name}`
  fileId = accepted(await bob.get(`/api/product-files/?product_id=${id}`)).results[0].id
})

const listed = async (who: Client = alice): Promise<Json> => accepted(await who.get(`/api/products/${id}/downloads/`))
const parts = async () => (await listed()).results.map(({ part, username, via }: Json) => `${part} ${username} ${via}`)

describe('downloads', () => {
  it('are recorded with what, who and how, whichever way they go', async () => {
    const prepared = accepted(await bob.send('POST', `/api/products/${id}/download/prepare/`))
    const main = accepted(await bob.send('POST', `/api/products/${id}/download/main-file/prepare/`))
    expect((await listed()).count).toBe(0) // preparing is not downloading
    const html = accepted(await bob.get(`/api/product-files/?product_id=${id}`)).results[1]
    const shown = /\/raw\/[0-9a-f]{64}[^"]*/.exec((await see(bob, `${path}?tab=description`)).text)?.[0] ?? ''
    for (const address of [
      prepared.download_url,
      main.download_url,
      `/api/products/${id}/download/`,
      `/api/products/${id}/download_main_file/`,
      `/api/product-files/${html.id}/download/`,
      `${path}/zip`,
      `${path}/files/${fileId}`,
      shown,
      `/api/products/${id}/export/`,
    ]) {
      expect((await bob.get(address)).status, address).toBe(200)
    }
    expect(await parts()).toEqual([
      'history bob api',
      'shown bob page',
      'main_file bob page',
      'everything bob page',
      'file bob api',
      'main_file bob api',
      'everything bob api',
      'main_file bob api',
      'everything bob api',
    ])
    expect(await listed()).toMatchObject({ count: 9, people: 1 })
    expect((await listed()).results[1]).toEqual({
      at: expect.stringMatching(/^2026-.*Z$/),
      product: id,
      product_internal_name: path.slice('/product/'.length),
      product_name: '=HYPERLINK("http://x")',
      part: 'shown',
      file: html.id,
      file_name: 'about.html',
      username: 'bob',
      person: 'bob',
      via: 'page',
    })
  })

  it('count once with all their parts, for an hour; HEAD, 304 and refusals do not count', async () => {
    const address = `/api/product-files/${fileId}/download/`
    const part = (from: number) => bob.get(address, { Range: `bytes=${from}-` })
    expect((await bob.get(address)).status).toBe(200)
    for (const from of [10, 20, 30]) expect((await part(from)).status).toBe(206)
    expect(await parts()).toEqual(['main_file bob api'])
    // Somebody else's parts are another download, and so is beginning afresh.
    expect((await admin.get(address, { Range: 'bytes=0-9' })).status).toBe(206)
    expect((await admin.get(address, { Range: 'bytes=10-' })).status).toBe(206)
    expect((await bob.get(address)).status).toBe(200)
    expect(await parts()).toEqual(['main_file bob api', 'main_file admin api', 'main_file bob api'])
    app.clock.advance(3_600_001)
    expect((await part(10)).status).toBe(206)
    expect((await listed()).count).toBe(4)

    const etag = (await bob.send('HEAD', address)).headers.get('etag') ?? ''
    expect((await bob.get(address, { 'If-None-Match': etag })).status).toBe(304)
    expect((await app.withToken(null).get(address)).status).toBe(401)
    expect((await listed()).count).toBe(4)
  })

  it('are told to everybody as a count, by name to the owner and administrators alone', async () => {
    for (const who of [alice, bob]) await who.get(`${path}/files/${fileId}`)
    await app.context.audit.flush()
    const rail = (text: string) => /Downloaded[^<]*|Not downloaded yet/.exec(text)?.[0]
    const asBob = (await see(bob, path)).text
    expect(rail(asBob)).toContain('Downloaded 2 times by 2 people')
    expect(asBob).not.toContain(`${path}/downloads`)
    expect((await see(alice, path)).text).toContain(`${path}/downloads`)
    for (const who of [alice, admin]) {
      const page = await see(who, `${path}/downloads`)
      expect(page.status).toBe(200)
      expect(page.text).toContain('>bob<')
      expect((await listed(who)).count).toBe(2)
    }
    expect((await see(bob, `${path}/downloads`)).status).toBe(403)
    expect((await bob.get(`/api/products/${id}/downloads/`)).status).toBe(403)
    const draft = await registered(alice)
    expect((await bob.get(`/api/products/${draft}/downloads/`)).status).toBe(404)
  })

  it('are given in pages and as files', async () => {
    for (let n = 0; n < 3; n++) await bob.get(`/api/product-files/${fileId}/download/`)
    const page = accepted(await alice.get(`/api/products/${id}/downloads/?page=2&page_size=2`))
    expect([page.count, page.results.length]).toEqual([3, 1])
    expect((await alice.get(`/api/products/${id}/downloads/?page=3&page_size=2`)).status).toBe(404)
    const csv = await alice.get(`/api/products/${id}/downloads/?format=csv`)
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(csv.headers.get('content-disposition')).toContain('-downloads.csv')
    const [header, first, ...more] = csv.text.split('\r\n')
    expect(header).toBe('at,product,product_internal_name,product_name,part,file,file_name,username,person,via')
    // A name that a spreadsheet would take for a formula.
    expect(first).toContain(`"'=HYPERLINK(""http://x"")",main_file,${fileId},catalog.csv,bob,bob,api`)
    expect(more).toHaveLength(3)
    const lines = (await alice.get(`/api/products/${id}/downloads/?format=ndjson`)).text.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).product_name)).toEqual(Array(3).fill('=HYPERLINK("http://x")'))
  })

  it('stay without a name when the account goes', async () => {
    await bob.get(`/api/product-files/${fileId}/download/`)
    await alice.get(`/api/product-files/${fileId}/download/`)
    const { database, audit } = app.context
    const [gone] = await database.query<{ id: number }>(
      `insert into accounts.users (username, username_key, password_hash, first_name, last_name, display_name, is_admin, created_at)
       values ('carol', 'carol', '', '', '', 'Carol', false, now()) returning id`,
    )
    const taken = { productId: id, part: 'file', fileId, fileName: 'x', sha256: '', via: 'page' } as const
    audit.download({ ...taken, userId: gone?.id ?? 0 }, false)
    await audit.flush()
    expect(await listed()).toMatchObject({ count: 3, people: 3 })
    audit.download({ ...taken, userId: gone?.id ?? 0 }, false)
    await database.query('delete from accounts.users where username_key = $1', ['carol'])
    // One was written before the account went, one is written after.
    expect(await listed()).toMatchObject({ count: 4, people: 2 })
    expect((await listed()).results.slice(0, 2).map((row: Json) => row.username)).toEqual([null, null])
  })
})

describe('downloads over the whole site', () => {
  it('are for administrators, by person, product and period', async () => {
    const address = `/api/product-files/${fileId}/download/`
    await bob.get(address)
    await alice.get(address)
    const rows = async (query: string) => {
      const { status, text } = await admin.get(`/admin/downloads?format=ndjson&${query}`)
      expect(status, text).toBe(200)
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).username)
    }
    expect(await rows(`product=${id}`)).toEqual(['alice', 'bob'])
    expect(await rows(`product=${path.slice('/product/'.length)}&person=BOB`)).toEqual(['bob'])
    expect(await rows('person=nobody')).toEqual([])
    expect(await rows(`product=${id}&since=2026-03-14&until=2026-03-15`)).toHaveLength(2)
    expect(await rows('until=2026-03-13')).toEqual([])
    const wrong = await see(admin, '/admin/downloads?product=x&since=soon')
    expect(wrong.status).toBe(400)
    expect(wrong.text).toContain('Give its number or its name')
    expect((await see(bob, '/admin/downloads')).status).toBe(403)
  })

  it('come in pages', async () => {
    for (let n = 0; n < 51; n++) await bob.get(`/api/product-files/${fileId}/download/`)
    const first = await see(admin, `/admin/downloads?product=${id}`)
    const before = /before=(\d+)/.exec(first.text)?.[1]
    expect(first.text).toContain('51 downloads')
    const second = await see(admin, `/admin/downloads?product=${id}&before=${before}`)
    expect(second.text.match(/<time /g)).toHaveLength(1)
    expect(second.text).not.toContain('rel="next"')
  })
})

describe('the switch DOWNLOAD_AUDIT', () => {
  it.each([
    ['counted', 'Downloaded 1 time ·', 200, null],
    ['off', undefined, 404, undefined],
  ])('%s', async (mode, words, pageStatus, username) => {
    const other = await testApp({ env: { DOWNLOAD_AUDIT: mode } })
    try {
      const owner = other.as('alice')
      const product = await published(owner)
      await other.as('bob').get(`/api/products/${product}/download_main_file/`)
      await other.context.audit.flush()
      const { internal_name } = accepted(await owner.get(`/api/products/${product}/`))
      const { text } = await see(owner, `/product/${internal_name}`)
      expect(/(Downloaded|Not downloaded)[^<]*/.exec(text)?.[0]?.trim()).toBe(words)
      expect((await see(owner, `/product/${internal_name}/downloads`)).status).toBe(pageStatus)
      const { results, people } = accepted(await owner.get(`/api/products/${product}/downloads/`))
      expect([results[0]?.username, people]).toEqual([username, 0])
      expect((await see(other.as('admin'), '/admin/downloads')).text).toContain(`DOWNLOAD_AUDIT=${mode}`)
    } finally {
      await other.close()
    }
  })
})

it('no download fails or waits when the audit cannot be written, and the log says so', async () => {
  const other = await testApp()
  try {
    const product = await registered(other.as('alice'), { product_type: PRODUCT_TYPE.other })
    accepted(await other.as('alice').upload(product, 'x.csv', CATALOG))
    await other.context.database.query('alter table audit.downloads rename to elsewhere')
    expect((await other.as('alice').get(`/api/products/${product}/download_main_file/`)).text).toBe(CATALOG)
    await other.context.audit.flush()
    expect(other.logged()).toContain('downloads cannot be written now')
    await other.context.database.query('alter table audit.elsewhere rename to downloads')
    await other.context.audit.close() // as at the end of the server
    expect(accepted(await other.as('alice').get(`/api/products/${product}/downloads/`)).count).toBe(1)
  } finally {
    await other.close()
  }
})
