import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { checkLog } from '../../src/application/integrity.ts'
import { purgeProduct } from '../../src/application/purge.ts'
import { type Client, type TestApp, testApp } from '../support/app.ts'
import { accepted, CATALOG, registered } from '../support/products.ts'

/** The log is checked while the server goes on serving, and an administrator destroys a product. */
let app: TestApp
let alice: Client
let kept: string
let doomed: { readonly id: number; readonly sha256: string }

beforeEach(async () => {
  app = await testApp()
  alice = app.as('alice')
  kept = accepted(await alice.upload(await registered(alice), 'kept.csv', CATALOG)).sha256
  const id = await registered(alice)
  const { sha256 } = accepted(await alice.upload(id, 'doomed.csv', CATALOG.replace('0.5', '0.75')))
  accepted(await alice.delete(`/api/products/${id}/`))
  doomed = { id, sha256 }
})
afterEach(async () => {
  vi.restoreAllMocks()
  await app.close()
})

const purge = () => purgeProduct(app.context, app.as('admin').request, doomed.id)

it('does not miss a file that is destroyed before it is looked for', async () => {
  const { blobs } = app.context
  const size = blobs.size.bind(blobs)
  vi.spyOn(blobs, 'size').mockImplementationOnce(async (sha256) => {
    await purge()
    return size(sha256)
  })
  expect(await checkLog(app.context, { content: false })).toMatchObject({ sound: true, findings: [] })
  expect(await blobs.has(doomed.sha256)).toBe(false)
})

it('goes on when a file is destroyed between being listed and being read', async () => {
  const { blobs } = app.context
  const list = blobs.list.bind(blobs)
  vi.spyOn(blobs, 'list').mockImplementationOnce(async function* () {
    yield* list()
    await purge()
  })
  expect(await checkLog(app.context)).toMatchObject({ sound: true, findings: [] })
  expect(await blobs.has(doomed.sha256)).toBe(false)
})

it('still misses what nobody destroyed', async () => {
  const { blobs } = app.context
  await blobs.remove(kept)
  for (const content of [true, false]) {
    const { findings } = await checkLog(app.context, { content })
    expect(findings).toMatchObject([{ kind: 'blob_missing', sha256: kept }])
  }
})
