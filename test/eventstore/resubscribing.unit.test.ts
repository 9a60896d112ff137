import { expect, it } from 'vitest'
import { START } from '../../src/eventstore/port.ts'
import { resubscribing } from '../../src/eventstore/resubscribing.ts'
import { MemoryEventStore } from '../support/memory-event-store.ts'
import { newStream, someEvents } from './events.ts'

/** A store whose subscriptions stop after so many messages: every other one with an error, the others as if that were all. */
class Breaking extends MemoryEventStore {
  subscriptions = 0
  constructor(readonly messages: number) {
    super()
  }
  override async *subscribeAll(after: string, signal: AbortSignal) {
    const breaks = this.subscriptions++ % 2 === 0
    let left = this.messages
    if (left > 0)
      for await (const message of super.subscribeAll(after, signal)) {
        yield message
        if (--left === 0) break
      }
    if (breaks) throw new Error('the connection broke')
  }
}

it('goes on after the last event when a subscription breaks or ends, and tells', async () => {
  const store = new Breaking(3)
  await store.append(newStream(), someEvents(7), 'no_stream')
  const ending = new AbortController()
  const troubles: string[] = []
  const numbers: unknown[] = []
  for await (const message of resubscribing(store, START, ending.signal, (error) => troubles.push(String(error)))) {
    if (message.kind === 'event') numbers.push(message.event.data.n)
    if (numbers.length === 7) ending.abort()
  }
  expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(troubles).toEqual(['Error: the connection broke', 'Error: The subscription ended by itself'])
})

it('takes its time between subscriptions that end at once', async () => {
  const store = new Breaking(0)
  const ending = new AbortController()
  const told = new Promise<void>((resolve) => {
    const troubles: unknown[] = []
    const watching = async () => {
      const onTrouble = (error: unknown) => {
        if (troubles.push(error) === 2) ending.abort()
      }
      for await (const _ of resubscribing(store, START, ending.signal, onTrouble)) expect.unreachable()
    }
    void watching().then(resolve)
  })
  const begun = performance.now()
  await told
  expect(store.subscriptions).toBe(2)
  expect(performance.now() - begun).toBeGreaterThan(99)
})

it('begins with what is recorded from now on', async () => {
  const store = new MemoryEventStore()
  await store.append(newStream(), someEvents(5), 'no_stream')
  const ending = new AbortController()
  const numbers: unknown[] = []
  for await (const message of resubscribing(store, 'now', ending.signal, (error) =>
    expect.unreachable(String(error)),
  )) {
    if (message.kind === 'caught_up') await store.append(newStream(), someEvents(1), 'no_stream')
    else {
      numbers.push(message.event.data.n)
      ending.abort()
    }
  }
  expect(numbers).toEqual([0])
})
