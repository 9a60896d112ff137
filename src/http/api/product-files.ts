import { Type } from '@sinclair/typebox'
import { attachFile } from '../../application/files.ts'
import { canChange, changeProduct, requireFile } from '../../application/products.ts'
import { invalidField, notFound } from '../../domain/error.ts'
import { MEDIA_TYPE } from '../../domain/media-type.ts'
import { FILE_ROLES } from '../../domain/product/file-role.ts'
import { findFile } from '../../projections/files/queries.ts'
import { readBody } from '../body.ts'
import { countedDownload, takenFile } from '../counted-download.ts'
import { serveBlob } from '../download/serve-bytes.ts'
import { AS_OF, fileAsked, filesAsked, fileUrl, requireBytes } from './as-of.ts'
import { checkFields, number } from './check.ts'
import { endpoint } from './endpoint.ts'
import { ordered, orderedBy } from './ordering.ts'
import { cut, PAGING, pageOf } from './paging.ts'
import { fileJson } from './product-json.ts'
import { idOf } from './products.ts'
import { IdInput, ListOf, nullable, ProductFile } from './schemas.ts'

const FileBody = Type.Object({
  product: IdInput('number of the product'),
  role: Type.Optional(
    Type.String({
      description: '0 main, as when it is left out, 1 description, 2 auxiliary',
      'x-choices': FILE_ROLES.map(({ number, label }) => ({ value: number, display_name: label })),
    }),
  ),
  type: Type.Optional(
    nullable(Type.String({ description: 'a media type, e.g. text/csv', maxLength: 255, pattern: `${MEDIA_TYPE}|^$` })),
  ),
  replace: Type.Optional(
    Type.Boolean({ description: 'take the place of the main file, or of the file with that name' }),
  ),
})

const FileUpload = Type.Composite([FileBody, Type.Object({ file: Type.Unsafe({ type: 'string', format: 'binary' }) })])

function roleOf(text = '0') {
  const found = FILE_ROLES.find(
    (each) => String(each.number) === text.trim() || each.role === text.trim().toLowerCase(),
  )
  if (found === undefined) throw invalidField('role', `"${text}" is not a valid choice.`, true)
  return found.role
}

const ORDERINGS = ['role', 'id', 'name', 'size', 'created'] as const

export const productFileEndpoints = [
  endpoint({
    method: 'get',
    path: '/product-files/',
    tag: 'Files',
    summary: 'The files of a product',
    query: Type.Object({
      id: Type.Optional(Type.String({ description: 'number of a file' })),
      product_id: Type.Optional(Type.String({ description: 'number of the product; required unless id is given' })),
      ...orderedBy(ORDERINGS),
      ...AS_OF,
      ...PAGING,
    }),
    responses: { 200: { description: 'The main file first', schema: ListOf(ProductFile) } },
    async handle(call) {
      const { context, request, query, http } = call
      const id = query.id === undefined ? undefined : number('id', query.id)
      if (query.product_id === undefined && id !== undefined) {
        const { file, product } = await requireFile(context, request, id)
        return http.json({ count: 1, results: [fileJson(file, canChange(request, product), fileUrl(call, file.id))] })
      }
      if (query.product_id === undefined) {
        throw invalidField('product_id', 'Say which product, e.g. ?product_id=42.', true)
      }
      const { listed, files } = await filesAsked(call, number('product_id', query.product_id), query)
      const wanted = id === undefined ? files : files.filter((row) => row.id === id)
      const changeable = query.as_of === undefined && canChange(request, listed)
      const results = wanted.map((row) => fileJson(row, changeable, fileUrl(call, row.id, query)))
      return http.json(cut(ordered(results, query.ordering, ORDERINGS), pageOf(query)))
    },
  }),
  endpoint({
    method: 'post',
    path: '/product-files/',
    tag: 'Files',
    summary: 'Add a file to a product',
    description:
      'A main file is looked through at once; if it has to be a table and is none, it is refused and nothing is stored.',
    body: FileUpload,
    streams: true,
    responses: { 201: { description: 'The file', schema: ProductFile } },
    async handle(call) {
      const { context, request, http, once } = call
      await using body = await readBody(http.req.raw, {
        files: { store: context.blobs, limit: context.config.uploadLimit, most: 1 },
      })
      const [file] = body.files
      const fields = checkFields(FileBody, body.fields) as typeof FileBody.static
      if (file === undefined) throw invalidField('file', 'No file was submitted.', true)
      return await once({ fields, name: file.name, sha256: file.blob.sha256 }, async () => {
        const fileId = await attachFile(context, request, fields.product, {
          file: { name: file.name, mediaType: fields.type || file.mediaType, blob: file.blob },
          role: roleOf(fields.role),
          replace: fields.replace ?? false,
          signal: http.req.raw.signal,
        })
        // Also when somebody has replaced it since: it was taken, and whoever hears otherwise sends it again.
        const attached = await findFile(context.database.drizzle, fileId)
        if (attached === null) throw notFound()
        return http.json(fileJson(attached, attached.removedAt === null, fileUrl(call, fileId)), 201)
      })
    },
  }),
  endpoint({
    method: 'get',
    path: '/product-files/{id}/',
    tag: 'Files',
    summary: 'A file',
    responses: { 200: { description: 'The file', schema: ProductFile } },
    async handle(call) {
      const { context, request, params, http } = call
      const { file, product } = await requireFile(context, request, idOf(params))
      return http.json(fileJson(file, canChange(request, product), fileUrl(call, file.id)))
    },
  }),
  endpoint({
    method: 'get',
    path: '/product-files/{id}/download/',
    tag: 'Files',
    summary: 'The bytes of a file',
    description:
      'Whole or a range; `original=true` gives the archive that the table was taken out of. A file that was removed or ' +
      'replaced since is there with an `as_of` of its time.',
    query: Type.Object({ original: Type.Optional(Type.Boolean()), ...AS_OF }),
    responses: { 200: { description: 'All bytes' }, 206: { description: 'A range of them' } },
    async handle(call) {
      const { context, request, params, query, http } = call
      const file = await fileAsked(call, idOf(params), query)
      requireBytes([file])
      const original = query.original === true && file.originalSha256 !== null && file.originalName !== null
      const sha256 = original ? (file.originalSha256 ?? file.sha256) : file.sha256
      const fileName = original ? (file.originalName ?? file.name) : file.name
      const response = await serveBlob(http.req.raw, context.blobs, sha256, { fileName })
      return countedDownload(context, request, http.req.raw, takenFile(file, { fileName, sha256 }), response)
    },
  }),
  endpoint({
    method: 'delete',
    path: '/product-files/{id}/',
    tag: 'Files',
    summary: 'Take a file away',
    responses: { 204: { description: 'Done; the bytes stay, for the product as it was' } },
    async handle({ context, request, params, http }) {
      const { file } = await requireFile(context, request, idOf(params))
      await changeProduct(context, request, file.productId, { type: 'RemoveFile', fileId: file.id })
      return http.body(null, 204)
    },
  }),
]
