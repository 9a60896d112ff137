import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accepted, published } from '../support/products.ts'
import type { Remote } from '../support/remote.ts'
import { problemsOf } from './accessibility.ts'
import { PASSWORD, type Site, startSite } from './site.ts'
import type { Visitor } from './visitor.ts'

let site: Site
let remote: Remote
let alice: Visitor
let path: string

beforeAll(async () => {
  site = await startSite()
  remote = await site.addPerson('alice', 'Alice Liddell')
  const id = await published(remote, { display_name: 'Deep field', description: 'First *words*' })
  accepted(
    await remote.patch(`/api/products/${id}/`, { display_name: 'Deep field, again', description: 'Other words' }),
  )
  accepted(await site.admin.patch(`/api/products/${id}/`, { official_product: 'true' }))
  accepted(await remote.upload(id, 'second.csv', 'objectId,RA,Dec,z\n1,10,-30,0.5\n', { role: 0, replace: true }))
  alice = await site.visitor()
  await alice.signIn('alice', PASSWORD)
  await alice.open(`/product/${id}`)
  path = new URL(alice.page.url()).pathname
})
afterAll(() => site?.close())

async function look(place: string): Promise<void> {
  expect(await alice.open(place), place).toBe(200)
  expect(await problemsOf(alice), place).toEqual([])
}

describe('the history of a product', () => {
  it('with who set what, narrowed, and empty', async () => {
    await look(`${path}?tab=provenance`)
    await look(`${path}?tab=history`)
    const { page } = alice
    await page.getByLabel('by').selectOption('admin')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.waitForURL('**by=admin**')
    expect(await page.locator('.timeline:not(.compact) .what').allTextContents()).toEqual(['Marked it official'])
    expect(await problemsOf(alice)).toEqual([])
    await look(`${path}?tab=history&by=admin&kind=files`)
  })

  it('undone in the page: an edit, a replaced file, a deletion', async () => {
    const { page } = alice
    const undo = async (words: string, done: string) => {
      await alice.open(`${path}?tab=history`)
      const event = page.locator('.timeline:not(.compact) > li', { hasText: words }).first()
      await event.getByRole('button', { name: 'Undo' }).click()
      await page.getByText('The change was taken back').waitFor()
      expect(await page.locator('.timeline:not(.compact) .what').allTextContents()).toContain(done)
    }
    await undo('Changed the name, description', 'Changed the name, description')
    expect(await page.locator('h1').textContent()).toBe('Deep field')
    await undo('Replaced the main file catalog.csv', 'Replaced the main file second.csv')
    expect(await problemsOf(alice)).toEqual([])
    accepted(await remote.send('DELETE', `/api/products/${/\d+/.exec(path)?.[0]}/`))
    await undo('Deleted it', 'Restored it')
  })
})

describe('other pages of the past', () => {
  it('a list on a day that was picked, and back', async () => {
    await alice.open('/products')
    const { page } = alice
    const today = new Date().toISOString().slice(0, 10)
    await page.getByLabel('As it was on').fill(today)
    await page.locator('#list-as-of ~ button').click()
    await page.getByText('This is the list as it was').waitFor()
    expect(await problemsOf(alice)).toEqual([])
    // Sorting and searching stay in the past.
    await page.locator('#sort-id').click()
    await page.waitForURL('**/products?*ordering=id*')
    expect(new URL(page.url()).searchParams.get('as_of')).toBe(today)
    await page.locator('#content .notice a', { hasText: 'Back to today' }).click()
    await page.getByText('This is the list as it was').waitFor({ state: 'detached' })
  })

  it('a release, for those who may undo and for others', async () => {
    const { id } = accepted(await site.admin.post('/api/releases/', { name: 'dp1', display_name: 'Data Preview 1' }))
    accepted(
      await site.admin.send('PATCH', `/api/releases/${id}/`, {
        body: new URLSearchParams({ description: 'The first' }),
      }),
    )
    await look(`/releases/${id}`)
    const admin = await site.visitor()
    await admin.signIn('admin', site.adminPassword)
    await admin.open(`/releases/${id}`)
    expect(await problemsOf(admin)).toEqual([])
    await admin.page.getByRole('button', { name: 'Undo' }).click()
    await admin.page.getByText('The change was taken back').waitFor()
  })

  it('a run', async () => {
    const inputs = [Number(/\d+/.exec(path)?.[0]), await published(remote, { display_name: 'Other' })]
    const wish = { display_name: 'Combined', pipeline: 1, inputs, used_config: { param: {} } }
    const run = accepted(await remote.post('/api/processes/', wish))
    await look(`/runs/${run.id}/history`)
  })

  it('feeds, without and with a key', async () => {
    await look(`/feeds?product=${/\d+/.exec(path)?.[0]}`)
    await alice.page.getByRole('button', { name: 'Make a key' }).click()
    await alice.page.getByText('Your key is in these addresses').waitFor()
    expect(await problemsOf(alice)).toEqual([])
    const address = await alice.page.locator('#feed-0-atom').textContent()
    const answer = await fetch(address ?? '')
    expect([answer.status, (await answer.text()).slice(0, 5)]).toEqual([200, '<?xml'])
  })
})

it('never made the browser complain', () => {
  expect(alice.complaints).toEqual([])
})
