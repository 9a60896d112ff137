import { getTableColumns, getTableName, type InferSelectModel } from 'drizzle-orm'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import type { Sql } from '../database/database.ts'

/**
 * Rows of read models in sets: one statement per table and batch, whatever the number of events. Table names are not
 * qualified, so that the same code fills the live tables and those of a rebuild.
 */

/** The rows whose `key` column is one of `values`, as drizzle would give them; `only` is a condition in SQL. */
export async function loadRows<Table extends PgTable>(
  tx: Sql,
  table: Table,
  key: string,
  values: readonly (number | string)[],
  only = 'true',
): Promise<InferSelectModel<Table>[]> {
  if (values.length === 0) return []
  const type = columnOf(table, key).getSQLType()
  const rows = await tx.query(`select * from ${getTableName(table)} where "${key}" = any($1::${type}[]) and ${only}`, [
    values,
  ])
  const columns = Object.entries(getTableColumns(table))
  return rows.map(
    (row) =>
      Object.fromEntries(
        columns.map(([property, column]) => {
          const value = row[column.name]
          return [property, value === null ? null : column.mapFromDriverValue(value)]
        }),
      ) as InferSelectModel<Table>, // drizzle's own mapping of its own columns
  )
}

/** The same, by the value of `key`. */
export async function loadGroups<Table extends PgTable>(
  tx: Sql,
  table: Table,
  key: string,
  values: readonly (number | string)[],
  keyOf: (row: InferSelectModel<Table>) => number,
): Promise<Map<number, InferSelectModel<Table>[]>> {
  const groups = new Map<number, InferSelectModel<Table>[]>()
  for (const row of await loadRows(tx, table, key, values)) {
    const group = groups.get(keyOf(row))
    if (group === undefined) groups.set(keyOf(row), [row])
    else group.push(row)
  }
  return groups
}

/** Inserts the rows, or replaces those with the same primary key. */
export async function upsertRows<Table extends PgTable>(
  tx: Sql,
  table: Table,
  rows: readonly InferSelectModel<Table>[],
): Promise<void> {
  if (rows.length === 0) return
  const { names, properties, recordset, keys } = shapeOf(table)
  const others = names.filter((name) => !keys.includes(name))
  await tx.query(
    `insert into ${getTableName(table)} (${list(names)}) select ${list(properties)} from ${recordset}
     on conflict (${list(keys)}) do update set ${others.map((name) => `"${name}" = excluded."${name}"`).join(', ')}`,
    [JSON.stringify(rows)],
  )
}

/**
 * Inserts rows that are new by construction. Many go by COPY where that is to be had: it takes half the time. A few go by a
 * statement, which says what is wrong with them.
 */
export async function insertRows<Table extends PgTable>(
  tx: Sql,
  table: Table,
  rows: readonly InferSelectModel<Table>[],
): Promise<void> {
  if (rows.length === 0) return
  const { names, properties, recordset, copied } = shapeOf(table)
  const into = `${getTableName(table)} (${list(names)})`
  if (tx.copyIn && copied && rows.length >= WORTH_A_COPY) {
    await tx.copyIn(`copy ${into} from stdin`, copyText(copied, rows))
    return
  }
  await tx.query(`insert into ${into} select ${list(properties)} from ${recordset}`, [JSON.stringify(rows)])
}

const WORTH_A_COPY = 50

/** Rows in the text format of COPY: columns between tabs, `\\N` for null, objects as JSON. */
function copyText(columns: readonly CopiedColumn[], rows: readonly Readonly<Record<string, unknown>>[]): string {
  const values = new Array<string>(columns.length)
  let text = ''
  for (const row of rows) {
    for (let place = 0; place < columns.length; place++) values[place] = copyValue(columns[place]!, row)
    text += `${values.join('\t')}\n`
  }
  return text
}

function copyValue({ property, isText, isJson }: CopiedColumn, row: Readonly<Record<string, unknown>>): string {
  const value = row[property]
  if (value === null || value === undefined) return '\\N'
  if (isJson) return escaped(JSON.stringify(value))
  return isText ? escaped(String(value)) : String(value)
}

const escaped = (text: string): string =>
  SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (special) => ESCAPES[special] ?? special) : text
const SPECIAL = /[\\\t\n\r]/
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

function columnOf(table: PgTable, name: string) {
  const column = Object.values(getTableColumns(table)).find((each) => each.name === name)
  if (column === undefined) throw new Error(`${getTableName(table)} has no column ${name}`)
  return column
}

interface Shape {
  /** Of the columns, in SQL and in TypeScript. */
  readonly names: readonly string[]
  readonly properties: readonly string[]
  /** Rows come as one JSON text, under the names of TypeScript: nothing has to be renamed one by one. */
  readonly recordset: string
  readonly keys: readonly string[]
  /** How its rows go by COPY; null when it has columns of other types than texts, numbers, truth values, times and JSON. */
  readonly copied: readonly CopiedColumn[] | null
}

interface CopiedColumn {
  readonly property: string
  readonly isText: boolean
  readonly isJson: boolean
}

const PLAIN = /^(text|integer|bigint|boolean|double precision|jsonb?|timestamp.*|uuid)$/
const shapes = new WeakMap<PgTable, Shape>()

function shapeOf(table: PgTable): Shape {
  const known = shapes.get(table)
  if (known !== undefined) return known
  const { columns, primaryKeys } = getTableConfig(table)
  const named = Object.entries(getTableColumns(table))
  const fields = named.map(([property, column]) => `"${property}" ${column.getSQLType()}`)
  const shape = {
    names: named.map(([, column]) => column.name),
    properties: named.map(([property]) => property),
    recordset: `json_to_recordset($1::text::json) as r(${fields.join(', ')})`,
    keys: [
      ...columns.filter((column) => column.primary).map((column) => column.name),
      ...primaryKeys.flatMap((key) => key.columns.map((column) => column.name)),
    ],
    copied: named.every(([, column]) => PLAIN.test(column.getSQLType()))
      ? named.map(([property, column]) => {
          const type = column.getSQLType()
          return { property, isText: type === 'text', isJson: type.startsWith('json') }
        })
      : null,
  }
  shapes.set(table, shape)
  return shape
}
