import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { DatabaseUnavailable } from '../../src/database/errors.ts'
import { openDatabase } from '../../src/database/open.ts'
import { openMemoryDatabase } from '../support/memory-database.ts'
import { databaseContract } from './contract.ts'

databaseContract(openMemoryDatabase)

it('keeps its data on disk', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'photoz-data-'))
  try {
    const messages: string[] = []
    const first = await openDatabase({ dataDir, log: (message) => messages.push(message) })
    await first.query('create table public.kept (id int)')
    await first.query('insert into kept values (7)')
    await first.close()
    await first.close()
    await expect(first.query('select 1')).rejects.toBeInstanceOf(DatabaseUnavailable)
    const second = await openDatabase({ dataDir, log: (message) => messages.push(message) })
    expect(await second.query('select * from kept')).toEqual([{ id: 7 }])
    await second.close()
    expect(messages).toHaveLength(1)
  } finally {
    await rm(dataDir, { recursive: true })
  }
})

it('lets nobody else of the machine into its folder, also when it was made by an earlier version', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'photoz-data-'))
  const folder = join(dataDir, 'pglite')
  try {
    for (const _ of ['new', 'old']) {
      await (await openDatabase({ dataDir })).close()
      expect((await stat(folder)).mode & 0o777).toBe(0o700)
      await chmod(folder, 0o755)
    }
  } finally {
    await rm(dataDir, { recursive: true })
  }
})
