import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted } from '../support/products.ts'
import { requestCombine, startTestWorker, twoCatalogs, untilProduct, untilRun } from '../support/runs.ts'

let app: TestApp
let run: Json
/** What the product's page, exports and configuration said while the run was on the lists. */
let before: Json
beforeAll(async () => {
  app = await testApp()
  const alice = app.as('alice')
  run = await requestCombine(alice, await twoCatalogs(alice))
  const worker = startTestWorker(app)
  await untilProduct(alice, run.upload, ({ status }) => status === 1)
  await untilRun(alice, run.id, ({ status }) => status === 'Successful')
  await worker.stop()
  before = await recordFor('bob')
  expect((await alice.delete(`/api/processes/${run.id}/`)).status).toBe(204)
})
afterAll(() => app.close())

async function recordFor(name: 'alice' | 'bob') {
  const path = `/api/products/${run.upload}`
  const exported = (format: string) => app.as(name).get(`${path}/provenance/?format=${format}`)
  return {
    config: accepted(await app.as(name).get(`${path}/process_config/`)),
    crate: actionsOf(accepted(await exported('ro-crate'))),
    prov: accepted(await exported('prov-json')).activity,
  }
}

const actionsOf = (crate: Json) => crate['@graph'].filter((entity: Json) => entity['@type'] === 'CreateAction')

it('the product keeps the record of a run that was taken off the lists', async () => {
  expect(before.config.config.param).toBeDefined()
  expect(before.crate).toHaveLength(1)
  expect(await recordFor('bob')).toEqual(before)
})

it('the lists leave the run out, and its page and history say who removed it', async () => {
  const alice = app.as('alice')
  expect(accepted(await alice.get('/api/processes/')).results).toEqual([])
  expect((await alice.send('GET', '/runs')).text).not.toContain(`/runs/${run.id}"`)
  expect(accepted(await alice.get(`/api/processes/${run.id}/`))).toMatchObject({ deleted: true, can_delete: false })
  const page = await alice.send('GET', `/runs/${run.id}`)
  expect(page.status).toBe(200)
  expect(page.text).toMatch(/alice took this run off the lists/)
  expect(page.text).not.toContain('id="delete-run"')
  const history = await alice.send('GET', `/runs/${run.id}/history`)
  expect(history.status).toBe(200)
  expect(accepted(await alice.get(`/api/processes/${run.id}/logs/`)).pipeline.content).not.toBe('')
})

it('runs of others stay hidden, and nothing is removed twice', async () => {
  const head = await app.context.store.head()
  for (const path of [`/api/processes/${run.id}/`, `/runs/${run.id}`])
    expect([path, (await app.as('bob').send('GET', path)).status]).toEqual([path, 404])
  expect((await app.as('bob').delete(`/api/processes/${run.id}/`)).status).toBe(404)
  expect((await app.as('alice').delete(`/api/processes/${run.id}/`)).status).toBe(204)
  expect(await app.context.store.head()).toBe(head)
})
