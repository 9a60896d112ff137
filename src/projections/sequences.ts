import type { Sql } from '../database/database.ts'
import type { Projection } from './projection.ts'

/**
 * Raises each sequence to the highest number that the rows know; never lowers one. ALTER SEQUENCE keeps others from
 * drawing a number between the look and the change.
 */
export async function raiseSequences(tx: Sql, projections: readonly Projection[]): Promise<void> {
  for (const { name, highest } of projections.flatMap((projection) => projection.sequences ?? [])) {
    const [row] = await tx.query<{ behind: boolean | null; highest: string | null }>(
      `SELECT highest::text, highest > (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM ${name}) AS behind
         FROM (SELECT (${highest})::int8 AS highest) h`,
    )
    if (!row?.behind) continue
    await tx.query(`ALTER SEQUENCE ${name} NO CYCLE`)
    await tx.query(`SELECT setval($1::text::regclass, greatest($2::int8, last_value)) FROM ${name}`, [
      name,
      row.highest,
    ])
  }
}
