import { Hono } from 'hono'
import type { Request } from '../../application/command.ts'
import { productAsOf } from '../../application/time-travel.ts'
import type { AppContext } from '../../context.ts'
import { notFound } from '../../domain/error.ts'
import { parseMoment } from '../../domain/moment.ts'
import type { FileRow } from '../../projections/files/tables.ts'
import { visibleFile } from '../../projections/products/visible-file.ts'
import { serveBlob } from '../download/serve-bytes.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import type { ProductPageData } from './product-page.ts'
import { type PageContext, requestOf } from './visit.ts'

/**
 * What an uploaded page may do: run its own scripts and styles, show pictures that it carries, and nothing else. The
 * sandbox makes it another origin to the browser; with `allow-same-origin` it could undo this.
 */
const POLICY =
  "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"

/** Whether a file is shown as a page: by its name, which is all that people see of it. Main files are data. */
export const isHtml = (file: Pick<FileRow, 'name' | 'role'>): boolean =>
  file.role !== 'main' && /\.html?$/i.test(file.name)

/** Where an HTML file is shown from: our own address, or the one without cookies, which is told by a token who may see it. */
export function rawHref({ config, downloadTokens }: AppContext, data: ProductPageData, file: FileRow): string {
  const { id } = data.listed.product
  if (config.rawOrigin !== null) {
    const token = downloadTokens.sign({ archive: rawKey(file.sha256), product: id, user: 0 })
    return `${config.rawOrigin}/raw/${file.sha256}?token=${token}`
  }
  const past = data.asOf === null ? '' : `?${new URLSearchParams({ product: String(id), as_of: data.asOf })}`
  return `/raw/${file.sha256}${past}`
}

/** A token for a page does not open a download. */
const rawKey = (sha256: string): string => `raw ${sha256}`

/** `/raw/<sha256>`: uploaded HTML, in its sandbox. */
export function rawPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  router.get('/raw/:sha256{[0-9a-f]{64}}', async (c) => {
    const sha256 = c.req.param('sha256')
    await requireReader(context, c, sha256)
    return serveBlob(c.req.raw, context.blobs, sha256, {
      fileName: 'description.html',
      mediaType: 'text/html',
      disposition: 'inline',
      headers: {
        'Content-Security-Policy': POLICY,
        'Referrer-Policy': 'no-referrer',
        'Cache-Control': 'private, no-store',
      },
    })
  })
  return router
}

/** @throws DomainError `not_found`, whether there is no such file or the person may not see it. */
async function requireReader(context: AppContext, c: PageContext, sha256: string): Promise<void> {
  const token = c.req.query('token')
  if (token !== undefined) {
    if (context.downloadTokens.verify(token).archive !== rawKey(sha256)) throw notFound()
    return
  }
  const request = requestOf(c)
  const [product, asOf] = [c.req.query('product'), c.req.query('as_of')]
  if (product !== undefined && asOf !== undefined) return requirePast(context, request, product, asOf, sha256)
  const name = await visibleFile(context.database.drizzle, request.actor, sha256)
  if (name === null) throw notFound()
}

async function requirePast(context: AppContext, request: Request, product: string, asOf: string, sha256: string) {
  if (!/^[1-9]\d{0,8}$/.test(product)) throw notFound()
  const past = await productAsOf(context, request, Number(product), parseMoment(asOf, context.clock()))
  if (!past.files.some((file) => file.sha256 === sha256 && isHtml(file) && !file.purged)) throw notFound()
}
