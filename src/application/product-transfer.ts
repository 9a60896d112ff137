import type { Blob, TemporaryBlob } from '../blobs/blob-store.ts'
import type { AppContext } from '../context.ts'
import { remember } from '../domain/decider.ts'
import { cleanFileName } from '../domain/file-name.ts'
import type { ProductCommand } from '../domain/product/commands.ts'
import { productDecider } from '../domain/product/decider.ts'
import { type ImportedFrom, isProductEvent, type ProductEvent } from '../domain/product/events.ts'
import { type Product, type ProductFile, type ProductState, productStream } from '../domain/product/product.ts'
import { hashEvent } from '../eventstore/chain.ts'
import type { RecordedEvent } from '../eventstore/port.ts'
import { stampOf } from '../projections/recorded.ts'
import { eventLine } from '../provenance/portable/event-line.ts'
import { BadBundle, type BundleManifest, type OpenBundle, openBundle } from '../provenance/portable/product-bundle.ts'
import { keepingBlobs } from './blob-lock.ts'
import { BlobReferences } from './blob-references.ts'
import { execute, type Request } from './command.ts'
import { withExamined } from './files.ts'
import { nextNumber } from './numbers.ts'
import type { ArchiveEntry } from './product-archive.ts'
import { type ProductProof, productProof } from './product-proof.ts'
import { canChange, productCommands, registration, requireProduct } from './products.ts'
import { requireRoom } from './quota.ts'
import { filesOncePublished } from './withheld.ts'

/**
 * Everything about a product for another server: its events as they were recorded, the proof, and the files of its whole
 * history; for somebody else than its owner without those that were gone before it was published.
 * @throws DomainError `not_found`, `forbidden`
 */
export async function bundleEntries(context: AppContext, request: Request, id: number): Promise<ArchiveEntry[]> {
  const product = await requireProduct(context, request, id)
  const proof = await productProof(context, request, id)
  const events: RecordedEvent[] = []
  // As many events as the proof covers.
  for await (const event of context.store.readStream(productStream(id), { max: proof.events.length }))
    events.push(event)
  const all = [...blobsOf(context, events)]
  const open = canChange(request, product) ? null : filesOpenToAll(context, events)
  const files = all.filter(({ sha256 }) => open?.has(sha256) ?? true)
  const withheld = all.filter((file) => !files.includes(file))
  const last = events.at(-1)
  const manifest: BundleManifest = {
    format: 'photoz-product',
    version: 1,
    server: context.config.publicUrl,
    stream: productStream(id),
    events: events.length,
    lastHash: last === undefined ? '' : hashEvent(last),
    files,
    ...(withheld.length > 0 && { withheld }),
  }
  const lines = events.map((event) => `${JSON.stringify(eventLine(event))}\n`).join('')
  return [
    { name: 'bundle.json', bytes: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) },
    { name: 'events.ndjson', bytes: Buffer.from(lines) },
    { name: 'proof.json', bytes: Buffer.from(JSON.stringify(proof satisfies ProductProof)) },
    ...files.map(({ sha256 }) => ({ name: `files/${sha256}`, sha256 })),
  ]
}

/** Digests of what everybody who sees the product may have. */
function filesOpenToAll(context: AppContext, events: readonly RecordedEvent[]): ReadonlySet<string> {
  const current = events.map((event) => context.registry.upcast(event))
  const open = new Set(filesOncePublished(current))
  for (const recorded of current) {
    if (!isProductEvent(recorded)) continue
    const event: ProductEvent = recorded
    // Their text is told to everybody, on the page of the product.
    if (event.type === 'ProductImported') open.add(event.data.history.sha256).add(event.data.proof.sha256)
  }
  return open
}

function blobsOf(context: AppContext, events: readonly RecordedEvent[]): Iterable<Blob> {
  const references = new BlobReferences()
  for (const event of events) references.note(context.registry.upcast(event))
  return references.blobs()
}

/**
 * Imports a bundle of another server as a new product of the person. Numbers of products, files and columns belong to a server, so
 * the product gets new ones here and begins in the state that it had there; `ProductImported`, in its stream, holds the events of the
 * other server byte for byte, with their proof, so that their hashes, their chain and the signature can be checked for ever. The
 * release, the official mark and deletions stay behind: they were decisions of the other server. All or nothing.
 * @returns the number of the new product
 * @throws BadBundle naming what was changed; DomainError, QuotaExceeded
 */
export async function importProduct(context: AppContext, request: Request, path: string): Promise<number> {
  const bundle = await openBundle(path)
  const received = new Map<string, TemporaryBlob>()
  try {
    const product = stateOf(context, bundle)
    const { files, withheld = [] } = bundle.manifest
    // A zip of a few bytes may hold many.
    const bytes = files.reduce((sum, { size }) => sum + size, 0)
    await requireRoom(context, request.actor.userId, bytes)
    const present = new Set(product.files.map(({ sha256 }) => sha256))
    for (const { sha256 } of blobsOf(context, bundle.history)) {
      const isSame = (file: Blob) => file.sha256 === sha256
      if (files.some(isSame) || (withheld.some(isSame) && !present.has(sha256))) continue
      throw new BadBundle(`files/${sha256} is missing from bundle.json, though an event refers to it.`)
    }
    for (const file of bundle.manifest.files) received.set(file.sha256, await receive(context, bundle, file))
    const history = await receiveText(context, bundle.historyText, received)
    const proof = await receiveText(context, bundle.proofText, received)
    const { manifest, checkpoint, signedBy } = bundle
    const origin: ImportedFrom = {
      from: {
        server: manifest.server,
        stream: manifest.stream,
        events: manifest.events,
        lastHash: manifest.lastHash,
        signedBy,
        signedAt: checkpoint.checkpoint.time,
      },
      history,
      proof,
      files: manifest.files.map(({ sha256, size }) => ({ sha256, size })),
    }
    return await register(context, request, product, origin, received)
  } finally {
    for (const blob of received.values()) await blob.discard()
    bundle.close()
  }
}

/** The product as it was at the end of its events. */
function stateOf(context: AppContext, { history }: OpenBundle): Product {
  let state: ProductState = productDecider.initialState
  try {
    for (const event of history) {
      // Whoever makes a bundle can sign anything: what is told and shown later has to have the form of an event.
      const current = context.registry.foreign(event)
      stampOf(current)
      state = remember(productDecider, state, current)
    }
  } catch (error) {
    throw new BadBundle(`An event cannot be read by this server: ${error instanceof Error ? error.message : error}`)
  }
  if (state.status === 'absent') throw new BadBundle('The events do not begin with the registration of a product.')
  if (state.status === 'purged') throw new BadBundle('The files of this product were destroyed for good.')
  return state
}

async function receive(context: AppContext, bundle: OpenBundle, { sha256, size }: Blob): Promise<TemporaryBlob> {
  const blob = await context.blobs.receive(bundle.file(sha256), { limit: context.config.uploadLimit })
  if (blob.sha256 === sha256 && blob.size === size) return blob
  await blob.discard()
  throw new BadBundle(`files/${sha256} was changed: its bytes have the digest ${blob.sha256}.`)
}

async function receiveText(context: AppContext, text: Buffer, received: Map<string, TemporaryBlob>): Promise<Blob> {
  const source = async function* () {
    yield text
  }
  const blob = await context.blobs.receive(source())
  received.set(blob.sha256, blob)
  return { sha256: blob.sha256, size: blob.size }
}

async function register(
  context: AppContext,
  request: Request,
  product: Product,
  origin: ImportedFrom,
  received: ReadonlyMap<string, TemporaryBlob>,
): Promise<number> {
  const by = request.actor
  const begin = await registration(context, request, {
    displayName: product.displayName,
    productType: product.productType,
    description: product.description,
    pzCode: product.pzCode,
    official: false,
  })
  const wasPublished = [product.status, product.statusBeforeDeletion].includes('published')
  const publish: ProductCommand[] = wasPublished ? [{ type: 'PublishProduct', by }] : []
  const main = product.files.find((file) => file.role === 'main')
  const others = product.files.filter((file) => file !== main)

  const carryOut = async (attached: ProductCommand[]): Promise<number> => {
    for (const blob of received.values()) await blob.keep()
    const files: ProductCommand[] = []
    for (const { role, name, mediaType, sha256, size } of others) {
      const fileId = await nextNumber(context.database, 'file')
      const rest = { mediaType, original: null, inspection: null, replace: false } as const
      files.push({ type: 'AttachFile', by, fileId, role, name: cleanFileName(name), blob: { sha256, size }, ...rest })
    }
    const productId = await nextNumber(context.database, 'product')
    await execute(context, request, productCommands, productStream(productId), [
      { ...begin, productId },
      { type: 'RecordImport', by, origin },
      ...attached,
      ...files,
      ...publish,
    ])
    return productId
  }
  const blob = main === undefined ? undefined : received.get(main.sha256)
  if (main === undefined || blob === undefined) return keepingBlobs(context, () => carryOut([]))
  // Looked through here: what the other server found is its own word.
  const incoming = { file: { name: main.name, mediaType: main.mediaType, blob }, role: 'main', replace: false } as const
  return withExamined(context, request, incoming, async ({ store }) => {
    const attach = { ...(await store()), ...archiveOf(main, received) }
    return carryOut([attach, ...rolesOf(request, attach, product)])
  })
}

/** The archive that a table was taken out of there, when it came along. */
function archiveOf({ original }: ProductFile, received: ReadonlyMap<string, TemporaryBlob>) {
  if (original === null || !received.has(original.sha256)) return {}
  return { original: { ...original, name: cleanFileName(original.name) } }
}

/** Columns keep their roles by name. */
function rolesOf(
  { actor: by }: Request,
  { inspection }: Extract<ProductCommand, { readonly type: 'AttachFile' }>,
  product: Product,
): ProductCommand[] {
  if (inspection?.kind !== 'table') return []
  const roles = new Map(product.columns.map(({ name, role }) => [name, role]))
  return inspection.columns.flatMap(({ name }, index) => {
    const [role, columnId] = [roles.get(name), inspection.columnIds[index]]
    if (role === undefined || columnId === undefined || (role.alias === null && role.ucd === null)) return []
    return [{ type: 'AssociateColumn', by, columnId, alias: role.alias, ucd: role.ucd }]
  })
}
