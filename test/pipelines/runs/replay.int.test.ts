import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createReplays } from '../../../src/application/replays.ts'
import { childCarrier } from '../../../src/application/run-worker.ts'
import { combinePipeline } from '../../../src/pipelines/combine/pipeline.ts'
import { firstDifference } from '../../../src/pipelines/replay/compare-tables.ts'
import type { Carry } from '../../../src/pipelines/worker/ports.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { carryHere } from '../../support/context.ts'
import { accepted } from '../../support/products.ts'
import { MARK, requestCombine, startTestWorker, twoCatalogs, untilProduct } from '../../support/runs.ts'

let app: TestApp
let runs: { id: number; format: string }[]
const FORMATS = ['parquet', 'csv', 'fits', 'hdf5', 'hats']
beforeAll(async () => {
  app = await testApp()
  const alice = app.as('alice')
  const inputs = await twoCatalogs(alice)
  const worker = startTestWorker(app)
  runs = []
  for (const format of FORMATS) {
    const param = {
      ...MARK,
      combine_type: 'concatenate_and_remove_duplicates',
      tie_treatment_option: 'draw_one',
      seed: 5,
    }
    const run = await requestCombine(alice, inputs, { used_config: { param, output_format: format } })
    expect((await untilProduct(alice, run.upload, ({ status }) => status !== 3)).status).toBe(1)
    runs.push({ id: run.id, format })
  }
  await worker.stop()
})
afterAll(() => app.close())

describe('a replay', () => {
  it('is identical in every format', async () => {
    for (const { id } of runs) expect(await app.context.replays.replay(id)).toMatchObject({ identical: true })
    const run = accepted(await app.as('alice').get(`/api/processes/${runs[0]?.id}/`))
    expect(run.replay).toMatchObject({ identical: true, softwareVersion: 'test' })
  })

  it('is identical in a child process', async () => {
    const carrier = childCarrier(app.context.config, 1)
    try {
      const replays = createReplays(() => app.context, carrier.carry)
      expect(await replays.replay(runs[0]?.id ?? 0)).toMatchObject({ identical: true })
    } finally {
      await carrier.close()
    }
  })

  it('by a later version that computes the same is identical: outputs name the version of the record', async () => {
    const { version } = combinePipeline
    const become = (value: string) => Object.defineProperty(combinePipeline, 'version', { value })
    try {
      become('99.0.0')
      for (const { id } of runs) expect(await app.context.replays.replay(id)).toMatchObject({ identical: true })
      const page = (await app.as('alice').send('GET', `/runs/${runs[0]?.id}`)).text
      expect(page).toMatch(/with version 99\.0\.0, .*; the run itself was made with version 1\./)
    } finally {
      become(version)
    }
  })

  /** A pipeline that has changed since: it does something to its result. */
  const changed =
    (change: (path: string) => Promise<void>): Carry =>
    async (task, work, options) => {
      const outcome = await carryHere(task, work, options)
      if (outcome.kind === 'done') for (const { path } of outcome.files) await change(path)
      return outcome
    }

  it('that differs says where, with both values', async () => {
    const csv = runs.find(({ format }) => format === 'csv')?.id ?? 0
    const replays = createReplays(
      () => app.context,
      changed(async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('0.9', '0.91'))),
    )
    const { identical, outputs } = await replays.replay(csv)
    expect(identical).toBe(false)
    expect(outputs[0]?.difference).toMatchObject({ column: 'z', actual: '0.91' })
    const run = accepted(await app.as('alice').get(`/api/processes/${csv}/`))
    expect(run.replay).toMatchObject({ identical: false, outputs: [{ identical: false }] })
    const page = (await app.as('alice').send('GET', `/runs/${csv}`)).text
    expect(page).toContain('Replayed: it differs.')
    expect(page).toMatch(/column z: 0\.\d+ in the record, 0\.91 now\./)
  })

  it('by another version says with which, and with which the run was made; in old records the version is not noted', async () => {
    const id = runs[1]?.id ?? 0
    const { store, projections, newId, clock } = app.context
    const metadata = { actor: { userId: 1, username: 'admin' }, at: clock().toISOString(), softwareVersion: 'test' }
    const replayed = async (schemaVersion: number, data: Record<string, string | boolean | string[]>) => {
      const event = { id: newId(), type: 'ReplayVerified', data, metadata: { ...metadata, schemaVersion } }
      await projections.waitFor((await store.append(`run-${id}`, [event], 'any')).position, 5_000)
      return (await app.as('alice').send('GET', `/runs/${id}`)).text
    }
    const data = { identical: true, outputs: [], softwareVersion: 'photoz-server/9 node/30' }
    expect(await replayed(2, { ...data, pipelineVersion: '9.0.0' })).toMatch(
      /with version 9\.0\.0, photoz-server\/9 node\/30; the run itself was made with version 1\.\d+\.\d+, test\./,
    )
    expect(await replayed(1, { ...data, softwareVersion: 'test' })).toMatch(
      /Replayed: identical\.<\/strong> .*with test\./,
    )
  })

  it('that cannot be carried out any more says why', async () => {
    const replays = createReplays(
      () => app.context,
      async () => ({ kind: 'refused', code: 'invalid_inputs', reason: 'The rules have changed.', problems: [] }),
    )
    const { identical, outputs } = await replays.replay(runs[0]?.id ?? 0)
    expect(identical).toBe(false)
    expect(outputs[0]).toMatchObject({ actual: null, difference: { actual: 'The rules have changed.' } })
  })

  it('of a run that is not there is refused', async () => {
    await expect(app.context.replays.replay(99)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('the first difference of two tables', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'photoz-compare-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const table = async (name: string, content: string) => {
    const path = join(folder, name)
    await writeFile(path, '')
    await appendFile(path, content)
    return { path, fileName: 'table.csv' }
  }

  it.each([
    ['a,b\n1,x\n2,y\n', 'a,b\n1,x\n2,y\n', null],
    ['a,b\n1,x\n2,y\n', 'a,b\n1,x\n2,z\n', { row: 2, column: 'b', expected: 'y', actual: 'z' }],
    ['a,b\n1,x\n', 'a,c\n1,x\n', { row: null, column: 'b', expected: 'b (string)', actual: 'c (string)' }],
    ['a,b\n1,x\n', 'a,b\n1,x\n2,y\n', { row: 2, column: null, expected: 'the end of the table', actual: 'a row' }],
    ['a,b\n1,x\n2,y\n', 'a,b\n1,x\n', { row: 2, column: null, expected: 'a row', actual: 'the end of the table' }],
    [
      'a\n9007199254740993\n',
      'a\n9007199254740992\n',
      { row: 1, column: 'a', expected: '9007199254740993', actual: '9007199254740992' },
    ],
  ])('of %j and %j', async (left, right, difference) => {
    expect(await firstDifference(await table('left.csv', left), await table('right.csv', right))).toEqual(difference)
  })
})
