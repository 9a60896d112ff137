import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted, CATALOG, columnsOf, PRODUCT_TYPE, published, registered } from '../support/products.ts'
import { location, post, see, upload } from './pages-forms.ts'

let app: TestApp
let admin: Client
let alice: Client
let bob: Client

beforeAll(async () => {
  app = await testApp({ env: { UPLOAD_LIMIT: '100kB' } })
  admin = app.as('admin')
  alice = app.as('alice')
  bob = app.as('bob')
})
afterAll(() => app.close())

const product = async (id: number): Promise<Json> => accepted(await admin.get(`/api/products/${id}/`))
const idIn = (path: string): number => Number(/\/product\/(\d+)_/.exec(path)?.[1])
/** A draft of a file. @returns the address of its page */
async function drafted(who: Client, name = 'deep.csv', content = CATALOG): Promise<string> {
  const answer = await upload(who, '/product/new/main-file', 'mainFile', { [name]: content })
  expect(answer.status).toBe(303)
  return location(answer)
}

describe('uploading', () => {
  it('makes a draft of a file, named after it, with its type guessed and roles given', async () => {
    const draft = await drafted(alice, 'COSMOS deep v2.csv')
    expect(draft).toMatch(/^\/product\/\d+_cosmos_deep_v2\/draft$/)
    const page = await see(alice, draft)
    expect(page.status).toBe(200)
    expect(page.text).toContain('2305843019946942123')
    expect(page.text).toContain('all values lie between 0 and 360')
    expect(page.text).toContain('No problems found')
    const made = await product(idIn(draft))
    expect(made).toMatchObject({
      display_name: 'COSMOS deep v2',
      product_type: PRODUCT_TYPE.redshiftCatalog,
      status: 0,
    })
    const columns = await columnsOf(admin, idIn(draft))
    expect(['objectId', 'RA', 'Dec', 'z'].map((name) => columns.get(name)?.alias)).toEqual(['ID', 'RA', 'Dec', 'z'])
  })

  it('publishes what the form says: roles, metadata and all', async () => {
    const draft = await drafted(alice, 'plain.csv', 'id,a,b,c\n1,10,20,0.5\n2,11,21,0.6\n')
    expect((await product(idIn(draft))).product_type).toBe(PRODUCT_TYPE.other)
    const answer = await post(alice, draft, {
      'role-0': 'ID',
      'role-1': 'RA',
      'role-2': 'Dec',
      'role-3': 'z',
      displayName: 'Plain names',
      type: 'redshift_catalog',
      description: 'Two\r\nlines',
      intent: 'publish',
    })
    expect(location(answer)).toBe(draft.replace('/draft', ''))
    expect(await product(idIn(draft))).toMatchObject({
      display_name: 'Plain names',
      status: 1,
      description: 'Two\nlines',
    })
    expect((await see(alice, draft)).status).toBe(303) // no draft any more
  })

  it('keeps the draft and what was typed when it cannot be published yet, and says what is missing', async () => {
    const draft = await drafted(alice)
    const columns = { 'role-0': 'ID', 'role-1': 'RA', 'role-2': 'Dec', 'role-3': '' }
    const answer = await post(alice, draft, { ...columns, displayName: 'Kept name', intent: 'publish' })
    expect(answer.status).toBe(409)
    expect(answer.text).toContain('No column has the role z.')
    expect(answer.text).toContain('value="Kept name"')
    expect(await product(idIn(draft))).toMatchObject({ display_name: 'Kept name', status: 0 })
  })

  it('refuses one role for two columns, beside the second', async () => {
    const draft = await drafted(alice)
    const answer = await post(alice, `${draft}/roles`, { 'role-1': 'RA', 'role-2': 'RA' })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('RA and Dec cannot both have the role RA.')
    expect((await columnsOf(admin, idIn(draft))).get('Dec')?.alias).toBe('Dec')
  })

  it('shows the errors beside the fields', async () => {
    const draft = await drafted(alice)
    const answer = await post(alice, draft, { displayName: '  ', type: 'redshift_catalog', intent: 'save' })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('id="field-displayName-error"')
    const odd = await post(alice, draft, { displayName: 'x', type: 'nonsense', release: '99999', intent: 'save' })
    expect(odd.status).toBe(400)
  })

  it('finds impossible values with their rows, and does not publish them', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `${i},10.5,${i === 250 ? 95 : -20},${i % 100 === 7 ? -99 : 0.4}`)
    const draft = await drafted(alice, 'odd.csv', `id,ra,dec,z\n${rows.join('\n')}\n`)
    const page = await see(alice, draft)
    expect(page.text).toMatch(/dec \(Dec\) is beyond ±90°[\s\S]*?Row\s+251/)
    expect(page.text).toMatch(/z \(z\) is −99[\s\S]*?Rows\s+8, 108, 208/)
    const answer = await post(alice, draft, { intent: 'publish' })
    expect(answer.status).toBe(409)
    expect((await product(idIn(draft))).status).toBe(0)
  })

  it('tells of a table without rows, and numbers the steps that there are', async () => {
    const headings = (html: string) => [...html.matchAll(/<h2>(\d\. [^<]*)<\/h2>/g)].map(([, text]) => text)
    const empty = (await see(alice, await drafted(alice, 'norows.csv', 'id,ra,dec,z\n'))).text
    expect(empty).toContain('The table has no rows')
    expect(empty).not.toContain('No problems found')
    expect(headings(empty)).toEqual([
      '1. The data',
      '2. The roles of the columns',
      '3. Description and auxiliary files',
      '4. What it is',
    ])
    const unreadable = (await see(alice, await drafted(alice, 'uneven.csv', 'a,b,c\n1,2,3\n4,5\n'))).text
    expect(unreadable).toContain('cannot be read as a table')
    expect(headings(unreadable)).toEqual(['1. The data', '2. Description and auxiliary files', '3. What it is'])
  })

  it('isolates first values that are written from right to left', async () => {
    const page = await see(alice, await drafted(alice, 'hebrew.csv', 'id,name\n1,שלום 1\n2,שלום 2\n'))
    expect(page.text).toMatch(/<bdi>שלום 1<\/bdi>\s*<bdi>שלום 2<\/bdi>/)
  })

  it('takes several main files at once, and says which are refused', async () => {
    const two = await upload(alice, '/product/new/main-file', 'mainFile', { 'one.csv': CATALOG, 'two.csv': CATALOG })
    expect(location(two)).toBe('/product/new')
    const before = accepted(await admin.get('/api/products/?status=0')).count
    const mixed = await upload(alice, '/product/new/main-file', 'mainFile', {
      'good.csv': CATALOG,
      'lies.parquet': '<html>no</html>',
    })
    expect(mixed.status).toBe(422)
    expect(mixed.text).toContain('lies.parquet')
    expect(mixed.text).toContain('1 other file became a draft.')
    expect((await see(alice, '/product/new')).text).toMatch(/saved \d+ \w+ \d+, \d\d:\d\d UTC/)
    const nothing = await upload(alice, '/product/new/main-file', 'mainFile', { 'empty.csv': '' })
    expect(nothing.text).toContain('empty.csv: The submitted file is empty.')
    expect(accepted(await admin.get('/api/products/?status=0')).count).toBe(before + 1)
  })

  it('tells the limit of this server in the words about the types', async () => {
    const { text } = await see(alice, '/product/new')
    expect(text).toContain('larger than the file upload limit (100\u202fkB)')
  })

  it('leaves nothing behind of a file that is refused: no draft, no event', async () => {
    const before = await app.context.store.head()
    for (const files of [{ 'lies.fits': CATALOG }, { 'empty.csv': '' }, { 'large.csv': 'x'.repeat(200_000) }]) {
      const answer = await upload(alice, '/product/new/main-file', 'mainFile', files)
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.status).toBeLessThan(500)
      expect(answer.text).toContain('Upload a product')
    }
    expect((await upload(alice, '/product/new/main-file', 'mainFile', {})).status).toBe(400)
    expect(await app.context.store.head()).toBe(before)
  })

  it('takes files that are no tables where the type allows it', async () => {
    const draft = await drafted(alice, 'estimator.pkl', '\u0080\u0004\u0000.')
    expect((await see(alice, draft)).text).toContain('cannot be read as a table')
    expect((await product(idIn(draft))).product_type).toBe(PRODUCT_TYPE.trainingResults)
    expect((await post(alice, draft, { intent: 'publish' })).status).toBe(303)
  })

  it('adds several files at once: HTML describes, the rest goes along; and takes one away', async () => {
    const draft = await drafted(alice)
    const files = { 'about.html': '<p>x</p>', 'notes.txt': 'x', 'run.yaml': 'a: 1' }
    expect((await upload(alice, `${draft}/files`, 'files', files)).status).toBe(303)
    const { results } = accepted(await alice.get(`/api/product-files/?product_id=${idIn(draft)}`))
    expect(results.map((file: Json) => file.role_name ?? file.role)).toHaveLength(4)
    const notes = results.find((file: Json) => file.name === 'notes.txt')
    expect((await post(alice, `${draft}/files/${notes.id}/remove`)).status).toBe(303)
    expect((await upload(alice, `${draft}/files`, 'files', {})).status).toBe(400)
  })

  it('keeps what the script sends along with files: what was typed beside them', async () => {
    const draft = await drafted(alice)
    const typed = { displayName: 'Typed meanwhile', 'role-3': '' }
    expect((await upload(alice, `${draft}/files`, 'files', { 'a.txt': 'a' }, typed)).status).toBe(303)
    expect((await product(idIn(draft))).display_name).toBe('Typed meanwhile')
    expect((await columnsOf(admin, idIn(draft))).get('z')?.alias).toBe(null)
    const refused = await upload(alice, `${draft}/files`, 'files', { 'b.txt': 'b' }, { ...typed, displayName: ' ' })
    expect(refused.status).toBe(400)
    expect(refused.text).not.toContain('b.txt')
  })

  it('replaces the main file of a draft; roles stay with the names of columns', async () => {
    const draft = await drafted(alice)
    expect((await upload(alice, `${draft}/main-file`, 'mainFile', { 'v2.csv': CATALOG })).status).toBe(303)
    expect((await columnsOf(admin, idIn(draft))).get('z')?.alias).toBe('z')
    const bad = await upload(alice, `${draft}/main-file`, 'mainFile', { 'x.csv': '\u0000\u0001\u0002' })
    expect(bad.status).toBe(422)
    expect((await see(alice, draft)).text).toContain('v2.csv')
  })

  it('makes entries without a file, published at once or not at all', async () => {
    const fields = { displayName: 'Far away', type: 'photoz_estimates', pzCode: 'BPZ', description: 'On tape.' }
    const made = await post(alice, '/product/new', { ...fields, intent: 'publish' })
    expect(await product(idIn(location(made)))).toMatchObject({ status: 1, pz_code: 'BPZ' })
    const before = await app.context.store.head()
    const refused = await post(alice, '/product/new', { ...fields, type: 'other', intent: 'publish' })
    expect(refused.status).toBe(409)
    expect(refused.text).toContain('value="Far away"')
    expect(await app.context.store.head()).toBe(before)
    expect(location(await post(alice, '/product/new', { ...fields, type: 'other', intent: 'save' }))).toMatch(
      /\/draft$/,
    )
    expect((await post(alice, '/product/new', { displayName: '', type: '', intent: 'save' })).status).toBe(400)
  })

  it('lists one´s own drafts, and discards them', async () => {
    const draft = await drafted(bob, 'bobs.csv')
    expect((await see(bob, '/product/new')).text).toContain(draft)
    expect((await see(alice, '/product/new')).text).not.toContain(draft)
    expect((await post(bob, `${draft}/discard`)).status).toBe(303)
    expect((await see(bob, '/product/new')).text).not.toContain(draft)
  })

  it('is nobody´s business but the owner´s', async () => {
    const draft = await drafted(alice)
    expect((await see(bob, draft)).status).toBe(404)
    expect((await post(bob, draft, { intent: 'publish' })).status).toBe(404)
    expect((await see(app.withToken(null), '/product/new')).status).toBe(303)
    expect((await post(app.withToken(null), '/product/new', { displayName: 'x' })).status).toBe(401)
  })
})

describe('editing', () => {
  const edit = async (id: number) => `/product/${(await product(id)).internal_name}/edit`
  const revision = async (path: string) =>
    /name="revision" value="(\d+)"/.exec((await see(alice, path)).text)?.[1] ?? ''

  it('saves metadata, and refuses a form that is out of date without losing what was typed', async () => {
    const path = await edit(await published(alice))
    const first = await revision(path)
    expect(location(await post(alice, path, { revision: first, displayName: 'Renamed' }))).toBe(path)
    const late = await post(alice, path, { revision: first, displayName: 'Mine instead' })
    expect(late.status).toBe(412)
    expect(late.text).toContain('Somebody else changed this product')
    expect(late.text).toContain('value="Mine instead"')
    const again = /name="revision" value="(\d+)"/.exec(late.text)?.[1] ?? ''
    expect((await post(alice, path, { revision: again, displayName: 'Mine instead' })).status).toBe(303)
    expect((await post(alice, path, { revision: 'abc', displayName: 'x' })).status).toBe(400)
  })

  it('lets the columns of a published product swap their roles, but not lose them', async () => {
    const id = await published(alice)
    const path = await edit(id)
    expect((await post(alice, `${path}/roles`, { 'role-1': 'Dec', 'role-2': 'RA' })).status).toBe(303)
    const columns = await columnsOf(admin, id)
    expect([columns.get('RA')?.alias, columns.get('Dec')?.alias]).toEqual(['Dec', 'RA'])
    const lost = await post(alice, `${path}/roles`, { 'role-1': '' })
    expect(lost.status).toBe(409)
    expect((await columnsOf(admin, id)).get('RA')?.alias).toBe('Dec')
  })

  it('adds, replaces and removes files', async () => {
    const id = await published(alice)
    const path = await edit(id)
    const send = (files: Record<string, string>, fileRole: string) =>
      upload(alice, `${path}/files`, 'files', files, { fileRole })
    expect((await send({ 'a.txt': 'a', 'b.txt': 'b' }, 'auxiliary')).status).toBe(303)
    expect((await send({ 'about.html': '<p>' }, 'description')).status).toBe(303)
    expect((await send({ 'v2.csv': CATALOG }, 'main')).status).toBe(303)
    expect((await send({ 'v3.csv': 'a,b\n1,2\n' }, 'main')).status).toBe(409) // its roles would be gone
    expect((await send({ 'x.csv': CATALOG, 'y.csv': CATALOG }, 'main')).status).toBe(400)
    expect((await send({ 'x.csv': CATALOG }, 'nonsense')).status).toBe(400)
    const { results } = accepted(await alice.get(`/api/product-files/?product_id=${id}`))
    expect(results.map((file: Json) => file.name).toSorted()).toEqual(['a.txt', 'about.html', 'b.txt', 'v2.csv'])
    const aux = results.find((file: Json) => file.name === 'a.txt')
    expect((await post(alice, `${path}/files/${aux.id}/remove`)).status).toBe(303)
    expect((await post(alice, `${path}/files/999999/remove`)).status).toBe(400)
  })

  it('deletes and restores', async () => {
    const id = await published(alice)
    const path = (await edit(id)).replace('/edit', '')
    expect((await post(alice, `${path}/delete`)).status).toBe(303)
    expect((await product(id)).status).toBe(2)
    expect((await see(alice, `${path}/edit`)).status).toBe(409)
    expect((await post(alice, `${path}/restore`)).status).toBe(303)
    expect((await product(id)).status).toBe(1)
  })

  it('lets administrators alone make a product official', async () => {
    const id = await published(alice)
    const path = await edit(id)
    expect((await see(alice, path)).text).not.toContain('name="official"')
    expect((await post(alice, path, { displayName: 'A catalog', official: 'true' })).status).toBe(403)
    expect((await post(admin, path, { displayName: 'A catalog', official: 'true' })).status).toBe(303)
    expect((await product(id)).official_product).toBe(true)
  })

  it('is for the owner and administrators', async () => {
    const path = await edit(await published(alice))
    expect((await see(bob, path)).status).toBe(403)
    for (const below of ['', '/roles', '/files', '/files/1/remove']) {
      expect((await post(bob, path + below, { displayName: 'x' })).status).toBe(403)
    }
    for (const act of ['/delete', '/restore']) {
      expect((await post(bob, path.replace('/edit', act))).status).toBe(403)
    }
    expect((await see(alice, '/product/999999_x/edit')).status).toBe(404)
  })

  it('takes names of any script and tricks in names as they are', async () => {
    const name = '<script>alert(1)</script> São 🔭 " onmouseover=x'
    const id = await registered(alice, { display_name: name, product_type: PRODUCT_TYPE.other })
    const page = await see(alice, `/product/${encodeURIComponent((await product(id)).internal_name)}/draft`)
    expect(page.status).toBe(200)
    expect(page.text).not.toContain('<script>alert')
  })

  it('saves the roles of a table with 1,300 columns', async () => {
    const names = Array.from({ length: 1300 }, (_, i) => `c${i}`)
    const content = `${names.join(',')}\n${names.map((_, i) => i / 1300).join(',')}\n`
    const draft = await drafted(alice, 'wide.csv', content)
    const roles = Object.fromEntries(names.map((_, i) => [`role-${i}`, i === 1299 ? 'z' : '']))
    expect((await post(alice, `${draft}/roles`, roles)).status).toBe(303)
    expect((await columnsOf(admin, idIn(draft))).get('c1299')?.alias).toBe('z')
  })
})
