import { v4 as uuidv4 } from 'uuid'
import type { NewEvent } from '../../src/eventstore/port.ts'

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
