import type { AppContext } from '../context.ts'
import { invalidField, notFound } from '../domain/error.ts'
import { happenedBy, type Moment } from '../domain/moment.ts'
import { maySee } from '../domain/product/permissions.ts'
import { productStream } from '../domain/product/product.ts'
import type { RecordedEvent } from '../eventstore/port.ts'
import { evolveColumnRows } from '../projections/columns/projection.ts'
import type { ColumnRow } from '../projections/columns/tables.ts'
import { evolveFileRows } from '../projections/files/projection.ts'
import type { FileRow } from '../projections/files/tables.ts'
import { evolveProductRow } from '../projections/products/projection.ts'
import type { ListedProduct } from '../projections/products/queries.ts'
import type { ProductRow } from '../projections/products/tables.ts'
import { stampOf } from '../projections/recorded.ts'
import { findRelease } from '../projections/releases/queries.ts'
import type { Request } from './command.ts'
import { requireProduct } from './products.ts'

/** A product as it was: the very rows that the read models held then, made by the same functions from the same events. */
export interface PastProduct extends ListedProduct {
  readonly files: readonly FileRow[]
  readonly columns: readonly ColumnRow[]
}

/**
 * The product as it was at a moment. Who may not see the product now, or could not have seen it then, is told that there is none.
 * @throws DomainError `not_found`
 */
export async function productAsOf(
  context: AppContext,
  request: Request,
  id: number,
  moment: Moment,
): Promise<PastProduct> {
  await requireProduct(context, request, id)
  if (moment.kind === 'position' && moment.position > (await context.store.head())) {
    throw invalidField('as_of', 'The log does not reach that position yet.')
  }
  let row: ProductRow | null = null
  let files: FileRow[] = []
  let columns: ColumnRow[] = []
  for await (const event of productEvents(context, id)) {
    if (!happenedBy(moment, { at: stampOf(event).at, position: event.position })) break
    row = evolveProductRow(row, event)
    files = evolveFileRows(files, event)
    columns = evolveColumnRows(columns, event)
  }
  if (row === null) throw notFound()
  const release =
    row.releaseId === null ? null : await findRelease(context.database.drizzle, request.actor, row.releaseId)
  const hidden = row.releaseId !== null && release === null
  if (hidden || !maySee(request.actor, { ownerId: row.ownerId, status: row.status, release })) throw notFound()
  return { product: row, release, ownerName: null, files: files.filter((file) => file.removedAt === null), columns }
}

/** The events of a product, in the current versions of their schemas. */
export async function* productEvents(context: AppContext, id: number): AsyncIterable<RecordedEvent> {
  for await (const event of context.store.readStream(productStream(id))) yield context.registry.upcast(event)
}
