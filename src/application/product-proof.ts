import type { AppContext } from '../context.ts'
import { DomainError, forbidden } from '../domain/error.ts'
import { productStream } from '../domain/product/product.ts'
import { hashEvent } from '../eventstore/chain.ts'
import type { RecordedEvent } from '../eventstore/port.ts'
import { consistencyProof, inclusionProof } from '../projections/ledger/merkle.ts'
import { LedgerTree, ledgerHead, ledgerIndexes } from '../projections/ledger/queries.ts'
import type { SignedCheckpoint } from '../provenance/checkpoint/checkpoint.ts'
import { loadSigningKey } from '../provenance/checkpoint/signing-key.ts'
import { type EventLine, eventLine } from '../provenance/portable/event-line.ts'
import { checkpointCovering } from './checkpoints.ts'
import type { Request } from './command.ts'
import { canChange, requireProduct } from './products.ts'
import { secretReleases } from './withheld.ts'

/** An event, its place in the log, and the way from its hash to the Merkle root of the checkpoint. */
export interface ProvenEvent {
  readonly event: EventLine
  /** From 0, in the global order. */
  readonly index: number
  /** In hex. */
  readonly hash: string
  /** Hashes of the siblings from the bottom up, in hex (RFC 6962, section 2.1.1). */
  readonly inclusion: readonly string[]
}

/** That the history of a product is in the signed log: all its events, each with a proof. `tools/verify-checkpoint.mjs` checks it. */
export interface ProductProof {
  readonly format: 'photoz-product-proof'
  readonly version: 1
  readonly stream: string
  readonly events: readonly ProvenEvent[]
  readonly checkpoint: SignedCheckpoint
  /** PEM */
  readonly publicKey: string
}

/** How long the ledger may take to reach an event that is in its stream, in ms. */
const CATCH_UP_MS = 5_000

/**
 * Events are proved as they were recorded, so nothing in them can be left out for somebody.
 * @throws DomainError `not_found` when the person does not see the product; `forbidden` when its events name a release that the
 * person may not use.
 */
export async function productProof(context: AppContext, request: Request, id: number): Promise<ProductProof> {
  const product = await requireProduct(context, request, id)
  const stream = productStream(id)
  const events: RecordedEvent[] = []
  for await (const event of context.store.readStream(stream)) events.push(event)
  if (!canChange(request, product) && (await secretReleases(context, request.actor, events)).size > 0) {
    throw forbidden('This product was once in a release that you may not see. Please ask its owner for it.')
  }
  const last = events.at(-1)
  if (last !== undefined) await context.projections.waitFor(last.position, CATCH_UP_MS)
  const indexes = await ledgerIndexes(
    context.database,
    events.map((event) => event.position),
  )
  const checkpoint = await checkpointCovering(context, Math.max(0, ...indexes.values()) + 1)
  const tree = new LedgerTree(context.database)
  const { size } = checkpoint.checkpoint
  const proven: ProvenEvent[] = []
  for (const event of events) {
    const index = indexes.get(event.position)
    if (index === undefined) throw new Error(`The ledger does not know position ${event.position} of ${stream}`)
    const inclusion = (await inclusionProof(tree, index, size)).map(hex)
    proven.push({ event: eventLine(event), index, hash: hashEvent(event), inclusion })
  }
  const { publicPem } = await loadSigningKey(context.config.dataDir)
  return { format: 'photoz-product-proof', version: 1, stream, events: proven, checkpoint, publicKey: publicPem }
}

/** That the log of `newer` events begins with that of `older` ones (RFC 6962, section 2.1.2). */
export interface ConsistencyProof {
  readonly format: 'photoz-consistency-proof'
  readonly version: 1
  readonly older: number
  readonly newer: number
  readonly proof: readonly string[]
}

/** @throws DomainError `invalid` when the log is not that long. */
export async function proveConsistency(context: AppContext, older: number, newer: number): Promise<ConsistencyProof> {
  const { size } = await ledgerHead(context.database)
  if (older > newer || newer > size) {
    throw new DomainError('invalid', `The log has ${size} events; give two sizes in order, from 0 to ${size}.`)
  }
  const proof = (await consistencyProof(new LedgerTree(context.database), older, newer)).map(hex)
  return { format: 'photoz-consistency-proof', version: 1, older, newer, proof }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
