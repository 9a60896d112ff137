import { expect, test } from 'vitest'
import { shortestFloat32 } from '../../src/tables/arrow-columns.ts'

test.each([
  [0.1],
  [0.056574214],
  // Nine digits are needed, and enough.
  [0.100348644],
  [1001.04297],
  [3.4028235e38],
  [0],
  [Number.POSITIVE_INFINITY],
])('%d is the shortest decimal of its single', (decimal) => {
  expect(shortestFloat32(Math.fround(decimal))).toBe(decimal)
})
