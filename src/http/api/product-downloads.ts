import { Type } from '@sinclair/typebox'
import { canChange, requireProduct } from '../../application/products.ts'
import { DOWNLOAD_PARTS } from '../../audit/downloads.ts'
import { countDownloads, listDownloads } from '../../audit/queries.ts'
import { forbidden } from '../../domain/error.ts'
import { downloadJson, exportDownloads } from '../download-export.ts'
import { endpoint } from './endpoint.ts'
import { invalidPage, PAGING, pageOf } from './paging.ts'
import { idOf } from './products.ts'
import { nullable } from './schemas.ts'

/** Downloads that are given when no page is asked for: what a notebook can hold. Exports have them all. */
const MOST = 10_000

const ListedDownload = Type.Object(
  {
    at: Type.String(),
    product: Type.Integer(),
    product_internal_name: nullable(Type.String()),
    product_name: nullable(Type.String()),
    part: Type.Union(
      DOWNLOAD_PARTS.map((part) => Type.Literal(part)),
      { description: 'what was taken' },
    ),
    file: nullable(Type.Integer({ description: 'number of the file; null for several' })),
    file_name: Type.String(),
    username: nullable(Type.String({ description: 'null: not named, or the account is gone' })),
    person: nullable(Type.String()),
    via: Type.Union([Type.Literal('page'), Type.Literal('api')]),
  },
  { $id: 'Download' },
)

export const productDownloadEndpoints = [
  endpoint({
    method: 'get',
    path: '/products/{id}/downloads/',
    tag: 'Downloads',
    summary: 'Who took a product, and when: for its owner and administrators',
    description:
      'Downloads are counted when they begin; parts of the same one (`Range`) count once in an hour. `DOWNLOAD_AUDIT` says whether people are named.',
    query: Type.Object({
      ...PAGING,
      format: Type.Optional(
        Type.Union([Type.Literal('json'), Type.Literal('csv'), Type.Literal('ndjson')], {
          description: 'csv and ndjson: all of them, as a file',
        }),
      ),
    }),
    responses: {
      200: {
        description: `Newest first, ${MOST} at most unless a page is asked for`,
        schema: Type.Object({
          count: Type.Integer({ description: 'downloads' }),
          people: Type.Integer({ description: 'people who are named' }),
          results: Type.Array(ListedDownload),
        }),
      },
    },
    async handle({ context, request, params, query, http }) {
      const product = await requireProduct(context, request, idOf(params))
      if (!canChange(request, product)) throw forbidden()
      await context.audit.flush()
      const { id, internalName } = product.product
      const filter = { productId: id }
      if (query.format === 'csv' || query.format === 'ndjson') {
        return exportDownloads(context, http, { format: query.format, name: `${internalName}-downloads`, filter })
      }
      const { offset, limit } = pageOf(query) ?? { offset: 0, limit: MOST }
      const { times, people } = await countDownloads(context.database, filter)
      const rows = await listDownloads(context.database, filter, null, limit, offset)
      if (offset > 0 && rows.length === 0) throw invalidPage()
      return http.json({ count: times, people, results: rows.map(downloadJson) })
    },
  }),
]
