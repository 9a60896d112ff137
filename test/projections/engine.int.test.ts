import { expect, it } from 'vitest'
import { openMemoryDatabase } from '../../src/database/open.ts'
import { ProjectionEngine } from '../../src/projections/engine.ts'
import { MemoryEventStore } from '../support/memory-event-store.ts'
import { engineContract } from './contract.ts'
import { totalsProjection } from './samples.ts'

engineContract(openMemoryDatabase)

it('refuses two projections with one name or table', async () => {
  const database = await openMemoryDatabase()
  const store = new MemoryEventStore()
  const make = (name: string) =>
    new ProjectionEngine({ database, store, projections: [totalsProjection(), { ...totalsProjection(), name }] })
  expect(() => make('totals')).toThrow('same totals')
  expect(() => make('others')).toThrow('same table totals')
  await database.close()
})
