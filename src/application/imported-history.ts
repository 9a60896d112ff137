import type { AppContext } from '../context.ts'
import { notFound } from '../domain/error.ts'
import { type ImportedFrom, isProductEvent } from '../domain/product/events.ts'
import type { RecordedEvent } from '../eventstore/port.ts'
import { recordedEvent } from '../provenance/portable/event-line.ts'
import { BadBundle, chainedHistory, checkProof } from '../provenance/portable/product-bundle.ts'
import type { Request } from './command.ts'
import { historyOf } from './history.ts'

/** What happened to a product on the server that it was imported from. */
export interface OriginalHistory {
  readonly from: ImportedFrom['from']
  /** Oldest first, in the current versions of their schemas. */
  readonly events: readonly RecordedEvent[]
  /** Why the events are not to be believed; null when their chain, proofs and signature hold. */
  readonly problem: string | null
}

/** The original history of a product that was imported. @throws DomainError `not_found`, also when it was not imported */
export async function originalHistory(context: AppContext, request: Request, id: number): Promise<OriginalHistory> {
  for (const recorded of await historyOf(context, request, { kind: 'product', id })) {
    if (isProductEvent(recorded) && recorded.type === 'ProductImported') return readOriginal(context, recorded.data)
  }
  throw notFound()
}

/** Reads the events that an import kept, and checks them again: bytes on a disk can change. */
export async function readOriginal(
  context: AppContext,
  { from, history, proof }: ImportedFrom,
): Promise<OriginalHistory> {
  const [text, proofText] = await Promise.all([bytesOf(context, history.sha256), bytesOf(context, proof.sha256)])
  if (text === null || proofText === null) {
    return { from, events: [], problem: 'The events that came along were destroyed with the files.' }
  }
  try {
    const events = chainedHistory(text, from)
    const { signedBy } = checkProof(proofText, events)
    const problem = signedBy === from.signedBy ? null : 'proof.json is signed with another key than the import says.'
    return { from, events: events.map((event) => context.registry.upcast(event)), problem }
  } catch (error) {
    if (!(error instanceof BadBundle)) throw error
    return { from, events: readable(context, text), problem: error.message }
  }
}

/** What of a damaged history can still be told. */
function readable(context: AppContext, text: Buffer): RecordedEvent[] {
  return text
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [context.registry.upcast(recordedEvent(JSON.parse(line)))]
      } catch {
        return [] // what is no event any more is told by the problem
      }
    })
}

async function bytesOf(context: AppContext, sha256: string): Promise<Buffer | null> {
  if (!(await context.blobs.has(sha256))) return null
  const chunks: Uint8Array[] = []
  for await (const chunk of context.blobs.read(sha256)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
