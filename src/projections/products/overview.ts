import { and, desc, eq, sql } from 'drizzle-orm'
import type { Drizzle } from '../../database/database.ts'
import type { Actor } from '../../domain/actor.ts'
import { releases } from '../releases/tables.ts'
import { visibleTo } from './queries.ts'
import { type ProductRow, products } from './tables.ts'

/** The published products that the person may see: how much there is of them, and the newest. */
export interface Overview {
  readonly official: number
  readonly user: number
  /** Events in the histories of all of them. */
  readonly events: number
  readonly latest: readonly ProductRow[]
}

/** One SQL query: the totals are windows over all rows, of which only the first come back. */
export async function productOverview(db: Drizzle, actor: Actor, latest: number): Promise<Overview> {
  const rows = await db
    .select({
      product: products,
      official: sql<string>`count(*) filter (where ${products.official}) over ()`,
      user: sql<string>`count(*) filter (where not ${products.official}) over ()`,
      events: sql<string>`sum(${products.revision} + 1) over ()`,
    })
    .from(products)
    .leftJoin(releases, eq(releases.id, products.releaseId))
    .where(and(visibleTo(actor), eq(products.status, 'published')))
    .orderBy(desc(products.createdAt), desc(products.id))
    .limit(latest)
  const [row] = rows
  return {
    official: Number(row?.official ?? 0),
    user: Number(row?.user ?? 0),
    events: Number(row?.events ?? 0),
    latest: rows.map(({ product }) => product),
  }
}
