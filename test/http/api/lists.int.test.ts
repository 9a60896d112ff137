import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createGroup, deleteGroup } from '../../../src/accounts/groups.ts'
import { accountsOf } from '../../../src/application/people.ts'
import type { Json } from '../../support/answer.ts'
import { type Client, type TestApp, testApp } from '../../support/app.ts'
import { accepted, PRODUCT_TYPE, published, registered } from '../../support/products.ts'

/** Lists, their filters, their order and what they cost: `http-api.md`, 1.1 and 1.4 to 1.6. */
let app: TestApp
let admin: Client
let alice: Client
let bob: Client
/** Numbers of products by their names. */
const made = new Map<string, number>()

beforeAll(async () => {
  app = await testApp()
  admin = app.as('admin')
  alice = app.as('alice')
  bob = app.as('bob')
  for (const name of ['dp1', 'dp2']) {
    accepted(await admin.post('/api/releases/', { name, display_name: `Data Preview ${name.slice(2)}` }))
  }
  const add = async (client: Client, display_name: string, fields: Json, isPublished: boolean) => {
    const id = await (isPublished ? published : registered)(client, { display_name, ...fields })
    made.set(display_name, id)
  }
  await add(alice, 'Zebra catalog', { product_type: PRODUCT_TYPE.redshiftCatalog }, true)
  await add(alice, 'apple training', { product_type: PRODUCT_TYPE.trainingSet, release: 1 }, true)
  await add(bob, 'Mango training', { product_type: PRODUCT_TYPE.trainingSet, release: 2 }, true)
  await add(bob, 'Odd things', { product_type: PRODUCT_TYPE.other, description: 'about quasars' }, true)
  await add(admin, 'Official catalog', { product_type: 1, official_product: true }, true)
  await add(alice, 'Draft', { product_type: PRODUCT_TYPE.other }, false)
})
afterAll(() => app.close())

async function names(query: string, client = alice): Promise<string[]> {
  const { count, results } = accepted(await client.get(`/api/products/?${query}`))
  expect(count).toBe(results.length)
  return results.map((each: Json) => each.display_name)
}
const all = ['Draft', 'Official catalog', 'Odd things', 'Mango training', 'apple training', 'Zebra catalog']

describe('filters of products', () => {
  it.each([
    ['', all],
    ['status=1', all.slice(1)],
    ['status=0', ['Draft']],
    ['status__in=0, 1, 3, 9', all],
    ['product_type=2', ['Mango training', 'apple training']],
    ['product_type__in=1,7', ['Draft', 'Official catalog', 'Odd things', 'Zebra catalog']],
    ['release=1', ['apple training']],
    ['release__in=1, 2', ['Mango training', 'apple training']],
    ['release__isnull=True', ['Draft', 'Official catalog', 'Odd things', 'Zebra catalog']],
    ['release__isnull=false', ['Mango training', 'apple training']],
    ['official_product=True', ['Official catalog']],
    ['official_product=False&status=1', ['Odd things', 'Mango training', 'apple training', 'Zebra catalog']],
    ['official_product__in=true,false', all],
    ['display_name=Odd things', ['Odd things']],
    ['display_name__in=Odd things, Draft', ['Draft', 'Odd things']],
    ['product_name=TRAINING', ['Mango training', 'apple training']],
    ['product_name=a,training,mango', ['Mango training']],
    ['product_name__or=mango,zebra', ['Mango training', 'Zebra catalog']],
    ['product_type_name=reference,catalog', ['Official catalog', 'Zebra catalog']],
    ['product_type_name=training_set', ['Mango training', 'apple training']],
    ['product_type_name=reference,training', []],
    [
      'product_type_name__or=training,reference',
      ['Official catalog', 'Mango training', 'apple training', 'Zebra catalog'],
    ],
    ['release_name=preview,1', ['apple training']],
    ['release_name=dp2', ['Mango training']],
    ['release_name__or=dp1,dp2', ['Mango training', 'apple training']],
    ['uploaded_by=liddell', ['Draft', 'apple training', 'Zebra catalog']],
    ['uploaded_by=bob,example', ['Odd things', 'Mango training']],
    ['uploaded_by__or=bob,admin', ['Official catalog', 'Odd things', 'Mango training']],
    ['user=3', ['Odd things', 'Mango training']],
    ['user__in=1,3', ['Official catalog', 'Odd things', 'Mango training']],
    ['search=training mango', ['Mango training']],
    ['search=training,apple', ['apple training']],
    ['search=quasars', ['Odd things']],
    ['search=objectid liddell', ['apple training', 'Zebra catalog']],
    ['status=1&status=0', ['Draft']],
    ['id=1', ['Zebra catalog']],
    ['id__in=1,4&id=4', ['Odd things']],
    ['id__in=1,2&id=4', []],
    ['nonsense=1', all],
  ])('%s', async (query, expected) => {
    expect(await names(query)).toEqual(expected)
  })

  it('internal_name, alone and in a list', async () => {
    expect(await names('internal_name=1_zebra_catalog&status=1')).toEqual(['Zebra catalog'])
    expect(await names('internal_name__in=1_zebra_catalog, 4_odd_things')).toEqual(['Odd things', 'Zebra catalog'])
    expect(await names('internal_name=1_zebra')).toEqual([])
  })

  it('drafts of others are not there', async () => {
    expect(await names('', bob)).not.toContain('Draft')
    expect(await names('', admin)).toContain('Draft')
  })

  it('products-specz are the published redshift catalogs', async () => {
    const { results } = accepted(await bob.get('/api/products-specz/?ordering=display_name'))
    expect(results.map((each: Json) => each.display_name)).toEqual(['Official catalog', 'Zebra catalog'])
    expect(accepted(await bob.get('/api/products-specz/?product_name=zebra')).count).toBe(1)
    expect((await bob.get(`/api/products-specz/${made.get('Zebra catalog')}/`)).status).toBe(200)
    expect((await bob.get(`/api/products-specz/${made.get('Odd things')}/`)).status).toBe(404)
  })

  it('pending_publication is the oldest own draft', async () => {
    expect(accepted(await alice.get('/api/products/pending_publication/')).product.display_name).toBe('Draft')
    expect(accepted(await bob.get('/api/products/pending_publication/')).product).toBeNull()
  })
})

describe('order of products', () => {
  it.each([
    ['display_name', ['apple training', 'Draft', 'Mango training', 'Odd things', 'Official catalog', 'Zebra catalog']],
    ['-display_name', ['Zebra catalog', 'Official catalog', 'Odd things', 'Mango training', 'Draft', 'apple training']],
    ['id', all.toReversed()],
    ['-id', all],
    ['created_at', all.toReversed()],
    ['product_type', ['Zebra catalog', 'Official catalog', 'apple training', 'Mango training', 'Odd things', 'Draft']],
    ['password', all],
    ['', all],
    // Several, as in Django: the first counts most.
    [
      'product_type,-display_name',
      ['Zebra catalog', 'Official catalog', 'Mango training', 'apple training', 'Odd things', 'Draft'],
    ],
    [
      'password,-product_type, display_name',
      ['Draft', 'Odd things', 'apple training', 'Mango training', 'Official catalog', 'Zebra catalog'],
    ],
    [Array(2_000).fill('id').join(), all.toReversed()],
  ])('%.60s', async (ordering, expected) => {
    expect(await names(`ordering=${ordering}`)).toEqual(expected)
  })

  it('is the same from page to page', async () => {
    const pages = []
    for (const page of [1, 2, 3]) {
      const { results } = accepted(await alice.get(`/api/products/?ordering=product_type&page_size=2&page=${page}`))
      pages.push(...results.map((each: Json) => each.id))
    }
    expect(new Set(pages).size).toBe(6)
  })
})

describe('the other lists', () => {
  it('releases: by name, by number, newest first, retired ones no more', async () => {
    const listed = async (query: string) =>
      accepted(await alice.get(`/api/releases/${query}`)).results.map((each: Json) => each.name)
    expect(await listed('')).toEqual(['dp2', 'dp1'])
    expect(await listed('?name=dp1')).toEqual(['dp1'])
    expect(await listed('?id=2')).toEqual(['dp2'])
    expect(await listed('?search=preview 2')).toEqual(['dp2'])
    const release = accepted(await admin.post('/api/releases/', { name: 'old' }))
    expect((await admin.post('/api/releases/', { name: 'old' })).json.name).toMatch(/already exists/)
    expect((await admin.delete(`/api/releases/${release.id}/`)).status).toBe(204)
    expect(await listed('')).toEqual(['dp2', 'dp1'])
    const refused = await alice.post('/api/products/', { display_name: 'x', product_type: 2, release: release.id })
    expect(refused.status).toBe(400)
  })

  it('releases with groups are for them alone, unless it is said that they are public', async () => {
    const group = await createGroup(accountsOf(app.context), 'insiders')
    const define = async (name: string, fields: object): Promise<Json> =>
      accepted(await admin.post('/api/releases/', { name, ...fields }))
    const embargoed = await define('embargoed', { access_groups: [group.id] })
    expect(embargoed).toMatchObject({ is_public: false, access_groups: [group.id] })
    expect((await alice.get(`/api/releases/${embargoed.id}/`)).status).toBe(404)
    const open = await define('open', { access_groups: [group.id], is_public: true })
    expect(accepted(await alice.get(`/api/releases/${open.id}/`)).is_public).toBe(true)

    const path = `/api/releases/${embargoed.id}/`
    const refused = [
      await admin.post('/api/releases/', { name: 'nobody', access_groups: [group.id, 4_000, 4_001] }),
      await admin.patchJson(path, { access_groups: [4_000] }),
      await admin.patchJson(path, { access_groups: ['staff'] }),
      await admin.patchJson(path, { access_groups: 7 }),
    ]
    expect(refused.map(({ status, json }) => [status, json.access_groups])).toEqual([
      [400, ['There are no groups 4000, 4001: leave them out, or make them first.']],
      [400, ['There is no group 4000: leave it out, or make it first.']],
      [400, 'A valid integer is required.'],
      [400, 'Expected a list of items.'],
    ])
    // A group that went is no reason to refuse the rest.
    await deleteGroup(accountsOf(app.context), group.id)
    const kept = await admin.patchJson(path, { description: 'x', access_groups: [group.id] })
    expect(accepted(kept)).toMatchObject({ description: 'x', access_groups: [group.id] })
    for (const { id } of [embargoed, open]) expect((await admin.delete(`/api/releases/${id}/`)).status).toBe(204)
  })

  it('all of them: in the order that is asked for', async () => {
    const product = made.get('Zebra catalog')
    const listed = async (path: string, field: string) =>
      accepted(await alice.get(`/api/${path}`)).results.map((each: Json) => each[field])
    const types = await listed('product-types/', 'order')
    expect(types).toEqual(types.toSorted((a: number, b: number) => a - b))
    expect(await listed('product-types/?ordering=-order', 'order')).toEqual(types.toReversed())
    expect(await listed('product-types/?ordering=-id', 'id')).toEqual([7, 6, 5, 4, 3, 2, 1])
    expect((await listed('product-types/?ordering=name', 'name'))[0]).toBe('object_catalog')
    const columns = `product-contents/?product=${product}`
    expect(await listed(columns, 'column_name')).toEqual(['objectId', 'RA', 'Dec', 'z'])
    expect(await listed(`${columns}&ordering=column_name`, 'column_name')).toEqual(['Dec', 'objectId', 'RA', 'z'])
    expect(await listed(`${columns}&ordering=-order`, 'column_name')).toEqual(['z', 'Dec', 'RA', 'objectId'])
    expect(await listed(`${columns}&ordering=-id&page_size=1`, 'column_name')).toEqual(['z'])
    expect(await listed('releases/?ordering=name', 'name')).toEqual(['dp1', 'dp2'])
    expect(await listed('releases/?ordering=-name', 'name')).toEqual(['dp2', 'dp1'])
    expect(await listed('users/?ordering=-username', 'username')).toEqual(['bob', 'alice', 'admin'])
    expect(await listed('users/?ordering=nothing', 'username')).toHaveLength(3)
    expect(await listed('pipelines/?ordering=-id', 'id')).toEqual([2, 1])
    expect(await listed(`product-files/?product_id=${product}&ordering=role`, 'role')).toEqual([0])
  })

  it('all of them: an empty filter is none', async () => {
    const listed = async (path: string) => accepted(await alice.get(`/api/${path}`)).count
    const product = made.get('Zebra catalog')
    for (const path of ['products/', 'product-types/', 'releases/', 'pipelines/', 'processes/', 'users/']) {
      const empty = 'id=&name=&status=&release=&upload=&search=&ordering='
      expect(await listed(`${path}?${empty}`), path).toBe(await listed(path))
    }
    expect(await listed(`product-contents/?product=${product}&id=`)).toBe(4)
    expect(await listed(`product-files/?product_id=${product}&id=`)).toBe(1)
    expect((await alice.get('/api/product-files/?product_id=')).status).toBe(400)
  })

  it('product types: by name and number, in the order of menus', async () => {
    const { count, results } = accepted(await alice.get('/api/product-types/?name=other'))
    expect([count, results[0].id, results[0].display_name]).toEqual([1, 7, 'Other'])
    expect(accepted(await alice.get('/api/product-types/?id=5')).results[0].name).toBe('training_results')
    expect(accepted(await alice.get('/api/product-types/4/')).name).toBe('photoz_estimates')
  })

  it('users: name and display name, without anything else', async () => {
    const { results } = accepted(await alice.get('/api/users/'))
    expect(results).toContainEqual({
      username: 'alice',
      first_name: 'Alice',
      last_name: 'Liddell',
      display_name: 'alice',
    })
  })

  it('files and columns: those of one product, the main file first', async () => {
    const id = await registered(alice)
    accepted(await alice.upload(id, 'about.html', '<p>about', { role: 1 }))
    accepted(await alice.upload(id, 'main.csv', 'RA,Dec,z\n1,2,3\n'))
    const files = accepted(await alice.get(`/api/product-files/?product_id=${id}&ordering=role`)).results
    expect(files.map((file: Json) => [file.role, file.role_name, file.can_delete])).toEqual([
      [0, 'Main', true],
      [1, 'Description', true],
    ])
    const columns = accepted(await alice.get(`/api/product-contents/?product=${id}`)).results
    expect(columns.map((column: Json) => [column.column_name, column.order])).toEqual([
      ['RA', 0],
      ['Dec', 1],
      ['z', 2],
    ])
    const one = accepted(await alice.get(`/api/product-contents/?product=${id}&id=${columns[1].id}`))
    expect([one.count, one.results[0].column_name]).toEqual([1, 'Dec'])
  })
})

describe('what a list costs', () => {
  it('at most three statements, however much it holds', async () => {
    const statements = vi.spyOn(PGlite.prototype, 'query')
    const cost: Record<string, number> = {}
    try {
      for (const path of [
        'products/',
        'products/?search=a&status=1&release__isnull=false&ordering=product_type',
        'products/?page=2&page_size=2',
        'products-specz/',
        'releases/',
        'product-types/',
        'users/',
        'tokens/',
        'pipelines/',
        'product-files/?product_id=1',
        'product-contents/?product=1',
        'products/1/files/',
        'products/pending_publication/',
      ]) {
        statements.mockClear()
        accepted(await alice.get(`/api/${path}`))
        cost[path] = statements.mock.calls.length
      }
    } finally {
      statements.mockRestore()
    }
    expect(cost['products/']).toBe(2) // who asks, and the list
    for (const [path, count] of Object.entries(cost)) expect([path, count <= 3 && count > 0]).toEqual([path, true])
  })
})
