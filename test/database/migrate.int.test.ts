import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Driver } from '../../src/database/driver.ts'
import { IncompatibleDatabase } from '../../src/database/errors.ts'
import { type Migration, migrate, readMigrations } from '../../src/database/migrate.ts'
import { openPglite } from '../../src/database/pglite.ts'

const migration = (number: number, sql: string, sha256 = sql): Migration => ({
  number,
  name: `${number}.sql`,
  sql,
  sha256,
})
const first = migration(0, 'create table a (x int); create table b (x int)')
const second = migration(1, 'insert into a values (1)')

let driver: Driver
beforeAll(async () => {
  driver = await openPglite()
})
afterAll(() => driver.close())

it('runs what is missing, in order and once', async () => {
  expect(await migrate(driver, [first])).toEqual(['0.sql'])
  expect(await migrate(driver, [first, second])).toEqual(['1.sql'])
  expect(await migrate(driver, [first, second])).toEqual([])
  expect(await driver.rows('select x from public.a', [])).toEqual([{ x: 1 }])
})

it('leaves nothing of a set of migrations that fails', async () => {
  const broken = [first, second, migration(2, 'create table c (x int)'), migration(3, 'create table')]
  await expect(migrate(driver, broken)).rejects.toThrow('syntax error')
  expect(await driver.rows(`select to_regclass('public.c') as c`, [])).toEqual([{ c: null }])
  expect(await migrate(driver, [first, second])).toEqual([])
})

it('refuses a newer database and a changed migration', async () => {
  await expect(migrate(driver, [first])).rejects.toBeInstanceOf(IncompatibleDatabase)
  await expect(migrate(driver, [first])).rejects.toThrow('newer version')
  await expect(migrate(driver, [first, { ...second, sha256: 'other' }])).rejects.toThrow('not the one that was applied')
})

it('reads the files of the program, and refuses two of one number', async () => {
  const numbers = (await readMigrations()).map((each) => each.number)
  expect(numbers.slice(0, 2)).toEqual([0, 1])
  const folder = await mkdtemp(join(tmpdir(), 'photoz-migrations-'))
  await writeFile(join(folder, '0001_a.sql'), 'select 1')
  await writeFile(join(folder, '0001_b.sql'), 'select 1')
  await expect(readMigrations(pathToFileURL(`${folder}/`))).rejects.toThrow('number 1')
  await rm(folder, { recursive: true })
})
