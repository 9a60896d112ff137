import { is, SQL } from 'drizzle-orm'
import { getTableConfig, type Index, IndexedColumn, type PgColumn, PgDialect, type PgTable } from 'drizzle-orm/pg-core'
import { quoteIdentifier, quoteLiteral } from './names.ts'

/**
 * Statements that create a table as drizzle describes it. Names are not qualified: the table appears in the first schema of
 * the search path, so that one definition serves the live tables and those of a rebuild.
 */
export interface TableDefinition {
  readonly name: string
  /** The table with its columns, primary key, unique constraints and checks, then its unique indexes. */
  readonly create: readonly string[]
  /** All other indexes, by name: quicker to make when the rows are there. */
  readonly indexes: readonly { readonly name: string; readonly create: string }[]
}

const dialect = new PgDialect()
const list = (columns: readonly { readonly name: string }[]): string =>
  columns.map((column) => quoteIdentifier(column.name)).join(', ')
const inline = (expression: SQL): string => dialect.sqlToQuery(expression.inlineParams()).sql

/** Columns that drizzle can describe but a movable table cannot have are refused. */
export function tableDefinition(table: PgTable): TableDefinition {
  const config = getTableConfig(table)
  if (config.schema)
    throw new Error(`Table ${config.name} names its schema ${config.schema}; leave it to the search path`)
  if (config.foreignKeys.length > 0)
    throw new Error(`Table ${config.name} has foreign keys, which a rebuild cannot keep`)
  const parts = [
    ...config.columns.map(columnDefinition),
    ...config.primaryKeys.map((key) => `PRIMARY KEY (${list(key.columns)})`),
    ...config.uniqueConstraints.map(
      (unique) => `UNIQUE ${unique.nullsNotDistinct ? 'NULLS NOT DISTINCT ' : ''}(${list(unique.columns)})`,
    ),
    ...config.checks.map((check) => `CONSTRAINT ${quoteIdentifier(check.name)} CHECK (${inline(check.value)})`),
  ]
  const indexes = (unique: boolean) =>
    config.indexes.filter((index) => index.config.unique === unique).map((index) => indexDefinition(config.name, index))
  return {
    name: config.name,
    create: [
      `CREATE TABLE ${quoteIdentifier(config.name)} (${parts.join(', ')})`,
      ...indexes(true).map((index) => index.create),
    ],
    indexes: indexes(false),
  }
}

function columnDefinition(column: PgColumn): string {
  if (/serial/.test(column.getSQLType()) || column.generatedIdentity)
    throw new Error(`Column ${column.name} numbers its own rows; a rebuild would number them otherwise`)
  const words = [quoteIdentifier(column.name), column.getSQLType()]
  if (column.generated) {
    const { as } = column.generated
    const expression = typeof as === 'function' ? as() : as
    words.push(`GENERATED ALWAYS AS (${is(expression, SQL) ? inline(expression) : String(expression)}) STORED`)
  } else if (column.hasDefault && column.default !== undefined) {
    words.push(`DEFAULT ${defaultValue(column)}`)
  }
  if (column.primary) words.push('PRIMARY KEY')
  else if (column.notNull) words.push('NOT NULL')
  if (column.isUnique) words.push(column.uniqueType === 'not distinct' ? 'UNIQUE NULLS NOT DISTINCT' : 'UNIQUE')
  return words.join(' ')
}

function defaultValue(column: PgColumn): string {
  const value: unknown = column.default
  if (is(value, SQL)) return inline(value)
  const encoded: unknown = column.mapToDriverValue(value)
  if (encoded === null) return 'NULL'
  if (typeof encoded === 'number' || typeof encoded === 'boolean' || typeof encoded === 'bigint') return String(encoded)
  return quoteLiteral(typeof encoded === 'string' ? encoded : JSON.stringify(encoded))
}

function indexDefinition(table: string, { config }: Index): { name: string; create: string } {
  const columns = config.columns.map((column) => {
    if (is(column, SQL)) return `(${inline(column)})`
    if (!is(column, IndexedColumn) || column.name === undefined)
      throw new Error(`Index on ${table} has a nameless column`)
    const { order, nulls, opClass } = column.indexConfig ?? {}
    const sorted =
      (config.method ?? 'btree') === 'btree' ? [order?.toUpperCase(), nulls && `NULLS ${nulls.toUpperCase()}`] : []
    return [quoteIdentifier(column.name), opClass, ...sorted].filter(Boolean).join(' ')
  })
  const plainNames = config.columns.map((column) => (is(column, IndexedColumn) ? column.name : 'expression'))
  const name = config.name ?? [table, ...plainNames, config.unique ? 'key' : 'index'].join('_')
  const storage = Object.entries(config.with ?? {}).map(([key, value]) => `${key} = ${String(value)}`)
  const words = [
    `CREATE ${config.unique ? 'UNIQUE ' : ''}INDEX ${quoteIdentifier(name)} ON ${quoteIdentifier(table)}`,
    `USING ${config.method ?? 'btree'} (${columns.join(', ')})`,
  ]
  if (storage.length > 0) words.push(`WITH (${storage.join(', ')})`)
  if (config.where) words.push(`WHERE ${inline(config.where)}`)
  return { name, create: words.join(' ') }
}
