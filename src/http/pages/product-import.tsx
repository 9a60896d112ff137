import { Hono } from 'hono'
import { TransferPage } from '../../../views/pages/admin/transfer.tsx'
import { type ImportProps, ProductImportPage } from '../../../views/pages/product/import.tsx'
import { importProduct } from '../../application/product-transfer.ts'
import { requireProduct } from '../../application/products.ts'
import { requireRoom } from '../../application/quota.ts'
import type { AppContext } from '../../context.ts'
import { readBody } from '../body.ts'
import { announcedSize } from '../body-stream.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { RequestError } from '../problem.ts'
import { productPath, refusal, statusOf } from './product-form.ts'
import { frameOf, leaveFlash, type PageContext, requestOf } from './visit.ts'

/** `/product/import`, for everybody who may upload. */
export const productImportPages = (context: AppContext): Hono<HttpEnv> =>
  importPages(context, '/product/import', 'upload', ProductImportPage)

/** `/admin/transfer`: the same beside what else moves between servers. */
export const transferPages = (context: AppContext): Hono<HttpEnv> =>
  importPages(context, '/admin/transfer', 'admin', TransferPage)

function importPages(
  context: AppContext,
  path: string,
  section: ImportProps['frame']['section'],
  Page: (props: ImportProps) => ReturnType<typeof ProductImportPage>,
): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  const { uploadLimit } = context.config

  router.get(path, (c) => {
    requestOf(c)
    return show(c, null)
  })

  router.post(path, async (c) => {
    const request = requestOf(c)
    try {
      await requireRoom(context, request.actor.userId, announcedSize(c.req.raw))
      await using body = await readBody(c.req.raw, { files: { store: context.blobs, limit: uploadLimit, most: 1 } })
      const [file] = body.files
      if (file === undefined) throw new RequestError('bad_request', 'Choose a file first.')
      const id = await importProduct(context, request, file.blob.path)
      const { product } = await requireProduct(context, request, id)
      leaveFlash(c, { kind: 'success', text: `${product.displayName} is imported: its history was verified.` })
      return c.redirect(`${productPath(product.internalName)}?tab=history`, 303)
    } catch (error) {
      const problem = refusal(error)
      return show(c, problem.detail, statusOf(problem))
    }
  })

  const show = (c: PageContext, problem: string | null, status: ReturnType<typeof statusOf> | 200 = 200) =>
    c.html(<Page frame={frameOf(context, c, section)} fileLimit={uploadLimit} problem={problem} />, status)

  return router
}
