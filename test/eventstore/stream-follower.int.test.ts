import { Type } from '@sinclair/typebox'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type JsonObject, START } from '../../src/eventstore/port.ts'
import { SchemaRegistry } from '../../src/eventstore/schema-registry.ts'
import { StreamFollower } from '../../src/eventstore/stream-follower.ts'
import { MemoryEventStore } from '../support/memory-event-store.ts'
import { newStream, someEvents } from './events.ts'

const registry = new SchemaRegistry([
  {
    type: 'Noted',
    version: 2,
    description: 'Somebody noted something.',
    schema: Type.Object({ n: Type.Integer() }),
    upcasters: { 1: ({ number }) => ({ n: number }) },
  },
])

let store: MemoryEventStore
let follower: StreamFollower
beforeEach(() => {
  store = new MemoryEventStore()
  follower = new StreamFollower(store, registry)
})
afterEach(() => follower.close())

/** The numbers of the first `count` events that a follower gets. */
async function first(count: number, stream: string, after = START): Promise<unknown[]> {
  const ending = new AbortController()
  const numbers: unknown[] = []
  for await (const event of follower.follow(stream, after, ending.signal)) {
    numbers.push(event.data.n)
    if (numbers.length === count) ending.abort()
  }
  return numbers
}

it('gives what is recorded, then what comes, without gap or repetition, and only of its stream', async () => {
  const stream = newStream()
  await store.append(stream, someEvents(50), 'no_stream')
  const followers = [first(150, stream), first(150, stream)]
  for (let i = 50; i < 150; i++) {
    await store.append(stream, [{ ...someEvents(1)[0]!, data: { n: i } }], 'any')
    await store.append(newStream(), someEvents(2), 'no_stream')
  }
  const all = Array.from({ length: 150 }, (_, n) => n)
  expect(await Promise.all(followers)).toEqual([all, all])
})

it('begins again after a position', async () => {
  const stream = newStream()
  await store.append(stream, someEvents(5), 'no_stream')
  const positions: string[] = []
  for await (const event of store.readStream(stream)) positions.push(event.position)
  expect(await first(2, stream, positions[2])).toEqual([3, 4])
})

it('gives events in their current version; one that cannot be read ends the readers of its stream alone', async () => {
  const [old, tomorrow] = [newStream(), newStream()]
  const noted = (schemaVersion: number, data: JsonObject) => [
    { ...someEvents(1)[0]!, type: 'Noted', data, metadata: { schemaVersion } },
  ]
  const [reader, unlucky] = [first(2, old), first(1, tomorrow)]
  await store.append(old, noted(1, { number: 7 }), 'no_stream')
  await store.append(tomorrow, noted(3, { title: 'from tomorrow' }), 'no_stream')
  await expect(unlucky).rejects.toThrow('newer than the version 2')
  await store.append(old, noted(2, { n: 8 }), 0n)
  expect(await reader).toEqual([7, 8])
})

it('ends when it is closed', async () => {
  const stream = newStream()
  await store.append(stream, someEvents(1), 'no_stream')
  const events = follower.follow(stream, START, new AbortController().signal)
  expect((await events.next()).value?.data.n).toBe(0)
  const next = events.next()
  follower.close()
  expect(await next).toMatchObject({ done: true })
})

it('lets a reader go while it waits for a store that cannot be reached', async () => {
  store.head = () => Promise.reject(new Error('nobody is there'))
  const ending = new AbortController()
  const next = follower.follow(newStream(), START, ending.signal).next()
  ending.abort()
  expect(await next).toMatchObject({ done: true })
})

it('tells a reader that fell behind to begin again where it was', async () => {
  const [stream, other] = [newStream(), newStream()]
  const begin = async (of: string) => {
    await store.append(of, someEvents(1), 'no_stream')
    const events = follower.follow(of, START, new AbortController().signal)
    expect((await events.next()).value?.data.n).toBe(0)
    return events
  }
  const [slow, quick] = [await begin(stream), await begin(other)]
  for (let i = 0; i < 3; i++) await store.append(stream, someEvents(500), 'any')
  // The one subscription hands over in order: who has this one was told all before it.
  await store.append(other, someEvents(1), 'any')
  expect((await quick.next()).value?.revision).toBe(1n)
  const read = async () => {
    for await (const event of slow) if (event.revision > 10_000n) return
  }
  await expect(read()).rejects.toMatchObject({ code: 'consumer_too_slow' })
})
