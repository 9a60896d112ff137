import type { Blob } from '../blobs/blob-store.ts'
import { checkIntegrity, type IntegrityReport } from '../blobs/integrity.ts'
import type { AppContext } from '../context.ts'
import { verifyStream } from '../eventstore/chain.ts'
import { type RecordedEvent, START } from '../eventstore/port.ts'
import type { TableDifference } from '../projections/compare.ts'
import { domainEvent } from '../projections/recorded.ts'

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
  const referenced = new References()
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

/** Which blobs the log refers to, and from where: those of a purged product are gone unless another one has the same bytes. */
class References {
  readonly #holders = new Map<string, { readonly size: number; readonly streams: Set<string> }>()

  note(recorded: RecordedEvent): void {
    const event = domainEvent(recorded)
    if (event.type === 'FileAttached') {
      this.#add(event.data, recorded.stream)
      if (event.data.original !== null) this.#add(event.data.original, recorded.stream)
    }
    if (event.type === 'MainFileInspected') this.#add(event.data.inspection, recorded.stream)
    if (event.type === 'ProductPurged')
      for (const { streams } of this.#holders.values()) streams.delete(recorded.stream)
  }

  *blobs(): Iterable<Blob> {
    for (const [sha256, { size, streams }] of this.#holders) if (streams.size > 0) yield { sha256, size }
  }

  #add({ sha256, size }: Blob, stream: string): void {
    const holder = this.#holders.get(sha256) ?? { size, streams: new Set() }
    holder.streams.add(stream)
    this.#holders.set(sha256, holder)
  }
}
