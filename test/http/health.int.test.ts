import { randomUUID } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { published, registered } from '../support/products.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

it('says when the files are those of another server', async () => {
  await published(app.as('alice'))
  const ready = async () => {
    const { status, json } = await app.request('/health/ready')
    return [status, json.blobs]
  }
  expect(await ready()).toEqual([200, { ok: true, kind: 'files' }])
  const [ours, elsewhere] = [join(app.dataDir, 'blobs'), join(app.dataDir, 'elsewhere')]
  await rename(ours, elsewhere)
  await mkdir(ours)
  expect(await ready()).toEqual([503, { ok: false, kind: 'files', error: 'other_files' }])
  await rename(elsewhere, ours)
  expect(await ready()).toEqual([200, { ok: true, kind: 'files' }])
})

it('names the event that stops read models, and the others serve on', async () => {
  const alice = app.as('alice')
  await registered(alice, { display_name: 'Before' })
  expect((await app.request('/health/ready')).status).toBe(200)
  const tomorrow = { id: randomUUID(), type: 'ReleaseDefined', data: {}, metadata: { schemaVersion: 9 } }
  const { position } = await app.context.store.append('release-77', [tomorrow], 'no_stream')
  const begun = performance.now()
  const id = await registered(alice, { display_name: 'After' })
  expect(performance.now() - begun).toBeLessThan(3_000)
  expect((await alice.get(`/api/products/${id}/`)).status).toBe(200)

  const { status, json } = await app.request('/health/ready')
  expect([status, json.status]).toEqual([503, 'not ready'])
  const head = await app.context.store.head()
  for (const model of json.projections.models) {
    if (['releases', 'history', 'people'].includes(model.name)) {
      expect(model).toMatchObject({ status: 'stopped', lag: Number(head) - Number(position) + 1 })
      expect(model.error).toContain(
        `ReleaseDefined at ${position} (release-77, revision 0): ReleaseDefined version 9 is newer`,
      )
    } else expect(model).toMatchObject({ status: 'running', position: head, lag: 0, error: null })
  }
})
