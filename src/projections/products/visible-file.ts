import { and, eq, isNull, ne, or, sql } from 'drizzle-orm'
import type { Drizzle } from '../../database/database.ts'
import type { Actor } from '../../domain/actor.ts'
import { files } from '../files/tables.ts'
import { releases } from '../releases/tables.ts'
import { visibleTo } from './queries.ts'
import { products } from './tables.ts'

/** The name of an HTML page with these bytes that a product has which the person may see; null when there is none. */
export async function visibleFile(db: Drizzle, actor: Actor, sha256: string): Promise<string | null> {
  const [found] = await db
    .select({ name: files.name })
    .from(files)
    .innerJoin(products, eq(products.id, files.productId))
    .leftJoin(releases, eq(releases.id, products.releaseId))
    .where(
      and(
        eq(files.sha256, sha256),
        ne(files.role, 'main'),
        isNull(files.removedAt),
        or(sql`${files.name} ilike '%.html'`, sql`${files.name} ilike '%.htm'`),
        visibleTo(actor),
      ),
    )
    .limit(1)
  return found?.name ?? null
}
