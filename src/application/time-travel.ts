import type { AppContext } from '../context.ts'
import { invalidField, notFound } from '../domain/error.ts'
import { happenedBy, type Moment, parseMoment } from '../domain/moment.ts'
import { maySee } from '../domain/product/permissions.ts'
import { productStream } from '../domain/product/product.ts'
import { releaseStream } from '../domain/release/release.ts'
import { type RunStatus, runStream } from '../domain/run/run.ts'
import type { RecordedEvent } from '../eventstore/port.ts'
import { evolveColumnRows } from '../projections/columns/projection.ts'
import type { ColumnRow } from '../projections/columns/tables.ts'
import { evolveFileRows } from '../projections/files/projection.ts'
import { mainFirst } from '../projections/files/queries.ts'
import type { FileRow } from '../projections/files/tables.ts'
import type { Page, ProductFilter, ProductOrder } from '../projections/products/filter.ts'
import { evolveProductRow } from '../projections/products/projection.ts'
import { type ListedProduct, listProducts, type ProductList } from '../projections/products/queries.ts'
import type { ProductRow } from '../projections/products/tables.ts'
import { stampOf } from '../projections/recorded.ts'
import { evolveReleaseRow } from '../projections/releases/projection.ts'
import { findRelease } from '../projections/releases/queries.ts'
import type { ReleaseRow } from '../projections/releases/tables.ts'
import { evolveRunRow } from '../projections/runs/projection.ts'
import { runStandings } from '../projections/runs/queries.ts'
import type { RunRow } from '../projections/runs/tables.ts'
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
  const current = await requireProduct(context, request, id)
  const events: RecordedEvent[] = []
  for await (const event of productEvents(context, id)) events.push(event)
  return pastProduct(context, request, current, events, moment)
}

/** The same, of a product that the person sees and whose events are at hand. @throws DomainError `not_found`, `invalid` */
export async function pastProduct(
  context: AppContext,
  request: Request,
  current: ListedProduct,
  events: readonly RecordedEvent[],
  moment: Moment,
): Promise<PastProduct> {
  await requireReached(context, moment, events.at(-1))
  let row: ProductRow | null = null
  let files: FileRow[] = []
  let columns: ColumnRow[] = []
  for (const event of events) {
    if (!happenedBy(moment, { at: stampOf(event).at, position: event.position })) break
    row = evolveProductRow(row, event)
    files = evolveFileRows(files, event)
    columns = evolveColumnRows(columns, event)
  }
  if (row === null) throw notFound()
  const { releaseId, ownerId, status, runId } = row
  const { ownerName } = current
  // Of a product whose files were destroyed, its past has only their names.
  const purged = current.product.status === 'purged'
  const present = mainFirst(files.filter((file) => file.removedAt === null))
  const past = {
    product: row,
    ownerName,
    runStatus: runId === null ? null : ((await runUntil(context, runId, moment)).row?.status ?? null),
    files: purged ? present.map((file) => ({ ...file, purged })) : present,
    columns,
  }
  if (releaseId === null || releaseId === current.product.releaseId) {
    // Whoever sees the product now may use its release, or change the product.
    if (!maySee(request.actor, { ownerId, status, release: null })) throw notFound()
    const { release } = current
    return { ...past, release: releaseId === null ? null : await releaseAsOf(context, releaseId, release, moment) }
  }
  const release = await findRelease(context.database.drizzle, request.actor, releaseId)
  if (release === null || !maySee(request.actor, { ownerId, status, release })) throw notFound()
  return { ...past, release: await releaseAsOf(context, releaseId, release, moment) }
}

/** The names that a release had; who may use it is decided by what it is today. */
async function releaseAsOf(
  context: AppContext,
  id: number,
  today: ListedProduct['release'],
  moment: Moment,
): Promise<ListedProduct['release']> {
  let row: ReleaseRow | null = null
  for await (const event of context.store.readStream(releaseStream(id))) {
    if (!happenedBy(moment, { at: stampOf(event).at, position: event.position })) break
    row = evolveReleaseRow(row, context.registry.upcast(event))
  }
  return row ?? today
}

/** A run as it was at a moment, or as it is, and its events until then; no row when nobody had asked for it yet. */
export async function runUntil(
  context: AppContext,
  id: number,
  moment: Moment | null,
): Promise<{ readonly row: RunRow | null; readonly events: readonly RecordedEvent[] }> {
  let row: RunRow | null = null
  const events: RecordedEvent[] = []
  for await (const recorded of context.store.readStream(runStream(id))) {
    if (moment !== null && !happenedBy(moment, { at: stampOf(recorded).at, position: recorded.position })) break
    const event = context.registry.upcast(recorded)
    events.push(event)
    row = evolveRunRow(row, event)
  }
  return { row, events }
}

/** How runs stood at a moment. Most had ended by then: only the streams of the others are read. */
async function runStatusesAsOf(
  context: AppContext,
  ids: ReadonlySet<number>,
  moment: Moment,
): Promise<ReadonlyMap<number, RunStatus>> {
  const statuses = new Map<number, RunStatus>()
  for (const { id, status, updatedAt, position } of await runStandings(context.database.drizzle, [...ids])) {
    const then = happenedBy(moment, { at: updatedAt, position })
      ? status
      : (await runUntil(context, id, moment)).row?.status
    if (then !== undefined) statuses.set(id, then)
  }
  return statuses
}

/** The list of products of a moment, or of today, with the names that their releases had then, and how their runs stood. */
export async function productsAsOf(
  context: AppContext,
  request: Request,
  filter: ProductFilter,
  order: ProductOrder,
  page: Page | null,
  moment: Moment | null,
): Promise<ProductList> {
  const list = await listProducts(context.database.drizzle, request.actor, filter, order, page, moment)
  if (moment === null) return list
  const releases = new Map<number, ListedProduct['release']>()
  for (const { product, release } of list.items) {
    const { releaseId } = product
    if (releaseId === null || releases.has(releaseId)) continue
    releases.set(releaseId, await releaseAsOf(context, releaseId, release, moment))
  }
  const runs = new Set(list.items.flatMap(({ product }) => product.runId ?? []))
  const runStatuses = await runStatusesAsOf(context, runs, moment)
  const named = ({ product, release, ...rest }: ListedProduct): ListedProduct => ({
    ...rest,
    product,
    runStatus: product.runId === null ? null : (runStatuses.get(product.runId) ?? null),
    release: product.releaseId === null ? release : (releases.get(product.releaseId) ?? release),
  })
  return { ...list, items: list.items.map(named) }
}

/** The moment that a list is asked for; null for today. @throws DomainError `invalid` */
export async function listMoment(context: AppContext, asOf: string | null | undefined): Promise<Moment | null> {
  if (asOf === null || asOf === undefined) return null
  const moment = parseMoment(asOf, context.clock())
  await requireReached(context, moment, undefined)
  return moment
}

async function requireReached(context: AppContext, moment: Moment, last: RecordedEvent | undefined): Promise<void> {
  if (moment.kind === 'time' || (last !== undefined && moment.position <= last.position)) return
  if (moment.position > (await context.store.head())) {
    throw invalidField('as_of', 'The log does not reach that position yet.')
  }
}

/** The events of a product, in the current versions of their schemas. */
export async function* productEvents(context: AppContext, id: number): AsyncIterable<RecordedEvent> {
  for await (const event of context.store.readStream(productStream(id))) yield context.registry.upcast(event)
}
