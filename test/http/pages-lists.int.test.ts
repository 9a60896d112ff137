import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { users } from '../../src/accounts/tables.ts'
import { PRODUCT_TYPE, published } from '../support/products.ts'
import { page, readingSite } from './reading-site.ts'

const { app, alice, bob, admin, pathOf, catalog } = await readingSite()

describe('lists', () => {
  it('leads who is not signed in to the sign-in, and back', async () => {
    const answer = await page(app.withToken(null), '/products?search=gold')
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/sign-in?next=%2Fproducts%3Fsearch%3Dgold')
  })

  it('shows published products, and hides drafts and closed releases from others', async () => {
    const forBob = await page(bob, '/products')
    expect(forBob.text).toContain('Gold catalog')
    expect(forBob.text).not.toContain('Secret draft')
    expect(forBob.text).not.toContain('Embargoed')
    expect(forBob.text).not.toContain('Closed release')
    expect((await page(admin, '/products')).text).toContain('Embargoed')
    expect((await page(bob, '/products?status=registering')).text).not.toContain('Secret draft')
    expect((await page(alice, '/my_products')).text).toContain('Secret draft')
  })

  it('escapes what people wrote', async () => {
    const { text } = await page(alice, '/user_products')
    expect(text).toContain('&lt;script&gt;alert(1)')
    expect(text).not.toContain('<script>alert')
    expect(text).not.toContain('<img src=x')
  })

  it.each(['products', 'official_products', 'user_products', 'my_products'])(
    'counts in the facets of /%s what the list then shows',
    async (list) => {
      for (const client of [alice, admin]) {
        const links = facetLinks((await page(client, `/${list}`)).text)
        expect(links.length).toBeGreaterThan(2)
        for (const { href, count } of links) {
          expect(listCount((await page(client, href)).text), `${list} ${href}`).toBe(count)
        }
      }
    },
  )

  it('counts other facets among what was chosen', async () => {
    const { text } = await page(admin, '/products?owner=alice&owner=bob')
    expect(listCount(text)).toBe(2)
    const links = facetLinks(text)
    expect(links.filter(({ href }) => href.includes('type=')).map(({ count }) => count)).toEqual([2])
  })

  it('answers a list of nothing, and refuses what cannot be meant', async () => {
    expect((await page(alice, '/products?search=nothing-like-this')).text).toContain('Nothing matches')
    expect((await page(admin, '/my_products?status=deleted&ordering=-id')).text).toContain(
      'Nothing matches these filters',
    )
    expect((await page(bob, '/products?search=zphot&ordering=-rows')).text).toContain('Nothing matches “zphot”<')
    expect((await page(alice, '/products?type=__class__')).status).toBe(400)
    expect((await page(alice, '/products?release=x')).status).toBe(400)
    expect((await page(alice, '/products?page=NaN')).status).toBe(404)
    expect((await page(alice, '/products?page=99')).status).toBe(404)
    expect((await page(alice, '/products?ordering=__class__&page_size=1e9')).status).toBe(200)
    expect((await page(alice, '/products?search=%00')).status).toBe(400)
  })

  it('finds products by the name that their owner chose', async () => {
    const rename = (displayName: string) =>
      app.context.database.drizzle.update(users).set({ displayName }).where(eq(users.username, 'alice'))
    await rename('Ada Hypatia')
    try {
      const { text } = await page(bob, '/products?search=hypatia')
      expect(text).toContain('Gold catalog')
      expect(text).toContain('found in its owner')
      expect((await page(bob, await pathOf(catalog))).text).toContain('author = {{Ada Hypatia}}')
    } finally {
      await rename('alice')
    }
  })

  it('finds products by a column, and says so', async () => {
    expect((await page(bob, '/products?search=objectid')).text).toContain('found in a column with “objectid”')
  })

  it('sorts by every column', async () => {
    for (const by of [
      'id',
      'displayName',
      'type',
      'release',
      'owner',
      'rows',
      'size',
      'status',
      'origin',
      'createdAt',
    ]) {
      const ids = async (ordering: string) =>
        [...(await page(admin, `/products?ordering=${ordering}`)).text.matchAll(/actions-(\d+)"/g)].map(([, id]) => id)
      expect(new Set(await ids(by))).toEqual(new Set(await ids(`-${by}`)))
      if (by === 'id') expect((await ids(by)).toReversed().join()).toBe((await ids(`-${by}`)).join())
    }
  })

  it('gives htmx the part that changes, by the same function', async () => {
    const part = await page(alice, '/products', { 'HX-Request': 'true', 'HX-Request-Type': 'partial' })
    expect(part.text).toMatch(/^<div id="product-list"/)
    expect((await page(alice, '/products')).text).toContain(part.text)
    expect(part.headers.get('vary')).toContain('HX-Request-Type')
  })

  it('exports the filtered list, guarding formulas only for spreadsheets', async () => {
    await published(bob, { display_name: '=HYPERLINK("http://x","y")', product_type: PRODUCT_TYPE.other })
    const csv = await page(alice, '/products.csv?owner=bob&ordering=id')
    expect(csv.headers.get('content-type')).toContain('text/csv')
    expect(csv.headers.get('content-disposition')).toContain('products.csv')
    expect(csv.text.split('\r\n')[0]).toMatch(/^id,internal_name,display_name/)
    expect(csv.text).toContain('"=HYPERLINK(""http://x"",""y"")"')
    const guarded = await page(alice, '/products?format=csv&excel=1&owner=bob')
    expect(guarded.text).toContain(`"'=HYPERLINK(""http://x"",""y"")"`)
    const json = await page(alice, '/products.json?owner=bob')
    expect(json.json.count).toBe(2)
    expect(json.json.results.every((product: { uploaded_by: string }) => product.uploaded_by === 'bob')).toBe(true)
    expect((await page(bob, '/products.csv')).text).not.toContain('Embargoed')
  })

  it('gives reasons for what is not allowed', async () => {
    expect((await page(bob, '/products?owner=alice')).text).toContain('Edit: only alice and administrators may')
  })
})

it('greets with counts and the latest', async () => {
  const { text } = await page(bob, '/')
  expect(text).toContain('Vouched for')
  expect(text).not.toContain('Embargoed')
})

/** The links of the facets, and the count beside each. */
function facetLinks(html: string): { href: string; count: number }[] {
  const facets = /<div class="facets">(.*?)<section class="panel"/s.exec(html)?.[1] ?? ''
  return [
    ...facets.matchAll(
      /<a id="[^"]*" href="([^"]+)"[^>]*><span class="name">[^<]*<\/span><span class="count">([\d,]+)<\/span>/g,
    ),
  ].map(([, href = '', count = '']) => ({
    href: href.replaceAll('&amp;', '&'),
    count: Number(count.replaceAll(',', '')),
  }))
}

const listCount = (html: string): number =>
  Number(/<h2 id="list-title"[^>]*>([\d,]+) products?<\/h2>/.exec(html)?.[1]?.replaceAll(',', ''))
