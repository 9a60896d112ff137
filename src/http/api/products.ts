import { Type } from '@sinclair/typebox'
import { inspectAgain } from '../../application/files.ts'
import { readInspection } from '../../application/inspection.ts'
import { lineageOf } from '../../application/product-lineage.ts'
import {
  changeProduct,
  metadataEdit,
  type ProductInput,
  registerProduct,
  requireProduct,
} from '../../application/products.ts'
import { processConfig } from '../../application/run-config.ts'
import { listMoment, productAsOf, productsAsOf } from '../../application/time-travel.ts'
import { SYSTEM } from '../../domain/actor.ts'
import { DomainError, invalidField, notFound } from '../../domain/error.ts'
import { parseMoment } from '../../domain/moment.ts'
import { PRODUCT_TYPES } from '../../domain/product/product-type.ts'
import { LONGEST_TEXT } from '../../domain/text.ts'
import { productColumns } from '../../projections/columns/queries.ts'
import { currentFiles } from '../../projections/files/queries.ts'
import { STATUSES } from '../../projections/products/filter.ts'
import { listProducts } from '../../projections/products/queries.ts'
import { findRun } from '../../projections/runs/queries.ts'
import { tellPosition } from '../middleware/event-position.ts'
import { AS_OF, fileUrl } from './as-of.ts'
import { type Call, endpoint } from './endpoint.ts'
import { impactJson, staleJson } from './lineage-json.ts'
import { cut, invalidPage, PAGING, pageOf } from './paging.ts'
import { columnJson, fileJson, mainFileJson, productJson } from './product-json.ts'
import { ProductListQuery, productFilter, productOrder } from './product-query.ts'
import { Column, IdInput, ListOf, nullable, PRODUCT_TYPE_CHOICES, Product, ProductFile } from './schemas.ts'

const NAME = nullable(Type.String({ maxLength: 255 }))
const TYPE = nullable(Type.Integer({ description: 'number of the product type', 'x-choices': PRODUCT_TYPE_CHOICES }))
const ProductFields = {
  display_name: Type.Optional(NAME),
  product_type: Type.Optional(TYPE),
  release: Type.Optional(nullable(IdInput('number of the release'))),
  pz_code: Type.Optional(nullable(Type.String({ maxLength: 255 }))),
  description: Type.Optional(nullable(Type.String({ description: 'Markdown', maxLength: LONGEST_TEXT }))),
  official_product: Type.Optional(nullable(Type.Boolean({ description: 'only administrators may set it' }))),
  status: Type.Optional(nullable(Type.Integer({ description: '1 publishes, 2 deletes' }))),
}
const ProductBody = Type.Object(ProductFields)
const NewProduct = Type.Object({
  ...ProductFields,
  display_name: NAME,
  product_type: TYPE,
  status: Type.Optional(nullable(Type.Integer({ description: '0: it is published when its files are there' }))),
})
type ProductBody = typeof ProductBody.static

/** The fields of a request in the words of the domain. What is left out stays out. */
function inputOf(body: ProductBody): ProductInput {
  return {
    ...(body.display_name === undefined ? {} : { displayName: body.display_name }),
    ...(body.description === undefined ? {} : { description: body.description }),
    ...(body.pz_code === undefined ? {} : { pzCode: body.pz_code }),
    ...(body.product_type === undefined ? {} : { productType: typeName(body.product_type) }),
    ...(body.release === undefined ? {} : { releaseId: body.release }),
  }
}

function typeName(id: number | null): string | null {
  if (id === null) return null
  const type = PRODUCT_TYPES.find((each) => each.id === id)
  if (type === undefined) throw invalidField('product_type', `Invalid pk "${id}" - object does not exist.`)
  return type.name
}

async function list({ context, request, query, http }: Call<typeof ProductListQuery.static, unknown>, only?: 'specz') {
  const moment = await listMoment(context, query.as_of)
  const filter = productFilter(query)
  const narrowed =
    only === undefined ? filter : { ...filter, productTypes: ['redshift_catalog'], statuses: ['published' as const] }
  const page = pageOf(query)
  const { count, items } = await productsAsOf(context, request, narrowed, productOrder(query), page, moment)
  if (page !== null && page.offset > 0 && items.length === 0) throw invalidPage()
  return http.json({ count, results: items.map((item) => productJson(item, request)) })
}

/** The product of the path, as it is now. */
export async function showProduct({ context, request, params, http }: Call<unknown, unknown>, status: 200 | 201 = 200) {
  const product = await requireProduct(context, request, idOf(params))
  http.header('ETag', etagOf(product.product.revision))
  tellPosition(http, product.product.position)
  const lineage = await lineageOf(context, request, product.product.id)
  const { count } = impactJson(lineage.impact(product.product.id))
  return http.json(
    { ...productJson(product, request), ...staleJson(lineage.stale(product.product.id)), used_by: count },
    status,
  )
}

/** An entity tag of a product: the revision of its stream. `If-Match` with it refuses an edit of something that changed since. */
const etagOf = (revision: number): string => `"r${revision}"`

export const idOf = (params: Readonly<Record<string, number>>): number => {
  const id = params.id
  if (id === undefined) throw new Error('This path has no {id}')
  return id
}

async function update(call: Call<unknown, ProductBody>, complete: boolean) {
  const { context, request, params, body } = call
  const id = idOf(params)
  if (complete && body.display_name === undefined) throw invalidField('display_name', 'This field is required.')
  if (complete && body.product_type === undefined) throw invalidField('product_type', 'This field is required.')
  const input = inputOf(body)
  await requireReachable(call)
  const others = [
    ...(typeof body.official_product === 'boolean'
      ? [{ type: 'MarkOfficial', official: body.official_product } as const]
      : []),
    ...(body.status === 1 ? [{ type: 'PublishProduct' } as const] : []),
    ...(body.status === 2 ? [{ type: 'DeleteProduct' } as const] : []),
  ]
  // Also a request that changes nothing takes the right to change.
  const edits = Object.keys(input).length > 0 || others.length === 0
  await changeProduct(context, request, id, ...(edits ? [await metadataEdit(context, request, input)] : []), ...others)
  return showProduct(call)
}

/** Publishing and deleting are all that a status can ask for; the status that a product has already asks for nothing. */
async function requireReachable({ context, request, params, body: { status } }: Call<unknown, ProductBody>) {
  if (status === undefined || status === null || status === 1 || status === 2) return
  const { product } = await requireProduct(context, request, idOf(params))
  if (STATUSES[product.status].number === status) return
  throw invalidField('status', `"${status}" is not a valid choice: 1 publishes, 2 deletes.`, true)
}

const PREVIEW_ROWS = 100

export const productEndpoints = [
  endpoint({
    method: 'get',
    path: '/products/',
    tag: 'Products',
    summary: 'Find products',
    description: 'Everything that fits is given at once unless a page is asked for.',
    query: ProductListQuery,
    responses: { 200: { description: 'The products', schema: ListOf(Product) } },
    handle: (call) => list(call),
  }),
  endpoint({
    method: 'get',
    path: '/products-specz/',
    tag: 'Products',
    summary: 'Find published redshift catalogs',
    query: ProductListQuery,
    responses: { 200: { description: 'The catalogs', schema: ListOf(Product) } },
    handle: (call) => list(call, 'specz'),
  }),
  endpoint({
    method: 'post',
    path: '/products/',
    tag: 'Products',
    summary: 'Register a product',
    description: 'Then add its files, give roles to its columns, and publish it.',
    body: NewProduct,
    responses: { 201: { description: 'The new product', schema: Product } },
    async handle(call) {
      const { context, request, body } = call
      if (body.status !== undefined && body.status !== null && body.status !== 0) {
        throw invalidField('status', 'A new product has status 0; publish it when its files are there.', true)
      }
      const id = await registerProduct(context, request, {
        ...inputOf(body),
        official: body.official_product ?? false,
      })
      return showProduct({ ...call, params: { id } }, 201)
    },
  }),
  endpoint({
    method: 'get',
    path: '/products/pending_publication/',
    tag: 'Products',
    summary: 'The oldest draft of your own',
    responses: { 200: { description: 'It, or null', schema: Type.Object({ product: nullable(Product) }) } },
    async handle({ context, request, http }) {
      const { items } = await listProducts(
        context.database.drizzle,
        request.actor,
        { statuses: ['registering'], ownerIds: [request.actor.userId] },
        { by: 'created_at', descending: false },
        { offset: 0, limit: 1 },
      )
      return http.json({ product: items[0] === undefined ? null : productJson(items[0], request) })
    },
  }),
  endpoint({
    method: 'get',
    path: '/products/{id}/',
    tag: 'Products',
    summary: 'A product',
    description: 'With `as_of`: as it was then, with its files and columns.',
    query: Type.Object(AS_OF),
    responses: { 200: { description: 'The product', schema: Product } },
    async handle(call) {
      const { context, request, params, query, http } = call
      if (query.as_of === undefined) return showProduct(call)
      const moment = parseMoment(query.as_of, context.clock())
      const past = await productAsOf(context, request, idOf(params), moment)
      return http.json({
        ...productJson(past, request),
        as_of: query.as_of,
        files: past.files.map((file) => fileJson(file, false, fileUrl(call, file.id, query))),
        columns: past.columns.map(columnJson),
      })
    },
  }),
  endpoint({
    method: 'get',
    path: '/products-specz/{id}/',
    tag: 'Products',
    summary: 'A published redshift catalog',
    responses: { 200: { description: 'The product', schema: Product } },
    async handle(call) {
      const { product } = await requireProduct(call.context, call.request, idOf(call.params))
      if (product.productType !== 'redshift_catalog' || product.status !== 'published') throw notFound()
      return showProduct(call)
    },
  }),
  endpoint({
    method: 'patch',
    path: '/products/{id}/',
    tag: 'Products',
    summary: 'Edit, publish (status 1) or delete (status 2) a product',
    description: 'With `If-Match` the edit is refused (412) when somebody else was faster.',
    body: ProductBody,
    responses: {
      200: { description: 'The product', schema: Product },
      406: { description: 'Columns need roles first' },
      409: { description: 'Values that cannot be, e.g. a declination beyond ±90°, stand in the way of publishing' },
    },
    handle: (call) => update(call, false),
  }),
  endpoint({
    method: 'put',
    path: '/products/{id}/',
    tag: 'Products',
    summary: 'Edit a product, naming all mandatory fields',
    body: ProductBody,
    responses: { 200: { description: 'The product', schema: Product } },
    handle: (call) => update(call, true),
  }),
  endpoint({
    method: 'delete',
    path: '/products/{id}/',
    tag: 'Products',
    summary: 'Delete a product; it can be restored',
    responses: { 204: { description: 'Deleted' } },
    async handle({ context, request, params, http }) {
      await changeProduct(context, request, idOf(params), { type: 'DeleteProduct' })
      return http.body(null, 204)
    },
  }),
  endpoint({
    method: 'post',
    path: '/products/{id}/restore/',
    tag: 'Products',
    summary: 'Restore a deleted product',
    responses: { 200: { description: 'The product', schema: Product } },
    async handle(call) {
      await changeProduct(call.context, call.request, idOf(call.params), { type: 'RestoreProduct' })
      return showProduct(call)
    },
  }),
  endpoint({
    method: 'get',
    path: '/products/{id}/registry/',
    tag: 'Products',
    summary: 'Make sure that the main file has been inspected',
    description: 'Files are inspected when they arrive, so this only reports; POST inspects again.',
    responses: { 200: { description: 'The product', schema: Product } },
    async handle(call) {
      await requireMainFile(call)
      return showProduct(call)
    },
  }),
  endpoint({
    method: 'post',
    path: '/products/{id}/registry/',
    tag: 'Products',
    summary: 'Inspect the main file again',
    responses: { 200: { description: 'The product', schema: Product } },
    async handle(call) {
      const main = await requireMainFile(call)
      await inspectAgain(call.context, call.request, idOf(call.params), main)
      return showProduct(call)
    },
  }),
  endpoint({
    method: 'get',
    path: '/products/{id}/main_file_info/',
    tag: 'Products',
    summary: 'A product and what is known of its main file',
    responses: { 200: { description: 'The product, with `main_file`' } },
    async handle({ context, request, params, http }) {
      const product = await requireProduct(context, request, idOf(params))
      const main = (await currentFiles(context.database.drizzle, [product.product.id])).find((f) => f.role === 'main')
      const columns = main === undefined ? [] : await productColumns(context.database.drizzle, product.product.id)
      const inspection = main === undefined ? null : await readInspection(context, main)
      const dialect = inspection?.dialect ?? null
      return http.json({ ...productJson(product, request), main_file: mainFileJson(main, columns, dialect) })
    },
  }),
  endpoint({
    method: 'get',
    path: '/products/{id}/read_data/',
    tag: 'Products',
    summary: 'The first rows of the main file',
    query: Type.Object(PAGING),
    responses: { 200: { description: `Up to ${PREVIEW_ROWS} rows; 64-bit integers beyond 2^53 as strings` } },
    async handle({ context, request, params, query, http }) {
      const product = await requireProduct(context, request, idOf(params))
      const main = (await currentFiles(context.database.drizzle, [product.product.id])).find((f) => f.role === 'main')
      const inspection = main === undefined ? null : await readInspection(context, main)
      if (inspection === null) {
        throw new DomainError('conflict', main?.inspectionError ?? 'This product has no table to show.')
      }
      const names = inspection.columns.map((column) => column.name)
      const rows = inspection.preview.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] ?? null])))
      const { count, results } = cut(rows, pageOf(query))
      return http.json({ count, columns: names, results })
    },
  }),
  endpoint({
    method: 'get',
    path: '/products/{id}/process_config/',
    tag: 'Products',
    summary: 'The configuration of the run that made the product; empty for uploads',
    responses: { 200: { description: 'The configuration' } },
    async handle({ context, request, params, http }) {
      const { product } = await requireProduct(context, request, idOf(params))
      const run = product.runId === null ? null : await findRun(context.database.drizzle, SYSTEM, product.runId)
      return http.json(run === null ? {} : await processConfig(context, run))
    },
  }),
  endpoint({
    method: 'get',
    path: '/products/{id}/files/',
    tag: 'Products',
    summary: 'The files of a product',
    responses: { 200: { description: 'The files', schema: ListOf(ProductFile) } },
    async handle(call) {
      const { context, request, params, http } = call
      const product = await requireProduct(context, request, idOf(params))
      const rows = await currentFiles(context.database.drizzle, [product.product.id])
      const changeable = productJson(product, request).can_update
      return http.json({
        count: rows.length,
        results: rows.map((row) => fileJson(row, changeable, fileUrl(call, row.id))),
      })
    },
  }),
  endpoint({
    method: 'get',
    path: '/products/{id}/columns/',
    tag: 'Products',
    summary: 'The columns of a product, with statistics',
    responses: { 200: { description: 'The columns', schema: ListOf(Column) } },
    async handle({ context, request, params, http }) {
      const product = await requireProduct(context, request, idOf(params))
      const columns = await productColumns(context.database.drizzle, product.product.id)
      const main = (await currentFiles(context.database.drizzle, [product.product.id])).find((f) => f.role === 'main')
      const inspection = main === undefined ? null : await readInspection(context, main)
      const profiles = new Map(inspection?.columns.map((profile) => [profile.name, profile]))
      return http.json({
        count: columns.length,
        results: columns.map((column) => ({ ...columnJson(column), statistics: profiles.get(column.name) ?? null })),
      })
    },
  }),
]

async function requireMainFile({ context, request, params }: Call<unknown, unknown>) {
  const product = await requireProduct(context, request, idOf(params))
  const main = (await currentFiles(context.database.drizzle, [product.product.id])).find((f) => f.role === 'main')
  if (main === undefined) throw new DomainError('conflict', 'This product has no main file yet.')
  return main
}
