import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accepted, giveRole, PRODUCT_TYPE, published, registered } from '../support/products.ts'
import type { Remote } from '../support/remote.ts'
import { spectroscopy } from './catalogs.ts'
import { PASSWORD, type Site, startSite } from './site.ts'
import type { Visitor } from './visitor.ts'

let site: Site
let remote: Remote
let alice: Visitor
let page: Page
/** Path of a published product. */
let product: string

beforeAll(async () => {
  site = await startSite()
  remote = await site.addPerson('alice', 'Alice Liddell')
  const id = await registered(remote, { display_name: 'Deep field' })
  accepted(await remote.upload(id, 'deep.csv', spectroscopy(100)))
  for (const [column, role] of Object.entries({ RAJ2000: 'RA', DEJ2000: 'Dec', zspec: 'z' })) {
    await giveRole(remote, id, column, role)
  }
  accepted(await remote.patch(`/api/products/${id}/`, { status: '1' }))
  product = `/product/${accepted(await remote.get(`/api/products/${id}/`)).internal_name}`
  for (const name of ['Notes', 'Bands', 'Filters']) {
    await published(remote, { display_name: name, product_type: PRODUCT_TYPE.other })
  }
  alice = await site.visitor({ permissions: ['clipboard-read', 'clipboard-write'] })
  page = alice.page
  await alice.signIn('alice', PASSWORD)
})
afterAll(() => site?.close())

describe('a list', () => {
  beforeEach(async () => {
    await alice.open('/user_products')
    await page.locator('details.filters').evaluate((filters) => filters.setAttribute('open', ''))
    await page.evaluate('globalThis.stayed = true')
  })

  const names = () => page.locator('#product-list tbody th a').allTextContents()
  const stayed = () => page.evaluate('globalThis.stayed === true')

  it('is narrowed by a facet without loading the page again, and Back and Forward work', async () => {
    expect((await names()).length).toBe(4)
    await page.getByRole('link', { name: /^Reference Redshift Catalog/ }).click()
    await page.getByText('1 product', { exact: true }).waitFor()
    expect(new URL(page.url()).search).toContain('type=redshift_catalog')
    expect(await names()).toEqual(['Deep field'])
    expect(await stayed()).toBe(true)
    await page.goBack()
    await page.getByText('4 products', { exact: true }).waitFor()
    expect(new URL(page.url()).search).toBe('')
    await page.goForward()
    await page.getByText('1 product', { exact: true }).waitFor()
    expect(await names()).toEqual(['Deep field'])
    await page.reload()
    expect(await names(), 'the address alone is enough').toEqual(['Deep field'])
  })

  it('is sorted without loading the page again', async () => {
    await page.getByRole('columnheader', { name: 'Name' }).getByRole('link').click()
    await page.locator('th[aria-sort=ascending]', { hasText: 'Name' }).waitFor()
    expect(await names()).toEqual(['Bands', 'Deep field', 'Filters', 'Notes'])
    await page.getByRole('columnheader', { name: 'Name' }).getByRole('link').click()
    await page.locator('th[aria-sort=descending]', { hasText: 'Name' }).waitFor()
    expect(await names()).toEqual(['Notes', 'Filters', 'Deep field', 'Bands'])
    expect(await stayed()).toBe(true)
  })

  it('is searched without loading the page again', async () => {
    await page.getByLabel('Search in this list').fill('zspec')
    await page.getByRole('button', { name: 'Go' }).click()
    await page.getByText('1 product', { exact: true }).waitFor()
    expect(await names()).toEqual(['Deep field'])
    expect(await stayed()).toBe(true)
  })
})

describe('the page of a product', () => {
  it('copies what its buttons stand beside', async () => {
    await alice.open(product)
    await page.getByRole('button', { name: 'Use' }).click()
    await page.locator('.snippet', { hasText: 'curl' }).locator('summary').click()
    await page.getByRole('button', { name: 'Copy curl' }).click()
    await page.locator('#status', { hasText: 'Copied to the clipboard' }).waitFor({ state: 'attached' })
    const copied = await page.evaluate('navigator.clipboard.readText()')
    expect(copied).toBe(await page.locator('#snippet-curl').textContent())
    expect(copied).toContain(`${site.url}/api/products/`)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Copy sha-256' }).click()
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toMatch(/^[0-9a-f]{64}$/)
  })

  it('changes its tab without loading the page again, and the reader stays where they are', async () => {
    await alice.open(product)
    await page.evaluate('globalThis.stayed = true')
    const tab = page.getByRole('navigation', { name: 'Product' }).getByRole('link', { name: /^Columns/ })
    await tab.scrollIntoViewIfNeeded()
    await page.evaluate('scrollTo(0, 200)')
    const before = await page.evaluate('scrollY')
    await tab.focus()
    await page.keyboard.press('Enter')
    await page.getByText('Columns; statistics over').waitFor()
    expect(new URL(page.url()).search).toBe('?tab=columns')
    expect(await page.evaluate('globalThis.stayed === true')).toBe(true)
    expect(await page.evaluate('document.activeElement.id')).toBe('tab-columns')
    expect(await page.evaluate('scrollY')).toBe(before)
    expect(await page.getByRole('slider').count()).toBe(1)
    await page.goBack()
    await page.getByText(/^First \d+ rows? of/).waitFor()
  })

  it('goes back in time when the slider is let go', async () => {
    await alice.open(product)
    const slider = page.getByRole('slider', { name: 'Moment in the history' })
    const box = await slider.boundingBox()
    if (box === null) throw new Error('The slider is not to be seen')
    await page.mouse.move(box.x + box.width - 6, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.move(box.x + 2, box.y + box.height / 2, { steps: 4 })
    await page.locator('.as-of output', { hasText: 'registered' }).waitFor()
    expect(new URL(page.url()).search).toBe('')
    await page.mouse.up()
    await page.waitForURL('**as_of=**')
    await page.getByText('This is the product as of').waitFor()
    expect(await slider.inputValue()).toBe('0')
    await page.getByRole('link', { name: 'See it as it is today' }).click()
    expect(new URL(page.url()).search).toBe('')
  })

  it('opens the menu that its address names', async () => {
    await alice.open('/')
    await alice.open(`${product}#menu-share`)
    await page.locator('#share-name').waitFor()
  })
})

it('finds the rows around a position', async () => {
  await alice.open(product)
  await page.getByRole('link', { name: 'Cone search' }).click()
  await page.getByLabel(/Right ascension/).fill('150')
  await page.getByLabel(/Declination/).fill('2')
  await page.getByLabel(/Radius/).fill('648000')
  await page.locator('#cone').getByRole('button', { name: 'Search' }).click()
  await page.getByText('The nearest 50 rows; there are more').waitFor()
  expect(await page.locator('#cone tbody tr').count()).toBe(50)
  const distances = (await page.locator('#cone tbody td:first-child').allTextContents()).map(Number)
  expect(distances).toEqual(distances.toSorted((a, b) => a - b))
})

describe('an upload', () => {
  it('takes a file that is dropped', async () => {
    await alice.open('/product/new')
    const transfer = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([${JSON.stringify(spectroscopy(20))}], 'dropped.csv', { type: 'text/csv' }))
      return transfer
    })()`)
    await page.locator('#data [data-drop]').dispatchEvent('drop', { dataTransfer: transfer })
    await page.getByText('dropped.csv · ').waitFor()
    await page.getByRole('button', { name: 'Upload and inspect' }).click()
    await page.waitForURL('**/draft')
  })

  it('shows how far it is, and can be stopped', async () => {
    await alice.open('/product/new')
    const network = await alice.context.newCDPSession(page)
    await network.send('Network.enable')
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: 400_000,
    })
    const before = (await drafts()).length
    await page
      .getByLabel(/Drop the main file here/)
      .setInputFiles({ name: 'slow.csv', mimeType: 'text/csv', buffer: Buffer.alloc(8_000_000, 'a,b\n1,2\n') })
    await page.getByRole('button', { name: 'Upload and inspect' }).click()
    await page.getByText(/of 8\.0 MB/).waitFor()
    expect(await page.getByRole('button', { name: 'Upload and inspect' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('Stopped. Nothing was stored.').waitFor()
    expect(await page.getByRole('button', { name: 'Upload and inspect' }).isEnabled()).toBe(true)
    expect((await drafts()).length).toBe(before)
    await network.detach()
  })

  it('that is refused says why on the same page', async () => {
    await alice.open('/product/new')
    await page
      .getByLabel(/Drop the main file here/)
      .setInputFiles({ name: 'empty.csv', mimeType: 'text/csv', buffer: Buffer.alloc(0) })
    await page.getByRole('button', { name: 'Upload and inspect' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toContain('empty')
    expect(await page.getByRole('button', { name: 'Upload and inspect' }).isEnabled()).toBe(true)
  })

  it('asks before it loses what was typed in another form', async () => {
    await alice.open(`${product}/edit`)
    await page.getByLabel('Name', { exact: false }).first().fill('Deep field, typed')
    await page.locator('input[type=file]').setInputFiles({
      name: 'notes.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('Read me'),
    })
    const asked: string[] = []
    page.once('dialog', (dialog) => {
      asked.push(dialog.message())
      return dialog.dismiss()
    })
    await page.getByRole('button', { name: 'Upload' }).click()
    expect(asked).toEqual([expect.stringContaining('not saved yet')])
    expect(await page.getByLabel('Name', { exact: false }).first().inputValue()).toBe('Deep field, typed')
    page.once('dialog', (dialog) => dialog.accept())
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByText('notes.txt was added.').waitFor()
    // Its own form is sent without a word.
    await page.getByLabel('Name', { exact: false }).first().fill('Deep field')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.waitForLoadState('networkidle')
  })

  const drafts = async (): Promise<readonly unknown[]> =>
    accepted(await remote.get('/my_products.json?status=registering')).results
})

it('never made the browser complain', () => {
  expect(alice.complaints).toEqual([])
})
