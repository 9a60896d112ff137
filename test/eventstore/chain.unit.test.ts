import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, GENESIS, hashEvent, linkEvents } from '../../src/eventstore/chain.ts'
import type { Json } from '../../src/eventstore/port.ts'
import { recorded } from './events.ts'

test('the hash is SHA-256 over the previous hash and canonical JSON, as anybody can compute it', () => {
  const [event] = recorded(1)
  const body = `{"data":{"n":0},"id":"${event!.id}","metadata":{"at":"2026-01-01T00:00:00.000Z","previous":"${GENESIS}"},"revision":"0","stream":"product-7","type":"Tested"}`
  expect(hashEvent(event!)).toBe(createHash('sha256').update(`${GENESIS}${body}`).digest('hex'))
})

test('each event carries the hash of the one before it, in one append and in several', () => {
  const first = recorded(3)
  expect(linkEvents('product-7', GENESIS, 0n, first).lastHash).toBe(hashEvent(first[2]!))
  const all = [...first, ...recorded(2, 3, hashEvent(first[2]!))]
  expect(all.map((event) => event.metadata.previous)).toEqual([GENESIS, ...all.slice(0, -1).map(hashEvent)])
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
