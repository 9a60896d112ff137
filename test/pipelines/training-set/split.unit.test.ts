import fc from 'fast-check'
import { expect, it } from 'vitest'
import { splitRows, splitWarnings } from '../../../src/pipelines/training-set/split.ts'

const idOf = (object: number) => String(2n ** 60n + BigInt(object))
const SHARES = [
  { name: 'train', share: 0.6 },
  { name: 'validation', share: 0.1 },
  { name: 'test', share: 0.3 },
] as const

it('keeps all rows of an object, and all of a redshift, on one side', () => {
  const matches = fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(matches, fc.nat(), (rows, seed) => {
      const left = Uint32Array.from(rows, ([l]) => l)
      const object = Uint32Array.from(rows, ([, o]) => o)
      const { subset } = splitRows(left, object, idOf, SHARES, seed)
      for (let a = 0; a < rows.length; a++) {
        for (let b = 0; b < a; b++) {
          if (left[a] === left[b] || object[a] === object[b]) expect(subset[a]).toBe(subset[b])
        }
      }
    }),
  )
})

it('meets the shares, and depends on the seed', () => {
  const rows = Uint32Array.from({ length: 20_000 }, (_, i) => i)
  const { subset } = splitRows(rows, rows, idOf, SHARES, 1)
  for (const [place, { share }] of SHARES.entries()) {
    const count = subset.filter((each) => each === place).length
    // Five standard deviations of a draw.
    expect(Math.abs(count - share * rows.length)).toBeLessThan(5 * Math.sqrt(share * (1 - share) * rows.length))
  }
  expect(splitRows(rows, rows, idOf, SHARES, 1).subset).toEqual(subset)
  expect(splitRows(rows, rows, idOf, SHARES, 2).subset).not.toEqual(subset)
})

it('leaves an object on its side when others come', () => {
  const few = Uint32Array.from([0, 1, 2, 3])
  const many = Uint32Array.from({ length: 100 }, (_, i) => i)
  const { subset } = splitRows(many, many, idOf, SHARES, 9)
  expect([...subset].slice(0, 4)).toEqual([...splitRows(few, few, idOf, SHARES, 9).subset])
})

it('warns of subsets that are empty or far from their share, and names the largest family', () => {
  const rows = 1000
  const each = Uint32Array.from({ length: rows }, (_, i) => i)
  expect(splitWarnings(splitRows(each, each, idOf, SHARES, 1), SHARES)).toEqual([])
  // One redshift for 900 objects: they stay together.
  const left = each.map((i) => Math.max(0, i - 899))
  const split = splitRows(left, each, idOf, SHARES, 1)
  expect(split.largestFamily).toBe(900)
  const warnings = splitWarnings(split, SHARES)
  expect(warnings.length).toBeGreaterThan(0)
  for (const warning of warnings) expect(warning).toMatch(/^The subset \w+ has .*900 of the 1000 rows/)
  const [alone] = splitWarnings(splitRows(each.subarray(0, 1), each.subarray(0, 1), idOf, SHARES, 1), SHARES)
  expect(alone).toMatch(/has no rows/)
})
