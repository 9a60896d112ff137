import { DataTable } from '../../components/data-table.tsx'
import { Confirm } from '../../components/disclosure.tsx'
import { type Page, Pager } from '../../components/pager.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty } from '../../components/state.tsx'
import { bytes, count, date, excerpt } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import type { Place } from '../../links.ts'
import { productName } from './product-name.tsx'
import { AdminShell } from './shell.tsx'

export interface DeletedProduct {
  readonly id: number
  readonly internalName: string
  readonly displayName: string
  readonly typeName: string
  readonly owner: string
  readonly deletedAt: string
  readonly files: number
  /** Bytes of its current files. */
  readonly size: number
}

export interface DeletedProps {
  readonly frame: Frame
  readonly place: Place
  readonly page: Page
  readonly products: readonly DeletedProduct[]
}

/** `/admin/deleted`: what its owners took away; restore it, or destroy its files for good. */
export const DeletedPage = ({ frame, place, page, products }: DeletedProps) => (
  <AdminShell frame={frame} current="deleted">
    <Panel title="Deleted products" aside="newest first" flush>
      {products.length === 0 ? (
        <Empty title="Nothing is deleted">A deleted product stands here until its files are destroyed.</Empty>
      ) : (
        <>
          <DataTable
            caption="Deleted products"
            captionHidden
            rows={products}
            columns={[
              productName<DeletedProduct>(),
              { header: 'Owner', cell: (product) => product.owner },
              { header: 'Deleted', numeric: true, cell: (product) => date(product.deletedAt) },
              { header: 'Files', numeric: true, cell: (product) => count(product.files) },
              { header: 'Size', numeric: true, cell: (product) => bytes(product.size) },
              {
                header: <span class="aloud">Actions</span>,
                cell: (product) => (
                  <span class="actions">
                    <form method="post" action={`/product/${product.internalName}/restore`}>
                      <button class="btn" type="submit">
                        Restore<span class="aloud"> {product.displayName}</span>
                      </button>
                    </form>
                    <Confirm
                      id={`purge-${product.id}`}
                      label={
                        <>
                          Purge<span class="aloud"> {product.displayName}</span>
                        </>
                      }
                      title={`Destroy the files of “${excerpt(product.displayName, 60)}” for good?`}
                      action={`/admin/deleted/${product.id}/purge`}
                      confirm="Destroy them"
                      danger
                    >
                      <p>This cannot be undone. All versions go; the history keeps their names and fingerprints.</p>
                      <p>Files that another product has too are kept for it.</p>
                    </Confirm>
                  </span>
                ),
              },
            ]}
          />
          <Pager page={page} place={place} label="Pages of deleted products" />
        </>
      )}
    </Panel>
  </AdminShell>
)
