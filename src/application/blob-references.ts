import type { Blob } from '../blobs/blob-store.ts'
import { type DomainEvent, isDomainEvent } from '../domain/events.ts'
import type { RecordedEvent } from '../eventstore/port.ts'

interface Holder {
  readonly size: number
  /** Streams whose events refer to it now. */
  readonly streams: Set<string>
  /** The same, with those of purged products. */
  readonly everIn: Set<string>
}

/** Which blobs the log refers to, and from where: those of a purged product are gone unless another one has the same bytes. */
export class BlobReferences {
  readonly #holders = new Map<string, Holder>()

  note(recorded: RecordedEvent): void {
    if (!isDomainEvent(recorded)) return
    const event: DomainEvent = recorded
    if (event.type === 'FileAttached') {
      this.#add(event.data, recorded.stream)
      if (event.data.original !== null) this.#add(event.data.original, recorded.stream)
    }
    if (event.type === 'MainFileInspected') this.#add(event.data.inspection, recorded.stream)
    if (event.type === 'RunRequested' && event.data.rules !== null) this.#add(event.data.rules, recorded.stream)
    if (event.type === 'ProductImported') {
      const { history, proof, files } = event.data
      for (const blob of [history, proof, ...files]) this.#add(blob, recorded.stream)
    }
    if (event.type === 'ProductPurged')
      for (const { streams } of this.#holders.values()) streams.delete(recorded.stream)
  }

  /** Blobs that events of this stream refer to, and no event of another one. */
  *ofNobodyElse(stream: string): Iterable<Blob> {
    for (const [sha256, { size, everIn, streams }] of this.#holders) {
      if (everIn.has(stream) && [...streams].every((each) => each === stream)) yield { sha256, size }
    }
  }

  /** Streams whose events refer to these bytes now. */
  holdersOf(sha256: string): readonly string[] {
    return [...(this.#holders.get(sha256)?.streams ?? [])]
  }

  *blobs(): Iterable<Blob> {
    for (const [sha256, { size, streams }] of this.#holders) if (streams.size > 0) yield { sha256, size }
  }

  #add({ sha256, size }: Blob, stream: string): void {
    const holder = this.#holders.get(sha256) ?? { size, streams: new Set(), everIn: new Set() }
    holder.streams.add(stream)
    holder.everIn.add(stream)
    this.#holders.set(sha256, holder)
  }
}
