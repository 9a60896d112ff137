import { Hono } from 'hono'
import { OfficialPage } from '../../../views/pages/admin/official.tsx'
import { changeProduct, requireProduct } from '../../application/products.ts'
import type { AppContext } from '../../context.ts'
import { productType } from '../../domain/product/product-type.ts'
import { countProducts, type ListedProduct, listProducts } from '../../projections/products/queries.ts'
import { searchTerms } from '../api/paging.ts'
import { readBody } from '../body.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { pageNumbers } from './page-numbers.ts'
import { refusal, textOf } from './product-form.ts'
import { frameOf, leaveFlash, requestOf } from './visit.ts'

/** `/admin/official`: the products that the team vouches for, and which others it could. */
export function officialPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()

  router.get('/admin/official', async (c) => {
    const { actor } = requestOf(c)
    const { drizzle } = context.database
    const url = new URL(c.req.url)
    const search = url.searchParams.get('search')?.trim() ?? ''
    const filter = {
      statuses: ['published' as const],
      ...(search === '' ? { official: true } : { search: searchTerms(search) }),
    }
    const page = pageNumbers(url.searchParams, await countProducts(drizzle, actor, filter))
    const shown = { offset: (page.number - 1) * page.size, limit: page.size }
    const { items } = await listProducts(drizzle, actor, filter, { by: 'updated_at', descending: true }, shown)
    return c.html(
      <OfficialPage
        frame={frameOf(context, c, 'admin')}
        place={{ path: '/admin/official', query: url.search.slice(1) }}
        page={page}
        search={search}
        products={items.map(rowOf)}
      />,
    )
  })

  router.post('/admin/official/:id{[0-9]{1,9}}', async (c) => {
    const request = requestOf(c)
    const id = Number(c.req.param('id'))
    await using body = await readBody(c.req.raw)
    const official = textOf(body, 'official') === 'true'
    const { product } = await requireProduct(context, request, id)
    try {
      await changeProduct(context, request, id, { type: 'MarkOfficial', official })
      const text = `“${product.displayName}” is ${official ? 'official now' : 'no longer official'}.`
      leaveFlash(c, { kind: 'success', text })
    } catch (error) {
      leaveFlash(c, { kind: 'problem', text: refusal(error).detail })
    }
    return c.redirect('/admin/official', 303)
  })
  return router
}

const rowOf = ({ product, release }: ListedProduct) => ({
  id: product.id,
  internalName: product.internalName,
  displayName: product.displayName,
  typeName: productType(product.productType).displayName,
  releaseName: release?.displayName ?? null,
  owner: product.owner,
  official: product.official,
  updatedAt: product.updatedAt,
})
