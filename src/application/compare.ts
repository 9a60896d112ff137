import type { AppContext } from '../context.ts'
import { notFound } from '../domain/error.ts'
import { type Moment, parseMoment } from '../domain/moment.ts'
import { runStream } from '../domain/run/run.ts'
import type { RecordedEvent } from '../eventstore/port.ts'
import type { RunRow } from '../projections/runs/tables.ts'
import type { ColumnStatistics } from '../provenance/compare/columns.ts'
import { compareProducts, type ProductComparison, type ProductSide } from '../provenance/compare/products.ts'
import { compareRuns, type InputFacts, type RunComparison } from '../provenance/compare/runs.ts'
import type { ProductRecord } from '../provenance/exports/record.ts'
import type { Request } from './command.ts'
import { readInspection } from './inspection.ts'
import { type ProductState, productRecord, productState } from './product-record.ts'
import { requireProductNamed } from './products.ts'
import { requireRun } from './runs.ts'

/** A product, and the moment of which it is looked at: `12`, `12_deep_field@2026-03-14`. */
export interface ProductReference {
  /** Its number or internal name. */
  readonly name: string
  /** As people write it; null for today. */
  readonly asOf: string | null
}

/** Reads a reference; the moment comes behind the first `@`. */
export function parseReference(text: string): ProductReference {
  const [name = '', ...moment] = text.trim().split('@')
  return { name: name.trim(), asOf: moment.join('@').trim() || null }
}

export const referenceText = ({ name, asOf }: ProductReference): string => (asOf === null ? name : `${name}@${asOf}`)

/** A product in the state that was asked for. */
export interface ReferredProduct {
  readonly asOf: string | null
  readonly state: ProductState
  readonly record: ProductRecord
}

/**
 * The product of a reference, as the person may see it.
 * @throws DomainError `not_found`, whether it is missing or hidden, now or then; `invalid` for an impossible moment
 */
export async function referredProduct(
  context: AppContext,
  request: Request,
  { name, asOf }: ProductReference,
): Promise<ReferredProduct> {
  if (name === '') throw notFound()
  const moment: Moment | null = asOf === null ? null : parseMoment(asOf, context.clock())
  const { product } = await requireProductNamed(context, request, name)
  const state = await productState(context, request, product.id, moment)
  return { asOf, state, record: await productRecord(context, request, state, context.config.publicUrl ?? '') }
}

export async function compareReferred(
  context: AppContext,
  left: ReferredProduct,
  right: ReferredProduct,
): Promise<ProductComparison> {
  return compareProducts(await productSide(context, left), await productSide(context, right))
}

async function productSide(context: AppContext, { state, record }: ReferredProduct): Promise<ProductSide> {
  const { product, ownerName, typeName, releaseName, files, columns, events, run } = record
  return {
    product,
    ownerName,
    typeName,
    releaseName,
    files,
    columns,
    events,
    statistics: await statisticsOf(context, state),
    run: run === null ? null : { row: run.row, events: run.events, inputs: run.inputs.map(inputFacts) },
  }
}

async function statisticsOf(
  context: AppContext,
  { files }: ProductState,
): Promise<ReadonlyMap<string, ColumnStatistics>> {
  const main = files.find(({ role }) => role === 'main')
  const inspection = main === undefined || main.purged ? null : await readInspection(context, main)
  return new Map(inspection?.columns.map((column) => [column.name, column]))
}

type Read = NonNullable<ProductRecord['run']>['inputs'][number]

const inputFacts = ({ role, product, name, digest }: Read): InputFacts => ({
  role,
  productId: product?.id ?? null,
  name: product?.displayName ?? name,
  digest,
})

export interface TwoRuns {
  readonly left: RunRow
  readonly right: RunRow
  readonly comparison: RunComparison
}

/** Two runs that the person may see. @throws DomainError `not_found` */
export async function compareTwoRuns(
  context: AppContext,
  request: Request,
  leftId: number,
  rightId: number,
): Promise<TwoRuns> {
  const [left, right] = [await requireRun(context, request, leftId), await requireRun(context, request, rightId)]
  const comparison = compareRuns(await runSide(context, left), await runSide(context, right))
  return { left, right, comparison }
}

async function runSide(context: AppContext, row: RunRow) {
  const events: RecordedEvent[] = []
  for await (const event of context.store.readStream(runStream(row.id))) events.push(context.registry.upcast(event))
  return { row, events, inputs: inputsOf(row) }
}

function inputsOf({ inputs, objects }: RunRow): InputFacts[] {
  const read = inputs.map(
    ({ productId, displayName, sha256 }): InputFacts => ({
      role: 'input',
      productId,
      name: displayName,
      digest: sha256,
    }),
  )
  if (objects === null) return read
  const catalog: InputFacts =
    objects.kind === 'release'
      ? { role: 'objects', productId: null, name: objects.releaseName, digest: objects.digest }
      : { role: 'objects', productId: objects.productId, name: objects.displayName, digest: objects.sha256 }
  return [...read, catalog]
}
