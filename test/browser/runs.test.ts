import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accepted, giveRole, registered } from '../support/products.ts'
import type { Remote } from '../support/remote.ts'
import { problemsOf } from './accessibility.ts'
import { PASSWORD, type Site, startSite } from './site.ts'
import type { Visitor } from './visitor.ts'

const HEADER = 'ID,RA,Dec,z,flag,survey'
const CATALOGS = {
  'Survey A': `${HEADER}\nA1,10.0,-30.0,0.5,4,6dFGS\nA2,10.1,-30.0,0.8,3,6dFGS\nA3,11.0,-30.0,0.9,3,6dFGS\n`,
  'Survey B': `${HEADER}\nB1,10.00001,-30.0,0.5004,3,OzDES\nB2,12.0,-30.0,0.3,3,OzDES\n`,
  'Unknown survey': `${HEADER}\nC1,10.0,-30.0,0.5,4,NOBODY KNOWS\n`,
}
/** Longer than a run needs, with a child process, on a busy machine; ms. */
const PATIENCE = 60_000

let site: Site
let remote: Remote
let alice: Visitor

beforeAll(async () => {
  site = await startSite()
  remote = await site.addPerson('alice', 'Alice Liddell')
  for (const [name, csv] of Object.entries(CATALOGS)) {
    const id = await registered(remote, { display_name: name })
    accepted(await remote.upload(id, 'catalog.csv', csv))
    for (const column of HEADER.split(',')) await giveRole(remote, id, column, column === 'flag' ? 'z_flag' : column)
    accepted(await remote.patch(`/api/products/${id}/`, { status: '1' }))
  }
  alice = await site.visitor()
  await alice.signIn('alice', PASSWORD)
})
afterAll(() => site?.close())

const look = async (what: string) => expect(await problemsOf(alice), what).toEqual([])

/** Fills the form, as far as it must be. */
async function askFor(name: string, inputs: readonly string[]): Promise<void> {
  const { page } = alice
  await alice.open('/pipelines')
  await page.locator('main a[href^="/pipelines/combine"]').first().click()
  await page.getByLabel('Name required').fill(name)
  for (const input of inputs) await page.getByLabel(input, { exact: true }).check()
}

/** Waits, on the page that is open, until the server has told the page. */
async function ends(status: string): Promise<void> {
  await alice.page
    .locator('#run-live .badge, .badges .badge', { hasText: status })
    .first()
    .waitFor({ timeout: PATIENCE })
}

describe('a run', () => {
  it('is checked, asked for, and watched until it ends', async () => {
    const { page } = alice
    await askFor('Both surveys', ['Survey A', 'Survey B'])
    await look('the form')
    const form = page.url()
    await page.getByLabel('Narrow the list').fill('no such catalog')
    await page.getByLabel('Narrow the list').press('Enter')
    expect(await page.getByLabel('Survey B', { exact: true }).isVisible()).toBe(false)
    await page.getByLabel('Narrow the list').fill('')
    expect(page.url(), 'Enter in the box that narrows asks for no run').toBe(form)
    await page.getByRole('button', { name: 'Check, without running' }).click()
    await page.getByText('This will run:').waitFor()
    expect(await page.getByLabel('Survey A', { exact: true }).isChecked()).toBe(true)
    await look('the form, checked')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.waitForURL('**/runs/*')
    await ends('Successful')
    await look('the run')
    await alice.open('/runs')
    await page.getByRole('link', { name: 'Both surveys' }).first().waitFor()
    await look('the list of runs')
  })

  it('is replayed, and found identical', async () => {
    const { page } = alice
    await page.getByRole('link', { name: 'Both surveys' }).first().click()
    await page.waitForURL('**/runs/*')
    await page.getByRole('button', { name: 'Replay and verify' }).click()
    const news = async () => {
      await page.reload()
      return page.getByRole('main').textContent()
    }
    await expect.poll(news, { timeout: PATIENCE, interval: 1_000 }).toContain('Replayed: identical.')
    await look('the run, replayed')
  })

  it('explains the product that it made', async () => {
    const { page } = alice
    await page.getByRole('main').getByRole('link', { name: 'Both surveys' }).first().click()
    await page.waitForURL('**/product/*')
    for (const tab of await page.locator('nav.tabs a').allTextContents()) {
      await page.locator('nav.tabs a', { hasText: tab }).click()
      await page.locator('nav.tabs [aria-current=page]', { hasText: tab }).waitFor()
      await look(tab)
    }
  })

  it('that is not possible is refused with the reason', async () => {
    await askFor('Nothing', [])
    await alice.page.getByRole('button', { name: 'Run', exact: true }).click()
    await alice.page.getByRole('alert').waitFor()
    await look('the form, refused')
  })

  it('that fails says why', async () => {
    const { page } = alice
    await askFor('Unknown', ['Unknown survey', 'Survey A'])
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.waitForURL('**/runs/*')
    await ends('Failed')
    await page.getByText('The run failed').waitFor()
    await look('the run, failed')
    await page.getByRole('link', { name: 'Compare with another run' }).click()
    await page
      .getByLabel('Another run')
      .selectOption({ label: (await page.locator('option', { hasText: 'Both surveys' }).first().textContent()) ?? '' })
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.getByText('They differ from their first event on.').waitFor()
    await look('two runs side by side')
  })

  it('never made the browser complain', () => {
    expect(alice.complaints).toEqual([])
  })
})
