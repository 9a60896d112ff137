import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unzip } from '../support/unzip.ts'
import { spectroscopy } from './catalogs.ts'
import { PASSWORD, type Site, startSite } from './site.ts'
import type { Visitor } from './visitor.ts'

const FIRST = spectroscopy(300)
const SECOND = spectroscopy(420, 1)
const NOTES = '<!doctype html><html lang="en"><title>Notes</title><h1>How it was made</h1>'

let site: Site
let folder: string
const onDisk = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'photoz-browser-'))
  site = await startSite()
  await site.addPerson('alice', 'Alice Liddell')
  await writeFile(onDisk('deep_field.csv'), FIRST)
  await writeFile(onDisk('deep_field_v2.csv'), SECOND)
  await writeFile(onDisk('notes.html'), NOTES)
})
afterAll(async () => {
  await site?.close()
  await rm(folder, { recursive: true, force: true })
})

describe.each([
  { how: 'with scripts', scripts: true, name: 'Deep field redshifts' },
  { how: 'without scripts', scripts: false, name: 'Deep field redshifts, made plainly' },
])('from the sign-in to the sign-out, $how', ({ scripts, name }) => {
  const renamed = `${name} DR2`
  let visitor: Visitor
  let page: Page
  /** Path of the product's page. */
  let product: string
  let reloads = 0

  beforeAll(async () => {
    visitor = await site.visitor({ javaScriptEnabled: scripts })
    page = visitor.page
    page.on('request', (request) => {
      if (request.isNavigationRequest()) reloads += 1
    })
  })

  it('leads from a page that needs an account to the sign-in, and back', async () => {
    await visitor.open('/product/new')
    expect(new URL(page.url()).pathname).toBe('/sign-in')
    await page.getByLabel('User name').fill('alice')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/product/new')
  })

  it('inspects the file at once and suggests roles', async () => {
    const before = reloads
    await page.getByLabel(/Drop the main file here/).setInputFiles(onDisk('deep_field.csv'))
    if (scripts) await page.getByText('deep_field.csv · 0.0').waitFor()
    await page.getByRole('button', { name: 'Upload and inspect' }).click()
    await page.waitForURL('**/draft')
    expect(reloads - before).toBe(scripts ? 1 : 2)
    product = new URL(page.url()).pathname.replace(/\/draft$/, '')
    await page.getByText('No problems found in the values').waitFor()
    expect(await facts(page)).toMatchObject({ File: 'deep_field.csv', Rows: '300', Columns: '6' })
    expect(await rolesOf(page)).toEqual({
      objectId: 'ID',
      RAJ2000: 'RA',
      DEJ2000: 'Dec',
      zspec: 'z',
      zflag: 'z_flag',
      imag: '',
    })
  })

  it('takes a description file, and says what is missing before anything is published', async () => {
    await page.getByLabel('Drop files here, or choose them').setInputFiles(onDisk('notes.html'))
    await page.locator('#files').getByRole('button', { name: 'Upload', exact: true }).click()
    await page.getByRole('link', { name: 'notes.html' }).waitFor()
    await page.getByLabel('Name required').fill(name)
    await page.getByRole('radio', { name: /Reference Redshift Catalog/ }).check()
    await page.getByLabel('Description', { exact: true }).fill('Redshifts of the **deep** field.')
    await page.getByLabel('Role of zspec').selectOption('')
    await page.getByRole('button', { name: 'Publish' }).click()
    await page
      .getByText(/role z\b|redshift \(z\)/i)
      .first()
      .waitFor()
    expect(await page.getByLabel('Name required').inputValue()).toBe(name)
    expect(await page.getByLabel('Role of zspec').inputValue()).toBe('')
  })

  it('keeps the draft while the person is elsewhere', async () => {
    await page.getByLabel('Role of zspec').selectOption('z')
    await page.getByRole('button', { name: 'Save the draft' }).click()
    await page.getByText('The draft is saved.').waitFor()
    await visitor.open('/product/new')
    await page.getByRole('link', { name }).click()
    expect(await page.getByLabel('Role of zspec').inputValue()).toBe('z')
  })

  it('publishes', async () => {
    await page.getByRole('button', { name: 'Publish' }).click()
    await page.getByText('Published.', { exact: true }).waitFor()
    product = new URL(page.url()).pathname
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(name)
    expect(await page.locator('.markdown strong').textContent()).toBe('deep')
  })

  it('is found by search and by facet', async () => {
    await visitor.open('/user_products')
    await page.getByLabel('Search in this list').fill(name)
    await page.getByRole('button', { name: 'Go' }).click()
    await page.waitForURL('**search=**')
    await page.locator('details.filters').evaluate((filters) => filters.setAttribute('open', ''))
    await page.getByRole('link', { name: /^alice/ }).click()
    await page.waitForURL('**owner=alice**')
    expect(new URL(page.url()).searchParams.get('search')).toBe(name)
    await page.getByRole('link', { name, exact: true }).click()
    expect(new URL(page.url()).pathname).toBe(product)
  })

  it('shows every tab', async () => {
    const tabs = page.getByRole('navigation', { name: 'Product' }).getByRole('link')
    const names = (await tabs.allInnerTexts()).map((text) => text.replace(/\s*\d+$/, ''))
    expect(names).toEqual(['Preview', 'Columns', 'Sky', 'Redshift', 'Description file', 'Provenance', 'History'])
    const content: Readonly<Record<string, string>> = {
      Preview: '2305843019946942100',
      Columns: 'pos.eq.ra;meta.main',
      Sky: 'Mollweide',
      Redshift: 'n(z)',
      'Description file': 'shown in a sandbox',
      Provenance: 'Take it with you',
      History: 'Newest first',
    }
    for (const [tab, text] of Object.entries(content)) {
      await tabs.filter({ hasText: tab }).first().click()
      await page.locator(`nav.tabs [aria-current=page]`, { hasText: tab }).waitFor()
      expect(await page.getByRole('main').textContent(), tab).toContain(text)
    }
    await tabs.filter({ hasText: 'Description file' }).click()
    await page.frameLocator('iframe.sandbox').getByRole('heading', { name: 'How it was made' }).waitFor()
  })

  it('changes metadata and roles', async () => {
    await visitor.open(product)
    await page.getByRole('link', { name: 'Edit', exact: true }).click()
    await page.getByLabel('Name required').fill(renamed)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved.', { exact: true }).waitFor()
    await page.getByLabel('Role of zflag').selectOption('')
    await page.getByRole('button', { name: 'Save the roles' }).click()
    await page.getByText('The roles are saved.').waitFor()
    expect((await rolesOf(page)).zflag).toBe('')
  })

  it('replaces the main file by a new version', async () => {
    await page.getByLabel('Add or replace').selectOption('main')
    await page.getByLabel('Drop files here, or choose them').setInputFiles(onDisk('deep_field_v2.csv'))
    await page.locator('#files').getByRole('button', { name: 'Upload', exact: true }).click()
    await page.getByText('The main file is a new version now').waitFor()
    expect((await rolesOf(page)).zspec).toBe('z')
  })

  it('tells the history', async () => {
    await visitor.open(`${product}?tab=history`)
    const history = await page.locator('ol.timeline:not(.compact)').textContent()
    expect(history).toContain('deep_field_v2.csv')
    expect(history).toMatch(new RegExp(`${name}[\\s\\S]*${renamed}`))
    expect(history).toMatch(/alice/)
  })

  it('shows the product as of then, with the old name, the old file and the old bytes', async () => {
    const published = page.locator('ol.timeline:not(.compact) > li', { hasText: /^Published|published/ }).first()
    await published.getByRole('link', { name: 'View as of then' }).click()
    await page.getByText('This is the product as of').waitFor()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(name)
    expect(await page.getByRole('complementary', { name: 'About this product' }).textContent()).toContain(
      'deep_field.csv',
    )
    const old = await visitor.download(() => page.getByRole('link', { name: /^Download/ }).click())
    expect(old.bytes.toString()).toBe(FIRST)
    await page.getByRole('link', { name: 'See it as it is today' }).click()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(renamed)
  })

  it('downloads the main file and the zip, byte for byte', async () => {
    const main = await visitor.download(() => page.getByRole('link', { name: /^Download/ }).click())
    expect(main.name).toBe('deep_field_v2.csv')
    expect(main.bytes.toString()).toBe(SECOND)
    const zip = await visitor.download(() => page.getByRole('link', { name: /^Everything as zip/ }).click())
    expect(zip.name).toBe(`${product.split('/').at(-1)}.zip`)
    const files = [...(await unzip(zip.bytes))].map(([path, bytes]) => [path.split('/').at(-1), bytes.toString()])
    expect(Object.fromEntries(files)).toMatchObject({ 'deep_field_v2.csv': SECOND, 'notes.html': NOTES })
  })

  it('deletes, after asking', async () => {
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('button', { name: 'Delete the product' }).click()
    await page.getByText('was deleted. It can be restored.').waitFor()
    await visitor.open(`/user_products?search=${encodeURIComponent(renamed)}`)
    await page.getByText('Nothing matches').waitFor()
  })

  it('restores', async () => {
    await visitor.open(product)
    await page.getByRole('button', { name: 'Restore', exact: true }).click()
    await page.getByText('Restored.', { exact: true }).waitFor()
    await visitor.open(`/user_products?search=${encodeURIComponent(renamed)}`)
    await page.getByRole('link', { name: renamed, exact: true }).waitFor()
  })

  it('signs out', async () => {
    await page.getByRole('button', { name: 'Alice Liddell' }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('link', { name: 'Sign in' }).first().waitFor()
    await visitor.open('/my_products')
    expect(new URL(page.url()).pathname).toBe('/sign-in')
  })

  it('never made the browser complain', () => {
    expect(visitor.complaints).toEqual([])
  })
})

/** The facts about the uploaded file. */
async function facts(page: Page): Promise<Record<string, string>> {
  const pairs = await page
    .locator('#data dl')
    .evaluate((list) =>
      [...list.querySelectorAll('dt')].map((term) => [term.textContent, term.nextElementSibling?.textContent]),
    )
  return Object.fromEntries(pairs)
}

/** The role that is chosen for each column. */
async function rolesOf(page: Page): Promise<Record<string, string>> {
  const pairs = await page
    .locator('select[aria-label^="Role of "]')
    .evaluateAll((selects) =>
      selects.map((select) => [
        select.getAttribute('aria-label')?.slice('Role of '.length),
        'value' in select ? select.value : '',
      ]),
    )
  return Object.fromEntries(pairs)
}
