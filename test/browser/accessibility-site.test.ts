import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { published } from '../support/products.ts'
import type { Remote } from '../support/remote.ts'
import { problemsOf } from './accessibility.ts'
import { PASSWORD, type Site, startSite } from './site.ts'
import type { Visitor } from './visitor.ts'

let site: Site
let nobody: Visitor
let admin: Visitor

beforeAll(async () => {
  site = await startSite({ UPLOAD_LIMIT: '100kB', PERSON_QUOTA: '10MB' })
  nobody = await site.visitor()
  admin = await site.visitor()
  await admin.signIn('admin', site.adminPassword)
})
afterAll(() => site?.close())

/** Opens the page as `visitor` and looks. */
async function look(visitor: Visitor, path: string, status = 200): Promise<void> {
  expect(await visitor.open(path), path).toBe(status)
  expect(await problemsOf(visitor), path).toEqual([])
}

describe('without an account', () => {
  it('/sign-in, also refused', async () => {
    await look(nobody, '/sign-in')
    await nobody.page.getByLabel('User name').fill('nobody')
    await nobody.page.getByLabel('Password').fill('a wrong password')
    await nobody.page.getByRole('button', { name: 'Sign in' }).click()
    await nobody.page.getByText('The user name or the password is wrong.').waitFor()
    expect(await problemsOf(nobody)).toEqual([])
  })

  it('an address without a page', () => look(nobody, '/nothing/here', 404))

  it.each([
    '/help',
    '/help/find',
    '/help/upload',
    '/help/change',
    '/help/account',
    '/help/pipelines',
    '/help/python',
    '/help/administration',
    '/help/api',
  ])('%s', (path) => look(nobody, path))
})

describe('on an empty server', () => {
  it.each([
    '/',
    '/official_products',
    '/user_products',
    '/my_products',
    '/products?search=nothing',
    '/product/new',
    '/product/import',
    '/pipelines',
    '/runs',
    '/account',
  ])('%s', (path) => look(admin, path))

  it.each([
    '/admin',
    '/admin/releases',
    '/admin/deleted',
    '/admin/read-models',
    '/admin/integrity',
    '/admin/events',
    '/admin/security',
    '/admin/downloads',
    '/admin/transfer',
    '/admin/downloads?product=x',
  ])('%s', (path) => look(admin, path, path.endsWith('=x') ? 400 : 200))
})

describe('after a while', () => {
  let alice: Visitor
  let remote: Remote
  let product: number

  beforeAll(async () => {
    remote = await site.addPerson('alice', 'Alice Pleasance Liddell of the Department of Astronomy')
    product = await published(remote, { display_name: 'A catalog', description: 'Short.' })
    await remote.get(`/api/products/${product}/download_main_file/`)
    alice = await site.visitor()
    await alice.signIn('alice', PASSWORD)
  })

  it('/', () => look(alice, '/'))
  it('a page for administrators, for others', () => look(alice, '/admin', 403))

  it('who took a product', async () => {
    await look(alice, `/product/${product}`)
    await alice.page.getByRole('link', { name: 'Who', exact: true }).click()
    await alice.page.getByRole('heading', { name: 'Downloads of A catalog' }).waitFor()
    expect(await problemsOf(alice)).toEqual([])
    await look(admin, '/admin/downloads')
    await look(admin, '/admin/security')
  })

  it('a new token', async () => {
    await alice.open('/account')
    await alice.page.getByLabel('Name required', { exact: true }).fill('notebook')
    await alice.page.getByRole('button', { name: /^(Make|Create).*token/ }).click()
    await alice.page.getByText(/pz_/).first().waitFor()
    expect(await problemsOf(alice)).toEqual([])
  })

  it.each([true, false])('a file that is too large, with scripts: %s', async (javaScriptEnabled) => {
    const visitor = await site.visitor({ javaScriptEnabled })
    await visitor.signIn('alice', PASSWORD)
    await visitor.open('/product/new')
    const file = { name: 'large.csv', mimeType: 'text/csv', buffer: Buffer.alloc(200_000, '1,2\n') }
    await visitor.page.getByLabel(/Drop the main file here/).setInputFiles(file)
    await visitor.page.getByRole('button', { name: 'Upload and inspect' }).click()
    const alert = visitor.page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.textContent()).toMatch(/100.kB/)
    if (javaScriptEnabled) expect(await problemsOf(visitor)).toEqual([])
    expect(visitor.complaints).toEqual([])
  })

  it.each(['/admin/transfer', '/product/import'])('a bundle on %s, refused and accepted', async (path) => {
    const { page } = admin
    await admin.open(path)
    const send = async (buffer: Buffer) => {
      await page
        .getByLabel(/Drop the bundle here/)
        .setInputFiles({ name: 'b.zip', mimeType: 'application/zip', buffer })
      await page.getByRole('button', { name: 'Verify and import' }).click()
    }
    await send(Buffer.from('no zip'))
    await page.getByRole('alert').filter({ hasText: 'This is not a zip file' }).waitFor()
    expect(await problemsOf(admin), 'a bundle that is refused').toEqual([])
    await send(Buffer.from((await remote.get(`/api/products/${product}/export/`)).bytes))
    await page.getByText('A catalog is imported: its history was verified.').waitFor()
    await page.getByRole('heading', { name: 'Before it was imported' }).waitFor()
    expect(await problemsOf(admin), 'its history').toEqual([])
  })

  it('the pages of an administrator', async () => {
    const { page } = admin
    await admin.open('/admin')
    await page.getByLabel('User name').fill('alice')
    await page.getByLabel('Display name').fill('Alice again')
    await page.getByLabel('First password').fill('short')
    await page
      .getByRole('button', { name: /Add the person|Add/ })
      .first()
      .click()
    await page.getByRole('alert').waitFor()
    expect(await problemsOf(admin), 'a person who is refused').toEqual([])
    await look(admin, '/admin/people/2')
    await look(admin, '/admin/events')
    await page
      .getByText(/^Data of the event at/)
      .first()
      .click()
    expect(await problemsOf(admin), 'an event with its data').toEqual([])
    const hidden = await page.locator('.panel .scroll').evaluate((table) => {
      for (const data of table.querySelectorAll('details')) data.open = true
      return table.scrollWidth - table.clientWidth
    })
    expect(hidden, 'px of the table out of sight').toBe(0)
    await page.getByRole('link', { name: 'With its metadata' }).first().click()
    expect(await page.content()).toContain('correlation')
    await admin.open('/admin/integrity')
    await page.getByRole('main').getByRole('button').first().click()
    await page.waitForLoadState()
    expect(await problemsOf(admin), 'a report of integrity').toEqual([])
  })
})

it('keeps the ways through the site on one line, on a tablet and beside a long name too', async () => {
  const name = 'Maximiliana Alexandrina of the Observatory on the Mountain beyond the Seven Mountains'
  await site.addPerson('maximiliana', name)
  const long = await site.visitor()
  await long.signIn('maximiliana', PASSWORD)
  for (const width of [1360, 768, 390]) {
    await long.page.setViewportSize({ width, height: 900 })
    const places = await long.page
      .locator('.bar nav a')
      .evaluateAll((links) => links.map((link) => link.getBoundingClientRect().top))
    expect(new Set(places).size, `${width} px`).toBe(1)
    expect((await long.page.getByRole('button', { name }).boundingBox())?.height, `${width} px`).toBeLessThan(40)
  }
})

it('never made the browser complain', () => {
  expect([...nobody.complaints, ...admin.complaints]).toEqual([])
})
