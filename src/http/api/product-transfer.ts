import { Type } from '@sinclair/typebox'
import { bundleEntries, importProduct } from '../../application/product-transfer.ts'
import { requireProduct } from '../../application/products.ts'
import { invalidField } from '../../domain/error.ts'
import { readBody } from '../body.ts'
import { countedDownload } from '../counted-download.ts'
import { serveBytes } from '../download/serve-bytes.ts'
import { endpoint } from './endpoint.ts'
import { idOf } from './products.ts'

export const productTransferEndpoints = [
  endpoint({
    method: 'get',
    path: '/products/{id}/export/',
    tag: 'Proof',
    summary: 'A product with its files and its whole history, for another server or an archive',
    description:
      'A zip: `events.ndjson` (the events as they were recorded), `proof.json` (that they are in the signed log), `bundle.json`, and the files of all versions by digest. For somebody else than its owner without files that were gone before it was published.',
    responses: {
      200: { description: 'All bytes' },
      403: { description: 'It was once in a release that you may not see' },
    },
    async handle({ context, request, params, http }) {
      const id = idOf(params)
      using _ = context.limits.enter('archive', request.actor.userId)
      const zip = await context.zips.prepare(await bundleEntries(context, request, id))
      const fileName = `product-${id}-history-${zip.key.slice(0, 16)}.zip`
      const response = serveBytes(http.req.raw, zip, { fileName, mediaType: 'application/zip' })
      const taken = { productId: id, part: 'history', fileId: null, fileName, sha256: zip.sha256 } as const
      return countedDownload(context, request, http.req.raw, taken, response)
    },
  }),
  endpoint({
    method: 'post',
    path: '/products/import/',
    tag: 'Proof',
    summary: 'Import a product that another server exported',
    description:
      'The bundle is verified first: the chain of its events, the signed checkpoint, every file. It becomes a new product of yours, and its history there is kept with it.',
    body: Type.Object({ file: Type.Unsafe({ type: 'string', format: 'binary' }) }),
    streams: true,
    responses: { 201: { description: 'The number of the new product' } },
    async handle({ context, request, http, once }) {
      await using body = await readBody(http.req.raw, {
        files: { store: context.blobs, limit: context.config.uploadLimit, most: 1 },
      })
      const [file] = body.files
      if (file === undefined) throw invalidField('file', 'No file was submitted.', true)
      return await once({ sha256: file.blob.sha256 }, async () => {
        const id = await importProduct(context, request, file.blob.path)
        const { product } = await requireProduct(context, request, id)
        return http.json({ id, internal_name: product.internalName }, 201)
      })
    },
  }),
]
