import { type Static, Type } from '@sinclair/typebox'
import { invalidField } from '../../domain/error.ts'
import { PRODUCT_TYPES } from '../../domain/product/product-type.ts'
import {
  ORDERINGS,
  type ProductFilter,
  type ProductOrder,
  STATUSES,
  statusesOf,
  type TextFilter,
} from '../../projections/products/filter.ts'
import { fieldsOrdered, orderedBy } from './ordering.ts'
import { PAGING, searchedIn, searchTerms } from './paging.ts'
import { type Choice, PRODUCT_TYPE_CHOICES } from './schemas.ts'

const words = (description: string, choices?: readonly Choice[]) =>
  Type.Optional(Type.String({ description, ...(choices === undefined ? {} : { 'x-choices': choices }) }))

const STATUS_CHOICES: readonly Choice[] = [
  ...new Map(
    Object.values(STATUSES).map(({ number, label }) => [number, { value: number, display_name: label }]),
  ).values(),
]
const YES_OR_NO: readonly Choice[] = [
  { value: 'true', display_name: 'Yes' },
  { value: 'false', display_name: 'No' },
]

/** The filters of product lists, by the names of the reference server. The last of repeated keys wins; unknown ones are ignored. */
export const PRODUCT_FILTERS = {
  id: words('number'),
  id__in: words('numbers, comma-separated'),
  internal_name: words('exact'),
  internal_name__in: words('exact names, comma-separated'),
  display_name: words('exact'),
  display_name__in: words('exact names, comma-separated'),
  release: words('number of the release'),
  release__in: words('numbers, comma-separated'),
  release__isnull: words('true or false', YES_OR_NO),
  product_type: words('number of the product type', PRODUCT_TYPE_CHOICES),
  product_type__in: words('numbers, comma-separated'),
  official_product: words('true or false', YES_OR_NO),
  official_product__in: words('true, false or both'),
  status: words('0 registering, 1 published, 2 deleted, 3 processing, 9 failed', STATUS_CHOICES),
  status__in: words('numbers, comma-separated'),
  user: words('number of the owner'),
  user__in: words('numbers, comma-separated'),
  uploaded_by: words('every term is part of the username, first or last name'),
  uploaded_by__or: words('any term is part of them'),
  product_type_name: words('every term is part of the name of the type'),
  product_type_name__or: words('any term is part of it'),
  release_name: words('every term is part of the name of the release'),
  release_name__or: words('any term is part of it'),
  product_name: words('every term is part of the name'),
  product_name__or: words('any term is part of it'),
} as const

export const ProductListQuery = Type.Object({
  ...PRODUCT_FILTERS,
  ...searchedIn(
    ['display_name', 'user__username', 'user__first_name', 'user__last_name'],
    'words that must each be found in names, description, columns or owner',
  ),
  ...orderedBy(ORDERINGS),
  as_of: words('the products that existed then, with the values of then: an ISO time, a date or a position'),
  ...PAGING,
})
type Query = Static<typeof ProductListQuery>

const NOT_A_CHOICE = 'Select a valid choice. That choice is not one of the available choices.'
/** More values than anybody means; fewer than PostgreSQL's limit of parameters. */
const MOST_VALUES = 5_000

function list(field: string, text: string | undefined): string[] | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const values = text
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '')
  if (values.length > MOST_VALUES) throw invalidField(field, `At most ${MOST_VALUES} values.`, true)
  return values
}

function integer(field: string, text: string): number {
  const value = Number(text)
  if (!/^-?\d+$/.test(text) || Math.abs(value) > 2_147_483_647) throw invalidField(field, NOT_A_CHOICE, true)
  return value
}

const one = (field: string, text: string | undefined): number[] | undefined =>
  text === undefined || text.trim() === '' ? undefined : [integer(field, text.trim())]

const several = (field: string, text: string | undefined): number[] | undefined =>
  list(field, text)?.map((value) => integer(field, value))

/** True, false, or no filter at all: what is neither is ignored, as the reference server does. */
export function flag(text: string | undefined): boolean | undefined {
  const value = text?.trim().toLowerCase()
  if (value === 'true' || value === '1') return true
  if (value === 'false' || value === '0') return false
  return undefined
}

function textFilters(field: string, all: string | undefined, any: string | undefined): TextFilter[] {
  const filters: TextFilter[] = []
  const terms = list(field, all)
  const alternatives = list(field, any)
  if (terms) filters.push({ terms, any: false })
  if (alternatives) filters.push({ terms: alternatives, any: true })
  return filters
}

const both = <Value>(first: Value[] | undefined, second: Value[] | undefined): Value[] | undefined =>
  first === undefined ? second : second === undefined ? first : first.filter((value) => second.includes(value))

function typeNames(field: string, numbers: number[] | undefined): string[] | undefined {
  return numbers?.map((number) => {
    const type = PRODUCT_TYPES.find((each) => each.id === number)
    if (type === undefined) throw invalidField(field, NOT_A_CHOICE, true)
    return type.name
  })
}

function statuses(field: string, numbers: number[] | undefined) {
  return numbers?.flatMap((number) => {
    const found = statusesOf(number)
    if (found.length === 0) throw invalidField(field, `${NOT_A_CHOICE} (0, 1, 2, 3, 9)`, true)
    return found
  })
}

function releaseNumbers(field: string, numbers: number[] | undefined): number[] | undefined {
  if (numbers?.some((number) => number < 1)) throw invalidField(field, NOT_A_CHOICE, true)
  return numbers
}

function flags(text: string | undefined): boolean | undefined {
  const values = new Set((list('official_product__in', text) ?? []).map(flag))
  values.delete(undefined)
  return values.size === 1 ? [...values][0] : undefined
}

/** @throws DomainError `invalid` when a value cannot be meant. */
export function productFilter(query: Query): ProductFilter {
  const given: { [Key in keyof ProductFilter]: ProductFilter[Key] | undefined } = {
    ids: both(one('id', query.id), several('id__in', query.id__in)),
    internalNames: both(
      query.internal_name ? [query.internal_name] : undefined,
      list('internal_name__in', query.internal_name__in),
    ),
    displayNames: both(
      query.display_name ? [query.display_name] : undefined,
      list('display_name__in', query.display_name__in),
    ),
    releaseIds: releaseNumbers(
      'release',
      both(one('release', query.release), several('release__in', query.release__in)),
    ),
    hasRelease: negated(flag(query.release__isnull)),
    productTypes: typeNames(
      'product_type',
      both(one('product_type', query.product_type), several('product_type__in', query.product_type__in)),
    ),
    official: flag(query.official_product) ?? flags(query.official_product__in),
    statuses: both(
      statuses('status', one('status', query.status)),
      statuses('status__in', several('status__in', query.status__in)),
    ),
    ownerIds: both(one('user', query.user), several('user__in', query.user__in)),
    uploadedBy: textFilters('uploaded_by', query.uploaded_by, query.uploaded_by__or),
    typeName: textFilters('product_type_name', query.product_type_name, query.product_type_name__or),
    releaseName: textFilters('release_name', query.release_name, query.release_name__or),
    name: textFilters('product_name', query.product_name, query.product_name__or),
    search: searchTerms(query.search),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

const negated = (value: boolean | undefined): boolean | undefined => (value === undefined ? undefined : !value)

/** Newest first, unless something that we can order by is asked for. */
export function productOrder(query: Query): ProductOrder {
  const wanted = fieldsOrdered(query.ordering, ORDERINGS)
  return wanted.length === 0 ? [{ by: 'created_at', descending: true }] : wanted
}
