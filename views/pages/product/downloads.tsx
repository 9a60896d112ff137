import { ButtonLink } from '../../components/button.tsx'
import { type DownloadEntry, DownloadsTable } from '../../components/downloads-table.tsx'
import { HistoryPager } from '../../components/pager.tsx'
import { Panel, Tiles } from '../../components/panel.tsx'
import { Empty } from '../../components/state.tsx'
import { count } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import { Layout } from '../../layout.tsx'
import type { Place } from '../../links.ts'

export interface ProductDownloadsProps {
  readonly frame: Frame
  readonly place: Place
  readonly product: { readonly displayName: string; readonly href: string }
  readonly times: number
  /** Null: nobody is named on this server. */
  readonly people: number | null
  readonly rows: readonly DownloadEntry[]
  readonly olderFrom: string | null
  /** The list as files. */
  readonly exports: readonly { readonly label: string; readonly href: string }[]
}

/** `/product/<…>/downloads`: who took it, for its owner. */
export const ProductDownloadsPage = (props: ProductDownloadsProps) => (
  <Layout
    frame={props.frame}
    title={`Downloads of ${props.product.displayName}`}
    crumbs={[
      { text: 'Products', href: '/my_products' },
      { text: props.product.displayName, href: props.product.href },
      { text: 'Downloads' },
    ]}
  >
    <div class="page-head">
      <div>
        <h1>Downloads of {props.product.displayName}</h1>
        <p class="muted">Its owner and administrators see who took it; everybody else sees how often.</p>
      </div>
      <ButtonLink href={props.product.href}>Back to the product</ButtonLink>
    </div>
    <div class="stack">
      <Tiles
        tiles={[
          { label: 'Downloads', value: count(props.times) },
          props.people === null
            ? { label: 'People', value: '—', note: 'not named on this server' }
            : { label: 'People', value: count(props.people) },
        ]}
      />
      <Panel
        title="Who took what"
        aside={props.exports.map(({ label, href }, index) => (
          <>
            {index > 0 ? ' · ' : ''}
            <a href={href} download>
              {label}
            </a>
          </>
        ))}
        flush
      >
        {props.rows.length === 0 ? (
          <Empty title="Nobody has downloaded it yet">Downloads appear here a moment after they began.</Empty>
        ) : (
          <DownloadsTable rows={props.rows} ofOne />
        )}
        <HistoryPager place={props.place} olderFrom={props.olderFrom} />
      </Panel>
    </div>
  </Layout>
)
