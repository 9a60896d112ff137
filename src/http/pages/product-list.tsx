import { Hono } from 'hono'
import type { Facet } from '../../../views/components/facets.tsx'
import { date } from '../../../views/format.ts'
import type { Action } from '../../../views/frame.ts'
import {
  type PastList,
  ProductListFragment,
  type ProductListName,
  ProductListPage,
  type ProductListProps,
  type ProductRow,
} from '../../../views/pages/product-list.tsx'
import type { Request } from '../../application/command.ts'
import { canChange } from '../../application/products.ts'
import { listMoment, productsAsOf } from '../../application/time-travel.ts'
import type { AppContext } from '../../context.ts'
import { productType } from '../../domain/product/product-type.ts'
import { facetCounts, type ProductGroup, productGroups } from '../../projections/products/facets.ts'
import type { ListedProduct } from '../../projections/products/queries.ts'
import { invalidPage } from '../api/paging.ts'
import { productJson } from '../api/product-json.ts'
import { contentDisposition } from '../download/content-disposition.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { queryOf } from '../middleware/query.ts'
import { feedLinks } from './feeds.tsx'
import { addressAsOf } from './product-history.tsx'
import { productsCsv } from './product-list-export.ts'
import {
  filterOf,
  type ListQuery,
  type ListScope,
  listQuery,
  type Property,
  propertyOf,
  STATUS_LABELS,
  scopeOf,
} from './product-list-query.ts'
import { frameOf, type PageContext, requestOf } from './visit.ts'

const LISTS: readonly ProductListName[] = ['products', 'official_products', 'user_products', 'my_products']

/** The lists of products, and the same as CSV and JSON. */
export function productListPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  for (const list of LISTS) {
    router.get(`/${list}`, (c) => {
      const format = c.req.query('format')
      return format === 'csv' || format === 'json' ? exported(context, c, list, format) : shown(context, c, list)
    })
    router.get(`/${list}.csv`, (c) => exported(context, c, list, 'csv'))
    router.get(`/${list}.json`, (c) => exported(context, c, list, 'json'))
  }
  return router
}

function asked(c: PageContext): { readonly place: URL; readonly query: ListQuery } {
  queryOf(c) // refuses too many parameters, and null characters
  const place = new URL(c.req.url)
  return { place, query: listQuery(place.searchParams) }
}

async function shown(context: AppContext, c: PageContext, list: ProductListName): Promise<Response> {
  const request = requestOf(c)
  const { place, query } = asked(c)
  const scope = scopeOf(list, request.actor)
  const { drizzle } = context.database
  const asOf = asOfOf(c)
  const moment = await listMoment(context, asOf || null)
  const [found, groups] = await Promise.all([
    productsAsOf(context, request, filterOf(scope, query), query.order, query.page, moment),
    productGroups(drizzle, request.actor, { ...scope.filter, search: query.terms }, moment),
  ])
  const { offset, limit } = query.page
  if (offset > 0 && found.items.length === 0) throw invalidPage()
  const props: ProductListProps = {
    frame: frameOf(context, c, 'products', { search: list === 'products' ? query.search : '' }),
    list,
    place: { path: place.pathname, query: place.searchParams.toString() },
    search: query.search,
    ordering: query.ordering,
    page: { number: offset / limit + 1, size: limit, total: found.count },
    rows: found.items.map((item) => rowOf(item, request, query.terms, moment === null ? null : asOf)),
    facets: facetsOf(scope, query, groups),
    past: moment === null ? null : pastList(asOf),
    links: feedLinks('/api/feed/', 'Photo-z Server'),
  }
  c.header('Vary', 'HX-Request-Type, Cookie')
  const partial = c.req.header('hx-request-type') === 'partial' && !c.req.header('hx-history-restore-request')
  return c.html(partial ? <ProductListFragment {...props} /> : <ProductListPage {...props} />)
}

async function exported(context: AppContext, c: PageContext, list: ProductListName, format: 'csv' | 'json') {
  const request = requestOf(c)
  const { query } = asked(c)
  const filter = filterOf(scopeOf(list, request.actor), query)
  const asOf = asOfOf(c)
  const moment = await listMoment(context, asOf || null)
  const { count, items } = await productsAsOf(context, request, filter, query.order, null, moment)
  if (format === 'json') return c.json({ count, results: items.map((item) => productJson(item, request)) })
  c.header('Content-Type', 'text/csv; charset=utf-8')
  c.header(
    'Content-Disposition',
    contentDisposition(
      'attachment',
      `${list}${moment === null ? '' : `_as_of_${asOf.replaceAll(/[^\w.-]/g, '-')}`}.csv`,
    ),
  )
  return c.body(productsCsv(items, request, c.req.query('excel') === '1'))
}

/** As the address says it; empty for today. */
const asOfOf = (c: PageContext): string => c.req.query('as_of')?.trim() ?? ''

/** A moment that has been understood, in words and for the picker. */
function pastList(asOf: string): PastList {
  if (/^\d{5,}$/.test(asOf)) return { asOf, words: `after event ${asOf.replace(/^0+(?=\d)/, '')} of the log`, day: '' }
  if (asOf.length <= 10) return { asOf, words: `at the end of ${date(asOf)} (UTC)`, day: asOf }
  return { asOf, words: `on ${asOf}`, day: asOf.slice(0, 10) }
}

/** @param asOf the moment of the past that the list shows; null for today */
function rowOf(item: ListedProduct, request: Request, terms: readonly string[], asOf: string | null): ProductRow {
  const { product, release } = item
  const path = `/product/${product.internalName}`
  const past = { refused: 'this is the past' } as const
  const foundIn = whereFound(item, terms)
  return {
    id: product.id,
    internalName: product.internalName,
    displayName: product.displayName,
    href: addressAsOf(path, asOf),
    typeName: productType(product.productType).displayName,
    releaseName: release?.displayName ?? null,
    owner: product.owner,
    official: product.official,
    status: product.status === 'purged' ? 'deleted' : product.status,
    stale: item.stale === true && product.status !== 'failed',
    origin: product.origin,
    createdAt: product.createdAt,
    updatedAt: product.updatedAt,
    rows: product.rows,
    size: product.files === 0 ? null : product.size,
    actions: {
      download: product.files === 0 ? { refused: 'it has no files' } : { href: addressAsOf(`${path}/zip`, asOf) },
      share: { href: `${addressAsOf(path, asOf)}#menu-share` },
      edit: asOf === null ? changing(item, request, `${path}/edit`) : past,
      delete: asOf === null ? changing(item, request, `${path}#delete`) : past,
    },
    ...(foundIn === null ? {} : { foundIn }),
  }
}

function changing(item: ListedProduct, request: Request, href: string): Action {
  const { status, owner } = item.product
  if (!canChange(request, item)) return { refused: `only ${owner} and administrators may` }
  if (status === 'purged') return { refused: 'its files were destroyed for good' }
  if (status === 'deleted') return { refused: 'it is deleted; restore it first' }
  return { href }
}

/** Where the words were found when not in the name: in the description, in its owner, in a column. */
function whereFound({ product, ownerName }: ListedProduct, terms: readonly string[]): string | null {
  const owner = [product.owner, ownerName?.display, ownerName?.first, ownerName?.last].join('\n')
  const places = [
    [`${product.displayName}\n${product.internalName}`, null],
    [owner, 'its owner'],
    [product.description ?? '', 'its description'],
  ] as const
  const found = terms.map((term) => {
    const place = places.find(([text]) => text.toLowerCase().includes(term.toLowerCase()))
    return place === undefined ? `a column with “${term}”` : place[1]
  })
  return [...new Set(found)].filter((place) => place !== null).join(', ') || null
}

const LABELS: Readonly<Record<Property, string>> = {
  type: 'Type',
  release: 'Release',
  owner: 'Owner',
  status: 'Status',
  official: 'Official',
  origin: 'Origin',
}
/** More than anybody looks through; the search finds the rest. */
const MOST_VALUES = 100

function facetsOf(scope: ListScope, query: ListQuery, groups: readonly ProductGroup[]): Facet[] {
  // What is shown without being asked for narrows the other counts too.
  const wanted = { ...query.wanted, status: query.wanted.status ?? scope.statuses }
  const counts = facetCounts(groups, scope.properties, wanted, propertyOf)
  const releases = new Map(groups.map((group) => [String(group.releaseId ?? 'none'), group.releaseName]))
  return scope.properties.map((property) => {
    const counted = counts.get(property) ?? []
    const chosen = query.wanted[property] ?? []
    const missing = chosen.filter((value) => !counted.some((each) => each.value === value))
    return {
      name: property,
      label: LABELS[property],
      values: [...counted, ...missing.map((value) => ({ value, count: 0 }))]
        .map((each) => ({
          ...each,
          label: labelOf(property, each.value, releases),
          chosen: chosen.includes(each.value),
        }))
        .toSorted((a, b) => Number(b.chosen) - Number(a.chosen) || b.count - a.count || compare(a.label, b.label))
        .slice(0, MOST_VALUES),
    }
  })
}

function labelOf(property: Property, value: string, releases: ReadonlyMap<string, string | null>): string {
  switch (property) {
    case 'type':
      return productType(value as ProductGroup['type']).displayName // only names of types come here
    case 'release':
      return value === 'none' ? 'No release' : (releases.get(value) ?? `Release ${value}`)
    case 'status':
      return STATUS_LABELS[value as keyof typeof STATUS_LABELS] // only statuses come here
    case 'official':
      return value === 'true' ? 'Official' : 'Not official'
    case 'owner':
    case 'origin':
      return value
  }
}

const compare = (a: string, b: string): number => a.localeCompare(b, 'en')
