import { expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/eventstore/port.ts'
import { brokenLinks, recorded, someEvents } from '../eventstore/events.ts'

const events = recorded(6)

/** The revisions (before, after) between which a stream is broken, how, and whether the next event confirms the second. */
const broken = (stream: readonly RecordedEvent[]) =>
  brokenLinks(stream).map(({ before, after, what, confirmed }) => [before?.revision, after.revision, what, confirmed])

const changed = (index: number, change: Partial<RecordedEvent>): RecordedEvent[] =>
  events.map((event, at) => (at === index ? { ...event, ...change } : event))

it('finds nothing in a stream that nobody touched, or that is empty', () => {
  expect(broken(events)).toEqual([])
  expect(broken([])).toEqual([])
})

it.each([0, 2, 4])('finds the event after one whose data, metadata, type or id was changed, at %i', (index) => {
  const event = events[index]!
  const forged: Partial<RecordedEvent>[] = [
    { data: { n: 99 } },
    { metadata: { ...event.metadata, actor: 'somebody else' } },
    { type: 'Another' },
    { id: someEvents(1)[0]!.id },
  ]
  const [before, after] = [BigInt(index), BigInt(index + 1)]
  for (const change of forged)
    expect(broken(changed(index, change))).toEqual([[before, after, 'previous', index === 4 ? null : true]])
})

it('finds an event that carries another link, which the next one does not confirm', () => {
  const { metadata } = events[2]!
  expect(broken(changed(2, { metadata: { ...metadata, previous: 'f'.repeat(64) } }))).toEqual([
    [1n, 2n, 'previous', false],
    [2n, 3n, 'previous', true],
  ])
})

it('finds where an event is missing, was repeated or changed places', () => {
  expect(broken(events.slice(1))).toEqual([[undefined, 1n, 'revision', true]])
  expect(broken(events.toSpliced(2, 1))).toEqual([[1n, 3n, 'revision', true]])
  expect(broken(events.toSpliced(2, 0, events[2]!))).toEqual([[2n, 2n, 'revision', true]])
  expect(broken([...events.slice(0, 2), events[3]!, events[2]!])).toEqual([
    [1n, 3n, 'revision', false],
    [3n, 2n, 'revision', null],
  ])
})
