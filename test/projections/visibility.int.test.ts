import { eq } from 'drizzle-orm'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../src/domain/actor.ts'
import { maySee, mayUseRelease } from '../../src/domain/product/permissions.ts'
import type { ProductStatus } from '../../src/domain/product/product.ts'
import { listProducts, visibleTo } from '../../src/projections/products/queries.ts'
import { type ProductRow, products } from '../../src/projections/products/tables.ts'
import { listReleases } from '../../src/projections/releases/queries.ts'
import { type ReleaseRow, releases } from '../../src/projections/releases/tables.ts'
import { type TestContext, testContext } from '../support/context.ts'

/** The rule of the domain and the rule in SQL are the same rule. */
let test: TestContext
beforeAll(async () => {
  test = await testContext()
})
afterAll(() => test.close())

const AT = '2026-01-01T00:00:00.000Z'
const group = fc.integer({ min: 1, max: 4 })
const releaseRows = fc
  .array(fc.record({ isPublic: fc.boolean(), accessGroups: fc.uniqueArray(group, { maxLength: 3 }) }), {
    minLength: 4,
    maxLength: 4,
  })
  .map((list): ReleaseRow[] =>
    list.map((access, index) => ({
      id: index + 1,
      name: `r${index}`,
      displayName: `R ${index}`,
      description: '',
      indexingColumn: 'objectId',
      hasMagHats: false,
      hasFluxHats: false,
      dereddening: [],
      fluxes: [],
      retired: false,
      createdAt: AT,
      updatedAt: AT,
      ...access,
    })),
  )
const status: fc.Arbitrary<ProductStatus> = fc.constantFrom(
  'published',
  'published',
  'registering',
  'processing',
  'failed',
  'deleted',
  'purged',
)
type Facts = Pick<ProductRow, 'ownerId' | 'status' | 'releaseId'>
const facts: fc.Arbitrary<Facts[]> = fc.array(
  fc.record({
    ownerId: fc.integer({ min: 0, max: 3 }),
    status,
    releaseId: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 2 }),
  }),
  { minLength: 25, maxLength: 25 },
)
const actors: fc.Arbitrary<Actor[]> = fc.array(
  fc.record({
    userId: fc.integer({ min: 1, max: 3 }),
    username: fc.constant('somebody'),
    isAdmin: fc.constantFrom(false, false, false, true),
    groupIds: fc.uniqueArray(group, { maxLength: 3 }),
  }),
  { minLength: 6, maxLength: 6 },
)

const productRow = (id: number, given: Facts): ProductRow => ({
  id,
  internalName: `${id}_x`,
  displayName: `x ${id}`,
  productType: 'other',
  pzCode: null,
  description: null,
  official: false,
  statusBeforeDeletion: null,
  statusReason: null,
  owner: 'x',
  origin: 'Upload',
  runId: null,
  mainFileId: null,
  version: 0,
  format: null,
  rows: null,
  columns: null,
  highestColumnId: null,
  files: 0,
  size: 0,
  createdAt: AT,
  updatedAt: AT,
  publishedAt: null,
  revision: 0,
  position: '1',
  ...given,
})

describe('who sees what', () => {
  it('SQL and the domain agree, for anybody and any product', async () => {
    const db = test.context.database.drizzle
    await fc.assert(
      fc.asyncProperty(releaseRows, facts, actors, async (releaseList, factsList, actorList) => {
        await db.delete(products)
        await db.delete(releases)
        await db.insert(releases).values(releaseList)
        await db.insert(products).values(factsList.map((each, index) => productRow(index + 1, each)))
        for (const actor of actorList) {
          const found = await db
            .select({ id: products.id })
            .from(products)
            .leftJoin(releases, eq(releases.id, products.releaseId))
            .where(visibleTo(actor))
            .orderBy(products.id)
          const expected = factsList.flatMap((each, index) => {
            const release = releaseList.find(({ id }) => id === each.releaseId) ?? null
            return maySee(actor, { ...each, release }) ? [index + 1] : []
          })
          expect(found.map(({ id }) => id)).toEqual(expected)
          const usable = await listReleases(db, actor, {})
          expect(usable.map(({ id }) => id).sort()).toEqual(
            releaseList.filter((release) => mayUseRelease(actor, release)).map(({ id }) => id),
          )
        }
      }),
      { numRuns: 25 },
    )
  })

  it('a release that the log does not know opens nothing', async () => {
    const db = test.context.database.drizzle
    await db.delete(products)
    await db.insert(products).values(productRow(1, { ownerId: 9, status: 'published', releaseId: 99 }))
    const stranger = { userId: 1, username: 'x', isAdmin: false, groupIds: [] }
    expect((await listProducts(db, stranger, {}, { by: 'id', descending: false }, null)).count).toBe(0)
  })
})
