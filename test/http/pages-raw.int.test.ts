import { describe, expect, it } from 'vitest'
import { multipart } from '../support/answer.ts'
import { PASSWORD } from '../support/app.ts'
import { accepted, CATALOG, published } from '../support/products.ts'
import { HTML, page, readingSite } from './reading-site.ts'

const { app, alice, bob, admin, nameOf, pathOf, catalog, hidden } = await readingSite()

describe('downloads', () => {
  it('gives everything as a zip with one click, and single files, under their names', async () => {
    const path = await pathOf(catalog)
    const zip = await page(bob, `${path}/zip`)
    expect(zip.status).toBe(200)
    expect(zip.headers.get('content-disposition')).toBe(`attachment; filename=${await nameOf(catalog)}.zip`)
    expect(Buffer.from(zip.bytes.subarray(0, 2)).toString()).toBe('PK')
    const href = /href="([^"]*\/files\/\d+)" download/.exec((await page(bob, path)).text)?.[1] ?? ''
    const main = await page(bob, href)
    expect(main.text).toBe(CATALOG)
    expect(main.headers.get('content-disposition')).toBe('attachment; filename=catalog.csv')
    expect((await page(bob, `${path}/files/99999`)).status).toBe(404)
    expect((await page(bob, `${await pathOf(hidden)}/zip`)).status).toBe(404)
  })

  it('works with the session alone', async () => {
    const form = multipart({ username: 'bob', password: PASSWORD, next: '/' }, null)
    const signedIn = await app.request('/sign-in', { method: 'POST', ...form })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    const answer = await app.request(`${await pathOf(catalog)}/zip`, { headers: { Cookie: cookie } })
    expect(answer.status).toBe(200)
  })
})

describe('uploaded HTML', () => {
  it('is served in a sandbox, to those who may see its product', async () => {
    const src =
      /<iframe[^>]*src="([^"]+)"/.exec((await page(bob, `${await pathOf(catalog)}?tab=description`)).text)?.[1] ?? ''
    expect(src).toMatch(/^\/raw\/[0-9a-f]{64}\?product=\d+$/)
    const raw = await page(bob, src)
    expect(raw.text).toBe(HTML)
    expect(raw.headers.get('content-security-policy')).toBe(
      "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:",
    )
    expect(raw.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await page(app.withToken(null), src)).status).toBe(303)
  })

  it('is not found when it is hidden, when it is no page, and when it is a main file', async () => {
    const { results } = accepted(await admin.get(`/api/product-files/?product_id=${hidden}`))
    const page_ = results.find((file: { name: string }) => file.name === 'embargo.html')
    expect((await page(admin, `/raw/${page_.sha256}`)).status).toBe(200)
    expect((await page(bob, `/raw/${page_.sha256}`)).status).toBe(404)
    const main = accepted(await alice.get(`/api/product-files/?product_id=${catalog}`)).results[0]
    expect((await page(alice, `/raw/${main.sha256}`)).status).toBe(404)
    expect((await page(alice, `/raw/${'0'.repeat(64)}`)).status).toBe(404)
  })

  it('stays readable in the past when it was taken away', async () => {
    const id = await published(alice, { display_name: 'With a page' })
    accepted(await alice.upload(id, 'old.html', '<p>old page</p>', { role: 1 }))
    const { position } = accepted(await alice.get(`/api/products/${id}/`))
    const { results } = accepted(await alice.get(`/api/product-files/?product_id=${id}`))
    const { sha256, id: file } = results.find((each: { name: string }) => each.name === 'old.html')
    accepted(await alice.delete(`/api/product-files/${file}/`))
    expect((await page(bob, `/raw/${sha256}`)).status).toBe(404)
    const { text } = await page(bob, `${await pathOf(id)}?tab=description&as_of=${position}`)
    const src = /<iframe[^>]*src="([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect((await page(bob, src)).text).toBe('<p>old page</p>')
  })
})
