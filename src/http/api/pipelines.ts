import { Type } from '@sinclair/typebox'
import { notFound } from '../../domain/error.ts'
import { productType } from '../../domain/product/product-type.ts'
import type { Pipeline as PipelineDefinition } from '../../pipelines/pipeline.ts'
import { findPipelineById, PIPELINES } from '../../pipelines/registry.ts'
import { number } from './check.ts'
import { endpoint } from './endpoint.ts'
import { ordered, orderedBy } from './ordering.ts'
import { cut, PAGING, pageOf } from './paging.ts'
import { idOf } from './products.ts'
import { ListOf, Pipeline } from './schemas.ts'

const pipelineJson = (pipeline: PipelineDefinition) => ({
  id: pipeline.id,
  name: pipeline.name,
  display_name: pipeline.displayName,
  version: pipeline.version,
  description: pipeline.description,
  created_at: pipeline.createdAt,
  // The client changes this object and sends it back, so each answer has one of its own.
  system_config: { param: structuredClone(pipeline.defaults) },
  output_product_type: productType(pipeline.outputType).id,
  product_types_accepted: pipeline.acceptedTypes.map((name) => productType(name).id),
})

const ORDERINGS = ['id', 'name', 'display_name'] as const

export const pipelineEndpoints = [
  endpoint({
    method: 'get',
    path: '/pipelines/',
    tag: 'Pipelines',
    summary: 'The pipelines',
    query: Type.Object({
      id: Type.Optional(Type.String()),
      name: Type.Optional(Type.String({ description: 'exact' })),
      ...orderedBy(ORDERINGS),
      ...PAGING,
    }),
    responses: { 200: { description: 'The pipelines', schema: ListOf(Pipeline) } },
    handle({ query, http }) {
      const id = query.id === undefined ? undefined : number('id', query.id)
      const found = PIPELINES.filter(
        (pipeline) =>
          (id === undefined || pipeline.id === id) && (query.name === undefined || pipeline.name === query.name),
      )
      return http.json(cut(ordered(found.map(pipelineJson), query.ordering, ORDERINGS), pageOf(query)))
    },
  }),
  endpoint({
    method: 'get',
    path: '/pipelines/{id}/',
    tag: 'Pipelines',
    summary: 'A pipeline',
    description: '`system_config.param` holds every parameter with its default.',
    responses: { 200: { description: 'The pipeline', schema: Pipeline } },
    handle({ params, http }) {
      const pipeline = findPipelineById(idOf(params))
      if (pipeline === undefined) throw notFound()
      return http.json(pipelineJson(pipeline))
    },
  }),
]
