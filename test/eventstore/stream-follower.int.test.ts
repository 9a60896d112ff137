import { afterEach, beforeEach, expect, it } from 'vitest'
import { START } from '../../src/eventstore/port.ts'
import { StreamFollower } from '../../src/eventstore/stream-follower.ts'
import { MemoryEventStore } from '../support/memory-event-store.ts'
import { newStream, someEvents } from './events.ts'

let store: MemoryEventStore
let follower: StreamFollower
beforeEach(() => {
  store = new MemoryEventStore()
  follower = new StreamFollower(store)
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

it('ends when it is closed', async () => {
  const stream = newStream()
  await store.append(stream, someEvents(1), 'no_stream')
  const following = first(9, stream)
  await new Promise((resolve) => setTimeout(resolve, 20))
  follower.close()
  expect(await following).toEqual([0])
})

it('tells a reader that fell behind to begin again where it was', async () => {
  const stream = newStream()
  await store.append(stream, someEvents(1), 'no_stream')
  const events = follower.follow(stream, START, new AbortController().signal)
  expect((await events.next()).value?.data.n).toBe(0)
  for (let i = 0; i < 3; i++) await store.append(stream, someEvents(500), 'any')
  await new Promise((resolve) => setTimeout(resolve, 50))
  const read = async () => {
    for await (const event of events) if (event.revision > 10_000n) return
  }
  await expect(read()).rejects.toMatchObject({ code: 'consumer_too_slow' })
})
