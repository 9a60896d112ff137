import { Type } from '@sinclair/typebox'
import { lineageOf } from '../../application/product-lineage.ts'
import { requireProduct } from '../../application/products.ts'
import { parseMoment } from '../../domain/moment.ts'
import { endpoint } from './endpoint.ts'
import { graphJson, impactJson, staleJson } from './lineage-json.ts'
import { idOf } from './products.ts'

const TAG = 'Provenance'

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
]
