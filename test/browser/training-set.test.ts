import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeObjectCatalog } from '../client/object-catalog.ts'
import { accepted } from '../support/products.ts'
import { PASSWORD, type Site, startSite } from './site.ts'

/** Two redshifts of objects, and one far from all. */
const REDSHIFTS = 'name,ra,dec,z\nA,150.0,2.25,0.1\nB,150.01,2.25,0.2\nC,10,2.25,0.3\n'

let site: Site
let catalogs: string
beforeAll(async () => {
  catalogs = await mkdtemp(join(tmpdir(), 'photoz-catalogs-'))
  await writeObjectCatalog(catalogs)
  site = await startSite({ OBJECT_CATALOGS: catalogs })
  const alice = await site.addPerson('alice', 'Alice Liddell')
  const release = { name: 'tsm_dr', display_name: 'TSM DR', description: 'Objects' }
  accepted(await site.admin.post('/api/releases/', release))
  accepted(await alice.post('/api/products/', { display_name: 'Redshifts', product_type: 1 }))
  accepted(await alice.upload(1, 'redshifts.csv', REDSHIFTS))
  for (const { id, column_name } of accepted(await alice.get('/api/product-contents/?product=1')).results) {
    const alias = { ra: 'RA', dec: 'Dec', z: 'z', name: 'ID' }[String(column_name)] ?? ''
    accepted(await alice.patch(`/api/product-contents/${id}/`, { alias }))
  }
  accepted(await alice.patch('/api/products/1/', { status: '1' }))
})
afterAll(async () => {
  await site?.close()
  await rm(catalogs, { recursive: true, force: true })
})

it.each([true, false])('a training set is asked for, watched, and asked for again (scripts: %s)', async (scripts) => {
  const visitor = await site.visitor({ javaScriptEnabled: scripts })
  const { page } = visitor
  await visitor.signIn('alice', PASSWORD)
  await visitor.open('/pipelines')
  await page.locator('a[href="/pipelines/training_set_maker"]').click()
  await page.getByLabel('Name required').fill('By hand')
  await page.locator('#inputs-1').check()
  await page.getByLabel('Objects required').selectOption('release-1')
  await page.getByLabel('Flux required').fill('kron')
  await page.getByRole('radio', { name: /Training, validation and test/ }).check()
  await page.getByLabel('Training', { exact: true }).fill('0.9')
  await page.getByRole('button', { name: 'Check, without running' }).click()
  await page.getByRole('alert').getByText('must add up to 1').waitFor()
  expect(await page.getByLabel('Flux required').inputValue()).toBe('kron')

  await page.getByLabel('Training', { exact: true }).fill('0.7')
  await page.getByLabel('Flux required').fill('auto')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.waitForURL('**/runs/*')
  await expect
    .poll(
      async () => {
        if (!scripts) await page.reload()
        return page.locator('main').textContent()
      },
      { timeout: 30_000 },
    )
    .toMatch(/Successful[\s\S]*2 rows and \d+ columns written/)
  await page.getByRole('link', { name: 'Run again with changes' }).click()
  await page.getByText('Filled in from the run').waitFor()
  expect(await page.locator('input[name=split]:checked').inputValue()).toBe('subsets')
  expect(await page.getByLabel('Objects required').inputValue()).toBe('release-1')
  expect(visitor.complaints).toEqual([])
})
