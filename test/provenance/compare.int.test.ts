import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Client, type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted, CATALOG, giveRole, PRODUCT_TYPE, published, registered } from '../support/products.ts'
import { catalogOf, derived, type Generations, generations, replaceMain } from './generations.ts'

const ID = '2305843019946942125'

let app: TestApp
let alice: Client
let bob: Client
let family: Generations
beforeAll(async () => {
  app = await testApp()
  alice = app.as('alice')
  bob = app.as('bob')
  family = await generations(app)
})
afterAll(() => app.close())

const compare = (what: string, left: unknown, right: unknown, client = alice, more = ''): Promise<Answer> =>
  client.get(
    `/api/compare/${what}/?left=${encodeURIComponent(String(left))}&right=${encodeURIComponent(String(right))}${more}`,
  )

/** Differences alone, as `field: left → right`. */
const told = (facts: Json[]): string[] =>
  facts.filter((fact) => !fact.same).map(({ field, left, right }) => `${field}: ${left} → ${right}`)

const positionOf = async (id: number): Promise<string> => accepted(await alice.get(`/api/products/${id}/`)).position

describe('two products', () => {
  it('tell what is said of them, their files, columns and statistics', async () => {
    const found = accepted(await compare('products', family.a, family.b))
    expect(found).toMatchObject({
      left: { id: family.a, as_of: null },
      right: { id: family.b },
      same: false,
      runs: null,
    })
    expect(told(found.facts)).toEqual(
      expect.arrayContaining(['name: Catalog A → Catalog B', 'version: 1 → 2', 'rows: 2 → 3']),
    )
    expect(found.files).toMatchObject([{ role: 'main', same: false, left: { rows: 2 }, right: { rows: 3 } }])
    const z = found.columns.find((column: Json) => column.name === 'z')
    expect(told(z.facts)).toEqual([])
    expect(told(z.statistics)).toEqual(expect.arrayContaining(['median: 0.875 → 0.9']))
  })

  it('part at the first event that says something else, whatever they are called', async () => {
    const { diverge_at } = accepted(await compare('products', family.a, family.b))
    expect(diverge_at).toMatchObject({ left: null, right: { type: 'FileRemoved', actor: 'alice' } })
    expect(diverge_at.right.words).toBe('replaced the main file catalog.csv')
    expect(diverge_at.right.number).toBe(diverge_at.shared + 1)
  })

  it('that runs made are compared with their runs', async () => {
    const { runs } = accepted(await compare('products', family.ab.product, family.abba.product))
    expect(told(runs.parameters)).toEqual([])
    expect(runs.inputs.map((input: Json) => [input.left?.product, input.right?.product, input.same])).toEqual([
      [family.a, family.a, true],
      [family.b, undefined, false],
      [undefined, family.abb.product, false],
    ])
    expect(runs.facts.find((fact: Json) => fact.field === 'version of the code')).toMatchObject({
      left: 'test',
      same: true,
    })
  })

  it('may be one, at two moments', async () => {
    const id = await published(alice, { display_name: 'Before' })
    const before = await positionOf(id)
    accepted(await alice.patch(`/api/products/${id}/`, { display_name: 'After' }))
    const found = accepted(await compare('products', `${id}@${before}`, id))
    expect(told(found.facts)).toEqual(['name: Before → After'])
    expect(found.left.reference).toBe(`${id}@${before}`)
    expect(found.files.every((file: Json) => file.same)).toBe(true)
    expect(found.diverge_at).toMatchObject({ left: null, right: { words: 'set the name to After' } })
    expect(accepted(await compare('products', id, id))).toMatchObject({ same: true, diverge_at: null })
  })

  it('are found by their internal names too', async () => {
    const { internal_name } = accepted(await alice.get(`/api/products/${family.a}/`))
    expect(accepted(await compare('products', internal_name, family.a)).same).toBe(true)
  })

  it('must both be seen by who asks, now and then', async () => {
    const draft = await registered(alice, { display_name: 'Draft' })
    expect((await compare('products', family.a, family.b, bob)).status).toBe(200)
    expect((await compare('products', family.a, draft, bob)).status).toBe(404)
    expect((await compare('products', draft, family.a, bob)).status).toBe(404)
    const first = await positionOf(draft)
    accepted(await alice.upload(draft, 'catalog.csv', CATALOG))
    for (const name of ['RA', 'Dec', 'z']) await giveRole(alice, draft, name, name)
    accepted(await alice.patch(`/api/products/${draft}/`, { status: '1' }))
    expect((await compare('products', draft, family.a, bob)).status).toBe(200)
    expect((await compare('products', `${draft}@${first}`, family.a, bob)).status).toBe(404)
    expect((await compare('products', `${draft}@${first}`, family.a, alice)).status).toBe(200)
    expect((await compare('products', 99_999, family.a)).status).toBe(404)
    expect((await compare('products', '', family.a)).status).toBe(404)
  })

  it('say what is wrong with a moment, and what is missing', async () => {
    const answer = await compare('products', `${family.a}@yesterday`, family.b)
    expect([answer.status, answer.json.as_of]).toEqual([400, expect.stringContaining('yesterday')])
    expect((await alice.get(`/api/compare/products/?left=${family.a}`)).json.right).toBe('This field is required.')
  })

  it('hide inputs that the person may not see', async () => {
    const secret = await published(alice, { display_name: 'Secret' })
    const one = await derived(app, alice, [secret, family.a], 'One', catalogOf(7))
    accepted(await alice.delete(`/api/products/${secret}/`))
    const answer = await compare('products', one.product, family.ab.product, bob)
    expect(accepted(answer).runs.inputs[0]).toMatchObject({ left: { product: null, name: null } })
    expect(answer.text).not.toContain('Secret')
  })
})

describe('two runs', () => {
  it('tell inputs, outputs, parameters, versions and counts', async () => {
    const found = accepted(await compare('runs', family.ab.run, family.abb.run))
    expect(found).toMatchObject({ left: family.ab.run, right: family.abb.run, same: false })
    expect(told(found.facts)).toEqual(['name: A and B → A, B and B'])
    expect(told(found.parameters)).toEqual([])
    expect(found.inputs.map((input: Json) => input.same)).toEqual([false, true, false])
    expect(found.outputs).toMatchObject([{ role: 'main', same: false }])
    expect(found.metrics).toEqual([{ field: 'rows', left: 2, right: 2, same: true }])
    expect(found.costs).toEqual([{ field: 'seconds', left: 0.5, right: 0.5, same: true }])
    expect(found.diverge_at).toMatchObject({ shared: 0, left: { type: 'RunRequested' }, right: { number: 1 } })
  })

  it('that were asked the same and made the same do not part', async () => {
    const inputs = [family.a, family.b]
    const [one, two] = [await derived(app, alice, inputs, 'Same'), await derived(app, alice, inputs, 'Same')]
    expect(accepted(await compare('runs', one.run, two.run))).toMatchObject({ same: true, diverge_at: null })
  })

  it('must both be seen by who asks', async () => {
    expect((await compare('runs', family.ab.run, family.abb.run, bob)).status).toBe(404)
    expect((await compare('runs', family.ab.run, 4_000)).status).toBe(404)
    expect((await compare('runs', family.ab.run, 'x')).status).toBe(400)
  })
})

describe('two tables', () => {
  it('tell rows by id', async () => {
    const more = '&id=objectId'
    const found = accepted(await compare('tables', family.a, family.b, alice, more))
    expect(found).toMatchObject({
      state: 'ready',
      id: { left: 'objectId', right: 'objectId' },
      rows: { left: 2, right: 3 },
      same: 2,
      changed: 0,
      removed: 0,
      added: 1,
      added_rows: [{ objectId: ID, RA: 10.7, Dec: -29.9, z: 0.9 }],
    })
    expect(accepted(await compare('tables', family.b, family.a, alice, more))).toMatchObject({ removed: 1, added: 0 })
  })

  it('take the column with the role ID, or the one that is chosen, and say so when there is none', async () => {
    const [a, b] = [await published(alice), await published(alice)]
    await replaceMain(alice, b, catalogOf(0.9))
    const without = await compare('tables', a, b)
    expect([without.status, without.json.detail]).toEqual([409, expect.stringContaining('choose the column')])
    for (const id of [a, b]) await giveRole(alice, id, 'objectId', 'ID')
    expect(accepted(await compare('tables', a, b)).id).toEqual({ left: 'objectId', right: 'objectId' })
    expect((await compare('tables', a, b, alice, '&id=nothing')).json.id).toContain('no column nothing')
  })

  it('that are one file are not read', async () => {
    const [a, b] = [await published(alice), await published(alice)]
    expect(accepted(await compare('tables', a, b, alice, '&id=objectId'))).toMatchObject({
      state: 'identical',
      same: 2,
    })
  })

  it('may be those of two moments', async () => {
    const id = await published(alice)
    const before = await positionOf(id)
    await replaceMain(alice, id, CATALOG.replace(',0.5\n', ',0.75\n'))
    const found = accepted(await compare('tables', `${id}@${before}`, id, alice, '&id=objectId'))
    expect(found.changed_rows).toEqual([
      { id: '2305843019946942123', cells: [{ column: 'z', left: 0.5, right: 0.75 }], more: 0 },
    ])
  })

  it('must be there', async () => {
    const other = await registered(alice, { display_name: 'Notes', product_type: PRODUCT_TYPE.other })
    accepted(await alice.upload(other, 'notes.bin', Uint8Array.of(0, 255, 0, 1, 254, 0)))
    accepted(await alice.patch(`/api/products/${other}/`, { status: '1' }))
    const answer = await compare('tables', other, family.a)
    expect([answer.status, answer.json.detail]).toEqual([409, 'There is no table in Notes.'])
  })
})

it('answers as the description of the API says', async () => {
  const document = (await alice.get('/api/openapi.json')).json
  const ajv = new Ajv2020({ strict: false })
  formats.default(ajv)
  ajv.addSchema({ $id: 'api', components: document.components })
  for (const answer of [
    ['products', await compare('products', family.ab.product, family.abb.product)],
    ['runs', await compare('runs', family.ab.run, family.abb.run)],
    ['tables', await compare('tables', family.a, family.b, alice, '&id=objectId')],
  ] as const) {
    const [what, { json }] = answer
    const { schema } = document.paths[`/api/compare/${what}/`].get.responses[200].content['application/json']
    const valid = ajv.validate(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')), json)
    expect([what, valid ? '' : ajv.errorsText()]).toEqual([what, ''])
  }
})
