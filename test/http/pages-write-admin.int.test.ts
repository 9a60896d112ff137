import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changePerson } from '../../src/application/people.ts'
import { type Client, type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted, CATALOG, giveRole, PRODUCT_TYPE, published, registered } from '../support/products.ts'
import { post, see } from './pages-forms.ts'

let app: TestApp
let admin: Client
let alice: Client
let bob: Client

beforeAll(async () => {
  app = await testApp()
  admin = app.as('admin')
  alice = app.as('alice')
  bob = app.as('bob')
  // More events than a page of the browser has.
  const id = await published(alice)
  for (let n = 0; n < 50; n++) accepted(await alice.patch(`/api/products/${id}/`, { description: `Edit ${n}` }))
})
afterAll(() => app.close())

const product = async (id: number): Promise<Json> => accepted(await admin.get(`/api/products/${id}/`))

describe('administration', () => {
  const PAGES = [
    '',
    '/releases',
    '/official',
    '/deleted',
    '/read-models',
    '/integrity',
    '/events',
    '/people/1',
    '/events/1',
  ]

  it.each(PAGES)('opens /admin%s to administrators alone', async (page) => {
    expect((await see(admin, `/admin${page}`)).status).toBe(200)
    expect((await see(alice, `/admin${page}`)).status).toBe(403)
    expect((await see(app.withToken(null), `/admin${page}`)).status).toBe(303)
  })

  it.each([
    '/admin/people',
    '/admin/groups',
    '/admin/groups/delete',
    '/admin/people/1',
    '/admin/people/1/password',
    '/admin/releases',
    '/admin/releases/1',
    '/admin/releases/1/retire',
    '/admin/official/1',
    '/admin/deleted/1/purge',
    '/admin/read-models/products/rebuild',
    '/admin/integrity',
  ])('lets nobody else post to %s', async (path) => {
    expect((await post(alice, path)).status).toBe(403)
  })

  it('makes people and groups, and changes them', async () => {
    const person = { username: 'carol', displayName: 'Carol', password: 'long enough', isAdmin: 'true' }
    expect((await post(admin, '/admin/people', person)).status).toBe(303)
    const twice = await post(admin, '/admin/people', person)
    expect(twice.status).toBe(409)
    expect(twice.text).toContain('A user with that username already exists.')
    expect((await post(admin, '/admin/groups', { groupName: 'readers' })).status).toBe(303)
    expect((await post(admin, '/admin/groups', { groupName: 'readers' })).status).toBe(409)
    const id = /href="\/admin\/people\/(\d+)">[\s\S]*?Carol/.exec(
      (await see(admin, '/admin?ordering=-username')).text,
    )?.[1]
    const change = { displayName: 'Carol C.', active: 'true', groups: ['readers'] }
    expect((await post(admin, `/admin/people/${id}`, change)).status).toBe(303)
    const changed = (await see(admin, `/admin/people/${id}`)).text
    expect(changed).toContain('value="Carol C."')
    expect(changed).toContain('<title>Carol C., administration')
    expect((await post(admin, `/admin/people/${id}/password`, { password: 'x' })).status).toBe(400)
    expect((await post(admin, `/admin/people/${id}/password`, { password: 'another one' })).status).toBe(303)
    expect((await post(admin, '/admin/groups/delete', { name: 'readers' })).status).toBe(303)
    expect((await post(admin, '/admin/groups/delete', { name: 'readers' })).status).toBe(404)
  })

  it('does not let administrators lock themselves out', async () => {
    const answer = await post(admin, '/admin/people/1', { displayName: 'Admin', active: 'true' })
    expect(answer.status).toBe(400)
    expect((await see(admin, '/admin/people/1')).status).toBe(200)
  })

  it('defines, changes and retires releases', async () => {
    await changePerson(app.context, admin.request, 2, { groups: ['insiders'] })
    const fields = { name: 'dp9', displayName: 'DP9', indexingColumn: 'objectId', isPublic: 'true' }
    expect((await post(admin, '/admin/releases', fields)).status).toBe(303)
    const twice = await post(admin, '/admin/releases', fields)
    expect([twice.status, twice.text.includes('id="field-name-error"')]).toEqual([400, true])
    expect((await post(admin, '/admin/releases', { ...fields, name: '../etc' })).status).toBe(400)
    for (const groups of ['999', 'x']) {
      const refused = await post(admin, '/admin/releases', { ...fields, name: 'dp10', groups })
      expect([refused.status, refused.text.includes('id="field-groups-error"')]).toEqual([400, true])
    }
    const { results } = accepted(await admin.get('/api/releases/?name=dp9'))
    const path = `/admin/releases/${results[0].id}`
    const group = accepted(await admin.get('/api/groups/')).results.find((each: Json) => each.name === 'insiders')
    const closed = { name: 'dp9', displayName: 'DP9 closed', indexingColumn: 'objectId', groups: String(group.id) }
    expect((await post(admin, path, closed)).status).toBe(303)
    expect(accepted(await bob.get('/api/releases/?name=dp9')).count).toBe(0)
    expect((await post(admin, `${path}/retire`)).status).toBe(303)
    expect((await see(admin, path)).text).toContain('Retired')
    expect((await see(admin, '/admin/releases/99999')).status).toBe(404)
  })

  it('rebuilds a read model, and checks everything', async () => {
    expect((await post(admin, '/admin/read-models/products/rebuild')).status).toBe(303)
    expect((await post(admin, '/admin/read-models/nonsense/rebuild')).status).toBe(404)
    expect((await post(admin, '/admin/integrity')).status).toBe(303)
    expect((await see(admin, '/admin/integrity')).text).toContain('Everything is as the log says')
    const { store } = app.context
    const head = store.head.bind(store)
    store.head = async () => {
      throw new Error('The log cannot be read')
    }
    expect((await post(admin, '/admin/integrity')).status).toBe(303)
    store.head = head
    expect((await see(admin, '/admin/integrity')).text).toContain('could not be finished')
    expect((await post(admin, '/admin/integrity')).status).toBe(303)
    expect((await see(admin, '/admin/integrity')).text).not.toContain('could not be finished')
  })

  it('browses the log by stream, type, person and day, page by page', async () => {
    const id = await published(bob)
    const one = await see(admin, `/admin/events?stream=product-${id}`)
    expect(one.text).toContain('ProductPublished')
    expect(one.text).not.toContain('RoleGranted')
    const narrowed = await see(admin, `/admin/events?stream=product-&type=ProductPublished&actor=bob&since=2026-03-14`)
    expect(narrowed.text).toContain(`product-${id}@`)
    expect((await see(admin, '/admin/events?since=2040-01-01')).text).toContain('No events match')
    expect((await see(admin, '/admin/events?until=yesterday')).status).toBe(400)
    const [, older] = /before=(\d+)/.exec((await see(admin, '/admin/events')).text) ?? []
    const second = await see(admin, `/admin/events?before=${older}`)
    const [, newer] = /after=(\d+)/.exec(second.text) ?? []
    expect(Number(newer)).toBe(Number(older) - 1)
    expect((await see(admin, `/admin/events?after=${newer}`)).text).toContain(`/admin/events/${older}`)
    const whole = await see(admin, '/admin/events/1')
    expect(whole.json).toMatchObject({ revision: '0', metadata: { actor: { username: expect.any(String) } } })
    expect((await see(admin, '/admin/events/99999999999999999999')).status).toBe(404)
    for (const odd of ["?stream=' OR 1=1--", '?before=-1&after=x', '?type=%', '?page=1e9']) {
      expect((await see(admin, `/admin/events${odd}`)).status).toBe(200)
    }
  })

  it('marks products as official, and takes the mark away', async () => {
    const id = await published(alice, { display_name: 'To be vouched for' })
    expect((await see(admin, '/admin/official')).text).not.toContain('To be vouched for')
    expect((await see(admin, '/admin/official?search=vouched')).text).toContain('Mark as official')
    expect((await post(admin, `/admin/official/${id}`, { official: 'true' })).status).toBe(303)
    expect(await product(id)).toMatchObject({ official_product: true })
    expect((await see(admin, '/admin/official')).text).toContain('To be vouched for')
    expect((await post(admin, `/admin/official/${id}`, { official: 'false' })).status).toBe(303)
    expect(await product(id)).toMatchObject({ official_product: false })
    expect((await post(admin, '/admin/official/99999', { official: 'true' })).status).toBe(404)
  })

  it('purges deleted products alone: bytes go, those that others have too stay, and an event says so', async () => {
    const shared = `${CATALOG}2305843019946942125,10.7,-29.9,0.75\n`
    const doomed = await registered(alice, { product_type: PRODUCT_TYPE.other })
    const keeper = await registered(alice, { product_type: PRODUCT_TYPE.other })
    accepted(await alice.upload(doomed, 'shared.csv', shared))
    accepted(await alice.upload(keeper, 'shared.csv', shared))
    const own = accepted(await alice.upload(doomed, 'own.txt', 'only here', { role: 2 }))
    expect((await post(admin, `/admin/deleted/${doomed}/purge`)).status).toBe(409)
    const before = (await product(doomed)).updated_at
    const path = `/product/${(await product(doomed)).internal_name}`
    await post(alice, `${path}/delete`)
    expect((await see(admin, '/admin/deleted')).text).toContain(path)
    expect((await post(admin, `/admin/deleted/${doomed}/purge`)).status).toBe(303)
    expect((await post(admin, `/admin/deleted/${doomed}/purge`)).status).toBe(303) // done already
    expect(await app.context.blobs.has(own.sha256)).toBe(false)
    const kept = accepted(await alice.get(`/api/product-files/?product_id=${keeper}`)).results[0]
    expect(await app.context.blobs.has(kept.sha256)).toBe(true)
    expect((await post(alice, `${path}/restore`)).status).toBe(410)
    const events = []
    for await (const event of app.context.store.readStream(`product-${doomed}`)) events.push(event.type)
    expect(events.filter((type) => type === 'ProductPurged')).toHaveLength(1)
    // Of its past everything is told, but for the bytes.
    for (const address of [
      `/api/product-files/${own.id}/download/`,
      `/api/products/${doomed}/download/`,
      `/api/products/${doomed}/download_main_file/`,
    ]) {
      const answer = await admin.get(`${address}?as_of=${encodeURIComponent(before)}`)
      expect([address, answer.status]).toEqual([address, 410])
    }
  })

  it('purges what was made of the files too: drawings, comparisons, indexes of positions, archives', async () => {
    const rows = ['2305843019946942131,40.5,-9.1,0.31', '2305843019946942132,40.6,-9.2,0.32']
    const id = await registered(alice)
    const other = await published(alice)
    const file = accepted(await alice.upload(id, 'secret.csv', ['objectId,RA,Dec,z', ...rows, ''].join('\n')))
    for (const [name, alias] of Object.entries({ objectId: 'ID', RA: 'RA', Dec: 'Dec', z: 'z' })) {
      await giveRole(alice, id, name, alias)
    }
    accepted(await alice.patch(`/api/products/${id}/`, { status: '1' }))
    const { internal_name: name } = await product(id)
    for (const tab of ['sky', 'redshifts']) expect((await see(alice, `/product/${name}?tab=${tab}`)).status).toBe(200)
    accepted(await alice.get(`/api/products/${id}/cone/?RA=40.5&DEC=-9.1&SR=1`))
    accepted(await alice.get(`/api/compare/tables/?left=${id}&right=${other}&id=objectId`))
    accepted(await alice.send('POST', `/api/products/${id}/download/prepare/`))
    await app.context.derived.settled()
    const folder = join(app.dataDir, 'cache')
    const kept = async () => (await readdir(folder, { recursive: true })).filter((each) => each.includes(file.sha256))
    const archives = async () => (await readdir(folder)).filter((each) => each.endsWith('.zip')).length
    const before = await archives()
    expect((await kept()).length).toBeGreaterThanOrEqual(4)
    await post(alice, `/product/${name}/delete`)
    expect((await post(admin, `/admin/deleted/${id}/purge`)).status).toBe(303)
    expect(await kept()).toEqual([])
    expect(await archives()).toBe(before - 1)
  })

  it('leaves bytes alone that somebody uploads while a purge removes them', async () => {
    const content = `${CATALOG}2305843019946942126,10.8,-29.9,0.85\n`
    const [doomed, keeper] = [await registered(alice), await registered(bob)]
    accepted(await alice.upload(doomed, 'same.csv', content))
    await post(alice, `/product/${(await product(doomed)).internal_name}/delete`)
    const { blobs } = app.context
    const remove = blobs.remove.bind(blobs)
    const uploads: ReturnType<typeof bob.upload>[] = []
    blobs.remove = async (sha256) => {
      // Received now, and kept as soon as it may.
      if (uploads.length === 0) uploads.push(bob.upload(keeper, 'same.csv', content))
      await new Promise((resolve) => setTimeout(resolve, 500))
      await remove(sha256)
    }
    try {
      expect((await post(admin, `/admin/deleted/${doomed}/purge`)).status).toBe(303)
    } finally {
      blobs.remove = remove
    }
    const [upload] = uploads
    const { id } = accepted(await upload!)
    expect((await bob.get(`/api/product-files/${id}/download/`)).text).toBe(content)
  })
})
