import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeAppend, encodeEvent } from '../../src/eventstore/codec.ts'
import { InvalidEvent } from '../../src/eventstore/errors.ts'
import type { JsonObject, NewEvent } from '../../src/eventstore/port.ts'

const ID = '0b5c3e0a-3f0e-5d0e-8f0e-0123456789ab'
const event = (data: unknown): NewEvent => ({ id: ID, type: 'Tested', data: data as JsonObject, metadata: {} })

function pathOf(data: unknown): string | undefined {
  try {
    encodeAppend('stream', [event(data)])
    return undefined
  } catch (error) {
    return error instanceof InvalidEvent ? error.path : `other: ${error}`
  }
}

describe('what is refused is named by its path', () => {
  test.each([
    [{ a: [{ b: 1n }] }, 'events[0].data.a[0].b'],
    [{ a: [1, undefined] }, 'events[0].data.a[1]'],
    [{ a: new Array(1) }, 'events[0].data.a[0]'],
    [{ a: Number.NEGATIVE_INFINITY }, 'events[0].data.a'],
    [{ a: Symbol('x') }, 'events[0].data.a'],
    [{ a: new Date() }, 'events[0].data.a'],
    [{ a: { toJSON: () => 'something else' } }, 'events[0].data.a'],
    [{ a: Buffer.from('x') }, 'events[0].data.a'],
    [{ a: 'x\u0000' }, 'events[0].data.a'],
    [{ a: '\udc00\ud800' }, 'events[0].data.a'],
    [{ '\ud800': 1 }, 'events[0].data.\ud800'],
    [[], 'events[0].data'],
    [null, 'events[0].data'],
  ])('%o', (data, path) => {
    expect(pathOf(data)).toBe(path)
  })

  test('nesting without end', () => {
    const cycle: Record<string, unknown> = {}
    cycle.me = cycle
    expect(pathOf(cycle)).toMatch(/^events\[0\]\.data(\.me)+$/)
  })
})

test('properties that are undefined are left out, as JSON does', () => {
  expect(encodeEvent(event({ a: undefined, b: 1 })).data).toBe('{"b":1}')
})

test('paired surrogates and everything else of Unicode pass', () => {
  expect(pathOf({ text: '👩🏽‍🚀 \u2028 ℝ \uffff' })).toBeUndefined()
})

test('the size of all events of an append counts, in bytes', () => {
  const other = { ...event({ text: 'é'.repeat(30) }), id: ID.replace('0', '1') }
  expect(() => encodeAppend('stream', [event({ text: 'é'.repeat(30) }), other], 160)).not.toThrow()
  expect(() => encodeAppend('stream', [event({ text: 'é'.repeat(30) }), other], 140)).toThrow(
    'more than can be recorded at once',
  )
})

test('any JSON value is accepted and encoded as JSON.stringify does, or refused for a reason of jsonb', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify({ value })
      const isStorable = !text.includes('\\u0000') && !/\\ud[89a-f]/.test(text)
      try {
        expect(encodeEvent(event({ value })).data).toBe(text)
        expect(isStorable).toBe(true)
      } catch (error) {
        if (!(error instanceof InvalidEvent)) throw error
        expect(isStorable).toBe(false)
      }
    }),
  )
})
