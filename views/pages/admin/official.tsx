import { DataTable } from '../../components/data-table.tsx'
import { type Page, Pager } from '../../components/pager.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty } from '../../components/state.tsx'
import { counted, DASH, date } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import type { Place } from '../../links.ts'
import { productName } from './product-name.tsx'
import { AdminShell } from './shell.tsx'

export interface OfficialProduct {
  readonly id: number
  readonly internalName: string
  readonly displayName: string
  readonly typeName: string
  readonly releaseName: string | null
  readonly owner: string
  readonly official: boolean
  readonly updatedAt: string
}

export interface OfficialProps {
  readonly frame: Frame
  readonly place: Place
  readonly page: Page
  /** Official ones; with a search all that it finds. */
  readonly products: readonly OfficialProduct[]
  readonly search: string
}

/** `/admin/official`: which products the team vouches for. */
export const OfficialPage = ({ frame, place, page, products, search }: OfficialProps) => (
  <AdminShell frame={frame} current="official">
    <p class="muted">Official products have a list of their own, and bear a mark wherever they are named.</p>
    <form class="inline-form" method="get" action="/admin/official">
      <label for="official-search">Mark another product</label>
      <input id="official-search" type="search" name="search" value={search} placeholder="Name, owner, column…" />
      <button class="btn" type="submit">
        Find
      </button>
      {search === '' ? null : <a href="/admin/official">Official products alone</a>}
    </form>
    <Panel title={search === '' ? counted(page.total, 'official product') : counted(page.total, 'product')} flush>
      {products.length === 0 ? (
        <Empty title={search === '' ? 'No product is official' : `Nothing matches “${search}”`}>
          Only published products can be marked.
        </Empty>
      ) : (
        <>
          <DataTable
            caption="Products"
            captionHidden
            rows={products}
            columns={[
              productName<OfficialProduct>(),
              { header: 'Release', wrap: true, cell: (product) => product.releaseName ?? DASH },
              { header: 'Owner', cell: (product) => product.owner },
              { header: 'Changed', numeric: true, cell: (product) => date(product.updatedAt) },
              {
                header: <span class="aloud">Actions</span>,
                cell: (product) => (
                  <form method="post" action={`/admin/official/${product.id}`}>
                    <input type="hidden" name="official" value={String(!product.official)} />
                    <button class="btn" type="submit">
                      {product.official ? 'Unmark' : 'Mark as official'}
                      <span class="aloud"> {product.displayName}</span>
                    </button>
                  </form>
                ),
              },
            ]}
          />
          <Pager page={page} place={place} label="Pages of products" />
        </>
      )}
    </Panel>
  </AdminShell>
)
