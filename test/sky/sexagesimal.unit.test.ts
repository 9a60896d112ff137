import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { degreesOfParts } from '../../src/sky/sexagesimal.ts'

describe('angles in three parts', () => {
  it.each([
    ['10:00:28.6', 'ra', 150.11916666666667],
    ['10 00 28.6', 'ra', 150.11916666666667],
    ['10h00m28.6s', 'ra', 150.11916666666667],
    ['10h 00m 28.6s', 'ra', 150.11916666666667],
    ['150d07m09s', 'ra', 150.11916666666667],
    ['+02:12:21', 'dec', 2.2058333333333335],
    ['2 12 21', 'dec', 2.2058333333333335],
    ['−0°30′00″', 'dec', -0.5],
    ['-00:30:00', 'dec', -0.5],
    ['-0d30m0s', 'dec', -0.5],
    [' 23:59:59.999 ', 'ra', 359.9999958333333],
  ] as const)('reads %s as %s', (text, kind, degrees) => {
    expect(degreesOfParts(text, kind)).toBeCloseTo(degrees, 11)
  })

  it.each([
    ['150.119', 'ra'],
    ['10:60:00', 'ra'],
    ['10:00:60', 'ra'],
    ['10:00', 'ra'],
    ['10h00m00s', 'dec'],
    ['ten', 'ra'],
    ['', 'dec'],
  ] as const)('leaves %s alone', (text, kind) => {
    expect(degreesOfParts(text, kind)).toBeNull()
  })

  it('reads what it was written from', () => {
    fc.assert(
      fc.property(fc.integer({ min: -323_999_999, max: 323_999_999 }), (thousandths) => {
        const size = Math.abs(thousandths)
        const text = `${thousandths < 0 ? '-' : '+'}${Math.floor(size / 3_600_000)}:${Math.floor(size / 60_000) % 60}:${(size % 60_000) / 1000}`
        expect(degreesOfParts(text, 'dec')).toBeCloseTo(thousandths / 3_600_000, 10)
      }),
    )
  })
})
