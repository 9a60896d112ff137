import { Hono } from 'hono'
import type { HeadLink } from '../../../views/layout.tsx'
import { FeedsPage } from '../../../views/pages/feeds.tsx'
import { FEED_TOKEN, feedToken } from '../../accounts/feed-reader.ts'
import type { Request } from '../../application/command.ts'
import { accountsOf, endToken, makeToken } from '../../application/people.ts'
import { requireProduct } from '../../application/products.ts'
import type { AppContext } from '../../context.ts'
import { notFound } from '../../domain/error.ts'
import { FEED_FORMATS } from '../api/feeds.ts'
import { baseUrl } from '../base-url.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { queryOf } from '../middleware/query.ts'
import { pathOfProduct } from './product-view.tsx'
import { frameOf, leaveFlash, type PageContext, requestOf } from './visit.ts'

/** `/feeds`, for the site and with `?product=` for a product: addresses, and the key in them. */
export function feedPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  const accounts = accountsOf(context)

  router.get('/feeds', async (c) => {
    const request = requestOf(c)
    const product = await productOf(c, request)
    // A key outlives the token that a program shows; only who signed in is given it.
    const isSession = c.get('identity')?.proof.kind === 'session'
    const token = isSession ? await feedToken(accounts, request.actor.userId) : null
    const key = token === null ? null : context.feedKeys.sign({ user: request.actor.userId, token })
    const base = baseUrl(context.config, c)
    const addresses = (path: string) =>
      Object.entries(FEED_FORMATS).map(([format, { label, mediaType }]) => {
        const query = new URLSearchParams({ format, ...(key === null ? {} : { key }) })
        return { label, mediaType, url: `${base}${path}?${query}` }
      })
    c.header('Cache-Control', 'no-store')
    return c.html(
      <FeedsPage
        frame={frameOf(context, c, null)}
        product={product}
        feeds={[
          ...(product === null
            ? []
            : [
                {
                  title: product.name,
                  what: 'Everything that happens to this product, from the day it was registered.',
                  addresses: addresses(`/api/products/${product.id}/feed/`),
                },
              ]),
          {
            title: 'All products',
            what: 'What happens to products once they are published: new ones, new versions, edits, deletions.',
            addresses: addresses('/api/feed/'),
          },
        ]}
        hasKey={key !== null}
      />,
    )
  })

  router.post('/feeds', async (c) => {
    const request = requestOf(c)
    if ((await feedToken(accounts, request.actor.userId)) === null) {
      // Its secret is not kept by anybody: the token stands for the key, and is listed and revoked like all tokens.
      await makeToken(context, request, { name: FEED_TOKEN, scope: 'read', expiresAt: null })
      leaveFlash(c, { kind: 'success', text: 'The addresses have a key now: copy them into your feed reader.' })
    }
    return c.redirect(backTo(c), 303)
  })

  router.post('/feeds/revoke', async (c) => {
    const request = requestOf(c)
    for (let token = await own(request); token !== null; token = await own(request)) {
      await endToken(context, request, token)
    }
    leaveFlash(c, { kind: 'success', text: 'The key is revoked.' })
    return c.redirect(backTo(c), 303)
  })

  const own = (request: Request) => feedToken(accounts, request.actor.userId)

  async function productOf(c: PageContext, request: Request) {
    const id = queryOf(c).get('product')
    if (id === undefined) return null
    if (!/^\d{1,9}$/.test(id)) throw notFound()
    const { product } = await requireProduct(context, request, Number(id))
    return { id: product.id, name: product.displayName, href: `${pathOfProduct(product.internalName)}?tab=history` }
  }
  return router
}

const backTo = (c: PageContext): string => {
  const product = queryOf(c).get('product')
  return product !== undefined && /^\d{1,9}$/.test(product) ? `/feeds?product=${product}` : '/feeds'
}

/** `<link>`s of a page to a feed. */
export const feedLinks = (path: string, title: string): HeadLink[] =>
  Object.entries(FEED_FORMATS).map(([format, { label, mediaType }]) => ({
    rel: 'alternate',
    type: mediaType,
    title: `${title}: ${label}`,
    href: `${path}?format=${format}`,
  }))
