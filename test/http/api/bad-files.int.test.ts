import { describe, expect, it } from 'vitest'
import { all } from '../../blobs/contract.ts'
import { multipart } from '../../support/answer.ts'
import { accepted, CATALOG, columnsOf, PRODUCT_TYPE, published, registered } from '../../support/products.ts'
import { refused } from './refused.ts'
import { watchedApp } from './watched-app.ts'

/** Inputs to survive: `security.md`, "Bad inputs", by number: those that come in files. */
const { app, alice, bob } = await watchedApp()

describe('files', () => {
  it('#4: an id beyond 2^53 is exact in the preview, the statistics and the download', async () => {
    const id = await published(alice)
    expect(accepted(await bob.get(`/api/products/${id}/read_data/`)).results[0].objectId).toBe('2305843019946942123')
    expect((await bob.get(`/api/products/${id}/download_main_file/`)).text).toContain('2305843019946942123')
  })

  it.each([
    ['a byte order mark', '\ufeffRA,Dec,z\n1,2,0.5\n', ['RA', 'Dec', 'z'], 1],
    ['lines that end in CRLF', 'RA,Dec,z\r\n1,2,0.5\r\n', ['RA', 'Dec', 'z'], 1],
    ['semicolons', 'RA;Dec;z\n1;2;0.5\n', ['RA', 'Dec', 'z'], 1],
    ['quoted line breaks', 'name,z\n"a\nb",0.5\n', ['name', 'z'], 1],
    ['a header alone', 'RA,Dec,z\n', ['RA', 'Dec', 'z'], 0],
    ['a single column', 'z\n1\n2\n', ['z'], 2],
    ['a comment first', '# made by hand\nRA,Dec,z\n1,2,0.5\n', ['RA', 'Dec', 'z'], 1],
  ])('#5: CSV with %s', async (_, text, names, rows) => {
    const id = await registered(alice)
    expect(accepted(await alice.upload(id, 'table.csv', text)).n_rows).toBe(rows)
    expect([...(await columnsOf(alice, id)).keys()]).toEqual(names)
  })

  it('#5: Latin-1 is read', async () => {
    const id = await registered(alice)
    accepted(await alice.upload(id, 'table.csv', Buffer.from('site,z\nSão Paulo,0.5\nRio,0.6\n', 'latin1')))
    expect(accepted(await alice.get(`/api/products/${id}/read_data/`)).results[0].site).toBe('São Paulo')
  })

  it('#5: an empty file and a ragged row are refused, with the line', async () => {
    const id = await registered(alice)
    await refused(app, [400, 422], async function* () {
      const empty = await alice.upload(id, 'table.csv', '')
      expect(empty.json.file).toEqual(['The submitted file is empty.'])
      yield empty
      const ragged = await alice.upload(id, 'table.csv', 'RA,Dec,z\n1,2,3\n1,2,3,4,5\n')
      expect(ragged.json.detail).toMatch(/line 3/i)
      yield ragged
    })
  })

  it('more names of columns than can be recorded are refused in words, and nothing is kept', async () => {
    const id = await registered(alice, { product_type: PRODUCT_TYPE.other })
    const names = Array.from({ length: 4_900 }, (_, n) => `c${n}_`.padEnd(230, 'x'))
    const blobs = async () => (await all(app.context.blobs.list())).length
    const before = await blobs()
    await refused(app, [422], async function* () {
      const answer = await alice.upload(id, 'wide.csv', `${names.join(',')}\n${names.map(() => 1).join(',')}\n`)
      expect(answer.json.detail).toContain('fewer or shorter names of columns')
      yield answer
    })
    expect(await blobs()).toBe(before)
  })

  it('#13: a file whose extension lies is refused, and both are named', async () => {
    const parquet = Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(100), Buffer.from('PAR1')])
    for (const product_type of [PRODUCT_TYPE.redshiftCatalog, PRODUCT_TYPE.other]) {
      const id = await registered(alice, { product_type })
      await refused(app, [422], async function* () {
        const answer = await alice.upload(id, 'table.csv', parquet)
        expect(answer.json.detail).toMatch(/\.csv.*Parquet/)
        yield answer
      })
    }
    const id = await registered(alice)
    await refused(app, [422], async function* () {
      yield await alice.upload(id, 'table.parquet', '<!doctype html><p>no table')
    })
  })

  it('#14: names with folders, quotes, line breaks, direction marks, emoji and 300 characters', async () => {
    const id = await registered(alice, { product_type: PRODUCT_TYPE.other })
    for (const [given, kept] of [
      ['../../x.csv', 'x.csv'],
      ['C:\\temp\\y.csv', 'y.csv'],
      ['a%22b;c.csv', 'a"b;c.csv'],
      ['exe.\u202evsc.csv', 'exe.vsc.csv'],
      ['🔭.csv', '🔭.csv'],
      ['CON.csv', 'CON.csv'],
      ['e\u0301.csv', 'é.csv'],
    ] as const) {
      const file = accepted(await alice.upload(id, given, `${given}\n`, { role: 2 }))
      expect(file.name).toBe(kept)
      const answer = await alice.get(file.file)
      expect([answer.status, answer.text]).toEqual([200, `${given}\n`])
      expect(answer.headers.get('content-disposition')).toMatch(
        /^attachment; (filename\*=\S+; )?filename=("[\x20-\x7e]+"|[\w.+~-]+)$/,
      )
    }
    const twin = await alice.upload(id, '\u00e9.csv', 'composed', { role: 2 }) // NFC of one that is there
    expect(twin.status).toBe(409)
    const long = accepted(await alice.upload(id, `${'x'.repeat(300)}.csv`, 'x', { role: 2 }))
    expect(long.name).toMatch(/^x+\.csv$/)
    expect(Buffer.byteLength(long.name)).toBeLessThanOrEqual(250)
    const broken = multipart({ product: id, role: 2 }, { name: 'a\r\nSet-Cookie: x=1\r\n\r\n.csv', content: 'x' })
    const answer = await alice.send('POST', '/api/product-files/', broken)
    expect(answer.status).toBeLessThan(500)
    expect(answer.headers.get('set-cookie')).toBeNull()
  })

  it('#18: an upload that breaks off leaves nothing behind', async () => {
    const id = await registered(alice)
    const { headers, body } = multipart({ product: id, role: 0 }, { name: 'catalog.csv', content: CATALOG })
    await refused(app, [400, 408], async function* () {
      const cut = body.slice(0, Math.floor(body.length * 0.99))
      yield await alice.send('POST', '/api/product-files/', { headers, body: cut })
    })
  })

  it('#19: multipart that is none, too much, or nested', async () => {
    const id = await registered(alice)
    const post = (headers: Record<string, string>, body: string) =>
      alice.send('POST', '/api/product-files/', { headers, body })
    const type = { 'Content-Type': 'multipart/form-data; boundary=b' }
    const part = (headers: string, content: string) => `--b\r\n${headers}\r\n\r\n${content}\r\n`
    const fields = part('Content-Disposition: form-data; name="product"', String(id))
    const role = part('Content-Disposition: form-data; name="role"', '0')
    await refused(app, [400, 413, 415], async function* () {
      yield await post({ 'Content-Type': 'multipart/form-data' }, `${fields}--b--\r\n`)
      yield await post(type, '')
      yield await post(type, 'no parts at all')
      yield await post(type, `${fields.repeat(10_000)}--b--\r\n`)
      yield await post(type, part(`Content-Disposition: form-data; name="x"; y="${'y'.repeat(65_536)}"`, '1'))
      yield await post(
        type,
        `${fields}${role}${part('Content-Disposition: form-data; name="f"\r\nContent-Type: multipart/mixed; boundary=c', '--c--')}--b--\r\n`,
      )
      yield await post(type, `${fields}${role}--b--\r\n`)
      yield await post({ 'Content-Type': 'application/json' }, `{"product":${id},"role":"0"}`)
      yield await alice.upload(id, 'a.csv', CATALOG, { role: 7 })
      yield await alice.upload(id, 'a.csv', CATALOG, { type: 'x'.repeat(256) })
    })
    expect((await alice.upload(id, 'a.csv', CATALOG, { role: 7 })).json.role).toEqual(['"7" is not a valid choice.'])
    const missing = await post(type, `${fields}${role}--b--\r\n`)
    expect(missing.json.file).toEqual(['No file was submitted.'])
  })

  it.each([
    ['bytes=0-', 206, CATALOG],
    ['bytes=-5', 206, CATALOG.slice(-5)],
    ['bytes=5-1', 200, CATALOG],
    ['bytes=0-0,10-20', 200, CATALOG],
    ['bytes=9999999999999-', 200, CATALOG],
    ['rows=0-10', 200, CATALOG],
    ['bytes=3-7', 206, CATALOG.slice(3, 8)],
  ])('#20: Range: %s', async (range, status, text) => {
    const id = await published(alice)
    const path = `/api/products/${id}/download_main_file/`
    const answer = await alice.get(path, { Range: range })
    expect([answer.status, answer.text]).toEqual([status, text])
    const etag = answer.headers.get('etag') ?? ''
    expect((await alice.get(path, { Range: 'bytes=1-', 'If-Range': '"another"' })).status).toBe(200)
    expect((await alice.get(path, { Range: 'bytes=1-', 'If-Range': etag })).status).toBe(206)
    expect((await alice.get(path, { 'If-None-Match': etag })).status).toBe(304)
  })
})
