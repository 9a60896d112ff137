import { Type } from '@sinclair/typebox'
import { type ProductState, productState } from '../../application/product-record.ts'
import { requireFile } from '../../application/products.ts'
import { productAsOf } from '../../application/time-travel.ts'
import { notFound } from '../../domain/error.ts'
import { parseMoment } from '../../domain/moment.ts'
import { findFile } from '../../projections/files/queries.ts'
import type { FileRow } from '../../projections/files/tables.ts'
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
  const state = await productState(context, request, productId, moment)
  const mainFirst = (a: FileRow, b: FileRow) => Number(b.role === 'main') - Number(a.role === 'main') || a.id - b.id
  return { ...state, files: state.files.toSorted(mainFirst) }
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

/** Where the bytes of a file are, also when it has been replaced since. */
export const fileUrl = (id: number, { as_of }: AsOf = {}): string =>
  `/api/product-files/${id}/download/${as_of === undefined ? '' : `?${new URLSearchParams({ as_of })}`}`
