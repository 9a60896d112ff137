import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Client, type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted, columnsOf, giveRole, published } from '../support/products.ts'

let app: TestApp
let alice: Client
let id: number
beforeAll(async () => {
  app = await testApp()
  alice = app.as('alice')
  id = await published(alice, { display_name: 'First name', description: 'First words' })
})
afterAll(() => app.close())

const product = async (): Promise<Json> => accepted(await alice.get(`/api/products/${id}/`))
const edit = async (fields: Record<string, string>): Promise<string> =>
  accepted(await alice.patch(`/api/products/${id}/`, fields)).position
const undo = (position: string, client = alice): Promise<Answer> =>
  client.post(`/api/products/${id}/undo/`, { position })

describe('undo', () => {
  it('takes back an edit of the metadata, by a new event', async () => {
    const position = await edit({ display_name: 'Second name', description: 'Second words' })
    const before = await product()
    expect(accepted(await undo(position))).toMatchObject({ display_name: 'First name', description: 'First words' })
    const after = await product()
    expect(after.revision).toBe(before.revision + 1)
    // Taking back what was taken back is possible as well.
    expect(accepted(await undo(after.position)).display_name).toBe('Second name')
  })

  it('is refused when the same field was changed later, and not when another one was', async () => {
    const name = await edit({ display_name: 'Third name' })
    const words = await edit({ description: 'Third words' })
    const again = await edit({ display_name: 'Fourth name' })
    const refused = await undo(name)
    expect(refused.status).toBe(409)
    expect(refused.json.detail).toContain('The name was changed again later: undo that first.')
    accepted(await undo(words))
    accepted(await undo(again))
    expect(accepted(await undo(name)).display_name).toBe('Second name')
  })

  it('takes back the role of a column, unless the product needs it', async () => {
    await giveRole(alice, id, 'objectId', 'ID')
    const { position } = await product()
    accepted(await undo(position))
    expect((await columnsOf(alice, id)).get('objectId')).toMatchObject({ alias: null, ucd: null })
    const { results } = accepted(await alice.get(`/api/products/${id}/history/`))
    const z = results.find((each: Json) => each.type === 'ColumnAssociated' && each.data?.columnName === 'z')
    expect((await undo(z.position)).status).toBeGreaterThanOrEqual(400)
    expect((await columnsOf(alice, id)).get('z')).toMatchObject({ alias: 'z' })
  })

  it('takes back a deletion once', async () => {
    accepted(await alice.delete(`/api/products/${id}/`))
    const { position } = await product()
    expect(accepted(await undo(position)).product_status).toBe('Published')
    expect((await undo(position)).status).toBe(409)
  })

  it('is refused for what cannot be taken back, and for others', async () => {
    const { results } = accepted(await alice.get(`/api/products/${id}/history/`))
    for (const type of ['ProductRegistered', 'FileAttached', 'ProductPublished']) {
      const { position } = results.find((each: Json) => each.type === type)
      expect((await undo(position)).status, type).toBe(409)
    }
    const position = await edit({ description: 'Last words' })
    expect((await undo(position, app.as('bob'))).status).toBe(403)
    expect((await undo('99999999')).status).toBe(409)
    expect((await undo('x')).status).toBe(400)
  })

  it('has a button in the history of those who may', async () => {
    const { internal_name, position } = await product()
    const html = { Accept: 'text/html' }
    const page = await alice.get(`/product/${internal_name}?tab=history`, html)
    expect(page.text).toContain(`/product/${internal_name}/undo`)
    expect((await app.as('bob').get(`/product/${internal_name}?tab=history`, html)).text).not.toContain('/undo"')
    const sent = await alice.send('POST', `/product/${internal_name}/undo`, { body: new URLSearchParams({ position }) })
    expect(sent.status).toBe(303)
    expect((await product()).description).not.toBe('Last words')
  })
})
