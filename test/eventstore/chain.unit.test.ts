import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, GENESIS, hashEvent, linkEvents, verifyStream } from '../../src/eventstore/chain.ts'
import type { Json, RecordedEvent } from '../../src/eventstore/port.ts'
import { someEvents } from './contract.ts'

function recorded(count: number, from = 0, lastHash = GENESIS): RecordedEvent[] {
  return linkEvents('product-7', lastHash, BigInt(from), someEvents(count)).events.map((event, index) => ({
    ...event,
    stream: 'product-7',
    revision: BigInt(from + index),
    position: String(index).padStart(20, '0'),
    recordedAt: '2026-01-01T00:00:00.000Z',
  }))
}

const changed = (events: RecordedEvent[], index: number, change: Partial<RecordedEvent>): RecordedEvent[] =>
  events.map((event, at) => (at === index ? { ...event, ...change } : event))

test('the hash is SHA-256 over the previous hash and canonical JSON, as anybody can compute it', () => {
  const [event] = recorded(1)
  const body = `{"data":{"n":0},"id":"${event!.id}","metadata":{"at":"2026-01-01T00:00:00.000Z","previous":"${GENESIS}"},"revision":"0","stream":"product-7","type":"Tested"}`
  expect(hashEvent(event!)).toBe(createHash('sha256').update(`${GENESIS}${body}`).digest('hex'))
})

test('a stream is intact in one piece and when it was appended in several', () => {
  expect(verifyStream([])).toEqual({ intact: true, events: 0, lastHash: GENESIS })
  const first = recorded(3)
  const linked = linkEvents('product-7', GENESIS, 0n, first)
  const all = [...first, ...recorded(2, 3, hashEvent(first[2]!))]
  expect(linked.lastHash).toBe(hashEvent(first[2]!))
  expect(verifyStream(all)).toEqual({ intact: true, events: 5, lastHash: hashEvent(all[4]!) })
})

describe('the first broken revision is named', () => {
  const events = recorded(6)
  const lastHash = hashEvent(events[5]!)

  test.each([0, 1, 3, 4])('changed data at %i', (index) => {
    const verdict = verifyStream(changed(events, index, { data: { n: 99 } }))
    expect(verdict).toMatchObject({ intact: false, revision: BigInt(index) })
  })

  test.each([0, 2, 4, 5])('changed metadata, type, id or link at %i', (index) => {
    const event = events[index]!
    const forged: Partial<RecordedEvent>[] = [
      { metadata: { ...event.metadata, actor: 'somebody else' } },
      { metadata: { ...event.metadata, previous: 'f'.repeat(64) } },
      { type: 'Another' },
      { id: someEvents(1)[0]!.id },
    ]
    for (const change of forged) {
      expect(verifyStream(changed(events, index, change), lastHash)).toMatchObject({
        intact: false,
        revision: BigInt(index),
      })
    }
  })

  test('a dropped, a swapped and an inserted event, and a cut end', () => {
    expect(verifyStream(events.toSpliced(2, 1))).toMatchObject({ intact: false, revision: 2n })
    expect(verifyStream([...events.slice(0, 2), events[3]!, events[2]!])).toMatchObject({ intact: false, revision: 2n })
    expect(verifyStream(events.toSpliced(2, 0, events[2]!))).toMatchObject({ intact: false, revision: 3n })
    expect(verifyStream(events.slice(0, 5), lastHash)).toMatchObject({ intact: false, revision: 4n })
    expect(verifyStream(events.slice(1))).toMatchObject({ intact: false, revision: 0n })
  })
})

describe('canonical JSON', () => {
  test('of the examples of RFC 8785', () => {
    expect(
      canonicalJson({
        numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
        string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
        literals: [null, true, false],
      }),
    ).toBe(
      `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA'B\\"\\\\\\\\\\"/"}`,
    )
    const names = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
    expect(canonicalJson(names)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}')
  })

  test('sorts few members and many', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 70 }), (names) => {
        const text = canonicalJson(Object.fromEntries(names.map((name) => [name, null])))
        const members = names.toSorted().map((name) => `${JSON.stringify(name)}:null`)
        expect(text).toBe(`{${members.join(',')}}`)
      }),
    )
  })

  test('does not depend on the order of members', () => {
    const shuffled = (value: Json): Json =>
      Array.isArray(value)
        ? value.map(shuffled)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, member]) => [key, shuffled(member)]),
            )
          : value
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.parse(JSON.stringify(value)) as Json
        expect(canonicalJson(shuffled(json))).toBe(canonicalJson(json))
        expect(JSON.parse(canonicalJson(json))).toEqual(json)
      }),
    )
  })
})
