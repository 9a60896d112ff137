import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { productAsOf } from '../../src/application/time-travel.ts'
import { DomainError } from '../../src/domain/error.ts'
import { START } from '../../src/eventstore/port.ts'
import { evolveProductRow } from '../../src/projections/products/projection.ts'
import type { ProductRow } from '../../src/projections/products/tables.ts'
import { subjectId } from '../../src/projections/recorded.ts'
import { type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted } from '../support/products.ts'
import { catalogOf, type Generations, generations, replaceMain } from './generations.ts'

let app: TestApp
let family: Generations
beforeAll(async () => {
  app = await testApp()
  family = await generations(app)
  const alice = app.as('alice')
  await replaceMain(alice, family.b, catalogOf(0.7))
  const { position } = accepted(await alice.patch(`/api/products/${family.a}/`, { display_name: 'Renamed' }))
  accepted(await alice.post(`/api/products/${family.a}/undo/`, { position }))
  accepted(await alice.delete(`/api/products/${family.ab.product}/`))
})
afterAll(() => app.close())

const facts = ({ id, displayName, status, version, rows, revision, position }: ProductRow) => ({
  id,
  displayName,
  status,
  version,
  rows,
  revision,
  position,
})
const list = async (who: 'admin' | 'bob', query: string): Promise<Json[]> =>
  accepted(await app.as(who).get(`/api/products/?ordering=id&${query}`)).results

const WORDS: Readonly<Record<string, string>> = {
  Registering: 'registering',
  Published: 'published',
  Deleted: 'deleted',
  Processing: 'processing',
}
const listedFacts = (product: Json) => ({
  id: product.id,
  displayName: product.display_name,
  status: WORDS[product.product_status],
  version: product.version,
  rows: product.n_rows,
  revision: product.revision,
  position: product.position,
})

describe('lists as of a moment', () => {
  it('are at every position what a fold over the log gives', async () => {
    const rows = new Map<number, ProductRow>()
    let positions = 0
    for await (const event of app.context.store.readAll(START)) {
      if (!event.stream.startsWith('product-')) continue
      const id = subjectId(event.stream)
      const next = evolveProductRow(rows.get(id) ?? null, app.context.registry.upcast(event))
      if (next !== null) rows.set(id, next)
      const folded = [...rows.values()].toSorted((a, b) => a.id - b.id).map(facts)
      expect((await list('admin', `as_of=${event.position}`)).map(listedFacts), event.position).toEqual(folded)
      positions += 1
    }
    expect(positions).toBeGreaterThan(40)
    expect((await list('admin', '')).map(listedFacts)).toEqual(
      [...rows.values()].toSorted((a, b) => a.id - b.id).map(facts),
    )
  })

  it('show others what time travel to each product shows them', async () => {
    const ids = (await list('admin', '')).map(({ id }) => id)
    const bob = app.as('bob')
    const { position: last } = accepted(await app.as('alice').get(`/api/products/${family.ab.product}/`))
    for (let position = 5; position <= Number(last); position += 9) {
      const seen: number[] = []
      for (const id of ids) {
        try {
          await productAsOf(app.context, bob.request, id, {
            kind: 'position',
            position: String(position).padStart(20, '0'),
          })
          seen.push(id)
        } catch (error) {
          if (!(error instanceof DomainError)) throw error
        }
      }
      const listed = await list('bob', `as_of=${String(position).padStart(20, '0')}`)
      expect(
        listed.map(({ id }) => id),
        String(position),
      ).toEqual(seen)
    }
  })

  it('are filtered, searched and paged by the values of then', async () => {
    const { created_at } = accepted(await app.as('bob').get(`/api/products/${family.abb.product}/`))
    const then = `as_of=${encodeURIComponent(created_at)}`
    expect((await list('admin', `${then}&status=2`)).length).toBe(0)
    expect((await list('admin', 'status=2')).map(({ id }) => id)).toEqual([family.ab.product])
    expect((await list('bob', `${then}&search=Catalog`)).map(({ id }) => id)).toEqual([family.a, family.b])
    const page = accepted(await app.as('admin').get(`/api/products/?${then}&page=1&page_size=2`))
    expect(page.results.length).toBe(2)
    expect(page.count).toBeGreaterThan(2)
  })

  it('are refused for moments that are none', async () => {
    for (const asOf of ['yesterday', '2999-01-01', '99999999']) {
      expect((await app.as('bob').get(`/api/products/?as_of=${asOf}`)).status, asOf).toBe(400)
    }
    const html = { Accept: 'text/html' }
    const { created_at } = accepted(await app.as('bob').get(`/api/products/${family.b}/`))
    const { text } = await app.as('bob').get(`/products?as_of=${encodeURIComponent(created_at)}`, html)
    expect(text).toContain('Catalog A')
    expect(text).toContain('This is the list as it was')
    expect(text).not.toContain('Catalog B')
  })

  it('have a page that stays in the past, with all its links and exports', async () => {
    const html = { Accept: 'text/html' }
    const bob = app.as('bob')
    const { created_at, internal_name } = accepted(await bob.get(`/api/products/${family.abb.product}/`))
    const then = encodeURIComponent(created_at)
    const { text } = await bob.get(`/products?as_of=${then}&page_size=1`, html)
    expect(text).toContain('Back to today')
    const stays = [
      /id="facet-type-[^"]+" href="([^"]+)"/,
      /href="([^"]+)" id="sort-id"/,
      /href="(\/products\.csv[^"]*)"/,
    ]
    stays.push(/href="([^"]+)"[^>]*rel="next"|rel="next" href="([^"]+)"/, /href="(\/official_products\?[^"]*)"/)
    for (const pattern of stays)
      expect(pattern.exec(text)?.slice(1).join(''), String(pattern)).toContain(`as_of=${then}`)
    const rowLinks = [...text.matchAll(/href="(\/product\/\d[^"]*)"/g)].map(([, href]) => href)
    expect(rowLinks.length).toBeGreaterThan(1)
    for (const href of rowLinks) expect(href).toContain(`as_of=${then}`)
    expect(text).not.toContain(internal_name)
    const csv = await bob.get(`/products.csv?as_of=${then}`)
    expect(csv.headers.get('content-disposition')).toContain('as_of_2026-03-14')
    expect(csv.text).not.toContain(internal_name)
    const day = await bob.get('/products?as_of=2026-03-14', html)
    expect(day.text).toContain('at the end of 14 March 2026 (UTC)')
    expect(day.text).toContain('value="2026-03-14" max="2026-03-14"')
    expect((await bob.get('/products?as_of=', html)).text).not.toContain('Back to today')
  })
})
