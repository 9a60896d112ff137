import { Hono } from 'hono'
import { NotThenPage } from '../../../views/pages/product/not-then.tsx'
import { ProductPage } from '../../../views/pages/product/page.tsx'
import { datasetJsonLd } from '../../application/citation.ts'
import { describedArchive } from '../../application/product-record.ts'
import type { AppContext } from '../../context.ts'
import { notFound } from '../../domain/error.ts'
import { baseUrl } from '../base-url.ts'
import { countedDownload, takenFile } from '../counted-download.ts'
import { serveBlob, serveBytes } from '../download/serve-bytes.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { queryOf } from '../middleware/query.ts'
import { feedLinks } from './feeds.tsx'
import { addressAsOf, momentsOf } from './product-history.tsx'
import { loadProductPage, NotThen, productNamed, tableOf } from './product-page.ts'
import { tabContent, tabOf, tabsOf } from './product-tabs.ts'
import { pathOfProduct, productView } from './product-view.tsx'
import { signposts } from './signposting.ts'
import { frameOf, type PageContext, requestOf } from './visit.ts'

/** Names begin with their number, so that `/product/new` is another page. */
const NAME = ':name{[0-9][^/]*}'

/** The page of a product, and its downloads. */
export function productPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()

  router.get(`/product/${NAME}`, (c) => show(context, c))

  router.get(`/product/${NAME}/zip`, async (c) => {
    const state = await load(context, c)
    const { listed, files } = state
    if (files.length === 0) throw notFound()
    const { id, internalName } = listed.product
    using _ = context.limits.enter('archive', requestOf(c).actor.userId)
    const zip = await context.zips.prepare(await describedArchive(context, requestOf(c), state, baseOf(context, c)))
    const fileName = `${internalName}.zip`
    const response = serveBytes(c.req.raw, zip, { fileName, mediaType: 'application/zip' })
    const taken = { productId: id, part: 'everything', fileId: null, fileName, sha256: zip.sha256 } as const
    return countedDownload(context, requestOf(c), c.req.raw, taken, response)
  })

  router.get(`/product/${NAME}/files/:file{[0-9]+}`, async (c) => {
    const { files } = await load(context, c)
    const file = files.find((each) => String(each.id) === c.req.param('file'))
    if (file === undefined || file.purged) throw notFound()
    const original = c.req.query('original') === 'true' && file.originalSha256 !== null && file.originalName !== null
    const sha256 = (original ? file.originalSha256 : null) ?? file.sha256
    const fileName = (original ? file.originalName : null) ?? file.name
    const response = await serveBlob(c.req.raw, context.blobs, sha256, { fileName })
    return countedDownload(context, requestOf(c), c.req.raw, takenFile(file, { fileName, sha256 }), response)
  })
  return router
}

const load = (context: AppContext, c: PageContext) =>
  loadProductPage(context, requestOf(c), nameOf(c), { asOf: asOfOf(c), tab: '' })

const nameOf = (c: PageContext): string => c.req.param('name') ?? ''

/** The form sends an empty one for today. */
const asOfOf = (c: PageContext): string | null => queryOf(c).get('as_of')?.trim() || null

const baseOf = (context: AppContext, c: PageContext): string => baseUrl(context.config, c)

async function show(context: AppContext, c: PageContext): Promise<Response> {
  try {
    return await productPage(context, c)
  } catch (error) {
    if (!(error instanceof NotThen)) throw error
    const { displayName, internalName } = error.listed.product
    const frame = frameOf(context, c, 'products')
    return c.html(
      <NotThenPage frame={frame} name={displayName} since={error.since} href={pathOfProduct(internalName)} />,
      404,
    )
  }
}

async function productPage(context: AppContext, c: PageContext): Promise<Response> {
  const request = requestOf(c)
  const name = nameOf(c)
  const { searchParams, search } = new URL(c.req.url)
  if (/^\d+$/.test(name)) {
    const { product } = await productNamed(context, request, name)
    // A product whose name has no letters is called `7_`, so this never leads to itself.
    return c.redirect(`${pathOfProduct(product.internalName)}${search}`, 303)
  }
  const tab = tabOf(c.req.query('tab'))
  const data = await loadProductPage(context, request, name, { asOf: asOfOf(c), tab })
  const base = baseOf(context, c)
  const table = await tableOf(context, data)
  const [product, content] = await Promise.all([
    productView(context, data, table, base),
    tabContent(context, data, table, tab, searchParams, request),
  ])
  const { id } = data.listed.product
  c.header('Link', signposts(data, base))
  return c.html(
    <ProductPage
      frame={frameOf(context, c, 'products')}
      product={product}
      tabs={tabsOf(data, table)}
      content={content}
      moments={momentsOf(data)}
      structuredData={datasetJsonLd(data.listed, data.files, data.columns, base, data.asOf !== null)}
      links={[
        {
          rel: 'alternate',
          type: 'application/json',
          title: 'This product as JSON',
          href: addressAsOf(`/api/products/${id}/`, data.asOf),
        },
        { rel: 'describedby', type: 'application/json', title: 'Its history', href: `/api/products/${id}/history/` },
        ...feedLinks(`/api/products/${id}/feed/`, data.listed.product.displayName),
      ]}
    />,
  )
}
