import { Type } from '@sinclair/typebox'
import { type ProductState, productState } from '../../application/product-record.ts'
import { requireFile, requireProduct } from '../../application/products.ts'
import { productAsOf } from '../../application/time-travel.ts'
import { destroyed, notFound } from '../../domain/error.ts'
import { parseMoment } from '../../domain/moment.ts'
import { productColumns } from '../../projections/columns/queries.ts'
import { currentFiles, findFile } from '../../projections/files/queries.ts'
import type { FileRow } from '../../projections/files/tables.ts'
import { baseUrl } from '../base-url.ts'
import type { Call } from './endpoint.ts'

/** Query parameter of everything that can be had as it was. */
export const AS_OF = {
  as_of: Type.Optional(Type.String({ description: 'as it was: an ISO time, a date or a position' })),
}

interface AsOf {
  readonly as_of?: string
}

/** A product with its files, the main file first, and its columns: of today, or of the moment that is asked for. */
export async function stateAsked(
  { context, request }: Call<unknown, unknown>,
  productId: number,
  { as_of }: AsOf,
): Promise<ProductState> {
  const moment = as_of === undefined ? null : parseMoment(as_of, context.clock())
  return productState(context, request, productId, moment)
}

/** A product with its files alone, as `stateAsked` has them. */
export async function filesAsked(
  call: Call<unknown, unknown>,
  productId: number,
  asOf: AsOf,
): Promise<Pick<ProductState, 'listed' | 'files'>> {
  if (asOf.as_of !== undefined) return stateAsked(call, productId, asOf)
  const listed = await requireProduct(call.context, call.request, productId)
  return { listed, files: await currentFiles(call.context.database.drizzle, [productId]) }
}

/** The columns of a product, as `stateAsked` has them. */
export async function columnsAsked(
  call: Call<unknown, unknown>,
  productId: number,
  asOf: AsOf,
): Promise<ProductState['columns']> {
  if (asOf.as_of !== undefined) return (await stateAsked(call, productId, asOf)).columns
  await requireProduct(call.context, call.request, productId)
  return productColumns(call.context.database.drizzle, productId)
}

/** A file that its product has, or had then. @throws DomainError `not_found` */
export async function fileAsked(call: Call<unknown, unknown>, fileId: number, { as_of }: AsOf): Promise<FileRow> {
  const { context, request } = call
  if (as_of === undefined) return (await requireFile(context, request, fileId)).file
  const productId = (await findFile(context.database.drizzle, fileId))?.productId
  if (productId === undefined) throw notFound()
  const past = await productAsOf(context, request, productId, parseMoment(as_of, context.clock()))
  const file = past.files.find(({ id }) => id === fileId)
  if (file === undefined) throw notFound()
  return file
}

/** @throws DomainError `gone` when the bytes of one of the files were destroyed for good */
export function requireBytes(files: readonly FileRow[]): void {
  if (files.some((file) => file.purged)) throw destroyed()
}

/** The whole address of the bytes of a file, also when it has been replaced since. */
export const fileUrl = (
  { context, http }: Pick<Call<unknown, unknown>, 'context' | 'http'>,
  id: number,
  { as_of }: AsOf = {},
): string =>
  `${baseUrl(context.config, http)}/api/product-files/${id}/download/${as_of === undefined ? '' : `?${new URLSearchParams({ as_of })}`}`
