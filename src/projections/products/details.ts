import { getTableColumns, getTableName, type InferSelectModel } from 'drizzle-orm'
import { PgBigInt53, type PgTable, PgTimestampString } from 'drizzle-orm/pg-core'
import type { Sql } from '../../database/database.ts'
import { productStream } from '../../domain/product/product.ts'
import { type ColumnRow, columns } from '../columns/tables.ts'
import { type FileRow, files } from '../files/tables.ts'
import { type HistoryRow, history } from '../history/tables.ts'
import { RELATIONS_ROWS, RELATIONS_WITH, type Relations, relationsOf } from '../lineage/queries.ts'

/** What a product's page shows besides its row. */
export interface ProductDetails {
  /** All that it has or had, in the order in which they came. */
  readonly files: readonly FileRow[]
  /** Of the current main file, in its order. */
  readonly columns: readonly ColumnRow[]
  /** The latest events, oldest first. */
  readonly events: readonly HistoryRow[]
  /** What it comes from, and what came of it. */
  readonly relations: Relations
}

/**
 * Files, columns, events and relations of a product in one SQL query, because a page has few of them to spend.
 * @param mostEvents the latest ones; null for all
 */
export async function productDetails(db: Sql, productId: number, mostEvents: number | null): Promise<ProductDetails> {
  const rows = await db.query<{ kind: string; row: Readonly<Record<string, unknown>> }>(
    `${RELATIONS_WITH}
     (select 'file' as kind, to_jsonb(f) as row from ${getTableName(files)} f where product_id = $1 order by id)
     union all
     (select 'column', to_jsonb(c) from ${getTableName(columns)} c where product_id = $1 order by place)
     union all
     (select 'event', to_jsonb(h) from ${getTableName(history)} h where stream = $2 order by revision desc limit $3)
     union all ${RELATIONS_ROWS.join(' union all ')}`,
    [productId, productStream(productId), mostEvents],
  )
  const of = (kind: string) => rows.filter((each) => each.kind === kind).map((each) => each.row)
  return {
    files: of('file').map((row) => fromJson(files, row)),
    columns: of('column').map((row) => fromJson(columns, row)),
    events: of('event')
      .map((row) => fromJson(history, row))
      .reverse(),
    relations: relationsOf(rows),
  }
}

/** A row as `to_jsonb` writes it, in the form in which drizzle gives it. */
function fromJson<Table extends PgTable>(
  table: Table,
  json: Readonly<Record<string, unknown>>,
): InferSelectModel<Table> {
  return Object.fromEntries(
    Object.entries(getTableColumns(table)).map(([property, column]) => {
      const value = json[column.name] ?? null
      if (value === null) return [property, null]
      if (column instanceof PgTimestampString) return [property, new Date(String(value)).toISOString()]
      return [property, column instanceof PgBigInt53 ? Number(value) : value]
    }),
  ) as InferSelectModel<Table> // the columns of the table, each with the type that it has
}
