import { asc, eq } from 'drizzle-orm'
import type { Drizzle } from '../../database/database.ts'
import { type ColumnRow, columns } from './tables.ts'

/** The columns of a product's main file, in the order of the file. */
export async function productColumns(db: Drizzle, productId: number): Promise<ColumnRow[]> {
  return db.select().from(columns).where(eq(columns.productId, productId)).orderBy(asc(columns.place))
}

/** Null when there is none, or none any more. Who may see it, the caller asks. */
export async function findColumn(db: Drizzle, id: number): Promise<ColumnRow | null> {
  const rows = await db.select().from(columns).where(eq(columns.id, id))
  return rows[0] ?? null
}
