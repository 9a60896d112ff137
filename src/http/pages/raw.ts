import { Hono } from 'hono'
import type { Request } from '../../application/command.ts'
import { productAsOf } from '../../application/time-travel.ts'
import type { AppContext } from '../../context.ts'
import { notFound } from '../../domain/error.ts'
import { parseMoment } from '../../domain/moment.ts'
import type { FileRow } from '../../projections/files/tables.ts'
import { visibleFile } from '../../projections/products/visible-file.ts'
import { countedDownload } from '../counted-download.ts'
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
    const token = downloadTokens.sign({ archive: rawKey(file.sha256), product: id, user: data.viewerId })
    return `${config.rawOrigin}/raw/${file.sha256}?token=${token}`
  }
  const which = new URLSearchParams({ product: String(id), ...(data.asOf === null ? {} : { as_of: data.asOf }) })
  return `/raw/${file.sha256}?${which}`
}

/** A token for a page does not open a download. */
const rawKey = (sha256: string): string => `raw ${sha256}`

/** `/raw/<sha256>`: uploaded HTML, in its sandbox. */
export function rawPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  router.get('/raw/:sha256{[0-9a-f]{64}}', async (c) => {
    const sha256 = c.req.param('sha256')
    const { userId, productId, file } = await requireReader(context, c, sha256)
    const response = await serveBlob(c.req.raw, context.blobs, sha256, {
      fileName: 'description.html',
      mediaType: 'text/html',
      disposition: 'inline',
      headers: {
        'Content-Security-Policy': POLICY,
        'Referrer-Policy': 'no-referrer',
        'Cache-Control': 'private, no-store',
      },
    })
    const fileName = file?.name ?? 'description.html'
    const taken = { productId, part: 'shown', fileId: file?.id ?? null, fileName, sha256 } as const
    return countedDownload(context, { actor: { ...NOBODY, userId } }, c.req.raw, taken, response)
  })
  return router
}

/** Who reads a page of which product; the file is not known where a token told. */
interface Reading {
  readonly userId: number
  readonly productId: number
  readonly file: FileRow | null
}

const NOBODY = { userId: 0, username: '', isAdmin: false, groupIds: [] }

/** @throws DomainError `not_found`, whether there is no such file or the person may not see it. */
async function requireReader(context: AppContext, c: PageContext, sha256: string): Promise<Reading> {
  const token = c.req.query('token')
  if (token !== undefined) {
    const { archive, user, product } = context.downloadTokens.verify(token)
    if (archive !== rawKey(sha256)) throw notFound()
    return { userId: user, productId: product, file: null }
  }
  const request = requestOf(c)
  const [product, asOf] = [c.req.query('product'), c.req.query('as_of')]
  if (product !== undefined && !/^[1-9]\d{0,8}$/.test(product)) throw notFound()
  const productId = product === undefined ? null : Number(product)
  const file =
    productId !== null && asOf !== undefined
      ? await pastFile(context, request, productId, asOf, sha256)
      : await visibleFile(context.database.drizzle, request.actor, sha256, productId)
  if (file === null) throw notFound()
  return { userId: request.actor.userId, productId: file.productId, file }
}

async function pastFile(context: AppContext, request: Request, product: number, asOf: string, sha256: string) {
  const past = await productAsOf(context, request, product, parseMoment(asOf, context.clock()))
  return past.files.find((file) => file.sha256 === sha256 && isHtml(file) && !file.purged) ?? null
}
