import { expect, it } from 'vitest'
import { isInDP1Fields, isInRubinFootprint } from '../../../src/pipelines/combine/footprints.ts'
import points from './fixtures/rubin-points.json' with { type: 'json' }

it('knows on which side of the northern limit a point lies', () => {
  const wrong = (points as [number, number, number][]).filter(
    ([ra, dec, inside]) => Number(isInRubinFootprint(ra, dec)) !== inside,
  )
  expect(wrong).toEqual([])
})

it('joins the northern limit across RA 0/360', () => {
  // The last knot is (359.75, 11.1999...) or thereabouts and the first (0.25, ...): the limit at 0 lies between them.
  const limitAt = (ra: number) => {
    let dec = 40
    while (!isInRubinFootprint(ra, dec)) dec -= 0.001
    return dec
  }
  expect(Math.abs(limitAt(0) - limitAt(359.9999))).toBeLessThan(0.01)
})

it.each([
  ['the centre of ECDFS', 53.13, -28.1, true],
  ['2.49 degrees north of it', 53.13, -25.61, true],
  ['2.51 degrees north of it', 53.13, -25.59, false],
  ['2 degrees of great circle west of 47 Tuc', 359.5, -72.08, true],
  ['the pole', 0, 90, false],
])('finds %s', (_, ra, dec, inside) => {
  expect(isInDP1Fields(ra, dec)).toBe(inside)
})
