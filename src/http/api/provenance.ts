import { Type } from '@sinclair/typebox'
import type { Context } from 'hono'
import type { Request } from '../../application/command.ts'
import { lineageOf } from '../../application/product-lineage.ts'
import { productRecord, productState } from '../../application/product-record.ts'
import { requireProduct } from '../../application/products.ts'
import { requireRun } from '../../application/runs.ts'
import { undoEvent } from '../../application/undo.ts'
import type { AppContext } from '../../context.ts'
import { DomainError } from '../../domain/error.ts'
import { type Moment, parseMoment } from '../../domain/moment.ts'
import { baseUrl } from '../base-url.ts'
import { contentDisposition } from '../download/content-disposition.ts'
import { endpoint } from './endpoint.ts'
import { graphJson, impactJson, staleJson } from './lineage-json.ts'
import { idOf, showProduct } from './products.ts'
import { contentType, PROVENANCE_FORMATS, type ProvenanceFormat } from './provenance-formats.ts'
import { Product } from './schemas.ts'

const TAG = 'Provenance'

const Format = Type.Union(
  PROVENANCE_FORMATS.map(({ name }) => Type.Literal(name)),
  { description: 'default prov-json' },
)

async function exported(
  { context, request, http }: { context: AppContext; request: Request; http: Context },
  productId: number,
  wanted: string | undefined,
  moment: Moment | null,
): Promise<Response> {
  const format: ProvenanceFormat = PROVENANCE_FORMATS.find(({ name }) => name === wanted) ?? PROVENANCE_FORMATS[0]
  const state = await productState(context, request, productId, moment)
  const base = baseUrl(context.config, http)
  const text = format.write(await productRecord(context, request, state, base), state)
  if (text === null) throw new DomainError('not_found', 'No run made this product, so there is none to write down.')
  http.header('Content-Type', contentType(format))
  http.header('Content-Disposition', contentDisposition('attachment', format.fileName))
  return http.body(text)
}

export const provenanceEndpoints = [
  endpoint({
    method: 'get',
    path: '/products/{id}/lineage/',
    tag: TAG,
    summary: 'What a product comes from, and what came of it',
    description:
      'A graph of products and runs; edges say which version of a product was read, by its digest. ' +
      '`stale_reasons` tells which inputs changed since, `impact` what depends on the product. ' +
      'Products that you may not see are there without a name.',
    query: Type.Object({
      direction: Type.Optional(
        Type.Union([Type.Literal('origins'), Type.Literal('derived'), Type.Literal('both')], {
          description: 'default both',
        }),
      ),
      depth: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'products away; default: all' })),
      as_of: Type.Optional(Type.String({ description: 'only runs asked for by then' })),
    }),
    responses: { 200: { description: 'Nodes and edges, staleness and impact' } },
    async handle({ context, request, params, query, http }) {
      const id = idOf(params)
      await requireProduct(context, request, id)
      const moment = query.as_of === undefined ? null : parseMoment(query.as_of, context.clock())
      const lineage = await lineageOf(context, request, id, moment)
      return http.json({
        product: id,
        ...graphJson(lineage.graph(id, query.direction, query.depth)),
        ...staleJson(lineage.stale(id)),
        impact: impactJson(lineage.impact(id)),
      })
    },
  }),
  endpoint({
    method: 'get',
    path: '/products/{id}/provenance/',
    tag: TAG,
    summary: 'The provenance and the citation of a product, in the form of a standard',
    description: 'Permalinks in it lead to exactly the state that it tells of, also with `as_of`.',
    query: Type.Object({
      format: Type.Optional(Format),
      as_of: Type.Optional(Type.String({ description: 'as it was: an ISO time, a date or a position' })),
    }),
    responses: { 200: { description: 'The document' } },
    handle: (call) => {
      const { as_of, format } = call.query
      const moment = as_of === undefined ? null : parseMoment(as_of, call.context.clock())
      return exported(call, idOf(call.params), format, moment)
    },
  }),
  endpoint({
    method: 'get',
    path: '/processes/{id}/provenance/',
    tag: TAG,
    summary: 'The provenance of a run and of what it made, or failed to make',
    query: Type.Object({ format: Type.Optional(Format) }),
    responses: { 200: { description: 'The document' } },
    async handle(call) {
      const { outputProductId } = await requireRun(call.context, call.request, idOf(call.params))
      return exported(call, outputProductId, call.query.format, null)
    },
  }),
  endpoint({
    method: 'post',
    path: '/products/{id}/undo/',
    tag: TAG,
    summary: 'Take back a change of a product, by a new event',
    description:
      'A metadata edit, the role of a column, the official mark, a deletion or a restoration. ' +
      'Refused (409), with the reason, when something later changed the same thing.',
    body: Type.Object({
      position: Type.String({
        pattern: '^[0-9]{1,20}$',
        description: 'position of the event in the log, in digits, as the history tells it',
      }),
    }),
    responses: { 200: { description: 'The product', schema: Product }, 409: { description: 'It cannot be undone' } },
    async handle(call) {
      await undoEvent(call.context, call.request, idOf(call.params), call.body.position)
      return showProduct(call)
    },
  }),
]
