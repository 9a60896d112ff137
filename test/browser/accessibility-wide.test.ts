import { afterAll, beforeAll, expect, it } from 'vitest'
import { accepted, PRODUCT_TYPE, registered } from '../support/products.ts'
import { problemsOf } from './accessibility.ts'
import { PASSWORD, type Site, startSite } from './site.ts'

/** As many as the object catalog of a survey has. */
const COLUMNS = Array.from({ length: 1300 }, (_, index) => `flux_of_the_object_in_aperture_${index}`)

let site: Site

beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site?.close())

it('a table of 1,300 columns', async () => {
  const remote = await site.addPerson('alice', 'Alice Liddell')
  const alice = await site.visitor()
  await alice.signIn('alice', PASSWORD)
  const rows = [0, 1, 2].map((row) => COLUMNS.map((_name, index) => row + index / 7).join(','))
  const id = await registered(remote, { display_name: 'Wide', product_type: PRODUCT_TYPE.other })
  accepted(await remote.upload(id, 'wide.csv', `${COLUMNS.join(',')}\n${rows.join('\n')}\n`))
  const { internal_name: name } = accepted(await remote.get(`/api/products/${id}/`))
  const path = `/product/${name}`

  const look = async (place: string, views: 'all' | 'desktop') => {
    expect(await alice.open(place), place).toBe(200)
    expect(await problemsOf(alice, views), place).toEqual([])
  }
  await look(`${path}/draft`, 'desktop')
  accepted(await remote.patch(`/api/products/${id}/`, { status: '1' }))
  await look(path, 'all')
  await look(`${path}?tab=columns`, 'desktop')
  await alice.page.getByLabel('Find a column').fill('aperture_1299')
  await expect.poll(() => alice.page.locator('tbody#columns tr:not([hidden])').count()).toBe(1)
  await look(`${path}/edit`, 'desktop')
  expect(alice.complaints).toEqual([])
})
