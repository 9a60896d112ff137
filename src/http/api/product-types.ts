import { Type } from '@sinclair/typebox'
import { notFound } from '../../domain/error.ts'
import { type ProductType as Kind, PRODUCT_TYPES } from '../../domain/product/product-type.ts'
import { number } from './check.ts'
import { endpoint } from './endpoint.ts'
import { ordered, orderedBy } from './ordering.ts'
import { cut, PAGING, pageOf } from './paging.ts'
import { idOf } from './products.ts'
import { ListOf, ProductType } from './schemas.ts'

/** Product types are facts of the program; this is when they were settled. */
const SETTLED = '2026-11-22T00:00:00.000Z'

const typeJson = ({ id, name, displayName, order, description }: Kind) => ({
  id,
  name,
  display_name: displayName,
  order,
  description,
  created_at: SETTLED,
})

const ORDERINGS = ['order', 'id', 'name', 'display_name'] as const

export const productTypeEndpoints = [
  endpoint({
    method: 'get',
    path: '/product-types/',
    tag: 'Product types',
    summary: 'The kinds of products',
    query: Type.Object({
      id: Type.Optional(Type.String()),
      name: Type.Optional(Type.String({ description: 'exact' })),
      ...orderedBy(ORDERINGS),
      ...PAGING,
    }),
    responses: { 200: { description: 'In the order of menus', schema: ListOf(ProductType) } },
    handle({ query, http }) {
      const id = query.id === undefined ? undefined : number('id', query.id)
      const types = PRODUCT_TYPES.filter(
        (type) => (id === undefined || type.id === id) && (query.name === undefined || type.name === query.name),
      )
      return http.json(cut(ordered(types.map(typeJson), query.ordering, ORDERINGS), pageOf(query)))
    },
  }),
  endpoint({
    method: 'get',
    path: '/product-types/{id}/',
    tag: 'Product types',
    summary: 'A kind of product',
    responses: { 200: { description: 'The kind', schema: ProductType } },
    handle({ params, http }) {
      const type = PRODUCT_TYPES.find((each) => each.id === idOf(params))
      if (type === undefined) throw notFound()
      return http.json(typeJson(type))
    },
  }),
]
