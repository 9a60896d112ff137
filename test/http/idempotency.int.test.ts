import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EventStoreUnavailable } from '../../src/eventstore/errors.ts'
import { createApp } from '../../src/http/app.ts'
import { KeptAnswers } from '../../src/http/kept-answers.ts'
import { answerOf, multipart } from '../support/answer.ts'
import { type Client, type TestApp, testApp } from '../support/app.ts'
import { accepted, CATALOG, PRODUCT_TYPE, published, registered } from '../support/products.ts'

let app: TestApp
let alice: Client
let bob: Client

beforeAll(async () => {
  app = await testApp()
  alice = app.as('alice')
  bob = app.as('bob')
})
afterAll(() => app.close())

const PRODUCT = { display_name: 'A catalog', product_type: PRODUCT_TYPE.other }
const events = async (): Promise<number> => {
  const [row] = await app.context.database.query<{ n: string }>('select count(*) as n from history')
  return Number(row?.n)
}
const keyed = (key: string) => ({ 'Idempotency-Key': key })
const replayed = 'idempotent-replayed'

describe('a request with an Idempotency-Key', () => {
  it('gets the same answer again, without a second event', async () => {
    const first = await alice.post('/api/products/', PRODUCT, keyed('one'))
    const before = await events()
    // The same JSON, its members in another order.
    const again = await alice.post(
      '/api/products/',
      Object.fromEntries(Object.entries(PRODUCT).reverse()),
      keyed('one'),
    )
    expect([again.status, again.text]).toEqual([201, first.text])
    for (const name of ['content-type', 'etag', 'x-event-position']) {
      expect(again.headers.get(name)).toBe(first.headers.get(name))
    }
    expect([first.headers.get(replayed), again.headers.get(replayed)]).toEqual([null, 'true'])
    expect(await events()).toBe(before)
  })

  it('is refused when the key came with something else', async () => {
    await alice.post('/api/products/', PRODUCT, keyed('two'))
    const other = await alice.post('/api/products/', { ...PRODUCT, display_name: 'Another' }, keyed('two'))
    expect([other.status, other.json.code]).toEqual([422, 'key_reused'])
    expect(other.headers.get('content-type')).toBe('application/problem+json')
    expect((await alice.delete('/api/products/1/', keyed('two'))).status).toBe(422)
    // Keys belong to a person.
    expect((await bob.post('/api/products/', PRODUCT, keyed('two'))).headers.get(replayed)).toBeNull()
  })

  it('is carried out once when it comes ten times at once', async () => {
    const before = await events()
    const all = await Promise.all(
      Array.from({ length: 10 }, () => alice.post('/api/products/', PRODUCT, keyed('together'))),
    )
    expect(new Set(all.map(({ status, json }) => `${status} ${json.id}`)).size).toBe(1)
    expect(all.filter(({ headers }) => headers.get(replayed) === 'true')).toHaveLength(9)
    expect(await events()).toBe(before + 1)
  })

  it('is known after a restart, and to another process at the same time', async () => {
    const { database, clock, log } = app.context
    const first = accepted(await alice.post('/api/products/', PRODUCT, keyed('restart')))
    const other = createApp({ ...app.context, keptAnswers: new KeptAnswers({ database, clock, log }) })
    const send = async (key: string) =>
      answerOf(
        await other.request('/api/products/', {
          method: 'POST',
          headers: { Authorization: `Token ${alice.token}`, 'Content-Type': 'application/json', ...keyed(key) },
          body: JSON.stringify(PRODUCT),
        }),
      )
    expect((await send('restart')).json).toEqual(first)
    const before = await events()
    const [mine, theirs] = await Promise.all([alice.post('/api/products/', PRODUCT, keyed('race')), send('race')])
    expect(await events()).toBe(before + 1)
    // Whoever was second either heard the answer or is told to come back.
    const answers = [mine, theirs].sort((a, b) => a.status - b.status)
    expect(answers[0]?.status).toBe(201)
    if (answers[1]?.status === 409) expect(answers[1].headers.get('retry-after')).toBe('2')
    else expect(answers[1]?.json).toEqual(answers[0]?.json)
  })

  it('is not carried out again when the server died over it', async () => {
    const { database } = app.context
    await alice.post('/api/products/', PRODUCT, keyed('died'))
    await database.query("update requests.answers set status = null, body = null where key = 'died'")
    const before = await events()
    const again = await alice.post('/api/products/', PRODUCT, keyed('died'))
    expect([again.status, again.json.code]).toEqual([409, 'key_under_way'])
    expect(await events()).toBe(before)
  })

  it('may be repeated when it was refused', async () => {
    const id = await registered(bob)
    const refused = await bob.patch(`/api/products/${id}/`, { status: '1' }, keyed('refused'))
    expect(refused.status).toBe(406)
    accepted(await bob.upload(id, 'catalog.csv', CATALOG))
    const second = await bob.patch(`/api/products/${id}/`, { status: '1' }, keyed('refused'))
    expect([second.status, second.headers.get(replayed)]).toEqual([406, null])
  })

  it('works for edits, deletions and uploads', async () => {
    const id = await published(alice)
    const edit = () => alice.patch(`/api/products/${id}/`, { description: 'New' }, keyed('edit'))
    expect((await edit()).text).toBe((await edit()).text)
    const extra = (content: string) => {
      const { headers, body } = multipart({ product: id, role: 2 }, { name: 'notes.txt', content })
      return alice.send('POST', '/api/product-files/', { headers: { ...headers, ...keyed('upload') }, body })
    }
    const first = accepted(await extra('one'))
    expect(accepted(await extra('one'))).toEqual(first)
    expect((await extra('two')).status).toBe(422)
    const remove = () => alice.delete(`/api/products/${id}/`, keyed('remove'))
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 204])
    const { results } = accepted(await alice.get(`/api/products/${id}/history/`))
    const counted = (type: string) => results.filter((entry: { type: string }) => entry.type === type).length
    expect([counted('MetadataEdited'), counted('FileAttached'), counted('ProductDeleted')]).toEqual([1, 2, 1])
  })

  it('keeps nothing of secrets: a new token is a new token', async () => {
    const make = () => alice.post('/api/tokens/', { name: 'laptop' }, keyed('token'))
    expect(accepted(await make()).token).not.toBe(accepted(await make()).token)
    const kept = await app.context.database.query("select 1 from requests.answers where key = 'token'")
    expect(kept).toEqual([])
  })

  it('is not carried out twice when the store did not say whether it was', async () => {
    const { store } = app.context
    const append = store.append.bind(store)
    store.append = async (...given) => {
      await append(...given)
      throw new EventStoreUnavailable('The answer got lost')
    }
    const before = await events()
    try {
      expect((await alice.post('/api/products/', PRODUCT, keyed('lost'))).status).toBe(503)
    } finally {
      store.append = append
    }
    const again = await alice.post('/api/products/', PRODUCT, keyed('lost'))
    expect([again.status, again.json.code]).toEqual([409, 'key_under_way'])
    expect(again.json.detail).toContain('Look whether it was carried out.')
    await app.context.projections.waitFor(await store.head(), 5_000)
    expect(await events()).toBe(before + 1)
  })

  it('is answered 202 with its number while the read models do not show it, and again so', async () => {
    const { projections } = app.context
    const { waitFor } = projections
    projections.waitFor = async () => false
    try {
      const first = await alice.post('/api/products/', PRODUCT, keyed('late'))
      expect(first.status).toBe(202)
      expect(first.json).toMatchObject({ code: 'not_shown_yet', position: first.headers.get('x-event-position') })
      const again = await alice.post('/api/products/', PRODUCT, keyed('late'))
      expect([again.status, again.text, again.headers.get(replayed)]).toEqual([202, first.text, 'true'])
      await waitFor.call(projections, first.json.position, 5_000)
      expect(accepted(await alice.get(`/api/products/${first.json.id}/`)).display_name).toBe(PRODUCT.display_name)
      const refused = await alice.patch(`/api/products/${first.json.id}/`, { display_name: '' })
      expect(refused.status).toBe(400)
    } finally {
      projections.waitFor = waitFor
    }
  })

  it('is forgotten after a day, and beyond a thousand keys', async () => {
    const { database, keptAnswers } = app.context
    const first = accepted(await alice.post('/api/products/', PRODUCT, keyed('old')))
    app.clock.advance(24 * 3_600_000 + 1)
    expect(accepted(await alice.post('/api/products/', PRODUCT, keyed('old'))).id).not.toBe(first.id)
    await database.query(
      `insert into requests.answers select 2, 'many-' || n, '', 200, '{}', '', now() + n * interval '1 ms' from generate_series(1, 1500) n`,
    )
    await keptAnswers.once(2, 'last', {}, async () => new Response('x'))
    const [row] = await database.query<{ n: string }>('select count(*) as n from requests.answers where user_id = 2')
    expect(Number(row?.n)).toBe(1_000)
  })

  it.each(['', 'two words', 'é', 'x'.repeat(256)])('refuses the key "%s"', async (key) => {
    const refused = await app.context.keptAnswers.once(2, key, {}, async () => new Response()).catch((error) => error)
    expect(refused).toMatchObject({ code: 'bad_request' })
  })
})
