import { v4 as uuidv4 } from 'uuid'
import { GENESIS, hashEvent, linkEvents } from '../../src/eventstore/chain.ts'
import type { NewEvent, RecordedEvent } from '../../src/eventstore/port.ts'
import { type BrokenLink, StreamLinks } from '../../src/provenance/verify/stream-links.ts'

export const newStream = (): string => `test-${uuidv4()}`

/** Events that differ in their ids and in `data.n`. */
export function someEvents(count: number, data: NewEvent['data'] = {}): NewEvent[] {
  return Array.from({ length: count }, (_, n) => ({
    id: uuidv4(),
    type: 'Tested',
    data: { n, ...data },
    metadata: { at: '2026-01-01T00:00:00.000Z' },
  }))
}

/** Events of `product-7` as a store would have recorded them: linked, from a revision on. */
export function recorded(count: number, from = 0, lastHash = GENESIS): RecordedEvent[] {
  return linkEvents('product-7', lastHash, BigInt(from), someEvents(count)).events.map((event, index) => ({
    ...event,
    stream: 'product-7',
    revision: BigInt(from + index),
    position: String(index).padStart(20, '0'),
    recordedAt: '2026-01-01T00:00:00.000Z',
  }))
}

/** Where the events of a stream, given in their order, do not fit. */
export function brokenLinks(events: readonly RecordedEvent[]): BrokenLink[] {
  const links = new StreamLinks()
  for (const [index, event] of events.entries()) links.add(event, hashEvent(event), index)
  return links.end()
}
