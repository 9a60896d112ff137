import { Hono } from 'hono'
import { bytes } from '../../../views/format.ts'
import { DeletedPage } from '../../../views/pages/admin/deleted.tsx'
import { purgeProduct } from '../../application/purge.ts'
import type { AppContext } from '../../context.ts'
import { productType } from '../../domain/product/product-type.ts'
import { countProducts, listProducts } from '../../projections/products/queries.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { pageNumbers } from './page-numbers.ts'
import { frameOf, leaveFlash, requestOf } from './visit.ts'

/** `/admin/deleted`: what can be restored, or destroyed for good. */
export function deletedPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()

  router.get('/admin/deleted', async (c) => {
    const { actor } = requestOf(c)
    const { drizzle } = context.database
    const url = new URL(c.req.url)
    const filter = { statuses: ['deleted'] } as const
    const page = pageNumbers(url.searchParams, await countProducts(drizzle, actor, filter))
    const { items } = await listProducts(
      drizzle,
      actor,
      filter,
      { by: 'updated_at', descending: true },
      { offset: (page.number - 1) * page.size, limit: page.size },
    )
    return c.html(
      <DeletedPage
        frame={frameOf(context, c, 'admin')}
        place={{ path: '/admin/deleted', query: url.search.slice(1) }}
        page={page}
        products={items.map(({ product }) => ({
          id: product.id,
          internalName: product.internalName,
          displayName: product.displayName,
          typeName: productType(product.productType).displayName,
          owner: product.owner,
          deletedAt: product.updatedAt,
          files: product.files,
          size: product.size,
        }))}
      />,
    )
  })

  router.post('/admin/deleted/:id{[0-9]{1,9}}/purge', async (c) => {
    const freed = await purgeProduct(context, requestOf(c), Number(c.req.param('id')))
    leaveFlash(c, { kind: 'success', text: `Its files are destroyed; ${bytes(freed)} are free again.` })
    return c.redirect('/admin/deleted', 303)
  })
  return router
}
