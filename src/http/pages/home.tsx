import { Hono } from 'hono'
import { HomePage } from '../../../views/pages/home.tsx'
import type { AppContext } from '../../context.ts'
import { productType } from '../../domain/product/product-type.ts'
import { PIPELINES } from '../../pipelines/registry.ts'
import { productOverview } from '../../projections/products/overview.ts'
import { latestRuns } from '../../projections/runs/queries.ts'
import type { RunRow } from '../../projections/runs/tables.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { feedLinks } from './feeds.tsx'
import { runStatusOf } from './run-view.ts'
import { frameOf, requestOf } from './visit.ts'

const LATEST = 8

/** `/` */
export function homePages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  router.get('/', async (c) => {
    const { actor } = requestOf(c)
    const { drizzle } = context.database
    const [{ latest, ...counts }, runs] = await Promise.all([
      productOverview(drizzle, actor, LATEST),
      latestRuns(drizzle, actor, LATEST),
    ])
    return c.html(
      <HomePage
        frame={frameOf(context, c, null)}
        counts={{ ...counts, pipelines: PIPELINES.length }}
        latestProducts={latest.map((product) => ({
          internalName: product.internalName,
          displayName: product.displayName,
          typeName: productType(product.productType).displayName,
          owner: product.owner,
          official: product.official,
          createdAt: product.createdAt,
        }))}
        latestRuns={runs.map(runCard)}
        links={feedLinks('/api/feed/', 'Photo-z Server')}
      />,
    )
  })
  return router
}

const runCard = (run: RunRow) => ({
  id: run.id,
  name: run.displayName,
  pipelineName: run.pipelineName,
  owner: run.owner,
  status: runStatusOf(run.status),
  at: run.createdAt,
})
