import { Type } from '@sinclair/typebox'
import { changeProduct, requireColumn } from '../../application/products.ts'
import { invalidField } from '../../domain/error.ts'
import { AS_OF, columnsAsked } from './as-of.ts'
import { number } from './check.ts'
import { type Call, endpoint } from './endpoint.ts'
import { ordered, orderedBy } from './ordering.ts'
import { cut, PAGING, pageOf } from './paging.ts'
import { columnJson } from './product-json.ts'
import { idOf } from './products.ts'
import { Column, ListOf, nullable } from './schemas.ts'

const ORDERINGS = ['order', 'id', 'column_name', 'alias', 'ucd'] as const

const RoleBody = Type.Object({
  alias: Type.Optional(nullable(Type.String({ maxLength: 255 }))),
  ucd: Type.Optional(nullable(Type.String({ maxLength: 255 }))),
})

async function associate(call: Call<unknown, typeof RoleBody.static>) {
  const { context, request, params, body, http } = call
  const { column } = await requireColumn(context, request, idOf(params))
  await changeProduct(context, request, column.productId, {
    type: 'AssociateColumn',
    columnId: column.id,
    ...(body.alias === undefined ? {} : { alias: body.alias }),
    ...(body.ucd === undefined ? {} : { ucd: body.ucd }),
  })
  const changed = await requireColumn(context, request, column.id)
  return http.json(columnJson(changed.column))
}

const role = (method: 'patch' | 'put') =>
  endpoint({
    method,
    path: '/product-contents/{id}/',
    tag: 'Columns',
    summary: 'Give a column a role, or take it away (empty alias and ucd)',
    description: 'A role that another column of the product holds moves to this one.',
    body: RoleBody,
    responses: { 200: { description: 'The column', schema: Column } },
    handle: associate,
  })

export const productContentEndpoints = [
  endpoint({
    method: 'get',
    path: '/product-contents/',
    tag: 'Columns',
    summary: 'The columns of a product',
    query: Type.Object({
      id: Type.Optional(Type.String({ description: 'number of a column' })),
      product: Type.Optional(Type.String({ description: 'number of the product; required unless id is given' })),
      ...orderedBy(ORDERINGS),
      ...AS_OF,
      ...PAGING,
    }),
    responses: { 200: { description: 'All of them, in the order of the file', schema: ListOf(Column) } },
    async handle(call) {
      const { context, request, query, http } = call
      const id = query.id === undefined ? undefined : number('id', query.id)
      if (id !== undefined && query.product === undefined) {
        const { column } = await requireColumn(context, request, id)
        return http.json({ count: 1, results: [columnJson(column)] })
      }
      if (query.product === undefined) throw invalidField('product', 'Say which product, e.g. ?product=42.', true)
      const columns = await columnsAsked(call, number('product', query.product), query)
      const wanted = id === undefined ? columns : columns.filter((row) => row.id === id)
      return http.json(cut(ordered(wanted.map(columnJson), query.ordering, ORDERINGS), pageOf(query)))
    },
  }),
  endpoint({
    method: 'get',
    path: '/product-contents/{id}/',
    tag: 'Columns',
    summary: 'A column',
    responses: { 200: { description: 'The column', schema: Column } },
    async handle({ context, request, params, http }) {
      const { column } = await requireColumn(context, request, idOf(params))
      return http.json(columnJson(column))
    },
  }),
  role('patch'),
  role('put'),
]
