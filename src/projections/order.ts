import { asc, desc, type SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'

/** A field that a list is ordered by. */
export interface OrderedField<Field extends string> {
  readonly by: Field
  readonly descending: boolean
}

/** One field, or several of which the first counts most. */
export type Order<Field extends string> = OrderedField<Field> | readonly OrderedField<Field>[]

/** The order in SQL. Rows that are alike come by their number, in the direction of the first field, so that pages do not overlap. */
export function orderSql<Field extends string>(
  order: Order<Field>,
  columns: Readonly<Record<Field, PgColumn | SQL>>,
  number: PgColumn,
): SQL[] {
  const fields: readonly OrderedField<Field>[] = [order].flat()
  const direction = (descending = false) => (descending ? desc : asc)
  return [
    ...fields.map(({ by, descending }) => direction(descending)(columns[by])),
    direction(fields[0]?.descending)(number),
  ]
}
