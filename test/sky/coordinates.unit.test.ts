import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cosineOfTwice, decWindow, normaliseRa, raWindow, separation, unitVector } from '../../src/sky/coordinates.ts'
import { positionsOf, sharedPositions } from '../../src/sky/positions.ts'

const ra = fc.double({ min: 0, max: 360, maxExcluded: true, noNaN: true })
const dec = fc.double({ min: -90, max: 90, noNaN: true })

describe('separation', () => {
  test('equals the angle of the unit vectors', () => {
    fc.assert(
      fc.property(ra, dec, ra, dec, (a1, d1, a2, d2) => {
        const u = unitVector(a1, d1)
        const v = unitVector(a2, d2)
        const difference = Math.hypot(u[0] - v[0], u[1] - v[1], u[2] - v[2])
        const sum = Math.hypot(u[0] + v[0], u[1] + v[1], u[2] + v[2])
        const angle = (2 * Math.atan2(difference, sum) * 180 * 3600) / Math.PI
        expect(Math.abs(separation(a1, d1, a2, d2) - angle)).toBeLessThan(1e-9)
      }),
      { numRuns: 2000 },
    )
  })

  test('does not depend on the order of the positions', () => {
    fc.assert(
      fc.property(ra, dec, ra, dec, (a1, d1, a2, d2) => {
        expect(separation(a1, d1, a2, d2)).toBe(separation(a2, d2, a1, d1))
        expect(separation(a1, d1, a1, d1)).toBe(0)
      }),
    )
  })

  test.each([
    [0, 0, 180, 0, 648_000],
    [12, 90, 200, -90, 648_000],
    [0, 0, 90, 0, 324_000],
    [359.9999, 0, 0.0001, 0, 0.72],
    [0, 90, 77, 90, 0],
    [10, 60, 10.0001, 60, 0.18],
    [10, 0, 10, 1e-13, 3.6e-10],
  ])('(%d, %d) to (%d, %d) is %d arcsec', (a1, d1, a2, d2, expected) => {
    expect(Math.abs(separation(a1, d1, a2, d2) - expected)).toBeLessThan(1e-9)
  })

  test('the short series joins the long way smoothly', () => {
    for (let x = 0.55; x < 0.6; x += 1e-4) {
      expect(Math.abs(separation(0, 0, x, 0) - x * 3600)).toBeLessThan(1e-11)
      expect(Math.abs(separation(0, 0, 2 * x, 0) - 2 * x * 3600)).toBeLessThan(1e-11)
    }
  })
})

test('the cosine of a mean declination is that of the engine to the last digits', () => {
  for (let x = -90; x <= 90; x += 0.001) {
    const angle = (x * Math.PI) / 180
    expect(Math.abs(cosineOfTwice(angle / 2) - Math.cos(angle))).toBeLessThan(5e-16)
  }
})

test('windows hold every position within the radius', () => {
  fc.assert(
    fc.property(ra, dec, ra, dec, (a1, d1, a2, d2) => {
      const degrees = separation(a1, d1, a2, d2) / 3600
      const apart = Math.abs(a1 - a2)
      expect(Math.abs(d1 - d2)).toBeLessThanOrEqual(decWindow(degrees))
      expect(Math.min(apart, 360 - apart)).toBeLessThanOrEqual(raWindow(d1, degrees))
    }),
    { numRuns: 2000 },
  )
})

test.each([
  [0, 0],
  [-0, 0],
  [360, 0],
  [-180, 180],
  [-90, 270],
  [-1e-20, 0],
  [359.999, 359.999],
  [361, Number.NaN],
  [-180.1, Number.NaN],
  [Number.NaN, Number.NaN],
])('RA %d becomes %d', (from, to) => {
  expect(normaliseRa(from)).toBe(to)
})

describe('positions of a catalog', () => {
  test('are used as they are when nothing is wrong', () => {
    const a = Float64Array.of(1, 2)
    const d = Float64Array.of(-90, 90)
    const catalog = positionsOf(a, d)
    expect(catalog.ra).toBe(a)
    expect(catalog.dec).toBe(d)
    expect(catalog.report).toMatchObject({ rows: 2, valid: 2, normalised: 0, sampleRows: [] })
  })

  test('drop what is not on the sky, and say so; the input stays as it was', () => {
    const a = Float64Array.of(1, Number.NaN, 5, -10, 360, 400, -200, 7, 8, Number.POSITIVE_INFINITY)
    const d = Float64Array.of(1, 2, Number.NaN, 3, 4, 5, 6, 91, -91, 0)
    const catalog = positionsOf(a, d)
    expect(catalog.report).toEqual({
      rows: 10,
      valid: 3,
      missing: 2,
      infinite: 1,
      raBelow: 1,
      raAbove: 1,
      decBelow: 1,
      decAbove: 1,
      normalised: 2,
      sampleRows: [1, 2, 5, 6, 7],
    })
    expect([...catalog.ra.slice(0, 5)]).toEqual([1, Number.NaN, Number.NaN, 350, 0])
    expect(a[3]).toBe(-10)
  })

  test('columns of different lengths are refused', () => {
    expect(() => positionsOf(new Float64Array(2), new Float64Array(3))).toThrow(
      'The RA column has 2 rows and the Dec column 3.',
    )
  })

  test('are shared without a copy when they are shared already', () => {
    const once = sharedPositions(positionsOf(Float64Array.of(1), Float64Array.of(2)))
    expect(sharedPositions(once).ra).toBe(once.ra)
    expect([once.ra[0], once.dec[0]]).toEqual([1, 2])
  })
})
