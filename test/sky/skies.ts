import fc from 'fast-check'
import { separation } from '../../src/sky/coordinates.ts'
import { type Positions, positionsOf } from '../../src/sky/positions.ts'

/** Catalogs for tests: positions where matching goes wrong if it is wrong, and the slow, obvious answer. */

/** A repeatable source of numbers in [0, 1) (mulberry32). */
export function numbers(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export function uniformSky(rows: number, seed: number): Positions {
  const next = numbers(seed)
  const ra = Float64Array.from({ length: rows }, () => next() * 360)
  const dec = Float64Array.from({ length: rows }, () => (Math.asin(2 * next() - 1) * 180) / Math.PI)
  return positionsOf(ra, dec)
}

export function positions(points: readonly (readonly [number, number])[]): Positions {
  return positionsOf(
    Float64Array.from(points, (p) => p[0]),
    Float64Array.from(points, (p) => p[1]),
  )
}

/** A field with a scale in degrees, anywhere, preferably where it hurts. */
export const field = fc
  .record({
    ra: fc.oneof(fc.constantFrom(0, 360, 90, 180), fc.double({ min: 0, max: 360, noNaN: true })),
    dec: fc.oneof(fc.constantFrom(-90, 90, 89.9999, -89.999, 0), fc.double({ min: -90, max: 90, noNaN: true })),
    scale: fc.constantFrom(1e-9, 1e-4, 0.01, 1, 30, 180),
  })
  .map((f) => ({ ...f, radius: Math.min(648_000, f.scale * 3600 * 0.3) }))

/** Points of a field: spread over it, some equal to one another, some missing. */
export const pointsOf = (f: { ra: number; dec: number; scale: number }) =>
  fc
    .array(
      fc.oneof(
        {
          weight: 6,
          arbitrary: fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true })),
        },
        { weight: 2, arbitrary: fc.constantFrom([0, 0] as [number, number], [0.1, 0.1] as [number, number]) },
        { weight: 1, arbitrary: fc.constant([Number.NaN, 0] as [number, number]) },
      ),
      { maxLength: 40 },
    )
    .map((offsets) =>
      offsets.map(([x, y]) => {
        const dec = Math.max(-90, Math.min(90, f.dec + y * f.scale))
        const stretch = Math.max(Math.cos((dec * Math.PI) / 180), 1e-6)
        const ra = f.ra + Math.max(-180, Math.min(180, (x * f.scale) / stretch))
        return [((ra % 360) + 360) % 360, dec] as const
      }),
    )

export type Triple = readonly [left: number, right: number, separation: number]

/** Every pair closer than the radius, in the documented order, by looking at all of them. */
export function bruteForce(left: Positions, right: Positions, radius: number, internal = false): Triple[] {
  const found: Triple[] = []
  for (let l = 0; l < left.ra.length; l++) {
    for (let r = internal ? l + 1 : 0; r < right.ra.length; r++) {
      const s = separation(left.ra[l]!, left.dec[l]!, right.ra[r]!, right.dec[r]!)
      if (s < radius) found.push([l, r, s])
    }
  }
  return found.sort((a, b) => a[0] - b[0] || a[2] - b[2] || a[1] - b[1])
}

export function triples(pairs: { left: Uint32Array; right: Uint32Array; separation: Float64Array }): Triple[] {
  return Array.from(pairs.left, (l, k) => [l, pairs.right[k]!, pairs.separation[k]!] as const)
}
