import type { AppContext } from '../context.ts'
import { happenedBy, type Moment } from '../domain/moment.ts'
import { maySee, mayUseRelease } from '../domain/product/permissions.ts'
import { productType } from '../domain/product/product-type.ts'
import type { RecordedEvent } from '../eventstore/port.ts'
import { productColumns } from '../projections/columns/queries.ts'
import type { ColumnRow } from '../projections/columns/tables.ts'
import { currentFiles } from '../projections/files/queries.ts'
import type { FileRow } from '../projections/files/tables.ts'
import { findRelations, type Relations } from '../projections/lineage/queries.ts'
import type { ListedProduct } from '../projections/products/queries.ts'
import { stampOf } from '../projections/recorded.ts'
import type { RunRow } from '../projections/runs/tables.ts'
import type { ProductRecord, ReadInput } from '../provenance/exports/record.ts'
import { roCrate } from '../provenance/exports/ro-crate.ts'
import { ownerName } from './citation.ts'
import type { Request } from './command.ts'
import { type ArchiveEntry, archiveEntries } from './product-archive.ts'
import { canChange, requireProduct } from './products.ts'
import { productAsOf, productEvents, runUntil } from './time-travel.ts'
import { withoutSecretReleases } from './withheld.ts'

/** A product with the files and columns that it has, or had. */
export interface ProductState {
  readonly listed: ListedProduct
  /** Null for the product as it is. */
  readonly moment: Moment | null
  readonly files: readonly FileRow[]
  readonly columns: readonly ColumnRow[]
}

/** The product as it is, or as it was. @throws DomainError `not_found`, `invalid` */
export async function productState(
  context: AppContext,
  request: Request,
  id: number,
  moment: Moment | null = null,
): Promise<ProductState> {
  if (moment !== null) {
    const past = await productAsOf(context, request, id, moment)
    return { listed: past, moment, files: past.files, columns: past.columns }
  }
  const listed = await requireProduct(context, request, id)
  const files = await currentFiles(context.database.drizzle, [id])
  return { listed, moment, files, columns: await productColumns(context.database.drizzle, id) }
}

/** What exports tell of the product in this state, to this person. */
export async function productRecord(
  context: AppContext,
  request: Request,
  { listed, moment, files, columns }: ProductState,
  base: string,
): Promise<ProductRecord> {
  const { product, release } = listed
  const type = productType(product.productType)
  const until: Moment = { kind: 'position', position: product.position }
  const events: RecordedEvent[] = []
  for await (const event of productEvents(context, product.id)) {
    if (happenedBy(until, { at: stampOf(event).at, position: event.position })) events.push(event)
  }
  return {
    base,
    product,
    ownerName: ownerName(listed),
    typeName: type.displayName,
    typeDescription: type.description,
    releaseName: release?.displayName ?? null,
    files,
    columns,
    events: canChange(request, listed) ? events : await withoutSecretReleases(context, request.actor, events),
    run: product.runId === null ? null : await runOf(context, request, product.id, product.runId, moment),
  }
}

async function runOf(
  context: AppContext,
  request: Request,
  productId: number,
  runId: number,
  moment: Moment | null,
): Promise<ProductRecord['run']> {
  // Whoever sees the product sees the run that made it.
  const { row, events } = await runUntil(context, runId, moment)
  if (row === null) return null
  return { row, events, inputs: inputsOf(await findRelations(context.database, productId), row, request) }
}

function inputsOf({ uses, products }: Relations, run: RunRow, { actor }: Request): ReadInput[] {
  const read = [...run.inputs, ...(run.objects?.kind === 'product' ? [run.objects] : [])]
  // As they were called when they were read: what was made from them says the same whatever they are called later.
  const names = new Map(read.map((input) => [input.productId, input.displayName]))
  return uses
    .filter((use) => use.runId === run.id)
    .map(({ role, productId, releaseId, release, name, digest, version }) => {
      const product = productId === null ? undefined : products.get(productId)
      const seen = product !== undefined && maySee(actor, product)
      const { id, internalName, displayName } = product ?? { id: 0, internalName: '', displayName: '' }
      return {
        role,
        product: seen ? { id, internalName, displayName: names.get(id) ?? displayName } : null,
        releaseId,
        name: seen || (release !== null && mayUseRelease(actor, release)) ? name : null,
        digest,
        version: seen ? version : null,
      }
    })
}

/** What a download of everything holds: the files, and an RO-Crate that describes them. */
export async function describedArchive(
  context: AppContext,
  request: Request,
  state: ProductState,
  base: string,
): Promise<ArchiveEntry[]> {
  const crate = roCrate(await productRecord(context, request, state, base))
  return archiveEntries(state.listed, state.files, state.columns, crate)
}
