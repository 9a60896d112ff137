import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accepted, giveRole, PRODUCT_TYPE, published, registered } from '../support/products.ts'
import { spectroscopy } from './catalogs.ts'
import { PASSWORD, type Site, startSite } from './site.ts'
import type { Visitor } from './visitor.ts'

/** More than lie between any two things on these pages. */
const MOST_TABS = 120

let site: Site
let alice: Visitor
let page: Page
/** Path of a published product. */
let product: string

beforeAll(async () => {
  site = await startSite()
  const remote = await site.addPerson('alice', 'Alice Liddell')
  const id = await registered(remote, { display_name: 'Deep field', description: 'Redshifts.' })
  accepted(await remote.upload(id, 'deep.csv', spectroscopy(100)))
  for (const [column, role] of Object.entries({ RAJ2000: 'RA', DEJ2000: 'Dec', zspec: 'z' })) {
    await giveRole(remote, id, column, role)
  }
  accepted(await remote.patch(`/api/products/${id}/`, { status: '1' }))
  product = `/product/${accepted(await remote.get(`/api/products/${id}/`)).internal_name}`
  for (let number = 1; number <= 12; number++) {
    await published(remote, { display_name: `Elsewhere ${number}`, product_type: PRODUCT_TYPE.other })
  }
  alice = await site.visitor()
  page = alice.page
})
afterAll(() => site?.close())

/** Presses Tab until the element has the focus. Every stop on the way shows that it has it. */
async function tabTo(target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await target.first().waitFor({ state: 'attached' })
  for (let presses = 0; presses < MOST_TABS; presses++) {
    await page.keyboard.press(key)
    expect(await unmarkedFocus(page)).toBeNull()
    if (await target.first().evaluate((element) => element === element.ownerDocument.activeElement)) return
  }
  throw new Error(`Tab does not lead to ${target}`)
}

/** What has the focus without a mark that the eye can see; null when all is well. */
const unmarkedFocus = (where: Page): Promise<string | null> =>
  where.evaluate(`(() => {
    const element = document.activeElement
    if (element === document.body) return null
    const marked = (style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none'
    const box = element.getBoundingClientRect()
    const shown = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
    const around = element.closest('label')
    const seen = marked(getComputedStyle(element)) || (around !== null && marked(getComputedStyle(around)))
    return element.matches(':focus-visible, input[type=date]:focus-within') && shown && seen ? null : element.outerHTML.slice(0, 200)
  })()`)

describe('the keyboard alone is enough', () => {
  it('to sign in', async () => {
    await alice.open('/sign-in?next=/user_products')
    await expect.poll(() => page.evaluate('document.activeElement.name')).toBe('username')
    await page.keyboard.type('alice')
    await tabTo(page.getByLabel('Password'))
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForURL(`${site.url}/user_products`)
  })

  it('to skip to the content', async () => {
    await alice.open('/user_products')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Skip to the content')
    expect(await unmarkedFocus(page)).toBeNull()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(`document.activeElement.closest('main') !== null`)).toBe(true)
  })

  it('to search, to sort and to turn pages', async () => {
    await alice.open('/user_products?page_size=10')
    await tabTo(page.getByLabel('Search in this list'))
    await page.keyboard.type('elsewhere')
    await page.keyboard.press('Enter')
    await page.waitForURL('**search=elsewhere**')
    await page.getByText('12 products').waitFor()
    await tabTo(page.getByRole('link', { name: /^Name/ }))
    await page.keyboard.press('Enter')
    await page.waitForURL('**ordering=displayName**')
    await page.getByText('12 products').waitFor()
    await tabTo(page.getByRole('link', { name: 'Next' }))
    await page.keyboard.press('Enter')
    await page.waitForURL('**page=2**')
    await page.getByText('11–12 of 12').waitFor()
    await page.keyboard.press('Tab')
    expect(
      await page.evaluate(`document.activeElement.closest('main') !== null`),
      'the place in the page is kept',
    ).toBe(true)
  })

  it('to open a menu, go into it, and close it', async () => {
    await alice.open('/user_products?search=deep')
    const menu = page.getByRole('button', { name: 'Actions for Deep field' })
    await tabTo(menu)
    await page.keyboard.press('Enter')
    await tabTo(page.getByRole('link', { name: 'Share' }))
    await page.keyboard.press('Escape')
    expect(await page.getByRole('link', { name: 'Share' }).isVisible()).toBe(false)
    expect(await menu.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
  })

  it('to go through the tabs of a product', async () => {
    await alice.open(product)
    for (const tab of ['Columns', 'Sky', 'Redshift', 'History']) {
      await tabTo(page.getByRole('navigation', { name: 'Product' }).getByRole('link', { name: new RegExp(`^${tab}`) }))
      await page.keyboard.press('Enter')
      await page.locator('nav.tabs [aria-current=page]', { hasText: tab }).waitFor()
    }
  })

  it('to choose a moment of the history, step by step', async () => {
    await alice.open(product)
    const slider = page.getByRole('slider', { name: 'Moment in the history' })
    await tabTo(slider)
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    expect(new URL(page.url()).search).toBe('')
    const chosen = await slider.getAttribute('aria-valuetext')
    await tabTo(page.getByRole('button', { name: 'View' }))
    await page.keyboard.press('Enter')
    await page.waitForURL('**as_of=**')
    expect(await page.locator('.notice.warning strong').textContent()).toBe(chosen)
  })

  it('to upload, to give roles and to publish', async () => {
    // Waited for from here, so that the browser hands the dialog over when the key is pressed.
    const chooser = page.waitForEvent('filechooser')
    await alice.open('/product/new')
    await tabTo(page.getByLabel(/Drop the main file here/))
    await page.keyboard.press('Enter')
    await (await chooser).setFiles({ name: 'typed.csv', mimeType: 'text/csv', buffer: Buffer.from(spectroscopy(50)) })
    await tabTo(page.getByRole('button', { name: 'Upload and inspect' }))
    await page.keyboard.press('Enter')
    await page.waitForURL('**/draft')
    await tabTo(page.getByLabel('Role of imag'))
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.type('none')
    expect(await page.getByLabel('Role of zflag').inputValue()).toBe('')
    await tabTo(page.getByLabel('Name required'))
    await page.keyboard.press('Control+A')
    await page.keyboard.type('Made with the keyboard')
    const radios = page.getByRole('radio')
    await tabTo(page.locator('input[type=radio]:checked').or(radios.first()))
    for (
      let press = 0;
      press < 10 && !(await page.getByRole('radio', { name: /Reference Redshift Catalog/ }).isChecked());
      press++
    ) {
      await page.keyboard.press('ArrowDown')
    }
    await tabTo(page.getByRole('button', { name: 'Publish' }))
    await page.keyboard.press('Enter')
    await page.getByText('Published.', { exact: true }).waitFor()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Made with the keyboard')
  })

  it('to think again, and then to delete', async () => {
    const ask = page.getByRole('button', { name: 'Delete', exact: true })
    await tabTo(ask)
    await page.keyboard.press('Enter')
    await page.getByText('Delete “Made with the keyboard”?').waitFor()
    await page.keyboard.press('Escape')
    expect(await page.getByText('Delete “Made with the keyboard”?').isVisible()).toBe(false)
    await page.keyboard.press('Enter')
    await tabTo(page.getByRole('button', { name: 'Delete the product' }))
    await page.keyboard.press('Enter')
    await page.getByText('was deleted. It can be restored.').waitFor()
  })

  it('to sign out', async () => {
    await tabTo(page.getByRole('button', { name: 'Alice Liddell' }))
    await page.keyboard.press('Enter')
    await tabTo(page.getByRole('button', { name: 'Sign out' }))
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Sign in' }).first().waitFor()
    expect(alice.complaints).toEqual([])
  })
})
