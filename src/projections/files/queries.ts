import { and, desc, eq, inArray, isNull } from 'drizzle-orm'
import type { Drizzle } from '../../database/database.ts'
import { type FileRow, files } from './tables.ts'

/** The current files of some products: the main file first, then in the order in which they came. */
export async function currentFiles(db: Drizzle, productIds: readonly number[]): Promise<FileRow[]> {
  if (productIds.length === 0) return []
  const rows = await db
    .select()
    .from(files)
    .where(and(inArray(files.productId, [...productIds]), isNull(files.removedAt)))
  return mainFirst(rows)
}

/** The order in which files are shown and exported, of today and of the past. */
export const mainFirst = (rows: readonly FileRow[]): FileRow[] =>
  rows.toSorted((a, b) => Number(b.role === 'main') - Number(a.role === 'main') || a.id - b.id)

/** Null when there is none; a removed file is still found. Who may see it, the caller asks. */
export async function findFile(db: Drizzle, id: number): Promise<FileRow | null> {
  const rows = await db.select().from(files).where(eq(files.id, id))
  return rows[0] ?? null
}

/** The digests of the files that came last, those that were destroyed left out. */
export async function newestDigests(db: Drizzle, most: number): Promise<string[]> {
  const rows = await db
    .select({ sha256: files.sha256 })
    .from(files)
    .where(eq(files.purged, false))
    .orderBy(desc(files.id))
    .limit(most)
  return [...new Set(rows.map(({ sha256 }) => sha256))]
}
