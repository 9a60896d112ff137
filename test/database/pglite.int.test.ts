import { mkdtemp, rm } from 'node:fs/promises'
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
