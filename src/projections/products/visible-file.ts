import { and, eq, isNull, ne, or, sql } from 'drizzle-orm'
import type { Drizzle } from '../../database/database.ts'
import type { Actor } from '../../domain/actor.ts'
import { type FileRow, files } from '../files/tables.ts'
import { releases } from '../releases/tables.ts'
import { visibleTo } from './queries.ts'
import { products } from './tables.ts'

/**
 * An HTML page with these bytes, of a product that the person may see; null when there is none.
 * @param productId the product, when it is known; else any
 */
export async function visibleFile(
  db: Drizzle,
  actor: Actor,
  sha256: string,
  productId: number | null = null,
): Promise<FileRow | null> {
  const [found] = await db
    .select({ file: files })
    .from(files)
    .innerJoin(products, eq(products.id, files.productId))
    .leftJoin(releases, eq(releases.id, products.releaseId))
    .where(
      and(
        eq(files.sha256, sha256),
        productId === null ? undefined : eq(files.productId, productId),
        ne(files.role, 'main'),
        isNull(files.removedAt),
        or(sql`${files.name} ilike '%.html'`, sql`${files.name} ilike '%.htm'`),
        visibleTo(actor),
      ),
    )
    .limit(1)
  return found?.file ?? null
}
