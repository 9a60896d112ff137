import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DomainError } from '../../../src/domain/error.ts'
import { EVENT_DEFINITIONS } from '../../../src/domain/events.ts'
import { productDecider } from '../../../src/domain/product/decider.ts'
import type { ProductEvent } from '../../../src/domain/product/events.ts'
import type { Product, ProductState } from '../../../src/domain/product/product.ts'
import { productType } from '../../../src/domain/product/product-type.ts'
import { tell } from '../../../src/domain/words.ts'
import { SchemaRegistry } from '../../../src/eventstore/schema-registry.ts'
import { life, numbered } from './commands.ts'

const registry = new SchemaRegistry(EVENT_DEFINITIONS)

function checkInvariants(product: Product): void {
  const main = product.files.filter((file) => file.role === 'main')
  expect(main.length).toBeLessThanOrEqual(1)
  const names = product.files.map((file) => file.name)
  expect(new Set(names).size).toBe(names.length)
  const ids = product.columns.map((column) => column.id)
  expect(new Set(ids).size).toBe(ids.length)
  const aliases = product.columns.flatMap(({ role }) => (role.alias === null ? [] : [role.alias.toLowerCase()]))
  expect(new Set(aliases).size).toBe(aliases.length)
  if (main.length === 0) expect(product.columns).toEqual([])
  const type = productType(product.productType)
  if (!type.mayHaveRelease) expect(product.release).toBeNull()
  if (!type.mayHavePzCode) expect(product.pzCode).toBeNull()
  if (product.status === 'published') {
    const held = product.columns.map((column) => column.role.alias)
    expect(held).toEqual(expect.arrayContaining([...type.mandatoryRoles]))
    expect(main.length === 1 || type.metadataOnly).toBe(true)
  }
  if (product.status === 'purged') expect([product.files, product.columns]).toEqual([[], []])
}

describe('whatever people try', () => {
  it('a product stays sound, its events fit their schemas, and refusals are errors of the domain', () => {
    const reached = new Set<string>()
    fc.assert(
      fc.property(life, (commands) => {
        let state: ProductState = productDecider.initialState
        const log: ProductEvent[] = []
        for (const command of numbered(commands)) {
          let decided: readonly ProductEvent[]
          try {
            decided = productDecider.decide(command, state)
          } catch (error) {
            expect(error).toBeInstanceOf(DomainError)
            continue
          }
          registry.stamp(
            decided.map(({ type, data }) => ({ id: 'x', type, data: JSON.parse(JSON.stringify(data)), metadata: {} })),
          )
          for (const event of decided) {
            expect(tell(event).words.length).toBeGreaterThan(3)
            reached.add(event.type)
          }
          log.push(...decided)
          state = decided.reduce(productDecider.evolve, state)
          if (state.status === 'absent') throw new Error('A decided product cannot be absent')
          checkInvariants(state)
        }
        // The state is a function of the events, and does not depend on what they came from.
        const copy: ProductEvent[] = JSON.parse(JSON.stringify(log))
        expect(copy.reduce(productDecider.evolve, productDecider.initialState)).toEqual(state)
      }),
      { numRuns: 400, seed: 20_261_122 }, // the same lives each time: the next expectation counts on them
    )
    // The tries were worth something: everything that can happen did.
    expect([...reached].sort()).toEqual(
      `ColumnAssociated FileAttached FileRemoved InspectionFailed MainFileInspected MetadataEdited ProcessingFailed ProductDeleted
       ProductMarkedOfficial ProductPublished ProductPurged ProductRegistered ProductRestored ProductUnmarkedOfficial`.split(
        /\s+/,
      ),
    )
  })

  it('a command that was carried out, given again, changes nothing or is refused, unless it adds a file', () => {
    fc.assert(
      fc.property(life, (commands) => {
        let state: ProductState = productDecider.initialState
        for (const command of numbered(commands)) {
          try {
            state = productDecider.decide(command, state).reduce(productDecider.evolve, state)
          } catch (error) {
            if (error instanceof DomainError) continue
            throw error
          }
          if (command.type === 'AttachFile' || command.type === 'RecordInspection') continue
          try {
            expect(productDecider.decide(command, state)).toEqual([])
          } catch (error) {
            expect(error).toBeInstanceOf(DomainError)
          }
        }
      }),
      { numRuns: 200 },
    )
  })
})
