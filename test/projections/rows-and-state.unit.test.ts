import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DomainError } from '../../src/domain/error.ts'
import { productDecider } from '../../src/domain/product/decider.ts'
import type { ProductEvent } from '../../src/domain/product/events.ts'
import type { ProductState } from '../../src/domain/product/product.ts'
import type { JsonObject, RecordedEvent } from '../../src/eventstore/port.ts'
import { evolveColumnRows } from '../../src/projections/columns/projection.ts'
import type { ColumnRow } from '../../src/projections/columns/tables.ts'
import { evolveFileRows } from '../../src/projections/files/projection.ts'
import type { FileRow } from '../../src/projections/files/tables.ts'
import { evolveProductRow } from '../../src/projections/products/projection.ts'
import type { ProductRow } from '../../src/projections/products/tables.ts'
import { life, numbered } from '../domain/product/commands.ts'

function recorded(event: ProductEvent, revision: number): RecordedEvent {
  const at = new Date(Date.UTC(2026, 0, 1) + revision * 1000).toISOString()
  return {
    id: `event-${revision}`,
    type: event.type,
    data: event.data as JsonObject,
    metadata: { actor: { userId: 2, username: 'alice' }, at },
    stream: 'product-1',
    revision: BigInt(revision),
    position: String(revision + 1).padStart(20, '0'),
    recordedAt: at,
  }
}

/** The parts of the state that the rows hold too. */
const ofState = (state: ProductState) =>
  state.status === 'absent'
    ? null
    : {
        status: state.status,
        statusBeforeDeletion: state.statusBeforeDeletion,
        names: [state.internalName, state.displayName],
        type: state.productType,
        release: state.release?.id ?? null,
        texts: [state.pzCode, state.description],
        official: state.official,
        owner: state.owner,
        main: state.files.find((file) => file.role === 'main')?.id ?? null,
        size: state.files.reduce((sum, file) => sum + file.size, 0),
        files: state.files.map(({ id, role, name, sha256, size }) => ({ id, role, name, sha256, size })),
        ever: state.everAttached.map((file) => file.id),
        columns: state.columns.map(({ id, name, role }) => ({ id, name, ...role })),
      }

const ofRows = (row: ProductRow | null, files: readonly FileRow[], columns: readonly ColumnRow[]) =>
  row === null
    ? null
    : {
        status: row.status,
        statusBeforeDeletion: row.statusBeforeDeletion,
        names: [row.internalName, row.displayName],
        type: row.productType,
        release: row.releaseId,
        texts: [row.pzCode, row.description],
        official: row.official,
        owner: { userId: row.ownerId, username: row.owner },
        main: row.mainFileId,
        size: row.size,
        files: files
          .filter((file) => file.removedAt === null)
          .map(({ id, role, name, sha256, size }) => ({ id, role, name, sha256, size })),
        ever: files.map((file) => file.id),
        columns: columns
          .toSorted((a, b) => a.place - b.place)
          .map(({ id, name, alias, ucd }) => ({ id, name, alias, ucd })),
      }

describe('rows of read models', () => {
  it('say after every event what the state of the domain says', () => {
    fc.assert(
      fc.property(life, (commands) => {
        let state: ProductState = productDecider.initialState
        let row: ProductRow | null = null
        let files: FileRow[] = []
        let columns: ColumnRow[] = []
        let revision = 0
        for (const command of numbered(commands)) {
          let decided: readonly ProductEvent[]
          try {
            decided = productDecider.decide(command, state)
          } catch (error) {
            if (error instanceof DomainError) continue
            throw error
          }
          for (const event of decided) {
            const entry = recorded(event, revision)
            state = productDecider.evolve(state, event)
            row = evolveProductRow(row, entry)
            files = evolveFileRows(files, entry)
            columns = evolveColumnRows(columns, entry)
            expect(ofRows(row, files, columns)).toEqual(ofState(state))
            expect(row).toMatchObject({ revision, position: entry.position, updatedAt: entry.metadata.at })
            expect(row?.files).toBe(files.filter((file) => file.removedAt === null).length)
            revision += 1
          }
          // Only here: while a main file is replaced, the columns wait for the new one.
          expect(row?.columns ?? 0).toBe(columns.length)
        }
      }),
      { numRuns: 300 },
    )
  })
})
