import { and, asc, desc, eq, ilike, inArray, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { users } from '../../accounts/tables.ts'
import type { Drizzle } from '../../database/database.ts'
import type { Actor } from '../../domain/actor.ts'
import { PRODUCT_TYPES } from '../../domain/product/product-type.ts'
import type { RunStatus } from '../../domain/run/run.ts'
import { columns } from '../columns/tables.ts'
import { releases } from '../releases/tables.ts'
import { runs } from '../runs/tables.ts'
import type { Ordering, Page, ProductFilter, ProductOrder, TextFilter } from './filter.ts'
import { type ProductRow, products } from './tables.ts'

/** A product with the names that go with its numbers. */
export interface ListedProduct {
  readonly product: ProductRow
  readonly release: { readonly name: string; readonly displayName: string } | null
  readonly ownerName: { readonly first: string; readonly last: string } | null
  /** How the run that makes or made it stands. */
  readonly runStatus?: RunStatus | null
  /** An input of the run that made it has another main file now, or is gone. */
  readonly stale?: boolean
}

export interface ProductList {
  /** Products that fit the filter, on all pages. */
  readonly count: number
  readonly items: readonly ListedProduct[]
}

const listed = {
  product: products,
  release: { name: releases.name, displayName: releases.displayName },
  ownerName: { first: users.firstName, last: users.lastName },
  runStatus: runs.status,
  stale: sql<boolean>`${products.runId} is not null and exists (
    select 1 from lineage used join products input on input.id = used.product_id
    left join files main on main.id = input.main_file_id
    where used.output_product_id = ${products.id}
    and (input.status in ('deleted', 'purged') or main.sha256 is distinct from used.digest))`,
}

/** The products that the person may see, narrowed, ordered and cut to a page. One SQL query. */
export async function listProducts(
  db: Drizzle,
  actor: Actor,
  filter: ProductFilter,
  order: ProductOrder,
  page: Page | null,
): Promise<ProductList> {
  const direction = order.descending ? desc : asc
  const query = db
    .select({ ...listed, count: sql<string>`count(*) over ()` })
    .from(products)
    .leftJoin(releases, eq(releases.id, products.releaseId))
    .leftJoin(users, eq(users.id, products.ownerId))
    .leftJoin(runs, eq(runs.id, products.runId))
    .where(and(visibleTo(actor), ...conditions(filter)))
    .orderBy(direction(ORDER_BY[order.by]), direction(products.id))
  const rows = await (page === null ? query : query.limit(page.limit).offset(page.offset))
  const [first] = rows
  if (first === undefined && page !== null && page.offset > 0) {
    return { count: await countProducts(db, actor, filter), items: [] }
  }
  return { count: Number(first?.count ?? 0), items: rows }
}

export async function countProducts(db: Drizzle, actor: Actor, filter: ProductFilter): Promise<number> {
  const rows = await db
    .select({ count: sql<string>`count(*)` })
    .from(products)
    .leftJoin(releases, eq(releases.id, products.releaseId))
    .leftJoin(users, eq(users.id, products.ownerId))
    .where(and(visibleTo(actor), ...conditions(filter)))
  return Number(rows[0]?.count ?? 0)
}

/** The product, or null when there is none or the person may not see it. */
export async function findProduct(db: Drizzle, actor: Actor, id: number): Promise<ListedProduct | null> {
  const rows = await db
    .select(listed)
    .from(products)
    .leftJoin(releases, eq(releases.id, products.releaseId))
    .leftJoin(users, eq(users.id, products.ownerId))
    .leftJoin(runs, eq(runs.id, products.runId))
    .where(and(visibleTo(actor), eq(products.id, id)))
  return rows[0] ?? null
}

/** The same rule as `maySee` of the domain, in SQL. A test compares the two. */
export function visibleTo(actor: Actor): SQL | undefined {
  if (actor.isAdmin) return undefined
  return or(eq(products.ownerId, actor.userId), and(eq(products.status, 'published'), releaseOpenTo(actor)))
}

/** The same rule as `mayUseRelease` of the domain, for the release joined to a product. */
function releaseOpenTo(actor: Actor): SQL | undefined {
  return or(isNull(products.releaseId), usableBy(actor))
}

export function usableBy(actor: Actor): SQL | undefined {
  if (actor.isAdmin) return undefined
  const groups = sql.param(`{${actor.groupIds.join(',')}}`)
  // Compared as texts: a number that no group can have is no reason for an error.
  return or(
    releases.isPublic,
    sql`${releases.accessGroups} = '[]'::jsonb`,
    sql`exists (select 1 from jsonb_array_elements_text(${releases.accessGroups}) as g where g = any(${groups}::text[]))`,
  )
}

const TYPE_ORDER = sql`case ${products.productType} ${sql.join(
  PRODUCT_TYPES.map((type) => sql`when ${type.name} then ${sql.raw(String(type.id))}`),
  sql` `,
)} end`

const ORDER_BY: Readonly<Record<Ordering, PgColumn | SQL>> = {
  id: products.id,
  display_name: sql`lower(${products.displayName})`,
  product_type: TYPE_ORDER,
  created_at: products.createdAt,
  updated_at: products.updatedAt,
  internal_name: products.internalName,
  owner: products.owner,
  release: releases.displayName,
  status: products.status,
  official: products.official,
  origin: products.origin,
  rows: sql`coalesce(${products.rows}, 0)`,
  size: products.size,
}

/** What a product must fulfil to fit the filter. Needs the releases and the users joined to the products. */
export function conditions(filter: ProductFilter): (SQL | undefined)[] {
  const oneOf = (column: PgColumn, values: readonly (string | number)[] | undefined) =>
    values === undefined ? undefined : inArray(column, [...values])
  return [
    oneOf(products.id, filter.ids),
    oneOf(products.internalName, filter.internalNames),
    oneOf(products.displayName, filter.displayNames),
    oneOf(products.releaseId, filter.releaseIds),
    filter.hasRelease === undefined ? undefined : (filter.hasRelease ? isNotNull : isNull)(products.releaseId),
    inReleases(filter.releases),
    oneOf(products.productType, filter.productTypes),
    filter.official === undefined ? undefined : eq(products.official, filter.official),
    oneOf(products.status, filter.statuses),
    oneOf(products.ownerId, filter.ownerIds),
    oneOf(products.owner, filter.owners),
    oneOf(products.origin, filter.origins),
    ...texts(filter.uploadedBy, [products.owner, users.firstName, users.lastName]),
    ...(filter.typeName ?? []).map(typeNamed),
    ...texts(filter.releaseName, [releases.displayName, releases.name]),
    ...texts(filter.name, [products.displayName]),
    ...(filter.search ?? []).map(found),
  ]
}

function inReleases(wanted: ProductFilter['releases']): SQL | undefined {
  if (wanted === undefined) return undefined
  const ids = wanted.filter((id) => id !== null)
  return or(
    ids.length === 0 ? sql`false` : inArray(products.releaseId, ids),
    wanted.includes(null) ? isNull(products.releaseId) : undefined,
  )
}

function texts(filters: readonly TextFilter[] | undefined, fields: readonly PgColumn[]): (SQL | undefined)[] {
  return (filters ?? []).map((filter) => {
    const terms = filter.terms.map((term) => or(...fields.map((field) => ilike(field, contains(term)))))
    return filter.any ? or(...terms) : and(...terms)
  })
}

/** Product types are facts of the program, not rows: the filter becomes a list of their names. */
function typeNamed(filter: TextFilter): SQL {
  const matches = (text: string, term: string) => text.toLowerCase().includes(term.toLowerCase())
  const names = PRODUCT_TYPES.filter((type) => {
    const hits = filter.terms.map((term) => matches(type.displayName, term) || matches(type.name, term))
    return filter.any ? hits.some(Boolean) : hits.every(Boolean)
  }).map((type) => type.name)
  return names.length === 0 ? sql`false` : inArray(products.productType, names)
}

function found(term: string): SQL | undefined {
  const pattern = contains(term)
  return or(
    ilike(products.displayName, pattern),
    ilike(products.internalName, pattern),
    ilike(products.description, pattern),
    ilike(products.owner, pattern),
    ilike(users.firstName, pattern),
    ilike(users.lastName, pattern),
    sql`exists (select 1 from ${columns} where ${columns.productId} = ${products.id} and ${columns.name} ilike ${pattern})`,
  )
}

/** A pattern for ILIKE that finds the term literally. */
export const contains = (term: string): string => `%${term.replace(/[\\%_]/g, '\\$&')}%`
