import { checkIntegrity, type IntegrityReport } from '../blobs/integrity.ts'
import type { AppContext } from '../context.ts'
import { verifyStream } from '../eventstore/chain.ts'
import { type RecordedEvent, START } from '../eventstore/port.ts'
import type { TableDifference } from '../projections/compare.ts'
import { BlobReferences } from './blob-references.ts'

/** What the server holds, checked against the log. */
export interface LogReport {
  readonly events: number
  readonly streams: number
  /** Streams whose chain of hashes is broken, and where. */
  readonly broken: readonly { readonly stream: string; readonly revision: string; readonly reason: string }[]
  readonly blobs: IntegrityReport
  /** Rows of read models that differ from what the log says. */
  readonly readModels: readonly TableDifference[]
  readonly sound: boolean
}

/** Reads the whole log and every byte of the blobs again, and builds the read models anew to compare them. */
export async function checkLog(context: AppContext): Promise<LogReport> {
  const streams = new Set<string>()
  const referenced = new BlobReferences()
  let events = 0
  for await (const event of context.store.readAll(START)) {
    events += 1
    streams.add(event.stream)
    referenced.note(context.registry.upcast(event))
  }
  const broken = []
  for (const stream of streams) {
    const verdict = verifyStream(await collect(context.store.readStream(stream)))
    if (!verdict.intact) broken.push({ stream, revision: String(verdict.revision), reason: verdict.reason })
  }
  const blobs = await checkIntegrity(context.blobs, referenced.blobs())
  const readModels = await context.projections.compareWithLog()
  const sound = broken.length + blobs.missing.length + blobs.mismatched.length + readModels.length === 0
  return { events, streams: streams.size, broken, blobs, readModels, sound }
}

async function collect(events: AsyncIterable<RecordedEvent>): Promise<RecordedEvent[]> {
  const collected = []
  for await (const event of events) collected.push(event)
  return collected
}
