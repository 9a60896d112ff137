import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgSchema,
  pgTable,
  primaryKey,
  serial,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { tableDefinition } from '../../src/database/ddl.ts'
import { openMemoryDatabase } from '../support/memory-database.ts'

const catalogs = pgTable(
  'catalogs',
  {
    id: integer('id').notNull(),
    part: text('part').notNull().default("it's"),
    rows: bigint('rows', { mode: 'number' }).default(0),
    flag: boolean('flag').notNull().default(false),
    labels: text('labels').array(),
    document: jsonb('document').default({ a: "b'c" }),
    seen: timestamp('seen', { withTimezone: true, mode: 'string', precision: 3 }).default(sql`now()`),
    code: text('code').unique(),
    lower: text('lower').generatedAlwaysAs(sql`lower(part)`),
  },
  (table) => [
    primaryKey({ columns: [table.id, table.part] }),
    unique().on(table.rows, table.flag).nullsNotDistinct(),
    check('catalogs_rows', sql`${table.rows} >= ${0}`),
    index('catalogs_document').using('gin', table.document.op('jsonb_path_ops')),
    index().on(table.seen.desc().nullsLast(), table.id),
    index('catalogs_search').using('gin', sql`to_tsvector('simple', ${table.part})`),
    index('catalogs_flagged')
      .on(table.rows)
      .where(sql`${table.flag} and ${table.part} <> ${"'"}`)
      .with({ fillfactor: 70 }),
    uniqueIndex('catalogs_code').on(sql`lower(${table.code})`),
  ],
)

let database: Database
beforeAll(async () => {
  database = await openMemoryDatabase()
})
afterAll(() => database.close())

it('creates the tables that drizzle describes', async () => {
  const definition = tableDefinition(catalogs)
  for (const statement of definition.create) await database.query(statement)
  for (const statement of definition.indexes) await database.query(statement.create)
  await database.drizzle.insert(catalogs).values({ id: 1, labels: ['x'] })
  expect(await database.drizzle.select().from(catalogs)).toMatchObject([
    { id: 1, part: "it's", rows: 0, flag: false, labels: ['x'], document: { a: "b'c" }, code: null, lower: "it's" },
  ])
  const indexes = await database.query<{ indexdef: string }>(
    `select indexdef from pg_indexes where tablename = 'catalogs' order by indexname`,
  )
  expect(indexes.map((row) => row.indexdef.replace(/.* ON read\.catalogs /, ''))).toEqual([
    'USING btree (lower(code))',
    'USING btree (code)',
    'USING gin (document jsonb_path_ops)',
    `USING btree (rows) WITH (fillfactor='70') WHERE (flag AND (part <> ''''::text))`,
    'USING btree (id, part)',
    'USING btree (rows, flag) NULLS NOT DISTINCT',
    `USING gin (to_tsvector('simple'::regconfig, part))`,
    'USING btree (seen DESC NULLS LAST, id)',
  ])
  await expect(database.query('insert into catalogs (id, rows) values (2, -1)')).rejects.toMatchObject({
    code: '23514',
    constraint: 'catalogs_rows',
  })
})

it('refuses tables that could not be rebuilt beside the live ones', () => {
  expect(() => tableDefinition(pgSchema('other').table('t', { id: integer('id') }))).toThrow('schema other')
  expect(() => tableDefinition(pgTable('t', { id: serial('id') }))).toThrow('numbers its own rows')
  expect(() => tableDefinition(pgTable('t', { id: integer('id').references(() => catalogs.id) }))).toThrow(
    'foreign keys',
  )
})
