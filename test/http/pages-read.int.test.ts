import { PGlite } from '@electric-sql/pglite'
import { describe, expect, it, vi } from 'vitest'
import type { Client } from '../support/app.ts'
import { accepted, CATALOG, giveRole, PRODUCT_TYPE, published, registered } from '../support/products.ts'
import { page, readingSite, XSS } from './reading-site.ts'

const { alice, bob, admin, pathOf, catalog, draft, hidden } = await readingSite()

/** How many SQL statements a page takes: the least of three times, because the log is polled in between. */
async function statements(client: Client, path: string): Promise<number> {
  const spy = vi.spyOn(PGlite.prototype, 'query')
  const counts: number[] = []
  try {
    for (let time = 0; time < 3; time++) {
      spy.mockClear()
      expect((await page(client, path)).status, path).toBe(200)
      counts.push(spy.mock.calls.length)
    }
  } finally {
    spy.mockRestore()
  }
  return Math.min(...counts)
}

describe('a product', () => {
  it('is found by its name, and leads from its number there', async () => {
    const path = await pathOf(catalog)
    const answer = await page(bob, path)
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('Gold catalog')
    expect(answer.text).toContain('2305843019946942123')
    const moved = await page(bob, `/product/${catalog}?tab=sky`)
    expect(moved.status).toBe(303)
    expect(moved.headers.get('location')).toBe(`${path}?tab=sky`)
    expect((await page(bob, `/product/${catalog}_other`)).status).toBe(404)
  })

  it('is the same 404 whether it is hidden or missing', async () => {
    const same = async (path: string) => (await page(bob, path)).text.replaceAll(/next=[^"]*|[\d]{4}-[^<"]*/g, '')
    expect((await page(bob, `/product/${draft}`)).status).toBe(404)
    expect((await page(bob, await pathOf(hidden))).status).toBe(404)
    expect(await same(await pathOf(hidden))).toBe(await same('/product/99999_nothing'))
    expect((await page(bob, '/product/99999999999')).status).toBe(404)
  })

  it.each(['preview', 'columns', 'sky', 'redshift', 'description', 'config', 'provenance', 'history'])(
    'shows the tab %s in at most three statements, and in the past too',
    async (tab) => {
      const path = await pathOf(catalog)
      expect(await statements(bob, `${path}?tab=${tab}`)).toBeLessThanOrEqual(3)
      const { position } = accepted(await alice.get(`/api/products/${catalog}/`))
      expect(await statements(bob, `${path}?tab=${tab}&as_of=${position}`)).toBeLessThanOrEqual(3)
    },
  )

  it('takes at most three statements for lists and the start page', async () => {
    for (const path of ['/', '/products', '/my_products', '/products?search=gold&owner=alice&page_size=10']) {
      expect(await statements(bob, path), path).toBeLessThanOrEqual(3)
    }
  })

  it('says when the chain that it is in was verified', async () => {
    const path = await pathOf(catalog)
    expect((await page(bob, path)).text).toContain('chain not verified since')
    accepted(await admin.post('/api/admin/verify/'))
    expect((await page(bob, path)).text).toContain('chain verified ')
    const later = await published(alice, { display_name: 'After the check' })
    expect((await page(bob, await pathOf(later))).text).toContain('chain not verified since')
  })

  it('draws where its rows are, and how far', async () => {
    const path = await pathOf(catalog)
    expect((await page(bob, `${path}?tab=sky`)).text).toContain('2 rows in')
    expect((await page(bob, `${path}?tab=redshift`)).text).toContain('2 redshifts between')
  })

  it('shows the configuration and the log of the run that made it, escaped, and of a long log the end', async () => {
    const id = await published(alice, { display_name: 'Made elsewhere' })
    const path = await pathOf(id)
    expect((await page(bob, path)).text).not.toContain('tab=config')
    expect((await page(bob, `${path}?tab=logs`)).text).toContain('There is no such file')
    const log = Array.from({ length: 30_000 }, (_, index) => `line ${index + 1}, déjà vu`).join('\n')
    accepted(await alice.upload(id, 'config.yaml', `name: ${XSS}\nlast: é\n`, { role: 2 }))
    accepted(await alice.upload(id, 'pipeline.log', log, { role: 2 }))
    const config = await page(bob, `${path}?tab=config`)
    expect(config.text).toContain(`href="${path}?tab=logs"`)
    expect(config.text).toContain('&lt;script&gt;alert(1)')
    expect(config.text).toContain('last: é')
    expect(config.text).not.toContain('<script>alert')
    const { text } = await page(bob, `${path}?tab=logs`)
    expect(text).toContain('this is its end')
    expect(text).toContain('line 30000, déjà vu')
    expect(text).not.toContain('line 20000')
    expect(text).not.toContain('\uFFFD')
    expect(text.length).toBeLessThan(300_000)
  })

  it('finds the rows around a position', async () => {
    const path = await pathOf(catalog)
    expect((await page(bob, path)).text).toContain(`href="${path}?tab=sky#cone"`)
    const search = async (query: string) => (await page(bob, `${path}?tab=sky&${query}`)).text
    const empty = await search('')
    expect(empty).toContain('Cone search')
    expect(empty).not.toContain('role="alert"')
    const found = await search('ra=10.5&dec=-29.87&radius=36')
    expect(found).toContain('1 row')
    expect(found).toContain('2305843019946942123')
    expect(found).not.toContain('2305843019946942124')
    expect(found).toContain('Rows within 36″ of RA 10.50000°, Dec −29.87000°')
    expect(found).toContain(`/api/products/${catalog}/cone/?RA=10.5&amp;DEC=-29.87&amp;SR=0.01&amp;format=votable`)
    expect(await search('ra=10.5&dec=-29.87&radius=3600')).toContain('2 rows')
    expect(await search('ra=200&dec=0&radius=1')).toContain('No row lies so near')
    const wrong = await search('ra=ten&dec=&radius=-1')
    for (const words of [
      '3 things to correct',
      '&quot;ten&quot; is not a right ascension',
      'Say a radius in arcseconds',
    ])
      expect(wrong).toContain(words)
    expect(wrong).toContain('value="ten"')
  })

  it('escapes names, and lets descriptions only be read', async () => {
    const id = (await page(alice, '/products.json?owner=bob&search=bad')).json.results[0].id
    for (const tab of ['preview', 'history', 'provenance']) {
      const { text } = await page(alice, `${await pathOf(id)}?tab=${tab}`)
      expect(text).not.toContain('<script>alert')
      expect(text).not.toMatch(/<img[^>]+onerror/)
    }
    const described = await page(bob, await pathOf(catalog))
    expect(described.text).toContain('<h2>Sample</h2>')
    expect(described.text).toContain('rel="nofollow noopener noreferrer ugc"')
  })

  it('offers code with its number in it, a citation, and what search engines read', async () => {
    const { text } = await page(bob, await pathOf(catalog))
    expect(text).toContain(`server.get_product(${catalog})`)
    for (const name of ['Python', 'curl', 'pandas', 'astropy', 'RAIL'])
      expect(text).toContain(`<summary>${name}</summary>`)
    expect(text).toContain(`@misc{pzserver${catalog}v1`)
    const jsonLd = JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(text)?.[1] ?? '')
    expect(jsonLd).toMatchObject({ '@type': 'Dataset', name: 'Gold catalog', creator: { alternateName: 'alice' } })
  })

  it('shows it as it was, and never what could not be seen then', async () => {
    const id = await published(alice, { display_name: 'First name' })
    const before = accepted(await alice.get(`/api/products/${id}/`)).position
    accepted(await alice.patch(`/api/products/${id}/`, { display_name: 'Second name' }))
    accepted(await alice.upload(id, 'catalog.csv', CATALOG.replace('1.25', '3.5'), { replace: true }))
    const path = await pathOf(id)
    const past = await page(bob, `${path}?as_of=${before}`)
    expect(past.text).toContain('<h1>First name</h1>')
    expect(past.text).toContain('This is the product as of')
    expect(past.text).not.toContain('3.5')
    for (const tab of ['preview', 'history', 'provenance']) {
      const then = await page(bob, `${path}?tab=${tab}&as_of=${before}`)
      expect(then.text, tab).not.toContain('Set the name to Second name')
    }
    expect((await page(bob, `${path}?tab=history&as_of=${before}`)).text).toContain('4 later events</a> are in')
    const now = await page(bob, path)
    expect(now.text).toContain('<h1>Second name</h1>')
    expect(now.text).toContain('version 2')
    // The old version is still there to download.
    const file = /href="([^"]*\/files\/\d+\?as_of=[^"]*)"/.exec(past.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const bytes = await page(bob, file)
    expect(bytes.status).toBe(200)
    expect(bytes.text).toBe(CATALOG)
    expect((await page(bob, file.replace(/\?.*/, ''))).status).toBe(404)
    // It was a draft once: others could not see it then.
    const registeredAt = accepted(await alice.get(`/api/products/${id}/history/`)).results[0].position
    expect((await page(bob, `${path}?as_of=${registeredAt}`)).status).toBe(404)
    expect((await page(alice, `${path}?as_of=${registeredAt}`)).status).toBe(200)
    for (const nonsense of ['yesterday', '2999-01-01T00:00:00Z', '-1']) {
      expect((await page(bob, `${path}?as_of=${nonsense}`)).status, nonsense).toBe(400)
    }
    const before1999 = await page(bob, `${path}?as_of=1999-01-01`)
    expect(before1999.status).toBe(404)
    expect(before1999.text).toContain('has been here since 14 Mar 2026')
    expect(before1999.text).toContain(`href="${path}"`)
    const history = await page(bob, `${path}?tab=history`)
    expect(history.text).toContain('Set the name to Second name')
    expect(history.text).toContain('<del>First name</del>')
    const offered = [...history.text.matchAll(/as_of=(\d+)">View/g)].map(([, position]) => position)
    expect(offered.length).toBeGreaterThan(1)
    for (const position of offered) expect((await page(bob, `${path}?as_of=${position}`)).status).toBe(200)
  })

  it('can be restored by its owner when it was deleted, and is gone for others', async () => {
    const id = await published(alice, { display_name: 'To be deleted' })
    const path = await pathOf(id)
    accepted(await alice.delete(`/api/products/${id}/`))
    const { text } = await page(alice, path)
    expect(text).toContain(`action="${path}/restore"`)
    expect((await page(bob, path)).status).toBe(404)
    expect((await page(alice, '/my_products?status=deleted')).text).toContain('To be deleted')
    expect((await page(alice, '/my_products')).text).not.toContain('To be deleted')
  })

  it('bears 1,300 columns', async () => {
    const names = Array.from({ length: 1300 }, (_, index) => `u_measurement_${index}`)
    const csv = `z,${names.join(',')}\n0.5,${names.map((_, index) => index).join(',')}\n`
    const id = await registered(alice, { display_name: 'Wide', product_type: PRODUCT_TYPE.trainingSet })
    accepted(await alice.upload(id, 'wide.csv', csv))
    await giveRole(alice, id, 'z', 'z')
    const path = await pathOf(id)
    const some = await page(alice, path)
    expect(some.text).toContain('30 of 1,301 columns')
    expect(some.text.length).toBeLessThan(120_000)
    expect((await page(alice, `${path}?columns=all`)).text).toContain('u_measurement_1299')
    expect((await page(alice, `${path}?tab=columns`)).text).toContain('1,301 columns, 1 with a role')
  })

  it('says what a draft lacks, and what an entry without files is', async () => {
    expect((await page(alice, await pathOf(draft))).text).toContain(
      'It still needs a main file and columns with the roles RA, Dec, z.',
    )
  })

  it('lists what a pickle imports, and never loads it', async () => {
    const id = await registered(alice, { display_name: 'Estimator', product_type: PRODUCT_TYPE.trainingResults })
    accepted(await alice.upload(id, 'model.pkl', "cos\nsystem\n(S'true'\ntR."))
    const { text } = await page(alice, await pathOf(id))
    expect(text).toContain('os.system')
    expect(text).toContain('loading it runs code')
  })
})
