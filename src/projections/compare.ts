import type { Sql } from '../database/database.ts'
import { quoteIdentifier } from '../database/names.ts'

/** How a table differs between two schemas. Rows are given as PostgreSQL writes them, the first few of each kind. */
export interface TableDifference {
  readonly table: string
  /** Rows that only the first has, and that only the second has. */
  readonly missing: number
  readonly extra: number
  readonly examples: readonly string[]
}

const EXAMPLES = 5

/**
 * Compares tables of two schemas row by row, whatever the order of rows. Empty when all are equal. Both must have the
 * same columns in the same order.
 */
export async function compareTables(
  sql: Sql,
  schemaA: string,
  schemaB: string,
  tables: readonly string[],
): Promise<TableDifference[]> {
  const differences: TableDifference[] = []
  for (const table of tables) {
    const rows = (schema: string) =>
      `SELECT t::text AS line FROM ${quoteIdentifier(schema)}.${quoteIdentifier(table)} t`
    const only = (one: string, other: string) =>
      sql.query<{ line: string; total: string }>(
        `SELECT line, count(*) OVER () AS total FROM (${rows(one)} EXCEPT ALL ${rows(other)}) d ORDER BY line LIMIT ${EXAMPLES}`,
      )
    const missing = await only(schemaA, schemaB)
    // As many rows, and none that the other lacks: equal, without looking the other way round.
    if (missing.length === 0) {
      const count = (schema: string) => `(SELECT count(*) FROM ${quoteIdentifier(schema)}.${quoteIdentifier(table)})`
      const [sizes] = await sql.query<{ same: boolean }>(`SELECT ${count(schemaA)} = ${count(schemaB)} AS same`)
      if (sizes?.same) continue
    }
    const extra = await only(schemaB, schemaA)
    differences.push({
      table,
      missing: Number(missing[0]?.total ?? 0),
      extra: Number(extra[0]?.total ?? 0),
      examples: [
        ...missing.map((row) => `${schemaA} only: ${row.line}`),
        ...extra.map((row) => `${schemaB} only: ${row.line}`),
      ],
    })
  }
  return differences
}
