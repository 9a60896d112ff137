import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkLog } from '../src/application/integrity.ts'
import { DemoClock } from '../src/demo/clock.ts'
import { Random } from '../src/demo/random.ts'
import { deepField, FIELDS } from '../src/demo/sky.ts'
import { tellStory } from '../src/demo/story.ts'
import { PRODUCT_TYPES } from '../src/domain/product/product-type.ts'
import { listProducts } from '../src/projections/products/queries.ts'
import type { Json } from './support/answer.ts'
import { type TestApp, testApp } from './support/app.ts'
import { accepted } from './support/products.ts'
import { startTestWorker, type TestWorker } from './support/runs.ts'

describe('the synthetic sky', () => {
  const field = deepField(new Random(1), FIELDS.ecdfs, 4_000)

  it('is the same at every start', () => {
    expect(deepField(new Random(1), FIELDS.ecdfs, 4_000)).toEqual(field)
    expect(deepField(new Random(2), FIELDS.ecdfs, 4_000)).not.toEqual(field)
  })

  it('has redshifts as a deep field has', () => {
    const sorted = field.map(({ z }) => z).toSorted((a, b) => a - b)
    const median = sorted[sorted.length / 2] ?? 0
    expect(median).toBeGreaterThan(0.5)
    expect(median).toBeLessThan(0.9)
    expect(sorted[0]).toBeGreaterThan(0)
    expect(sorted.at(-1)).toBeLessThan(4)
  })

  it('lies where the field is, with magnitudes that a camera sees', () => {
    for (const { ra, dec, mags } of field) {
      expect(Math.abs(dec - FIELDS.ecdfs.dec)).toBeLessThan(1)
      expect(Math.abs(ra - FIELDS.ecdfs.ra)).toBeLessThan(1.2)
      expect(mags.i).toBeGreaterThan(8)
      expect(mags.i).toBeLessThan(30)
    }
  })
})

describe('the demonstration', () => {
  let app: TestApp
  let worker: TestWorker
  beforeAll(async () => {
    app = await testApp()
    worker = startTestWorker(app)
    await tellStory(app.context, new DemoClock(new Date('2026-01-01T00:00:00Z')), 0.02)
  })
  afterAll(async () => {
    await worker?.stop()
    await app.close()
  })

  it('has products of every type, a draft, a deleted one, and what a failed run left', async () => {
    const { items } = await listProducts(
      app.context.database.drizzle,
      app.as('admin').request.actor,
      {},
      { by: 'id', descending: false },
      null,
    )
    const published = items.filter(({ product }) => product.status === 'published').map(({ product }) => product)
    expect(new Set(published.map(({ productType }) => productType)).size).toBe(PRODUCT_TYPES.length)
    expect(new Set(published.map(({ format }) => format))).toEqual(
      new Set(['csv', 'fits', 'hdf5', 'parquet', 'votable', null]),
    )
    expect(published.some(({ version }) => version === 2)).toBe(true)
    expect(published.filter(({ official }) => official)).toHaveLength(3)
    const others = items.map(({ product }) => product.status).filter((status) => status !== 'published')
    expect(others.toSorted()).toEqual(['deleted', 'failed', 'registering'])
  })

  it('has a failed run, a replayed one, and a training set whose grandparent has moved on', async () => {
    const admin = app.as('admin')
    const { results } = accepted(await admin.get('/api/processes/?ordering=id'))
    expect(results.map(({ status }: Json) => status)).toEqual(['Failed', 'Successful', 'Successful'])
    const [, combined, training] = results
    const history = accepted(await admin.get(`/api/processes/${combined.id}/history/`))
    expect(JSON.stringify(history)).toContain('identical')
    const lineage = accepted(await admin.get(`/api/products/${training.upload}/lineage/`))
    expect(lineage.stale).toBe(true)
  })

  it('is real: the log, the files and the read models agree', async () => {
    expect((await checkLog(app.context)).sound).toBe(true)
  })
})
