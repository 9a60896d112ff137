import type { ProductListName } from '../../../views/pages/product-list.tsx'
import type { Actor } from '../../domain/actor.ts'
import { invalidField } from '../../domain/error.ts'
import type { ProductStatus } from '../../domain/product/product.ts'
import { PRODUCT_TYPES } from '../../domain/product/product-type.ts'
import type { ProductGroup, Wanted } from '../../projections/products/facets.ts'
import type { Ordering, Page, ProductFilter, ProductOrder } from '../../projections/products/filter.ts'
import { invalidPage, searchTerms } from '../api/paging.ts'

/** What a list of products can be narrowed by: names of parameters in the address of the page. */
export const PROPERTIES = ['type', 'release', 'owner', 'status', 'official', 'origin'] as const
export type Property = (typeof PROPERTIES)[number]

/** What a list is about, before anybody filters it. */
export interface ListScope {
  readonly filter: ProductFilter
  /** Properties that make a difference in it. */
  readonly properties: readonly Property[]
  /** Statuses that are shown unless some are asked for. */
  readonly statuses: readonly ProductStatus[]
}

export function scopeOf(list: ProductListName, actor: Actor): ListScope {
  const without = (gone: Property) => PROPERTIES.filter((property) => property !== gone)
  const statuses = ['published'] as const
  switch (list) {
    case 'products':
      return { filter: {}, properties: PROPERTIES, statuses }
    case 'official_products':
      return { filter: { official: true }, properties: without('official'), statuses }
    case 'user_products':
      return { filter: { official: false }, properties: without('official'), statuses }
    case 'my_products':
      return {
        filter: { ownerIds: [actor.userId] },
        properties: without('owner'),
        statuses: ['registering', 'processing', 'published', 'failed'],
      }
  }
}

/** What a page of a list shows, as its address says it. */
export interface ListQuery {
  readonly search: string
  readonly terms: readonly string[]
  readonly wanted: Wanted<Property>
  readonly ordering: string
  readonly order: ProductOrder
  readonly page: Page
}

const ORDERINGS: Readonly<Record<string, Ordering>> = {
  id: 'id',
  displayName: 'display_name',
  type: 'product_type',
  release: 'release',
  owner: 'owner',
  rows: 'rows',
  size: 'size',
  status: 'status',
  official: 'official',
  origin: 'origin',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
}
const NEWEST_FIRST = '-createdAt'
const PAGE_SIZE = 25
const MOST_PER_PAGE = 100
const MOST_VALUES = 100

/** @throws DomainError `invalid` when a value cannot be meant, `not_found` for a page that cannot be. */
export function listQuery(query: URLSearchParams): ListQuery {
  const search = (query.get('search') ?? '').trim()
  const asked = query.get('ordering') ?? ''
  const by = ORDERINGS[asked.replace(/^-/, '')]
  const ordering = by === undefined ? NEWEST_FIRST : asked
  return {
    search,
    terms: searchTerms(search),
    wanted: {
      type: oneOf(query, 'type', TYPES),
      release: values(query, 'release')?.map(releaseValue),
      owner: values(query, 'owner'),
      status: oneOf(query, 'status', Object.keys(STATUS_LABELS)),
      official: oneOf(query, 'official', ['true', 'false']),
      origin: values(query, 'origin'),
    },
    ordering,
    order: { by: by ?? 'created_at', descending: ordering.startsWith('-') },
    page: pageOf(query),
  }
}

const TYPES = PRODUCT_TYPES.map((type) => type.name)

export const STATUS_LABELS: Readonly<Record<Exclude<ProductStatus, 'purged'>, string>> = {
  registering: 'Draft',
  processing: 'Processing',
  published: 'Published',
  failed: 'Failed',
  deleted: 'Deleted',
}

function values(query: URLSearchParams, name: Property): readonly string[] | undefined {
  const given = [...new Set(query.getAll(name))].filter((value) => value !== '')
  if (given.length > MOST_VALUES) throw invalidField(name, `At most ${MOST_VALUES} values.`)
  return given.length === 0 ? undefined : given
}

function oneOf(query: URLSearchParams, name: Property, choices: readonly string[]): readonly string[] | undefined {
  const given = values(query, name)
  const wrong = given?.find((value) => !choices.includes(value))
  if (wrong !== undefined) throw invalidField(name, `"${wrong}" is none of ${choices.join(', ')}.`)
  return given
}

/** The number of a release, or `none`. */
function releaseValue(value: string): string {
  if (value === 'none' || /^[1-9]\d{0,8}$/.test(value)) return value
  throw invalidField('release', `"${value}" is not the number of a release.`)
}

function pageOf(query: URLSearchParams): Page {
  const size = Number(query.get('page_size') ?? PAGE_SIZE)
  const limit = Number.isInteger(size) && size > 0 ? Math.min(size, MOST_PER_PAGE) : PAGE_SIZE
  const number = Number(query.get('page') ?? 1)
  if (!Number.isSafeInteger(number) || number < 1 || number > 1_000_000) throw invalidPage()
  return { offset: (number - 1) * limit, limit }
}

/** Everything that the list shows on all its pages. */
export function filterOf(scope: ListScope, { terms, wanted }: ListQuery): ProductFilter {
  const { official } = wanted
  return {
    ...scope.filter,
    search: terms,
    statuses: statusesOf(wanted.status) ?? scope.statuses,
    ...(wanted.type && { productTypes: wanted.type }),
    ...(wanted.release && { releases: wanted.release.map((value) => (value === 'none' ? null : Number(value))) }),
    ...(wanted.owner && { owners: wanted.owner }),
    ...(official?.length === 1 && scope.filter.official === undefined && { official: official[0] === 'true' }),
    ...(wanted.origin && { origins: wanted.origin }),
  }
}

/** A purged product counts as deleted. */
const statusesOf = (wanted: readonly string[] | undefined): ProductStatus[] | undefined =>
  wanted === undefined
    ? undefined
    : (['registering', 'processing', 'published', 'failed', 'deleted', 'purged'] as const).filter((status) =>
        wanted.includes(status === 'purged' ? 'deleted' : status),
      )

/** The value of a property as the address writes it. */
export function propertyOf(group: ProductGroup, property: Property): string {
  switch (property) {
    case 'type':
      return group.type
    case 'release':
      return group.releaseId === null ? 'none' : String(group.releaseId)
    case 'owner':
      return group.owner
    case 'status':
      return group.status === 'purged' ? 'deleted' : group.status
    case 'official':
      return String(group.official)
    case 'origin':
      return group.origin
  }
}
