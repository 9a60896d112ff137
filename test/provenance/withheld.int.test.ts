import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { multipart } from '../support/answer.ts'
import { type Client, type TestApp, testApp } from '../support/app.ts'
import { accepted, PRODUCT_TYPE, published, registered } from '../support/products.ts'
import { closedRelease } from '../support/releases.ts'

/** What those who see a product do not learn from its history. */
let app: TestApp
let [admin, alice, bob]: Client[] = []

beforeAll(async () => {
  app = await testApp()
  admin = app.as('admin')
  alice = app.as('alice')
  bob = app.as('bob')
})
afterAll(() => app.close())

const html = { Accept: 'text/html' }

describe('a file that was removed before the product was published', () => {
  const digests = (bytes: Uint8Array): string[] =>
    Buffer.from(bytes)
      .toString('latin1')
      .match(/files\/[0-9a-f]{64}/g) ?? []

  it('is in the export of the owner alone, and the rest of the export is whole', async () => {
    const id = await registered(alice!, { product_type: PRODUCT_TYPE.other, display_name: 'Drafted' })
    accepted(await alice!.upload(id, 'data.csv', 'a,b\n1,2\n'))
    const secret = accepted(await alice!.upload(id, 'passwords.txt', 'DRAFT-ONLY-BYTES', { role: 2 }))
    accepted(await alice!.delete(`/api/product-files/${secret.id}/`))
    accepted(await alice!.patch(`/api/products/${id}/`, { status: '1' }))
    const later = accepted(await alice!.upload(id, 'notes.txt', 'SEEN-BY-ALL', { role: 2 }))
    accepted(await alice!.delete(`/api/product-files/${later.id}/`))

    const own = await alice!.get(`/api/products/${id}/export/`)
    const others = await bob!.get(`/api/products/${id}/export/`)
    expect([own.status, others.status]).toEqual([200, 200])
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
    expect(text(own.bytes)).toContain('DRAFT-ONLY-BYTES')
    expect(text(others.bytes)).not.toContain('DRAFT-ONLY-BYTES')
    for (const { bytes } of [own, others]) expect(text(bytes)).toContain('SEEN-BY-ALL')
    expect(new Set(digests(own.bytes)).size - new Set(digests(others.bytes)).size).toBe(1)

    // It can be imported all the same; one that hides a file which the product still has cannot.
    const send = (content: Uint8Array) =>
      bob!.send('POST', '/api/products/import/', multipart({}, { name: 'bundle.zip', content }))
    const imported = accepted(await send(others.bytes))
    expect(accepted(await bob!.get(`/api/products/${imported.id}/original_history/`)).verified).toBe(true)
  })
})

describe('a release that somebody may not use', () => {
  let id: number
  let name: string

  beforeAll(async () => {
    const release = await closedRelease(app, { display_name: 'Secret Release' })
    id = await published(admin!, { release, product_type: PRODUCT_TYPE.other, display_name: 'Was embargoed' })
    accepted(await admin!.patch(`/api/products/${id}/`, { release: '' }))
    name = accepted(await admin!.get(`/api/products/${id}/`)).internal_name
  })

  it('is not named by the history of a product that left it', async () => {
    for (const path of [
      `/api/products/${id}/history/`,
      `/api/products/${id}/blame/`,
      `/api/products/${id}/feed/?format=json`,
      `/api/feed/?format=json`,
      `/api/products/${id}/provenance/`,
      `/product/${name}?tab=history`,
      `/product/${name}?tab=provenance`,
      `/product/${name}`,
    ]) {
      const [seen, own] = [await bob!.get(path, html), await admin!.get(path, html)]
      expect([path, seen.status, own.status]).toEqual([path, 200, 200])
      expect([path, seen.text.includes('Secret Release')]).toEqual([path, false])
    }
    const own = await admin!.get(`/api/products/${id}/history/`)
    expect(own.text).toContain('Secret Release')
    expect((await bob!.get(`/api/products/${id}/history/`)).text).toContain('a release that you may not see')
  })

  it('keeps its proof and its export with those who may know of it', async () => {
    for (const part of ['proof', 'export']) {
      const refused = await bob!.get(`/api/products/${id}/${part}/`)
      expect([refused.status, refused.json.detail]).toEqual([403, expect.stringMatching(/Please ask its owner/)])
      expect(refused.text).not.toContain('Secret')
      expect((await admin!.get(`/api/products/${id}/${part}/`)).status).toBe(200)
    }
  })
})
