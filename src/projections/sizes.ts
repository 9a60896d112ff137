import type { Sql } from '../database/database.ts'

/** How many rows the tables of each read model have together, and when its checkpoint moved last (ISO 8601 UTC). */
export async function readModelSizes(
  sql: Sql,
): Promise<ReadonlyMap<string, { readonly rows: number; readonly updatedAt: string | null }>> {
  const models = await sql.query<{ name: string; tables: readonly string[]; updated_at: string | Date | null }>(
    'SELECT name, tables, updated_at FROM read.checkpoints',
  )
  const sizes = new Map<string, { rows: number; updatedAt: string | null }>()
  for (const { name, tables, updated_at } of models) {
    let rows = 0
    for (const table of tables) {
      const [counted] = await sql.query<{ rows: string | number }>(`SELECT count(*) AS rows FROM ${quoted(table)}`)
      rows += Number(counted?.rows ?? 0)
    }
    sizes.set(name, { rows, updatedAt: updated_at === null ? null : new Date(updated_at).toISOString() })
  }
  return sizes
}

const quoted = (table: string): string => `read.${`"${table.replaceAll('"', '""')}"`}`
