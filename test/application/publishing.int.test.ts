import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post } from '../http/pages-forms.ts'
import { type Client, type TestApp, testApp } from '../support/app.ts'
import { accepted, giveRole, published, registered } from '../support/products.ts'

/** A product is published by the page and by the API under the same rule. */
let app: TestApp
let alice: Client

beforeAll(async () => {
  app = await testApp()
  alice = app.as('alice')
})
afterAll(() => app.close())

const IMPOSSIBLE = 'objectId,RA,Dec,z\n1,10.5,-29.87,0.5\n2,10.6,95.5,1.25\n3,10.6,-91,1.25\n'

async function draft(content: string): Promise<number> {
  const id = await registered(alice)
  accepted(await alice.upload(id, 'catalog.csv', content))
  for (const name of ['RA', 'Dec', 'z']) await giveRole(alice, id, name, name)
  return id
}
const statusOf = async (id: number): Promise<number> => accepted(await alice.get(`/api/products/${id}/`)).status

describe('impossible values', () => {
  it('stand in the way of publishing through the API, with the rows that are meant', async () => {
    const id = await draft(IMPOSSIBLE)
    for (const answer of [
      await alice.patch(`/api/products/${id}/`, { status: '1' }),
      await alice.patchJson(`/api/products/${id}/`, { status: 1, description: 'and an edit' }),
    ]) {
      expect([answer.status, answer.json.detail]).toEqual([
        409,
        'Dec (Dec) is beyond ±90° in some rows. Correct the file, or choose another column. See rows 2, 3.',
      ])
    }
    const product = accepted(await alice.get(`/api/products/${id}/`))
    expect([product.status, product.description]).toEqual([0, null])
  })

  it('stand in the way on the page too', async () => {
    const id = await draft(IMPOSSIBLE)
    const { internal_name } = accepted(await alice.get(`/api/products/${id}/`))
    const answer = await post(alice, `/product/${internal_name}/draft`, { intent: 'publish' })
    expect(answer.status).toBe(409)
    expect(answer.text).toContain('beyond ±90°')
    expect(await statusOf(id)).toBe(0)
  })

  it('come after what is missing, and matter no more once it is published', async () => {
    const id = await registered(alice)
    accepted(await alice.upload(id, 'catalog.csv', IMPOSSIBLE))
    const missing = await alice.patch(`/api/products/${id}/`, { status: '1' })
    expect(missing.status).toBe(406)
    const good = await published(alice)
    accepted(await alice.upload(good, 'catalog.csv', IMPOSSIBLE, { replace: true }))
    expect((await alice.patch(`/api/products/${good}/`, { status: '1' })).status).toBe(200)
  })

  it('leave odd ones alone: marks for no value are published', async () => {
    const id = await draft('objectId,RA,Dec,z\n1,10.5,-29.87,0.5\n2,-10,5,-99\n')
    expect((await alice.patch(`/api/products/${id}/`, { status: '1' })).status).toBe(200)
  })
})
