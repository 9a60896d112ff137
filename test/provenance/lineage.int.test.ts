import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted } from '../support/products.ts'
import { catalogOf, type Generations, generations, replaceMain } from './generations.ts'

let app: TestApp
let family: Generations
beforeAll(async () => {
  app = await testApp()
  family = await generations(app)
})
afterAll(() => app.close())

const lineage = async (id: number, query = '', who: 'alice' | 'bob' = 'bob'): Promise<Json> =>
  accepted(await app.as(who).get(`/api/products/${id}/lineage/${query}`))
const productsOf = (graph: Json): number[] =>
  graph.nodes.flatMap((node: Json) => (node.kind === 'product' && !node.hidden ? [node.product] : [])).sort()
const arrows = (graph: Json): string[] => graph.edges.map(({ from, to }: Json) => `${from} -> ${to}`).sort()
const staleness = async (id: number): Promise<string[]> =>
  (await lineage(id)).stale_reasons.map(({ kind, product }: Json) => `${kind} ${product}`)

describe('the lineage of a product', () => {
  it('reaches over all generations, in both directions', async () => {
    const { a, b, ab, abb, abba } = family
    expect(productsOf(await lineage(abba.product, '?direction=origins'))).toEqual(
      [a, b, ab.product, abb.product, abba.product].sort(),
    )
    expect(productsOf(await lineage(a, '?direction=derived'))).toEqual(
      [a, ab.product, abb.product, abba.product].sort(),
    )
    expect(productsOf(await lineage(ab.product))).toEqual([a, b, ab.product, abb.product, abba.product].sort())
  })

  it('draws each reading and each making once', async () => {
    const { a, b, ab, abb, abba } = family
    expect(arrows(await lineage(abba.product))).toEqual(
      [
        `product-${a} -> run-${ab.run}`,
        `product-${b} -> run-${ab.run}`,
        `run-${ab.run} -> product-${ab.product}`,
        `product-${ab.product} -> run-${abb.run}`,
        `product-${b} -> run-${abb.run}`,
        `run-${abb.run} -> product-${abb.product}`,
        `product-${abb.product} -> run-${abba.run}`,
        `product-${a} -> run-${abba.run}`,
        `run-${abba.run} -> product-${abba.product}`,
      ].sort(),
    )
  })

  it('says which version was read, by its digest', async () => {
    const { b, ab } = family
    const { edges } = await lineage(ab.product, '?direction=origins')
    const main = accepted(await app.as('bob').get(`/api/products/${b}/files/`)).results[0]
    expect(edges.find(({ from }: Json) => from === `product-${b}`)).toMatchObject({ sha256: main.sha256, version: 2 })
  })

  it('goes as far as it is asked to', async () => {
    const { a, b, abb, abba } = family
    expect(productsOf(await lineage(abba.product, '?direction=origins&depth=1'))).toEqual(
      [a, abb.product, abba.product].sort(),
    )
    expect(productsOf(await lineage(b, '?direction=derived&depth=1'))).toEqual(
      [b, family.ab.product, abb.product].sort(),
    )
    expect((await app.as('bob').get(`/api/products/${a}/lineage/?depth=0`)).status).toBe(400)
    expect((await app.as('bob').get('/api/products/999/lineage/')).status).toBe(404)
  })

  it('can be looked at as of a moment', async () => {
    const { a, ab, abb } = family
    const { position } = accepted(await app.as('bob').get(`/api/products/${ab.product}/`))
    expect(productsOf(await lineage(a, `?direction=derived&as_of=${position}`))).toEqual([a, ab.product].sort())
    expect((await lineage(abb.product, `?as_of=${position}`)).edges).toEqual([])
  })

  it('counts what depends on a product', async () => {
    const { a, ab, abb, abba } = family
    const { impact } = await lineage(a)
    expect(impact).toMatchObject({ count: 3, direct: 2, hidden: 0 })
    expect(impact.products.map(({ id }: Json) => id)).toEqual([ab.product, abba.product, abb.product])
    expect(accepted(await app.as('bob').get(`/api/products/${abba.product}/`))).toMatchObject({
      stale: false,
      stale_reasons: [],
      used_by: 0,
    })
  })

  it('is shown on the page, with what it is used by', async () => {
    const { internal_name } = accepted(await app.as('bob').get(`/api/products/${family.ab.product}/`))
    const { text } = await app.as('bob').get(`/product/${internal_name}?tab=provenance`, { Accept: 'text/html' })
    expect(text).toContain('used by <a href=')
    expect(text).toContain('2 reference redshift catalogs')
    expect(text).toContain('A, B, B and A')
    expect(text).not.toContain('Out of date')
  })
})

describe('a product whose inputs changed', () => {
  it('is stale when an input has a newer main file, and so is what came of it', async () => {
    const { b, ab, abb, abba } = family
    await replaceMain(app.as('alice'), b, catalogOf(0.7))
    expect(await staleness(ab.product)).toEqual([`replaced ${b}`])
    expect(await staleness(abb.product)).toEqual([`stale_input ${ab.product}`, `replaced ${b}`])
    expect(await staleness(abba.product)).toEqual([`stale_input ${abb.product}`])
    const { stale_reasons } = accepted(await app.as('bob').get(`/api/products/${ab.product}/`))
    expect(stale_reasons[0].detail).toContain('version 2 was used, now it has version 3')
  })

  it('has a badge on its page and in lists', async () => {
    const { ab, a } = family
    const { results } = accepted(await app.as('bob').get('/api/products/'))
    expect(results.filter((each: Json) => each.stale).map(({ id }: Json) => id)).toContain(ab.product)
    expect(results.find((each: Json) => each.id === a).stale).toBe(false)
    const html = { Accept: 'text/html' }
    expect((await app.as('bob').get('/products', html)).text).toContain('Out of date')
    const { internal_name } = accepted(await app.as('bob').get(`/api/products/${ab.product}/`))
    const page = await app.as('bob').get(`/product/${internal_name}?tab=provenance`, html)
    expect(page.text).toContain('has a newer main file: version 2 was used')
  })

  it('is fresh again when the bytes are those that were read', async () => {
    const { b, ab, abba } = family
    await replaceMain(app.as('alice'), b, catalogOf(0.9))
    expect(await staleness(ab.product)).toEqual([])
    expect(await staleness(abba.product)).toEqual([])
  })

  it('is stale when an input was deleted, and does not tell others which', async () => {
    const { a, ab } = family
    accepted(await app.as('alice').delete(`/api/products/${a}/`))
    const hidden = await lineage(ab.product, '', 'bob')
    expect(hidden.stale_reasons).toEqual([
      { kind: 'deleted', product: null, detail: 'An input that you may not see was deleted.' },
    ])
    expect(hidden.nodes.filter((node: Json) => node.hidden)).toEqual([
      expect.objectContaining({ kind: 'product', hidden: true, display_name: 'a product you may not see' }),
    ])
    expect(JSON.stringify(hidden)).not.toContain('Catalog A')
    expect((await lineage(ab.product, '', 'alice')).stale_reasons[0]).toMatchObject({ kind: 'deleted', product: a })
    accepted(await app.as('alice').post(`/api/products/${a}/restore/`))
    expect(await staleness(ab.product)).toEqual([])
  })

  it('does not count what is deleted among what depends on it, and counts what is hidden', async () => {
    const { a, b, abba } = family
    accepted(await app.as('alice').delete(`/api/products/${abba.product}/`))
    expect((await lineage(a)).impact).toMatchObject({ count: 2, hidden: 0 })
    expect((await lineage(b)).nodes.some((node: Json) => node.hidden)).toBe(true)
    accepted(await app.as('alice').post(`/api/products/${abba.product}/restore/`))
  })
})
