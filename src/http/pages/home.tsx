import { Hono } from 'hono'
import { HomePage } from '../../../views/pages/home.tsx'
import type { AppContext } from '../../context.ts'
import { productType } from '../../domain/product/product-type.ts'
import { PIPELINES } from '../../pipelines/registry.ts'
import { productOverview } from '../../projections/products/overview.ts'
import { listProducts } from '../../projections/products/queries.ts'
import { listRuns } from '../../projections/runs/queries.ts'
import type { RunRow } from '../../projections/runs/tables.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { runStatusOf } from './run-view.ts'
import { frameOf, requestOf } from './visit.ts'

const LATEST = 8

/** `/` */
export function homePages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  router.get('/', async (c) => {
    const { actor } = requestOf(c)
    const { drizzle } = context.database
    const [overview, latest, runs] = await Promise.all([
      productOverview(drizzle, actor),
      listProducts(
        drizzle,
        actor,
        { statuses: ['published'] },
        { by: 'created_at', descending: true },
        { offset: 0, limit: LATEST },
      ),
      listRuns(drizzle, actor, {}, { by: 'id', descending: true }, { offset: 0, limit: LATEST }),
    ])
    return c.html(
      <HomePage
        frame={frameOf(context, c, null)}
        counts={{ ...overview, pipelines: PIPELINES.length }}
        latestProducts={latest.items.map(({ product }) => ({
          internalName: product.internalName,
          displayName: product.displayName,
          typeName: productType(product.productType).displayName,
          owner: product.owner,
          official: product.official,
          createdAt: product.createdAt,
        }))}
        latestRuns={runs.items.map(runCard)}
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
