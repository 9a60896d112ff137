import { and, eq, gt, ilike, inArray, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import { alias, type PgColumn } from 'drizzle-orm/pg-core'
import { users } from '../../accounts/tables.ts'
import type { Drizzle } from '../../database/database.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Moment } from '../../domain/moment.ts'
import { PRODUCT_TYPES } from '../../domain/product/product-type.ts'
import type { RunStatus } from '../../domain/run/run.ts'
import { columns } from '../columns/tables.ts'
import { orderSql } from '../order.ts'
import { releases } from '../releases/tables.ts'
import { runs } from '../runs/tables.ts'
import type { Ordering, Page, ProductFilter, ProductOrder, TextFilter } from './filter.ts'
import { type ProductRow, products } from './tables.ts'
import { productVersions } from './versions.ts'

/** A product with the names that go with its numbers. */
export interface ListedProduct {
  readonly product: ProductRow
  readonly release: { readonly name: string; readonly displayName: string } | null
  readonly ownerName: { readonly display: string; readonly first: string; readonly last: string } | null
  /** How the run that makes or made it stands. */
  readonly runStatus?: RunStatus | null
  /** What it was made from, at any depth, has another main file now, or is gone. */
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
  ownerName: { display: users.displayName, first: users.firstName, last: users.lastName },
  runStatus: runs.status,
  stale: sql<boolean>`${products.runId} is not null and ${products.status} <> 'failed' and exists (
    with recursive origins (id) as (
      select ${products.id} union
      select used.product_id from lineage used join origins on used.output_product_id = origins.id
      where used.product_id is not null)
    select 1 from origins join lineage used on used.output_product_id = origins.id
    join products input on input.id = used.product_id
    left join files main on main.id = input.main_file_id
    where input.status in ('deleted', 'purged') or main.sha256 is distinct from used.digest)`,
}

/** The products that the person may see, narrowed, ordered and cut to a page. One SQL query. */
export async function listProducts(
  db: Drizzle,
  actor: Actor,
  filter: ProductFilter,
  order: ProductOrder,
  page: Page | null,
  asOf: Moment | null = null,
): Promise<ProductList> {
  const query = db
    .select({ ...(asOf === null ? listed : listedThen), count: sql<string>`count(*) over ()` })
    .from(asOf === null ? products : productsThen)
    .leftJoin(releases, eq(releases.id, products.releaseId))
    .leftJoin(users, eq(users.id, products.ownerId))
    .leftJoin(runs, eq(runs.id, products.runId))
    .where(and(...seenAt(db, actor, asOf), ...conditions(filter, asOf)))
    .orderBy(...orderSql(order, ORDER_BY, products.id))
  const rows = await (page === null ? query : query.limit(page.limit).offset(page.offset))
  const [first] = rows
  if (first === undefined && page !== null && page.offset > 0) {
    return { count: await countProducts(db, actor, filter, asOf), items: [] }
  }
  return { count: Number(first?.count ?? 0), items: rows }
}

/** How many products `listProducts` would give without a page. */
export async function countProducts(
  db: Drizzle,
  actor: Actor,
  filter: ProductFilter,
  asOf: Moment | null = null,
): Promise<number> {
  const rows = await db
    .select({ count: sql<string>`count(*)` })
    .from(asOf === null ? products : productsThen)
    .leftJoin(releases, eq(releases.id, products.releaseId))
    .leftJoin(users, eq(users.id, products.ownerId))
    .where(and(...seenAt(db, actor, asOf), ...conditions(filter, asOf)))
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

/** What decides who may see a product: of the products themselves, or of an alias. */
interface SeenBy {
  readonly ownerId: PgColumn
  readonly status: PgColumn
  readonly releaseId: PgColumn
}
type ReleaseColumns = Readonly<Record<'isPublic' | 'accessGroups', PgColumn>>

/** The same rule as `maySee` of the domain, in SQL. A test compares the two. */
export function visibleTo(actor: Actor, table: SeenBy = products, release: ReleaseColumns = releases): SQL | undefined {
  if (actor.isAdmin) return undefined
  const open = or(isNull(table.releaseId), usableBy(actor, release))
  return or(eq(table.ownerId, actor.userId), and(eq(table.status, 'published'), open))
}

/** Releases whose data the person may use: public ones, those that name no group, and those of the person's groups. */
export function usableBy(actor: Actor, release: ReleaseColumns = releases): SQL | undefined {
  if (actor.isAdmin) return undefined
  const groups = sql.param(`{${actor.groupIds.join(',')}}`)
  // Compared as texts: a number that no group can have is no reason for an error.
  return or(
    sql`${release.isPublic}`,
    sql`${release.accessGroups} = '[]'::jsonb`,
    sql`exists (select 1 from jsonb_array_elements_text(${release.accessGroups}) as g where g = any(${groups}::text[]))`,
  )
}

/** Products as they were stand where products stand: the same conditions and orders serve both. */
export const productsThen = alias(productVersions, 'products')
// How runs and inputs stand today says nothing of then.
const { runStatus: _, stale: __, ...listedThen } = listed
const present = alias(products, 'present')
const presentReleases = alias(releases, 'present_releases')

/** Of the past, people see what they could have seen then and may see now: the rule of time travel to one product. */
export function seenAt(db: Drizzle, actor: Actor, asOf: Moment | null): (SQL | undefined)[] {
  if (asOf === null) return [visibleTo(actor)]
  const then =
    asOf.kind === 'time'
      ? and(lte(productsThen.validFrom, asOf.at), gt(productsThen.validTo, asOf.at))
      : and(lte(productsThen.validFromPosition, asOf.position), gt(productsThen.validToPosition, asOf.position))
  if (actor.isAdmin) return [then]
  const seenNow = db
    .select({ id: present.id })
    .from(present)
    .leftJoin(presentReleases, eq(presentReleases.id, present.releaseId))
    .where(visibleTo(actor, present, presentReleases))
  return [then, visibleTo(actor), inArray(products.id, seenNow)]
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
export function conditions(filter: ProductFilter, asOf: Moment | null = null): (SQL | undefined)[] {
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
    ...texts(filter.uploadedBy, [products.owner, users.displayName, users.firstName, users.lastName]),
    ...(filter.typeName ?? []).map(typeNamed),
    ...texts(filter.releaseName, [releases.displayName, releases.name]),
    ...texts(filter.name, [products.displayName]),
    ...(filter.search ?? []).map((term) => found(term, asOf)),
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

/** Columns are those of today: the words of a search of the past are not looked for in them. */
function found(term: string, asOf: Moment | null): SQL | undefined {
  const pattern = contains(term)
  return or(
    ilike(products.displayName, pattern),
    ilike(products.internalName, pattern),
    ilike(products.description, pattern),
    ilike(products.owner, pattern),
    ilike(users.displayName, pattern),
    ilike(users.firstName, pattern),
    ilike(users.lastName, pattern),
    asOf !== null
      ? undefined
      : sql`exists (select 1 from ${columns} where ${columns.productId} = ${products.id} and ${columns.name} ilike ${pattern})`,
  )
}

/** A pattern for ILIKE that finds the term literally. */
export const contains = (term: string): string => `%${term.replace(/[\\%_]/g, '\\$&')}%`
