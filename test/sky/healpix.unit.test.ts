import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { separation } from '../../src/sky/coordinates.ts'
import {
  childPixels,
  healpix29Of,
  parentPixel,
  pixelCentre,
  pixelCorners,
  pixelCount,
  pixelOf,
  pixelsOfKeys,
} from '../../src/sky/healpix.ts'
import { pixelsInCone, pixelsNear } from '../../src/sky/healpix-cone.ts'
import { positionsOf } from '../../src/sky/positions.ts'
import { uniformSky } from './skies.ts'

const ra = fc.oneof(
  fc.constantFrom(0, 45, 90, 180, 270, 315),
  fc.double({ min: 0, max: 360, maxExcluded: true, noNaN: true }),
)
const dec = fc.oneof(
  fc.constantFrom(-90, 90, 0, 89.99999, -89.99999, (Math.asin(2 / 3) * 180) / Math.PI),
  fc.double({ min: -90, max: 90, noNaN: true }),
)
const order = fc.integer({ min: 0, max: 24 })

/** The pixel of order 29. */
const keyOf = (ra: number, dec: number): bigint => healpix29Of(Float64Array.of(ra), Float64Array.of(dec))[0]!

describe('pixels', () => {
  test('the twelve faces lie where Górski et al. put them', () => {
    const centres = Array.from({ length: 12 }, (_, face) => pixelCentre(face, 0))
    expect(centres.map((c) => Math.round(c.ra))).toEqual([45, 135, 225, 315, 0, 90, 180, 270, 45, 135, 225, 315])
    expect(centres.map((c) => Number(c.dec.toFixed(4)))).toEqual([
      41.8103, 41.8103, 41.8103, 41.8103, 0, 0, 0, 0, -41.8103, -41.8103, -41.8103, -41.8103,
    ])
  })

  test('known pixels of order 1, by hand from the definition', () => {
    // The north pole touches the last pixels of faces 0 to 3, the south pole the first of faces 8 to 11.
    expect(pixelOf(10, 89, 1)).toBe(3)
    expect(pixelOf(100, 89, 1)).toBe(7)
    expect(pixelOf(350, -89, 1)).toBe(44)
    expect(pixelOf(0, 1, 1)).toBe(19)
    expect(pixelOf(0, -1, 1)).toBe(16)
  })

  test('a centre lies in its own pixel', () => {
    for (let o = 0; o <= 4; o++) {
      for (let pixel = 0; pixel < pixelCount(o); pixel++) {
        const centre = pixelCentre(pixel, o)
        expect(pixelOf(centre.ra, centre.dec, o)).toBe(pixel)
      }
    }
  })

  test('pixels nest, and numbers and keys agree at every order', () => {
    fc.assert(
      fc.property(ra, dec, order, (a, d, o) => {
        const key = keyOf(a, d)
        const pixel = pixelOf(a, d, o)
        expect(BigInt(pixel)).toBe(key >> BigInt(2 * (29 - o)))
        expect(pixelsOfKeys(BigInt64Array.of(key), o)[0]).toBe(pixel)
        if (o > 0) {
          expect(parentPixel(pixel)).toBe(pixelOf(a, d, o - 1))
          expect(childPixels(parentPixel(pixel))).toContain(pixel)
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('a position is close to the centre and within the corners of its pixel, down to order 29', () => {
    fc.assert(
      fc.property(ra, dec, fc.integer({ min: 0, max: 29 }), (a, d, o) => {
        const pixel = keyOf(a, d) >> BigInt(2 * (29 - o))
        const centre = pixelCentre(pixel, o)
        const extent = Math.max(...pixelCorners(pixel, o).map((c) => separation(centre.ra, centre.dec, c.ra, c.dec)))
        expect(separation(a, d, centre.ra, centre.dec)).toBeLessThanOrEqual(extent * 1.1 + 1e-9)
      }),
      { numRuns: 1000 },
    )
  })

  test('all pixels have the same area: a uniform sky fills them alike', () => {
    const { ra: as, dec: ds } = uniformSky(120_000, 4)
    const filled = new Float64Array(48)
    for (const pixel of pixelsOfKeys(healpix29Of(as, ds), 1)) filled[pixel]!++
    // 2500 expected, standard deviation 50.
    for (const rows of filled) expect(Math.abs(rows - 2500)).toBeLessThan(250)
  })

  test('rows without a position have no pixel', () => {
    const nothing = Float64Array.of(Number.NaN)
    expect(healpix29Of(nothing, nothing)[0]).toBe(-1n)
    expect(pixelsOfKeys(BigInt64Array.of(-1n), 3)[0]).toBe(-1)
  })

  test('what does not exist is refused', () => {
    expect(() => pixelOf(0, 0, 25)).toThrow('order')
    expect(() => pixelCentre(12, 0)).toThrow('There is no pixel 12 at order 0.')
    expect(() => pixelOf(360, 0, 2)).toThrow('not a position')
  })
})

describe('cones', () => {
  const radius = fc.constantFrom(0, 0.001, 1, 60, 3600, 36_000, 180_000, 648_000)

  test('every pixel with a point inside the cone is among the pixels', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true })
    const inside = fc.array(fc.tuple(unit, unit), { minLength: 20, maxLength: 20 })
    fc.assert(
      fc.property(ra, dec, radius, fc.integer({ min: 0, max: 5 }), inside, (a, d, r, o, points) => {
        const pixels = new Set(pixelsInCone(a, d, r, o))
        for (const [x, y] of points) {
          const [pa, pd] = offset(a, d, (r / 3600) * Math.sqrt(x), 360 * y)
          if (separation(a, d, pa, pd) <= r) expect(pixels.has(pixelOf(pa, pd, o))).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('pixels that the cone clearly misses are not among them', () => {
    fc.assert(
      fc.property(ra, dec, fc.constantFrom(1, 60, 3600, 18_000), fc.integer({ min: 0, max: 5 }), (a, d, r, o) => {
        for (const pixel of pixelsInCone(a, d, r, o)) {
          // The pixel reaches into a cone that is a little wider: look at a grid of its points.
          const grid = pixelsUnder(pixel, 4).map((p) => pixelCentre(p, o + 4))
          const nearest = Math.min(...grid.map((c) => separation(a, d, c.ra, c.dec)))
          expect(nearest).toBeLessThan(r * 1.15 + (2 * 58.7 * 3600) / 2 ** (o + 4))
        }
      }),
      { numRuns: 100 },
    )
  })

  test('a tiny cone inside a pixel touches that pixel alone, one on a corner touches all around', () => {
    expect(pixelsInCone(45, 41, 1, 5)).toEqual([pixelOf(45, 41, 5)])
    expect(pixelsInCone(0, 90, 1, 0)).toEqual([0, 1, 2, 3])
    expect(pixelsInCone(0, -90, 1, 3)).toHaveLength(4)
    expect(pixelsInCone(10, 10, 648_000, 2)).toHaveLength(192)
  })

  test('the pixels near a catalog are those of all its cones', () => {
    const sky = uniformSky(300, 9)
    const close = positionsOf(
      Float64Array.from([...sky.ra, 0, 45, Number.NaN]),
      Float64Array.from([...sky.dec, 90, 0, 3]),
    )
    for (const [r, o] of [
      [1, 8],
      [600, 6],
      [7200, 4],
    ] as const) {
      const expected = new Set<number>()
      for (let row = 0; row < 302; row++)
        for (const p of pixelsInCone(close.ra[row]!, close.dec[row]!, r, o)) expected.add(p)
      expect(pixelsNear(close, r, o)).toEqual([...expected].sort((a, b) => a - b))
    }
  })
})

/** The pixels `levels` orders down inside a pixel. */
function pixelsUnder(pixel: number, levels: number): number[] {
  return levels === 0 ? [pixel] : childPixels(pixel).flatMap((child) => pixelsUnder(child, levels - 1))
}

/** The point at a distance (degrees) and position angle (degrees) from another. */
function offset(a: number, d: number, distance: number, angle: number): [number, number] {
  const rad = Math.PI / 180
  const sinDec =
    Math.sin(d * rad) * Math.cos(distance * rad) + Math.cos(d * rad) * Math.sin(distance * rad) * Math.cos(angle * rad)
  const y = Math.sin(angle * rad) * Math.sin(distance * rad) * Math.cos(d * rad)
  const x = Math.cos(distance * rad) - Math.sin(d * rad) * sinDec
  const turned = (((a + Math.atan2(y, x) / rad) % 360) + 360) % 360
  return [turned === 360 ? 0 : turned, Math.asin(Math.max(-1, Math.min(1, sinDec))) / rad]
}
