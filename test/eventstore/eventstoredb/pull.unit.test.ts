import { EventEmitter } from 'node:events'
import { afterEach, expect, it, vi } from 'vitest'
import { EventStoreUnavailable } from '../../../src/eventstore/errors.ts'
import { Pull } from '../../../src/eventstore/eventstoredb/pull.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('gives up a silent server in time, also when the clock is set back meanwhile', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const silent = Object.assign(new EventEmitter(), { read: () => null, destroy: () => undefined })
  const pull = new Pull({ stream: silent, cancel: async () => undefined })
  const next = pull.next({ timeoutMs: 40 })
  vi.setSystemTime(Date.now() - 3_600_000)
  await expect(next).rejects.toThrow(EventStoreUnavailable)
})
