import { Hono } from 'hono'
import { ProductDownloadsPage } from '../../../views/pages/product/downloads.tsx'
import { canChange } from '../../application/products.ts'
import { countDownloads, listDownloads } from '../../audit/queries.ts'
import type { AppContext } from '../../context.ts'
import { forbidden, notFound } from '../../domain/error.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { queryOf } from '../middleware/query.ts'
import { beforeOf, downloadEntry, pageOfRows } from './download-entries.ts'
import { productNamed } from './product-page.ts'
import { pathOfProduct } from './product-view.tsx'
import { frameOf, requestOf } from './visit.ts'

const ROWS = 50

/** `/product/<…>/downloads`: who took it, for its owner and administrators. */
export function productDownloadPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  router.get('/product/:name{[0-9][^/]*}/downloads', async (c) => {
    const request = requestOf(c)
    const listed = await productNamed(context, request, c.req.param('name'))
    if (!canChange(request, listed)) throw forbidden()
    if (context.config.downloadAudit === 'off') throw notFound()
    await context.audit.flush()
    const { id, internalName, displayName } = listed.product
    const filter = { productId: id }
    const [{ times, people }, rows] = await Promise.all([
      countDownloads(context.database, filter),
      listDownloads(context.database, filter, beforeOf(queryOf(c)), ROWS + 1),
    ])
    const { shown, olderFrom } = pageOfRows(rows, ROWS)
    const path = pathOfProduct(internalName)
    const api = `/api/products/${id}/downloads/`
    return c.html(
      <ProductDownloadsPage
        frame={frameOf(context, c, 'products')}
        place={{ path: `${path}/downloads`, query: new URL(c.req.url).search.slice(1) }}
        product={{ displayName, href: path }}
        times={times}
        people={context.config.downloadAudit === 'named' ? people : null}
        rows={shown.map(downloadEntry)}
        olderFrom={olderFrom}
        exports={[
          { label: 'CSV', href: `${api}?format=csv` },
          { label: 'JSON', href: api },
        ]}
      />,
    )
  })
  return router
}
