import { afterAll, expect, it } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { accepted, columnsOf } from '../support/products.ts'
import { publishedCatalog } from '../support/runs.ts'

let app: TestApp
afterAll(() => app.close())

it('the first product of a server takes a new main file like every other, though its columns have the lowest numbers', async () => {
  app = await testApp()
  const alice = app.as('alice')
  const roles = { RA: 'RA', Dec: 'Dec', z: 'z' }
  for (const name of ['First', 'Second']) {
    const id = await publishedCatalog(alice, name, 'RA,Dec,z\n10.5,-29.87,0.5\n10.6,-29.88,1.25\n', roles)
    const table = 'z,ALPHA_J2000,DELTA_J2000\n0.5,10.5,-29.87\n1.25,10.6,-29.88\n'
    accepted(await alice.upload(id, 'renamed.csv', table, { replace: true }))
    const columns = [...(await columnsOf(alice, id)).values()].map(({ column_name, alias }) => [column_name, alias])
    expect(Object.fromEntries(columns), name).toEqual({ z: 'z', ALPHA_J2000: 'RA', DELTA_J2000: 'Dec' })
  }
})
