import type { Sql } from '../database/database.ts'

type Numbered = 'product' | 'file' | 'column' | 'release' | 'run'

/** The next number of a kind. Numbers are never given twice; one that is not used in the end is lost. */
export async function nextNumber(db: Sql, kind: Numbered): Promise<number> {
  const [number] = await nextNumbers(db, kind, 1)
  if (number === undefined) throw new Error(`The sequence of ${kind} numbers gave none`)
  return number
}

export async function nextNumbers(db: Sql, kind: Numbered, count: number): Promise<number[]> {
  const rows = await db.query<{ number: string | number }>(
    `select nextval('numbers.${kind}_id') as number from generate_series(1, $1::int)`,
    [count],
  )
  return rows.map((row) => Number(row.number))
}
