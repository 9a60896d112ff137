import { count, sql } from 'drizzle-orm'
import type { Drizzle } from '../../database/database.ts'
import { products } from './tables.ts'

/** What a person, or a release, has: products that are not deleted, and the bytes of their current files. */
export interface Holdings {
  readonly products: number
  /** Bytes. */
  readonly size: number
}

const gone = sql`${products.status} in ('deleted', 'purged')`
const sums = {
  products: count(),
  size: sql`coalesce(sum(${products.size}), 0)`.mapWith(Number),
}

/** By the id of the owner. */
export async function holdingsByOwner(db: Drizzle): Promise<ReadonlyMap<number, Holdings>> {
  const rows = await db
    .select({ key: products.ownerId, ...sums })
    .from(products)
    .where(sql`not ${gone}`)
    .groupBy(products.ownerId)
  return new Map(rows.map(({ key, ...holdings }) => [key, holdings]))
}

/** By the number of the release. */
export async function holdingsByRelease(db: Drizzle): Promise<ReadonlyMap<number, Holdings>> {
  const rows = await db
    .select({ key: products.releaseId, ...sums })
    .from(products)
    .where(sql`not ${gone}`)
    .groupBy(products.releaseId)
  return new Map(rows.flatMap(({ key, ...holdings }) => (key === null ? [] : [[key, holdings] as const])))
}
