import type { AppContext } from '../context.ts'
import { inSequence } from '../domain/decider.ts'
import { notFound } from '../domain/error.ts'
import type { Metadata, ProductCommand } from '../domain/product/commands.ts'
import { productDecider } from '../domain/product/decider.ts'
import { mayChange } from '../domain/product/permissions.ts'
import { productStream } from '../domain/product/product.ts'
import { findColumn } from '../projections/columns/queries.ts'
import { findFile } from '../projections/files/queries.ts'
import type { FileRow } from '../projections/files/tables.ts'
import { findProduct, type ListedProduct, listProducts } from '../projections/products/queries.ts'
import { execute, type Request, tryOut } from './command.ts'
import { nextNumber } from './numbers.ts'
import { requireRelease } from './releases.ts'
import { requirePossibleValues } from './value-check.ts'

/** Several commands on one product: all are carried out, or none. */
export const productCommands = inSequence(productDecider)

/** What a person says of a product; the release by its number. */
export interface ProductInput extends Omit<Metadata, 'release'> {
  readonly releaseId?: number | null
}

/** The product, if the person may see it. @throws DomainError `not_found`, whether it is missing or hidden. */
export async function requireProduct(context: AppContext, request: Request, id: number): Promise<ListedProduct> {
  const product = await findProduct(context.database.drizzle, request.actor, id)
  if (product === null) throw notFound()
  return product
}

/** The product with this internal name, or this number. @throws DomainError `not_found` */
export async function requireProductNamed(context: AppContext, request: Request, name: string): Promise<ListedProduct> {
  if (/^\d{1,9}$/.test(name)) return requireProduct(context, request, Number(name))
  const { items } = await listProducts(
    context.database.drizzle,
    request.actor,
    { internalNames: [name] },
    { by: 'id', descending: false },
    { offset: 0, limit: 1 },
  )
  if (items[0] === undefined) throw notFound()
  return items[0]
}

async function metadataOf(context: AppContext, request: Request, input: ProductInput): Promise<Metadata> {
  const { releaseId, ...metadata } = input
  if (releaseId === undefined) return metadata
  return { ...metadata, release: await requireRelease(context, request, releaseId) }
}

/**
 * Registers a product. With `publish` it is published at once, or not registered at all: an entry that holds the metadata
 * alone.
 * @returns its number
 */
export async function registerProduct(
  context: AppContext,
  request: Request,
  { publish = false, ...input }: ProductInput & { readonly official: boolean; readonly publish?: boolean },
): Promise<number> {
  const command = await registration(context, request, input)
  const then = publish ? [{ type: 'PublishProduct', by: request.actor } as const] : []
  // Decided once with a number that is never kept, so that a refused command does not use one up.
  productCommands.decide([{ ...command, productId: 1 }, ...then], productDecider.initialState)
  const productId = await nextNumber(context.database, 'product')
  await execute(context, request, productCommands, productStream(productId), [{ ...command, productId }, ...then])
  return productId
}

/** The command that registers an upload, but for its number. */
export async function registration(
  context: AppContext,
  request: Request,
  { official, ...input }: ProductInput & { readonly official: boolean },
) {
  return {
    type: 'RegisterProduct',
    by: request.actor,
    official,
    origin: 'Upload',
    runId: null,
    status: 'registering',
    ...(await metadataOf(context, request, input)),
  } as const
}

type Change = Exclude<ProductCommand, { readonly type: 'RegisterProduct' }>
type WithoutActor<Command> = Command extends Change ? Omit<Command, 'by'> : never

/**
 * Carries out commands on a product that the person may see: all of them or none. Whether the person may change it is the
 * domain's to say; and whoever publishes, by the page or the API, does not publish values that cannot be.
 */
export async function changeProduct(
  context: AppContext,
  request: Request,
  id: number,
  ...commands: readonly WithoutActor<Change>[]
): Promise<void> {
  await requireProduct(context, request, id)
  const signed = commands.map((command): ProductCommand => ({ ...command, by: request.actor }))
  if (commands.some(({ type }) => type === 'PublishProduct')) {
    // What the domain has against it comes first; what is published already is not looked through again.
    const events = await tryOut(context, productCommands, productStream(id), signed)
    if (events.some(({ type }) => type === 'ProductPublished')) await requirePossibleValues(context, id)
  }
  await execute(context, request, productCommands, productStream(id), signed)
}

/** The command that edits what is said of a product. */
export async function metadataEdit(context: AppContext, request: Request, input: ProductInput) {
  return { type: 'EditMetadata', metadata: await metadataOf(context, request, input) } as const
}

/** A current file of a product that the person may see. */
export async function requireFile(
  context: AppContext,
  request: Request,
  fileId: number,
): Promise<{ readonly file: FileRow; readonly product: ListedProduct }> {
  const file = await findFile(context.database.drizzle, fileId)
  if (file === null || file.removedAt !== null) throw notFound()
  return { file, product: await requireProduct(context, request, file.productId) }
}

export async function requireColumn(context: AppContext, request: Request, columnId: number) {
  const column = await findColumn(context.database.drizzle, columnId)
  if (column === null) throw notFound()
  return { column, product: await requireProduct(context, request, column.productId) }
}

export const canChange = (request: Request, product: ListedProduct): boolean =>
  mayChange(request.actor, product.product.ownerId)
