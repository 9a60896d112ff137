import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { see } from '../http/pages-forms.ts'
import { type Client, type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted, CATALOG, published } from '../support/products.ts'
import { catalogOf, derived, replaceMain } from './generations.ts'

const ORIGIN = 'https://pz.example.org'

let app: TestApp
let alice: Client
let bob: Client
beforeAll(async () => {
  app = await testApp({ env: { PUBLIC_URL: ORIGIN } })
  alice = app.as('alice')
  bob = app.as('bob')
})
afterAll(() => app.close())

const product = async (id: number): Promise<Json> => accepted(await bob.get(`/api/products/${id}/`))
const pageOf = async (id: number): Promise<string> =>
  (await see(bob, `/product/${(await product(id)).internal_name}`)).text
const pathOf = (url: string): string => {
  const { origin, pathname, search } = new URL(url)
  expect(origin).toBe(ORIGIN)
  return pathname + search
}

/** Every address that the page and the exports of a product give to those who cite it. */
async function cited(id: number): Promise<Readonly<Record<string, string>>> {
  const { internal_name } = await product(id)
  const page = await see(bob, `/product/${internal_name}`)
  const exported = async (format: string) => (await bob.get(`/api/products/${id}/provenance/?format=${format}`)).text
  const bibtex = (text: string) => /url = \{([^}]+)\}/.exec(text)?.[1] ?? ''
  const [, cffHref = ''] = /href="([^"]+format=cff[^"]*)"[^>]*>CITATION\.cff/.exec(page.text) ?? []
  return {
    'the box on the page': bibtex(page.text),
    'the link on the page': parse((await bob.get(cffHref.replaceAll('&amp;', '&'))).text).url,
    permalink: />(https:[^<]+)<\/code>/.exec(page.text.slice(page.text.indexOf('id="share-permalink"')))?.[1] ?? '',
    'cite-as': /<([^>]+)>; rel="cite-as"/.exec(page.headers.get('link') ?? '')?.[1] ?? '',
    bibtex: bibtex(await exported('bibtex')),
    cff: parse(await exported('cff')).url,
    datacite: JSON.parse(await exported('datacite')).url,
  }
}

describe('a citation', () => {
  it('leads to exactly the state that was cited, also after edits, a new file and a deletion of another', async () => {
    const id = await published(alice, { display_name: 'As cited', description: 'Words as cited' })
    accepted(await alice.upload(id, 'notes.txt', 'Notes', { role: 2 }))
    const before = await product(id)
    const files = accepted(await bob.get(`/api/products/${id}/files/`)).results
    const addresses = await cited(id)
    const croissant = JSON.parse((await bob.get(`/api/products/${id}/provenance/?format=croissant`)).text)
    expect(new Set(Object.values(addresses)).size, JSON.stringify(addresses)).toBe(1)

    accepted(await alice.patch(`/api/products/${id}/`, { display_name: 'Renamed', description: 'Other words' }))
    await replaceMain(alice, id, catalogOf(3))
    accepted(await alice.delete(`/api/product-files/${files.find((file: Json) => file.role === 2).id}/`))
    expect(await pageOf(id)).toContain('<h1>Renamed</h1>')

    const [address = ''] = Object.values(addresses)
    const { text } = await see(bob, pathOf(address))
    expect(text).toContain('<h1>As cited</h1>')
    expect(text).toContain('Words as cited')
    expect(text).toContain('This is the product as of')
    expect(text).toContain('notes.txt')
    expect(text).not.toContain('Renamed')
    expect(text).toContain(`sha-256 ${files[0].sha256}`)
    const asOf = new URL(address).searchParams.get('as_of')
    const { files: thenFiles, columns, as_of, ...then } = accepted(await bob.get(`/api/products/${id}/?as_of=${asOf}`))
    expect(columns.length).toBe(4)
    expect(as_of).toBe(asOf)
    expect(before).toMatchObject(then)
    expect(thenFiles.map((file: Json) => file.sha256)).toEqual(files.map((file: Json) => file.sha256))

    // What the state consists of can still be fetched: from the page, and from the metadata that was taken along.
    const jsonLd = JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(text)?.[1] ?? '')
    expect(jsonLd.url).toBe(address)
    const links: string[] = [
      ...jsonLd.distribution.map((each: Json) => each.contentUrl),
      ...croissant.distribution.flatMap((each: Json) => each.contentUrl ?? []),
    ]
    expect(links.length).toBeGreaterThan(2)
    for (const link of links.filter((each) => each.startsWith('https:'))) {
      expect((await bob.get(pathOf(link))).status, link).toBe(200)
    }
    expect((await bob.get(pathOf(jsonLd.distribution[0].contentUrl))).text).toBe(CATALOG)
    // Cited again as it was, it is the same citation.
    expect(text).toContain(`url = {${address}}`)
  })

  it('of something derived leads to its inputs as they were read', async () => {
    const input = await published(alice, { display_name: 'Input as read' })
    const made = await derived(app, alice, [input], 'Made', catalogOf(4))
    accepted(await alice.patch(`/api/products/${input}/`, { display_name: 'Input, later' }))
    const { relatedIdentifiers } = JSON.parse(
      (await bob.get(`/api/products/${made.product}/provenance/?format=datacite`)).text,
    )
    expect(relatedIdentifiers).toEqual([expect.objectContaining({ relationType: 'IsDerivedFrom' })])
    const { text } = await see(bob, pathOf(relatedIdentifiers[0].relatedIdentifier))
    expect(text).toContain('<h1>Input as read</h1>')
  })
})
