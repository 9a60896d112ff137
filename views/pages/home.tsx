import type { RunStatus } from '../components/badge.tsx'
import { Badge, RunStatusBadge } from '../components/badge.tsx'
import { Panel } from '../components/panel.tsx'
import { Empty } from '../components/state.tsx'
import { ago, count, counted } from '../format.ts'
import type { Frame } from '../frame.ts'
import { type HeadLink, Layout } from '../layout.tsx'

export interface HomeProps {
  readonly frame: Frame
  readonly counts: {
    readonly official: number
    readonly user: number
    readonly pipelines: number
    readonly events: number
  }
  readonly latestProducts: readonly {
    readonly internalName: string
    readonly displayName: string
    readonly typeName: string
    readonly owner: string
    readonly official: boolean
    readonly createdAt: string
  }[]
  readonly latestRuns: readonly {
    readonly id: number
    readonly name: string
    readonly pipelineName: string
    readonly owner: string
    readonly status: RunStatus
    readonly at: string
  }[]
  /** Feeds. */
  readonly links: readonly HeadLink[]
}

const LEAD =
  'Reference redshifts, training sets, and the photo-z that were made from them: find them, share yours, and run the pipelines that connect them.'

/** `/` */
export const HomePage = ({ frame, counts, latestProducts, latestRuns, links }: HomeProps) => (
  <Layout frame={frame} title="Home" description={LEAD} links={links}>
    <h1>
      Photo-<i>z</i> data products
    </h1>
    <p class="lead">
      {LEAD} Nothing is ever overwritten: {counted(counts.events, 'event')} tell how each product came to be.
    </p>
    <div class="columns">
      <Card href="/official_products" title="Official products" number={counts.official}>
        Checked and released by the photo-z team. Start here.
      </Card>
      <Card href="/user_products" title="Users' products" number={counts.user}>
        Catalogs, training sets and results that users share.
      </Card>
      <Card href="/pipelines" title="Pipelines" number={counts.pipelines}>
        Combine redshift catalogs, make training sets; every run can be replayed.
      </Card>
    </div>
    <div class="two">
      <Panel
        title="Latest products"
        aside={
          <>
            <a href="/feeds">Feed</a>
            {' · '}
            <a href="/products?ordering=-createdAt">All products</a>
          </>
        }
      >
        {latestProducts.length === 0 ? (
          <Empty title="No products yet" actions={<a href="/product/new">Upload the first</a>} />
        ) : (
          <ul class="plain-list">
            {latestProducts.map((product) => (
              <li>
                <a href={`/product/${product.internalName}`}>{product.displayName}</a>{' '}
                {product.official ? <Badge tone="accent">Official</Badge> : null}
                <p class="muted">
                  {product.typeName}, by {product.owner}, {ago(product.createdAt, frame.now)}
                </p>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel
        title={frame.user?.isAdmin ? 'Latest runs' : 'Your latest runs'}
        aside={<a href="/runs">{frame.user?.isAdmin ? 'All runs' : 'All your runs'}</a>}
      >
        {latestRuns.length === 0 ? (
          <Empty
            title={frame.user?.isAdmin ? 'No runs yet' : 'You have no runs yet'}
            actions={<a href="/pipelines">See the pipelines</a>}
          />
        ) : (
          <ul class="plain-list">
            {latestRuns.map((run) => (
              <li>
                <a href={`/runs/${run.id}`}>{run.name}</a> <RunStatusBadge status={run.status} />
                <p class="muted">
                  {run.pipelineName}, by {run.owner}, {ago(run.at, frame.now)}
                </p>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </div>
  </Layout>
)

const Card = (props: { href: string; title: string; number: number; children?: string }) => (
  <section class="card-link">
    <h2>
      <a href={props.href}>{props.title}</a> <span class="muted">{count(props.number)}</span>
    </h2>
    <p class="muted">{props.children}</p>
  </section>
)
