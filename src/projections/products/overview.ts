import { and, eq, sql } from 'drizzle-orm'
import type { Drizzle } from '../../database/database.ts'
import type { Actor } from '../../domain/actor.ts'
import { releases } from '../releases/tables.ts'
import { visibleTo } from './queries.ts'
import { products } from './tables.ts'

/** How much there is of published products that the person may see. */
export interface Overview {
  readonly official: number
  readonly user: number
  /** Events in the histories of all of them. */
  readonly events: number
}

export async function productOverview(db: Drizzle, actor: Actor): Promise<Overview> {
  const [row] = await db
    .select({
      official: sql<string>`count(*) filter (where ${products.official})`,
      user: sql<string>`count(*) filter (where not ${products.official})`,
      events: sql<string>`coalesce(sum(${products.revision} + 1), 0)`,
    })
    .from(products)
    .leftJoin(releases, eq(releases.id, products.releaseId))
    .where(and(visibleTo(actor), eq(products.status, 'published')))
  return { official: Number(row?.official ?? 0), user: Number(row?.user ?? 0), events: Number(row?.events ?? 0) }
}
