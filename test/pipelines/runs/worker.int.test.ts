import { hostname } from 'node:os'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { BlobStoreUnavailable } from '../../../src/blobs/error.ts'
import type { Carry } from '../../../src/pipelines/worker/ports.ts'
import { type Json, type TestApp, testApp } from '../../support/app.ts'
import { carryHere } from '../../support/context.ts'
import { accepted } from '../../support/products.ts'
import {
  requestCombine,
  startTestWorker,
  type TestWorker,
  twoCatalogs,
  untilProduct,
  untilRun,
} from '../../support/runs.ts'

let app: TestApp
let inputs: [number, number]
let worker: TestWorker | null = null
beforeAll(async () => {
  app = await testApp()
  inputs = await twoCatalogs(app.as('alice'))
})
afterAll(async () => {
  await worker?.stop()
  await app.close()
})

/** With a worker, as long as `work` takes. */
async function working<T>(work: () => Promise<T>, carry: Carry = carryHere): Promise<T> {
  worker = startTestWorker(app, carry)
  try {
    return await work()
  } finally {
    await worker.stop()
    worker = null
  }
}

const filesOf = async (id: number): Promise<Json[]> =>
  accepted(await app.as('alice').get(`/api/product-files/?product_id=${id}`)).results

describe('a run', () => {
  it('makes a product: processing at once, published at the end, with all that made it', async () => {
    const alice = app.as('alice')
    const run = await requestCombine(alice, inputs, { description: 'All of it' })
    expect(run).toMatchObject({ status: 'Pending', is_owner: true, inputs, pipeline: 1, owned_by: 'alice' })
    expect(run.provenance_inputs.map((product: Json) => product.id)).toEqual(inputs)
    const early = accepted(await alice.get(`/api/products/${run.upload}/`))
    expect(early).toMatchObject({
      status: 3,
      product_status: 'Processing',
      origin: 'Combine Redshift Catalogs',
      process_id: run.id,
      process_status: 'Pending',
      product_type: 1,
      display_name: 'Combined',
      description: 'All of it',
    })

    const { done, product } = await working(async () => ({
      done: await untilRun(alice, run.id, ({ status }) => status === 'Successful'),
      product: await untilProduct(alice, run.upload, ({ status }) => status !== 3),
    }))
    expect(done).toMatchObject({ fraction: 1, attempts: 1, error: null })
    expect(done.metrics.duplicates).toMatchObject({ pairs: 2, groups: 2, hardTies: 1 })
    expect(product).toMatchObject({ status: 1, process_status: 'Successful', n_rows: 6, format: 'parquet' })

    const files = await filesOf(run.upload)
    expect(files.map((file) => [file.role, file.name])).toEqual([
      [0, 'crd.parquet'],
      [2, 'config.yaml'],
      [2, 'flags_translation.yaml'],
      [2, 'pipeline.log'],
    ])
    expect(files[0].sha256).toBe(done.outputs[0].sha256)
    const columns = accepted(await alice.get(`/api/product-contents/?product=${run.upload}`)).results
    const roles = Object.fromEntries(columns.filter((c: Json) => c.alias).map((c: Json) => [c.alias, c.column_name]))
    expect(roles).toEqual({
      ID: 'CRD_ID',
      RA: 'ra',
      Dec: 'dec',
      z: 'z',
      z_flag: 'z_flag_homogenized',
      survey: 'survey',
    })
    const config = (await alice.get(`/api/product-files/${files[1].id}/download/`)).text
    expect(config).toContain('combine_type: concatenate_and_mark_duplicates')
    expect(config).toContain(`internal_name: ${inputs[0]}_survey_a`)
    expect(config).not.toContain(app.dataDir)
    const log = accepted(await alice.get(`/api/processes/${run.id}/logs/`)).pipeline.content
    expect(log).toContain('2 pairs within 0.5 arcsec')
    expect((await alice.get(`/api/product-files/${files[3].id}/download/`)).text).toBe(log)
    // Everybody may read the log: it names no host and no process.
    expect(log).toMatch(/^\S+ Combine Redshift Catalogs \S+, attempt 1$/m)
    expect(log).not.toContain(hostname())
    const used = accepted(await alice.get(`/api/products/${run.upload}/process_config/`))
    expect(used.config.param.combine_type).toBe('concatenate_and_mark_duplicates')
    expect(used.flag_translation.translation_rules.OZDES).toBeDefined()
  })

  it('waits for files that are out of reach for a moment, in the same attempt', async () => {
    const alice = app.as('alice')
    const run = await requestCombine(alice, inputs)
    const away = new BlobStoreUnavailable('it answered 503')
    vi.spyOn(app.context.blobs, 'path').mockRejectedValueOnce(away)
    vi.spyOn(app.context.blobs, 'receive').mockRejectedValueOnce(away)
    const done = await working(() => untilRun(alice, run.id, ({ status }) => /Successful|Failed/.test(status)))
    vi.restoreAllMocks()
    expect(done).toMatchObject({ status: 'Successful', attempts: 1 })
    const log = accepted(await alice.get(`/api/processes/${run.id}/logs/`)).pipeline.content
    expect(log.match(/The files are not reachable now; trying again/g)).toHaveLength(2)
  })

  it('that cannot be carried out fails with every problem, and so does its product', async () => {
    const alice = app.as('alice')
    const cut = {
      combine_type: 'concatenate_and_remove_duplicates',
      extra_columns: {},
      z_flag_homogenized_value_to_cut: 6,
      remove_stars: true,
    }
    const run = await requestCombine(alice, inputs, { used_config: { param: cut } })
    const { failed, product } = await working(async () => ({
      failed: await untilRun(alice, run.id, ({ status }) => status === 'Failed'),
      product: await untilProduct(alice, run.upload, ({ status }) => status !== 3),
    }))
    expect(failed.error).toMatchObject({ code: 'everything_cut' })
    expect(failed.error.reason).toContain('Lower z_flag_homogenized_value_to_cut')
    expect(product).toMatchObject({ status: 9, product_status: 'Failed', process_status: 'Failed' })
  })

  it('is stopped before it began', async () => {
    const alice = app.as('alice')
    const run = await requestCombine(alice, inputs)
    expect(accepted(await alice.get(`/api/processes/${run.id}/stop/`)).status).toBe('Stopped')
    const product = await working(() => untilProduct(alice, run.upload, ({ status }) => status !== 3))
    expect(product.status).toBe(9)
    // Once more does nothing.
    expect(accepted(await alice.post(`/api/processes/${run.id}/stop/`)).status).toBe('Stopped')
  })

  it('is stopped while it works', async () => {
    const alice = app.as('alice')
    const run = await requestCombine(alice, inputs)
    const stopped = await working(async () => {
      await untilRun(alice, run.id, ({ status }) => status === 'Running')
      expect(accepted(await alice.post(`/api/processes/${run.id}/stop/`)).status).toBe('Stopping')
      return untilRun(alice, run.id, ({ status }) => status === 'Stopped')
    }, carryForever)
    expect(stopped.ended_at).not.toBeNull()
    const product = await working(() => untilProduct(alice, run.upload, ({ status }) => status !== 3))
    expect(product).toMatchObject({ status: 9, process_status: 'Stopped' })
  })

  it('ends when its product is deleted, and does not publish it again', async () => {
    const alice = app.as('alice')
    const run = await requestCombine(alice, inputs)
    await working(async () => {
      await untilRun(alice, run.id, ({ status }) => status === 'Running')
      expect((await alice.delete(`/api/products/${run.upload}/`)).status).toBe(204)
      await untilRun(alice, run.id, ({ status }) => status === 'Stopped')
    }, carryForever)
    expect(accepted(await alice.get(`/api/products/${run.upload}/`)).status).toBe(2)
    // Restored, it says that its run was stopped.
    accepted(await alice.post(`/api/products/${run.upload}/restore/`))
    const product = await working(() => untilProduct(alice, run.upload, ({ status }) => status !== 3))
    expect(product.status).toBe(9)
  })

  it('is given back by a worker that ends, and taken up by the next', async () => {
    const alice = app.as('alice')
    const run = await requestCombine(alice, inputs)
    await working(() => untilRun(alice, run.id, ({ status }) => status === 'Running'), carryForever)
    expect(accepted(await alice.get(`/api/processes/${run.id}/`)).status).toBe('Pending')
    const done = await working(() => untilRun(alice, run.id, ({ status }) => status === 'Successful'))
    expect(done.attempts).toBe(2)
  })

  it('is carried out once, however many workers there are', async () => {
    const alice = app.as('alice')
    const others = [1, 2, 3].map(() => startTestWorker(app))
    try {
      const runs = [await requestCombine(alice, inputs), await requestCombine(alice, inputs)]
      for (const { id, upload } of runs) {
        const done = await untilRun(alice, id, ({ status }) => status === 'Successful')
        expect(done.attempts).toBe(1)
        await untilProduct(alice, upload, ({ status }) => status === 1)
        expect(await filesOf(upload)).toHaveLength(4)
      }
    } finally {
      for (const other of others) await other.stop()
    }
  })
})

/** Work without end, until it is killed. */
const carryForever: Carry = (_task, _work, { signal, onNews }) => {
  onNews({ kind: 'progress', stage: 'preparation', fraction: 0.1 })
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
}
