import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGroup, deleteGroup } from '../../src/accounts/groups.ts'
import { accountsOf } from '../../src/application/people.ts'
import { type Answer, type Client, type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted, columnsOf, giveRole, PRODUCT_TYPE, published, registered } from '../support/products.ts'

/** A number that no group has. */

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

  it('takes back that a role moved, the gift first and then the loss', async () => {
    const moved = await registered(alice, { product_type: PRODUCT_TYPE.other })
    accepted(await alice.upload(moved, 'table.csv', 'a,b\n1,2\n'))
    await giveRole(alice, moved, 'a', 'RA')
    await giveRole(alice, moved, 'b', 'RA')
    const { results } = accepted(await alice.get(`/api/products/${moved}/history/?kind=ColumnAssociated`))
    const [lost, given] = results.slice(-2)
    const takeBack = ({ position }: Json) => alice.post(`/api/products/${moved}/undo/`, { position })
    const early = await takeBack(lost)
    expect([early.status, early.json.detail]).toEqual([409, expect.stringContaining('given to b later: undo that')])
    accepted(await takeBack(given))
    accepted(await takeBack(lost))
    const columns = await columnsOf(alice, moved)
    expect([columns.get('a').alias, columns.get('b').alias]).toEqual(['RA', null])
    const { results: files } = accepted(await alice.get(`/api/products/${moved}/files/`))
    accepted(await alice.delete(`/api/product-files/${files[0].id}/`))
    const latest = accepted(await alice.get(`/api/products/${moved}/history/?kind=ColumnAssociated`)).results.at(-1)
    const gone = await takeBack(latest)
    expect([gone.status, gone.json.detail]).toEqual([409, expect.stringContaining('no column a any more')])
  })

  it('takes back a deletion once', async () => {
    accepted(await alice.delete(`/api/products/${id}/`))
    const { position } = await product()
    expect(accepted(await undo(position)).product_status).toBe('Published')
    expect((await undo(position)).status).toBe(409)
  })

  it('is refused for what cannot be taken back, and for others', async () => {
    const { results } = accepted(await alice.get(`/api/products/${id}/history/`))
    for (const type of ['ProductRegistered', 'FileAttached', 'MainFileInspected', 'ProductPublished']) {
      const { position } = results.find((each: Json) => each.type === type)
      expect((await undo(position)).status, type).toBe(409)
    }
    const position = await edit({ description: 'Last words' })
    expect((await undo(position, app.as('bob'))).status).toBe(403)
    expect((await undo('99999999')).status).toBe(409)
    expect((await undo('x')).status).toBe(400)
  })

  describe('of files', () => {
    const files = async (): Promise<Json[]> => accepted(await alice.get(`/api/products/${id}/files/`)).results
    const main = async (): Promise<Json> => (await files()).find((file) => file.role === 0)
    const latest = async (type: string): Promise<Json> =>
      accepted(await alice.get(`/api/products/${id}/history/?kind=${type}`)).results.at(-1)
    const WIDER = 'objectId,RA,Dec,z,flag\n1,10.5,-29.87,0.5,4\n2,10.6,-29.88,1.25,3\n3,10.7,-29.9,2,1\n'

    it('brings back a main file that was replaced, with the roles of its columns', async () => {
      await giveRole(alice, id, 'objectId', 'ID')
      const before = await main()
      const roles = [...(await columnsOf(alice, id)).values()].map((column) => [column.column_name, column.alias])
      accepted(await alice.upload(id, 'wider.csv', WIDER.replace('objectId', 'number'), { replace: true }))
      expect((await columnsOf(alice, id)).get('number')).toMatchObject({ alias: null })
      accepted(await undo((await latest('FileRemoved')).position))
      const after = await main()
      expect(after).toMatchObject({ name: before.name, sha256: before.sha256, n_rows: before.n_rows })
      expect(after.version).toBe(before.version + 2)
      expect([...(await columnsOf(alice, id)).values()].map((column) => [column.column_name, column.alias])).toEqual(
        roles,
      )
      // The undo replaced a file itself, and is undone in the same way; by the event of the new file, too.
      accepted(await undo((await latest('FileAttached')).position))
      expect(await main()).toMatchObject({ name: 'wider.csv', n_rows: 3 })
      accepted(await undo((await latest('FileAttached')).position))
    })

    it('brings back a main file of a published product whose columns nobody could guess', async () => {
      const odd = await registered(alice, { display_name: 'Odd names' })
      accepted(await alice.upload(odd, 'odd.csv', 'foo,bar,baz,w\n10.5,-29.87,0.5,1\n'))
      const roles = { foo: 'RA', bar: 'Dec', baz: 'z', w: 'weight' }
      for (const [column, alias] of Object.entries(roles)) await giveRole(alice, odd, column, alias)
      accepted(await alice.patch(`/api/products/${odd}/`, { status: '1' }))
      accepted(await alice.upload(odd, 'usual.csv', 'RA,Dec,z\n10.5,-29.87,0.5\n', { replace: true }))
      const { results } = accepted(await alice.get(`/api/products/${odd}/history/?kind=FileRemoved`))
      accepted(await alice.post(`/api/products/${odd}/undo/`, { position: results[0].position }))
      const columns = [...(await columnsOf(alice, odd)).values()]
      expect(Object.fromEntries(columns.map((column) => [column.column_name, column.alias]))).toEqual(roles)
    })

    it('brings back another file that was removed or replaced, and takes away one that was added', async () => {
      const named = async (name: string) => (await files()).find((file) => file.name === name)
      accepted(await alice.upload(id, 'notes.txt', 'First notes', { role: 2 }))
      accepted(await alice.upload(id, 'notes.txt', 'Second notes', { role: 2, replace: true }))
      const second = await named('notes.txt')
      const replacement = (await latest('FileRemoved')).position
      accepted(await undo(replacement))
      expect((await named('notes.txt')).sha256).not.toBe(second.sha256)
      const refused = await undo(replacement)
      expect([refused.status, refused.json.detail]).toEqual([409, expect.stringContaining('changed again later')])
      accepted(await alice.delete(`/api/product-files/${(await named('notes.txt')).id}/`))
      expect(await named('notes.txt')).toBeUndefined()
      accepted(await undo((await latest('FileRemoved')).position))
      expect(await named('notes.txt')).toMatchObject({ role: 2 })
      accepted(await alice.upload(id, 'more.txt', 'More', { role: 2 }))
      accepted(await undo((await latest('FileAttached')).position))
      expect(await named('more.txt')).toBeUndefined()
    })

    it('is not for others', async () => {
      expect((await undo((await latest('FileRemoved')).position, app.as('bob'))).status).toBe(403)
    })
  })

  it('has a button in the history of those who may', async () => {
    const { internal_name } = await product()
    const position = await edit({ description: 'Words on the page' })
    const html = { Accept: 'text/html' }
    const page = await alice.get(`/product/${internal_name}?tab=history`, html)
    expect(page.text).toContain(`/product/${internal_name}/undo`)
    expect(page.text).toContain(`name="position" value="${position}"`)
    // Not where the domain would refuse it: the product needs this role.
    const { results } = accepted(await alice.get(`/api/products/${id}/history/?kind=columns`))
    const z = results.find((each: Json) => each.data?.columnName === 'z')
    expect(page.text).not.toContain(`name="position" value="${z.position}"`)
    expect((await app.as('bob').get(`/product/${internal_name}?tab=history`, html)).text).not.toContain('/undo"')
    const sent = await alice.send('POST', `/product/${internal_name}/undo`, { body: new URLSearchParams({ position }) })
    expect(sent.status).toBe(303)
    expect((await product()).description).toBe('Last words')
  })

  it('takes back changes of a release, also of who may use it', async () => {
    const admin = app.as('admin')
    const [group, gone] = [
      await createGroup(accountsOf(app.context), 'Undoers'),
      await createGroup(accountsOf(app.context), 'Going'),
    ]
    const fields = { name: 'dp9', display_name: 'Data Preview 9', is_public: true }
    const release = accepted(await admin.post('/api/releases/', fields)).id
    const change = async (body: object): Promise<string> => {
      accepted(await admin.patchJson(`/api/releases/${release}/`, body))
      return accepted(await admin.get(`/api/releases/${release}/history/`)).results.at(-1).position
    }
    const undoRelease = (position: string, client = admin) =>
      client.post(`/api/releases/${release}/undo/`, { position })
    const access = await change({ is_public: false, access_groups: [gone.id, group.id] })
    await deleteGroup(accountsOf(app.context), gone.id)
    const name = await change({ display_name: 'DP 9' })
    expect((await undoRelease(access, alice)).status).toBe(403)
    expect(accepted(await undoRelease(access))).toMatchObject({
      is_public: true,
      access_groups: [],
      display_name: 'DP 9',
    })
    await change({ display_name: 'DP nine' })
    expect((await undoRelease(name)).json.detail).toContain('The name was changed again later')
    accepted(await admin.delete(`/api/releases/${release}/`))
    const { results } = accepted(await admin.get(`/api/releases/${release}/history/`))
    expect(results.map((each: Json) => each.words)).toContain('set the name to DP nine')
    // Groups have their names, and changed fields their order, whoever reads.
    const opened = results.find((each: Json) => each.position === access)
    expect(opened.words).toBe('changed the public mark, access groups')
    expect(opened.changes).toEqual([
      { field: 'public mark', from: 'yes', to: 'no' },
      { field: 'access groups', from: null, to: `a group that is gone (${gone.id}), Undoers` },
    ])
    const page = await admin.get(`/releases/${release}`, { Accept: 'text/html' })
    expect(page.text).toContain(`a group that is gone (${gone.id}), Undoers</ins>`)
    const [defined] = results
    expect((await undoRelease(defined.position)).json.detail).toContain('retire it instead')
    expect((await undoRelease('99999999')).status).toBe(409)
  })

  it('brings a retired release back, and takes that back', async () => {
    const admin = app.as('admin')
    const { id: release } = accepted(await admin.post('/api/releases/', { name: 'dp8' }))
    const latest = async (): Promise<Json> =>
      accepted(await admin.get(`/api/releases/${release}/history/`)).results.at(-1)
    const undo = (position: string) => admin.post(`/api/releases/${release}/undo/`, { position })
    const chosen = async () =>
      accepted(await alice.get('/api/releases/')).results.some((each: Json) => each.id === release)
    accepted(await admin.delete(`/api/releases/${release}/`))
    const retired = (await latest()).position
    expect(await chosen()).toBe(false)
    expect((await alice.post(`/api/releases/${release}/restore/`)).status).toBe(403)
    expect(accepted(await admin.post(`/api/releases/${release}/restore/`))).toMatchObject({ retired: false })
    expect((await latest()).words).toBe('brought the release back')
    expect(await chosen()).toBe(true)
    expect((await undo(retired)).json.detail).toContain('retired or brought back again later')
    expect(accepted(await undo((await latest()).position))).toMatchObject({ retired: true })
    expect(accepted(await undo((await latest()).position))).toMatchObject({ retired: false })
  })

  it('brings a release back from its page', async () => {
    const admin = app.as('admin')
    const { id: release } = accepted(await admin.post('/api/releases/', { name: 'dp7' }))
    const page = async () => (await admin.get(`/admin/releases/${release}`, { Accept: 'text/html' })).text
    const press = (what: string, client = admin) =>
      client.send('POST', `/admin/releases/${release}/${what}`, { body: new URLSearchParams() })
    expect(await page()).not.toContain('/restore"')
    expect((await press('retire')).status).toBe(303)
    expect(await page()).toContain(`action="/admin/releases/${release}/restore"`)
    expect((await press('restore', alice)).status).toBe(403)
    expect((await press('restore')).status).toBe(303)
    expect(accepted(await admin.get(`/api/releases/${release}/`))).toMatchObject({ retired: false })
  })
})
