import { and, eq, sql } from 'drizzle-orm'
import { users } from '../../accounts/tables.ts'
import type { Drizzle } from '../../database/database.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Moment } from '../../domain/moment.ts'
import type { ProductStatus } from '../../domain/product/product.ts'
import type { ProductTypeName } from '../../domain/product/product-type.ts'
import { releases } from '../releases/tables.ts'
import type { ProductFilter } from './filter.ts'
import { conditions, productsThen, seenAt } from './queries.ts'
import { products } from './tables.ts'

/** Products that are alike in everything that a list can be filtered by, and how many of them there are. */
export interface ProductGroup {
  readonly type: ProductTypeName
  readonly releaseId: number | null
  readonly releaseName: string | null
  readonly owner: string
  readonly status: ProductStatus
  readonly official: boolean
  readonly origin: string
  readonly count: number
}

/** The products that the person may see and that fit the filter, in groups. One SQL query. */
export async function productGroups(
  db: Drizzle,
  actor: Actor,
  filter: ProductFilter,
  asOf: Moment | null = null,
): Promise<ProductGroup[]> {
  const properties = {
    type: products.productType,
    releaseId: products.releaseId,
    releaseName: releases.displayName,
    owner: products.owner,
    status: products.status,
    official: products.official,
    origin: products.origin,
  }
  const rows = await db
    .select({ ...properties, count: sql<string>`count(*)` })
    .from(asOf === null ? products : productsThen)
    .leftJoin(releases, eq(releases.id, products.releaseId))
    .leftJoin(users, eq(users.id, products.ownerId))
    .where(and(...seenAt(db, actor, asOf), ...conditions(filter, asOf)))
    .groupBy(...Object.values(properties))
  return rows.map((row) => ({ ...row, count: Number(row.count) }))
}

/** What values of each property are wanted; undefined: all. */
export type Wanted<Property extends string> = Readonly<Record<Property, readonly string[] | undefined>>

export interface ValueCount {
  readonly value: string
  readonly count: number
}

/**
 * How many things have each value of each property: among those that fit the choices made for all other properties, so
 * that a count is the length of the list which choosing that value alone would give.
 * @param propertyOf the value of a property of a group, as the address of the page writes it
 */
export function facetCounts<Property extends string, Group extends { readonly count: number }>(
  groups: readonly Group[],
  properties: readonly Property[],
  wanted: Wanted<Property>,
  propertyOf: (group: Group, property: Property) => string,
): ReadonlyMap<Property, readonly ValueCount[]> {
  const counts = new Map(properties.map((property) => [property, new Map<string, number>()]))
  for (const group of groups) {
    const misses = properties.filter((property) => wanted[property]?.includes(propertyOf(group, property)) === false)
    if (misses.length > 1) continue
    for (const property of misses.length === 1 ? misses : properties) {
      const values = counts.get(property)
      const value = propertyOf(group, property)
      values?.set(value, (values.get(value) ?? 0) + group.count)
    }
  }
  return new Map(
    properties.map((property) => [
      property,
      [...(counts.get(property) ?? [])].map(([value, count]) => ({ value, count })),
    ]),
  )
}
