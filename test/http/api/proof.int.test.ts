import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CheckpointKeeper } from '../../../src/application/checkpoints.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { accepted, registered } from '../../support/products.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

const newest = () => app.request('/api/proof/checkpoint/')
const files = () => readdir(app.dataDir)

it('a stranger who asks for a checkpoint makes none', async () => {
  await registered(app.as('alice'))
  const before = await files()
  const answer = await newest()
  expect([answer.status, answer.json.detail]).toEqual([404, expect.stringContaining('There is no checkpoint yet')])
  expect(await files()).toEqual(before)
})

it('the keeper signs one at the start where there is none, and then leaves it', async () => {
  const starting = new CheckpointKeeper(app.context)
  await expect.poll(async () => (await newest()).status).toBe(200)
  await starting.close()
  const first = accepted(await newest())
  expect(first.checkpoint.size).toBeGreaterThan(0)
  const keeper = new CheckpointKeeper(app.context)
  await registered(app.as('alice'))
  expect(accepted(await newest())).toEqual(first)
  await keeper.close()
  expect(accepted(await newest()).checkpoint.size).toBeGreaterThan(first.checkpoint.size)
})
