import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TooManyPairs } from '../../src/sky/errors.ts'
import { crossMatch, internalMatch } from '../../src/sky/match.ts'
import { rankOfIds } from '../../src/sky/pairs.ts'
import { positionsOf } from '../../src/sky/positions.ts'
import { bruteForce, field, numbers, pointsOf, positions, triples, uniformSky } from './skies.ts'

const engines = ['zones', 'tree'] as const
const twoCatalogs = field.chain((f) => fc.tuple(fc.constant(f.radius), pointsOf(f), pointsOf(f)))

describe.each(engines)('engine %s', (engine) => {
  test('finds exactly the pairs that brute force finds, in the documented order', async () => {
    await fc.assert(
      fc.asyncProperty(twoCatalogs, async ([radius, a, b]) => {
        const left = positions(a)
        const right = positions(b)
        const { pairs } = await crossMatch(left, right, { radius, engine })
        expect(triples(pairs)).toEqual(bruteForce(left, right, radius))
        for (let row = 0; row < a.length; row++) {
          for (let k = pairs.offsets[row]!; k < pairs.offsets[row + 1]!; k++) expect(pairs.left[k]).toBe(row)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('finds each pair inside a catalog once', async () => {
    await fc.assert(
      fc.asyncProperty(twoCatalogs, async ([radius, a]) => {
        const catalog = positions(a)
        const { pairs } = await internalMatch(catalog, { radius, engine })
        expect(triples(pairs)).toEqual(bruteForce(catalog, catalog, radius, true))
      }),
      { numRuns: 200 },
    )
  })

  test('keeps the n nearest', async () => {
    await fc.assert(
      fc.asyncProperty(twoCatalogs, fc.integer({ min: 1, max: 4 }), async ([radius, a, b], neighbours) => {
        const left = positions(a)
        const right = positions(b)
        const { pairs } = await crossMatch(left, right, { radius, engine, find: 'nearest', neighbours })
        const expected = a.flatMap((_, row) =>
          bruteForce(left, right, radius)
            .filter(([l]) => l === row)
            .slice(0, neighbours),
        )
        expect(triples(pairs)).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })

  test('loses no pair when few rows are matched with many, either way', async () => {
    const some = (f: Parameters<typeof pointsOf>[0]) => pointsOf(f).map((points) => points.slice(0, 5))
    const fewAndMany = field.chain((f) => fc.tuple(fc.constant(f.radius / 10), some(f), pointsOf(f)))
    await fc.assert(
      fc.asyncProperty(fewAndMany, async ([radius, a, b]) => {
        const few = positions(a)
        const many = positions([...b, ...b, ...b])
        const there = await crossMatch(few, many, { radius, engine })
        expect(triples(there.pairs)).toEqual(bruteForce(few, many, radius))
        const back = await crossMatch(many, few, { radius, engine })
        expect(triples(back.pairs)).toEqual(bruteForce(many, few, radius))
      }),
      { numRuns: 300 },
    )
  })

  test('is exact across RA 0/360 and around both poles', async () => {
    const left = positions([
      [359.99995, 0],
      [0.00005, 0],
      [0, 90],
      [123, -90],
      [10, 89.9999],
    ])
    const right = positions([
      [0.00005, 0],
      [359.99995, 0],
      [200, 89.99995],
      [280, -89.99995],
      [190, 89.9999],
    ])
    const { pairs } = await crossMatch(left, right, { radius: 1, engine })
    expect(triples(pairs).map(([l, r, s]) => [l, r, Number(s.toFixed(9))])).toEqual([
      [0, 1, 0],
      [0, 0, 0.36],
      [1, 0, 0],
      [1, 1, 0.36],
      [2, 2, 0.18],
      [2, 4, 0.36],
      [3, 3, 0.18],
      [4, 2, 0.538173843],
      [4, 4, 0.72],
    ])
  })

  test('the radius is strict', async () => {
    const left = positions([[10, 0]])
    const right = positions([[10, 1 / 3600]])
    const { pairs } = await crossMatch(left, right, { radius: 2, engine })
    const exactly = pairs.separation[0]!
    expect(exactly).toBeCloseTo(1, 12)
    expect((await crossMatch(left, right, { radius: exactly, engine })).pairs.left).toHaveLength(0)
    expect((await crossMatch(left, right, { radius: exactly * (1 + 2e-16), engine })).pairs.left).toHaveLength(1)
  })

  test('equal separations go to the smaller row, or to the smaller id', async () => {
    const left = positions([[50, 20]])
    const right = positions([
      [50, 20.0001],
      [50, 20.0001],
      [50, 20.0001],
    ])
    const options = { radius: 1, engine, find: 'nearest' } as const
    expect((await crossMatch(left, right, options)).pairs.right[0]).toBe(0)
    const rank = rankOfIds(BigInt64Array.of(30n, 9007199254740993n, 20n))
    expect((await crossMatch(left, right, { ...options, rank })).pairs.right[0]).toBe(2)
  })

  test('a clump is matched once, and refused when it makes too many pairs', async () => {
    const next = numbers(3)
    const points = Array.from({ length: 700 }, () => [150 + next() * 1e-5, 2 + next() * 1e-5] as const)
    const catalog = positions([...points, [0, 0], [359, 80]])
    const { pairs } = await internalMatch(catalog, { radius: 1, engine })
    expect(pairs.left).toHaveLength((700 * 699) / 2)
    const refused = internalMatch(catalog, { radius: 1, engine, maxPairs: 1000 })
    await expect(refused).rejects.toThrow(TooManyPairs)
    await expect(refused).rejects.toThrow('More than 1,000 pairs lie within 1 arcsec. Use a smaller radius')
    // Nearest rows are few, so the same limit does.
    const { pairs: near } = await crossMatch(catalog, catalog, { radius: 1, engine, find: 'nearest', maxPairs: 1000 })
    expect(near.left).toHaveLength(702)
    expect(near.left).toEqual(near.right)
  })

  test('an aborted match stops with the reason', async () => {
    const sky = uniformSky(1000, 1)
    const reason = new Error('stopped by the astronomer')
    await expect(crossMatch(sky, sky, { radius: 1, engine, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('progress ends at 1', async () => {
    const seen: number[] = []
    const sky = uniformSky(1000, 1)
    await crossMatch(sky, sky, { radius: 1, engine, onProgress: (fraction) => seen.push(fraction) })
    expect(seen.at(-1)).toBe(1)
  })
})

test('both engines agree on a sky with a crowded field, to the last bit', async () => {
  const next = numbers(11)
  const points = (seed: number) => {
    const sky = uniformSky(6_000, seed)
    const crowded = Array.from({ length: 6_000 }, () => [53 + next() * 0.03, -28 + next() * 0.03] as const)
    return positionsOf(
      Float64Array.from([...sky.ra, ...crowded.map((p) => p[0])]),
      Float64Array.from([...sky.dec, ...crowded.map((p) => p[1])]),
    )
  }
  const left = points(1)
  const right = points(2)
  for (const radius of [0.5, 3]) {
    const zones = await crossMatch(left, right, { radius, engine: 'zones' })
    const tree = await crossMatch(left, right, { radius, engine: 'tree' })
    expect(zones.pairs.left.length).toBeGreaterThan(2_000)
    expect(zones.pairs).toEqual(tree.pairs)
  }
})

test('both engines agree around a pole and across RA 0, where many stripes are steep, to the last bit', async () => {
  const next = numbers(21)
  const cap = () =>
    positions(Array.from({ length: 60_000 }, () => [next() * 360, -90 + 12 * Math.sqrt(next())] as const))
  const catalog = cap()
  const other = cap()
  for (const radius of [20, 60]) {
    const [zones, tree] = [
      await internalMatch(catalog, { radius, engine: 'zones' }),
      await internalMatch(catalog, { radius, engine: 'tree' }),
    ]
    expect(zones.pairs.left.length).toBeGreaterThan(300)
    expect(zones.pairs).toEqual(tree.pairs)
    const crossed = await crossMatch(catalog, other, { radius, engine: 'zones' })
    expect(crossed.pairs).toEqual((await crossMatch(catalog, other, { radius, engine: 'tree' })).pairs)
  }
})

test('few rows against many, of more than one block, are the same in both engines', async () => {
  const few = uniformSky(20_000, 31)
  const many = uniformSky(90_000, 32)
  for (const [left, right] of [
    [few, many],
    [many, few],
  ] as const) {
    const zones = await crossMatch(left, right, { radius: 900, engine: 'zones' })
    expect(zones.pairs.left.length).toBeGreaterThan(5_000)
    expect(zones.pairs).toEqual((await crossMatch(left, right, { radius: 900, engine: 'tree' })).pairs)
  }
})

test('matches that go on side by side in one thread do not disturb one another', async () => {
  const skies = [1, 2, 3].map((seed) => uniformSky(50_000, seed))
  const alone = []
  for (const sky of skies) alone.push(await internalMatch(sky, { radius: 300 }))
  expect(await Promise.all(skies.map((sky) => internalMatch(sky, { radius: 300 })))).toEqual(alone)
})

test('a long match can be called off, and reports its progress', async () => {
  const next = numbers(5)
  const points = Array.from({ length: 20_000 }, () => [10 + next() * 0.01, next() * 40] as const)
  const catalog = positions(points)
  const controller = new AbortController()
  const seen: number[] = []
  const match = crossMatch(catalog, catalog, {
    radius: 3600,
    engine: 'tree',
    maxPairs: 1e9,
    signal: controller.signal,
    onProgress: (fraction) => {
      seen.push(fraction)
      controller.abort()
    },
  })
  await expect(match).rejects.toThrow('aborted')
  expect(seen).toHaveLength(1)
  expect(seen[0]).toBeLessThan(1)
})

test.each([
  [{ radius: 0 }, 'bad_radius'],
  [{ radius: Number.NaN }, 'bad_radius'],
  [{ radius: 648_001 }, 'bad_radius'],
  [{ radius: 1, find: 'nearest', neighbours: 0 }, 'bad_request'],
  [{ radius: 1, rank: new Uint32Array(3) }, 'bad_request'],
] as const)('refuses %j', async (options, code) => {
  const sky = uniformSky(10, 1)
  await expect(crossMatch(sky, sky, options)).rejects.toMatchObject({ code })
})

test('empty catalogs, and catalogs that share no declination, have no pairs', async () => {
  const none = positions([])
  const north = positions([[1, 80]])
  const south = positions([[1, -80]])
  for (const [a, b] of [
    [none, none],
    [none, north],
    [north, none],
    [north, south],
  ] as const) {
    const { pairs } = await crossMatch(a, b, { radius: 5 })
    expect(pairs.left).toHaveLength(0)
    expect(pairs.offsets).toHaveLength(a.ra.length + 1)
  }
})
