import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { loadLinkKey } from '../../src/http/link-key.ts'
import { openMemoryDatabase } from '../support/memory-database.ts'

let database: Database
let one: string
let two: string

beforeAll(async () => {
  database = await openMemoryDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  await database.query('delete from accounts.link_key')
  one = await mkdtemp(join(tmpdir(), 'photoz-link-'))
  two = await mkdtemp(join(tmpdir(), 'photoz-link-'))
  return async () => {
    for (const folder of [one, two]) await rm(folder, { recursive: true, force: true })
  }
})

it('is the same for all servers of a database, also when they start together for the first time', async () => {
  const keys = await Promise.all([loadLinkKey(database, one), loadLinkKey(database, two)])
  expect(keys[0]).toHaveLength(32)
  expect(keys[1]).toEqual(keys[0])
  expect(await loadLinkKey(database, two)).toEqual(keys[0])
})

it('is that which an earlier version kept in the folder, so that feeds keep their addresses', async () => {
  const earlier = Buffer.alloc(32, 5)
  await writeFile(join(one, 'download.key'), earlier)
  expect(Buffer.from(await loadLinkKey(database, one))).toEqual(earlier)
  await writeFile(join(two, 'download.key'), Buffer.alloc(32, 6))
  expect(Buffer.from(await loadLinkKey(database, two))).toEqual(earlier)
})

it('is made anew when the folder holds half of one', async () => {
  await writeFile(join(one, 'download.key'), 'half')
  expect(await loadLinkKey(database, one)).toHaveLength(32)
})
