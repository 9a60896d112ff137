import { Badge, type ProductStatus, ProductStatusBadge, StaleBadge } from '../components/badge.tsx'
import { ButtonLink } from '../components/button.tsx'
import { type DataColumn, DataTable } from '../components/data-table.tsx'
import { Menu } from '../components/disclosure.tsx'
import { type Facet, Facets } from '../components/facets.tsx'
import { type Page, Pager } from '../components/pager.tsx'
import { Empty, Notice } from '../components/state.tsx'
import { Tabs } from '../components/tabs.tsx'
import { bytes, count, counted, DASH, day } from '../format.ts'
import type { Action, Frame } from '../frame.ts'
import { type HeadLink, Layout } from '../layout.tsx'
import { carried, hrefAt, type Place } from '../links.ts'

/** A product in a list. */
export interface ProductRow {
  readonly id: number
  readonly internalName: string
  readonly displayName: string
  /** Its page; in a list of the past, as it was. */
  readonly href: string
  readonly typeName: string
  readonly releaseName: string | null
  readonly owner: string
  readonly official: boolean
  readonly status: ProductStatus
  /** Made from something that has changed since. */
  readonly stale?: boolean
  /** "Upload", or the pipeline's display name. */
  readonly origin: string
  /** ISO. */
  readonly createdAt: string
  readonly updatedAt: string
  /** Rows of the main table; null when it is not a table. */
  readonly rows: number | null
  /** Size of all files in bytes; null for an entry without files. */
  readonly size: number | null
  readonly actions: {
    readonly download: Action
    readonly share: Action
    readonly edit: Action
    readonly delete: Action
  }
  /** Where the search found it when not in its name: "column zphot", "description". */
  readonly foundIn?: string | null
}

/** Which of the lists: their names are their paths. */
export type ProductListName = 'products' | 'official_products' | 'user_products' | 'my_products'

export interface ProductListProps {
  readonly frame: Frame
  readonly list: ProductListName
  readonly place: Place
  readonly search: string
  /** `-createdAt`, `displayName`, … as in the sort links. */
  readonly ordering: string
  readonly page: Page
  readonly rows: readonly ProductRow[]
  readonly facets: readonly Facet[]
  /** The moment of the past that it shows. */
  readonly past: PastList | null
  /** Feeds, and what else the page is found by. */
  readonly links: readonly HeadLink[]
}

/** A list as it was. */
export interface PastList {
  /** As the address says it. */
  readonly asOf: string
  /** As people say it: "at the end of 14 March 2026 (UTC)". */
  readonly words: string
  /** The day (ISO) that the picker shows; empty when the moment is a position in the log. */
  readonly day: string
}

const LISTS = [
  ['official_products', 'Official'],
  ['user_products', "Users' products"],
  ['my_products', 'My products'],
  ['products', 'All'],
] as const

const TITLES: Readonly<Record<ProductListName, readonly [title: string, lead: string]>> = {
  official_products: ['Official products', 'Checked and released by the photo-z team: start here.'],
  user_products: ["Users' products", 'Shared by the users of this server.'],
  my_products: ['My products', 'What you uploaded and what your runs made, drafts included.'],
  products: ['All products', 'Official products and those of the users.'],
}

/** `/official_products`, `/user_products`, `/my_products`, `/products`. */
export const ProductListPage = (props: ProductListProps) => {
  const [title, lead] = TITLES[props.list]
  return (
    <Layout
      frame={props.frame}
      title={title}
      description={lead}
      wide
      links={[
        { rel: 'alternate', type: 'text/csv', title: 'This list as CSV', href: exportHref(props.place, 'csv') },
        {
          rel: 'alternate',
          type: 'application/json',
          title: 'This list as JSON',
          href: exportHref(props.place, 'json'),
        },
        ...props.links,
      ]}
    >
      {props.past === null ? null : (
        <Notice kind="warning">
          <p>
            This is the list as it was <strong>{props.past.words}</strong>: what existed and what it said then.{' '}
            <a href={hrefAt(props.place, { as_of: null, page: null })}>Back to today</a>
          </p>
        </Notice>
      )}
      <div class="page-head">
        <div>
          <h1>{title}</h1>
          <p class="muted">{lead}</p>
        </div>
        <ButtonLink href="/product/new" kind="main">
          Upload a product
        </ButtonLink>
      </div>
      <Tabs
        label="Lists of products"
        current={props.list}
        tabs={LISTS.map(([name, label]) => ({
          name,
          label,
          href: hrefAt({ path: `/${name}`, query: '' }, { as_of: props.past?.asOf ?? null }),
        }))}
      />
      <ProductListFragment {...props} />
    </Layout>
  )
}

/** The part that changes with filters, sorting and paging: htmx swaps it, the page contains it. */
export const ProductListFragment = (props: ProductListProps) => (
  <div
    id="product-list"
    class="with-side"
    hx-boost:inherited="true"
    hx-target:inherited="#product-list"
    hx-select:inherited="#product-list"
    hx-swap:inherited="outerHTML show:none"
    hx-push-url:inherited="true"
  >
    <div>
      <SearchForm {...props} />
      <AsOfForm {...props} />
      <h2 class="aloud">Filters</h2>
      <details class="filters">
        <summary>Filters</summary>
        <Facets facets={props.facets} place={props.place} />
      </details>
    </div>
    <section class="panel" aria-labelledby="list-title">
      <header>
        <h2 id="list-title" tabindex={-1}>
          {counted(props.page.total, 'product')}
        </h2>
        <div class="aside">
          <a href="/feeds" hx-boost="false">
            Feed
          </a>
          {' · '}
          <a href={exportHref(props.place, 'csv')} hx-boost="false">
            CSV
          </a>
          {' · '}
          <a href={exportHref(props.place, 'json')} hx-boost="false">
            JSON
          </a>
        </div>
      </header>
      {props.rows.length === 0 ? (
        <NothingFound {...props} />
      ) : (
        <>
          <DataTable
            caption="Products"
            captionHidden
            columns={COLUMNS}
            rows={props.rows}
            sorted={{ place: props.place, ordering: props.ordering }}
          />
          <Pager page={props.page} place={props.place} label="Pages of products" />
        </>
      )}
    </section>
  </div>
)

const SearchForm = ({ place, search }: ProductListProps) => (
  <search>
    <form class="field" method="get" action={place.path}>
      {carried(place, ['search', 'page']).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <label for="list-search">Search in this list</label>
      <span class="control">
        <input id="list-search" type="search" name="search" value={search} aria-describedby="list-search-help" />
        <button class="btn" type="submit">
          Go
        </button>
      </span>
      <p class="help" id="list-search-help">
        Names, descriptions, columns, people
      </p>
    </form>
  </search>
)

/** The list as of a day. A page of its own: everything on it changes. */
const AsOfForm = ({ frame, place, past }: ProductListProps) => (
  <form class="field" method="get" action={place.path} hx-boost="false">
    {carried(place, ['as_of', 'page']).map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
    <label for="list-as-of">As it was on</label>
    <span class="control">
      <input
        id="list-as-of"
        type="date"
        name="as_of"
        value={past?.day ?? ''}
        max={frame.now.slice(0, 10)}
        aria-describedby="list-as-of-help"
      />
      <button class="btn" type="submit">
        Show
      </button>
    </span>
    <p class="help" id="list-as-of-help">
      {past === null ? (
        'The end of that day, UTC'
      ) : (
        <a href={hrefAt(place, { as_of: null, page: null })}>Back to today</a>
      )}
    </p>
  </form>
)

/** What an address says beside filters: how the list is shown. */
const NO_FILTERS: ReadonlySet<string> = new Set(['search', 'ordering', 'page', 'page_size', 'as_of'])

function nothingMatches({ place, search, past }: ProductListProps): string | null {
  const isFiltered = [...new URLSearchParams(place.query).keys()].some((name) => !NO_FILTERS.has(name))
  if (search) return `Nothing matches “${search}”${isFiltered ? ' with these filters' : ''}`
  if (isFiltered) return 'Nothing matches these filters'
  return past === null ? null : 'There was nothing here then'
}

const NothingFound = (props: ProductListProps) => {
  const { list, place } = props
  const title = nothingMatches(props)
  return title !== null ? (
    <Empty title={title} actions={<a href={hrefAt({ path: place.path, query: '' }, {})}>Show the whole list</a>} />
  ) : (
    <Empty
      title={list === 'my_products' ? 'You have no products yet' : 'There are no products here yet'}
      actions={<ButtonLink href="/product/new">Upload the first</ButtonLink>}
    >
      {list === 'my_products' ? 'What you upload, and what your pipeline runs make, will be listed here.' : null}
    </Empty>
  )
}

const COLUMNS: readonly DataColumn<ProductRow>[] = [
  { header: 'ID', sort: 'id', numeric: true, cell: (row) => row.id },
  {
    header: 'Name',
    sort: 'displayName',
    rowHeader: true,
    wide: true,
    cell: (row) => (
      <>
        <a href={row.href} hx-boost="false">
          {row.displayName}
        </a>{' '}
        {row.official ? <Badge tone="accent">Official</Badge> : null}
        {row.foundIn ? <small>found in {row.foundIn}</small> : null}
      </>
    ),
  },
  { header: 'Type', sort: 'type', wrap: true, cell: (row) => row.typeName },
  { header: 'Release', sort: 'release', wrap: true, cell: (row) => row.releaseName ?? DASH },
  { header: 'Owner', sort: 'owner', wrap: true, cell: (row) => row.owner },
  { header: 'Rows', sort: 'rows', numeric: true, cell: (row) => count(row.rows) },
  { header: 'Size', sort: 'size', numeric: true, cell: (row) => bytes(row.size) },
  {
    header: 'Status',
    sort: 'status',
    wrap: true,
    cell: (row) => (
      <>
        <ProductStatusBadge status={row.status} /> {row.stale ? <StaleBadge /> : null}
      </>
    ),
  },
  { header: 'Origin', sort: 'origin', wrap: true, cell: (row) => row.origin },
  {
    header: 'Created',
    sort: 'createdAt',
    numeric: true,
    cell: (row) => <time datetime={row.createdAt}>{day(row.createdAt)}</time>,
  },
  { header: <span class="aloud">Actions</span>, cell: (row) => <RowActions row={row} /> },
]

const RowActions = ({ row }: { row: ProductRow }) => (
  <Menu
    id={`actions-${row.id}`}
    end
    look="btn quiet row-menu"
    label={
      <>
        <span aria-hidden="true">⋯</span>
        <span class="aloud">Actions for {row.displayName}</span>
      </>
    }
  >
    <ul>
      {(
        [
          ['Download', row.actions.download],
          ['Share', row.actions.share],
          ['Edit', row.actions.edit],
          ['Delete', row.actions.delete],
        ] as const
      ).map(([label, action]) => (
        <li>
          {'href' in action ? (
            <a href={action.href} hx-boost="false">
              {label}
            </a>
          ) : (
            <span class="muted">
              {label}: {action.refused}
            </span>
          )}
        </li>
      ))}
    </ul>
  </Menu>
)

/** The whole list, with its filters, in another format. */
const exportHref = (place: Place, format: 'csv' | 'json'): string =>
  hrefAt({ path: `${place.path}.${format}`, query: place.query }, { page: null, page_size: null })
