import { expect, test } from 'vitest'
import { chooseEngine } from '../../src/sky/choice.ts'
import { crossMatch } from '../../src/sky/match.ts'
import { positionsOf } from '../../src/sky/positions.ts'
import { SkyIndex } from '../../src/sky/sky-index.ts'
import { bruteForce, positions, uniformSky } from './skies.ts'

test.each([0, 1, 500, 70_000])('an index of %d rows, kept and loaded, answers the same cones', (rows) => {
  const sky = uniformSky(rows, 2)
  const built = SkyIndex.build(sky)
  const loaded = SkyIndex.load(new Uint8Array(built.buffer))
  expect(loaded.rows).toBe(rows)
  for (const [ra, dec] of [
    [0, 0],
    [359.99, 60],
    [12, 90],
    [200, -89.5],
  ] as const) {
    const expected = bruteForce(positions([[ra, dec]]), sky, 7200)
    for (const index of [built, loaded]) {
      const cone = index.cone(ra, dec, 7200)
      expect([...cone.rows]).toEqual(expected.map((p) => p[1]))
      expect([...cone.separation]).toEqual(expected.map((p) => p[2]))
      expect([...index.cone(ra, dec, 7200, 2).rows]).toEqual(expected.slice(0, 2).map((p) => p[1]))
    }
  }
})

test('rows without a position keep their numbers', () => {
  const sky = positionsOf(Float64Array.of(Number.NaN, 5, 5), Float64Array.of(1, Number.NaN, 6))
  const index = SkyIndex.load(new Uint8Array(SkyIndex.build(sky).buffer))
  expect(index.rows).toBe(3)
  expect([...index.cone(5, 6, 1).rows]).toEqual([2])
  expect(index.positions.ra).toEqual(Float64Array.of(Number.NaN, Number.NaN, 5))
})

test('an index can lie anywhere in a larger buffer', () => {
  const bytes = new Uint8Array(SkyIndex.build(uniformSky(10, 1)).buffer)
  const shifted = new Uint8Array(bytes.length + 3)
  shifted.set(bytes, 3)
  expect(SkyIndex.load(shifted.subarray(3)).rows).toBe(10)
})

test('bytes that are not an index are refused', () => {
  const bytes = new Uint8Array(SkyIndex.build(uniformSky(100, 1)).buffer)
  expect(() => SkyIndex.load(bytes.subarray(0, 8))).toThrow('cut off')
  expect(() => SkyIndex.load(bytes.subarray(0, bytes.length - 8))).toThrow('does not fit 100 rows')
  expect(() => SkyIndex.load(new Uint8Array(64))).toThrow('not a sky index')
  const contradiction = bytes.slice()
  new DataView(contradiction.buffer).setUint32(16 + 4, 99, true)
  expect(() => SkyIndex.load(contradiction)).toThrow('contradicts itself')
})

test('a cone needs a position and a radius', () => {
  const index = SkyIndex.build(uniformSky(10, 1))
  expect(() => index.cone(360, 0, 1)).toThrow('not a position')
  expect(() => index.cone(0, 0, 0)).toThrow('The radius must be above 0 arcsec')
})

test('few rows use an index that exists; the answer is the same', async () => {
  const right = uniformSky(20_000, 3)
  const left = uniformSky(100, 4)
  const index = SkyIndex.build(right)
  const byTree = await crossMatch(left, right, { radius: 3600, index })
  const byZones = await crossMatch(left, right, { radius: 3600 })
  expect(byTree).toMatchObject({
    engine: 'tree',
    workers: 1,
    reason: 'few rows against a catalog with an index; 100 x 20,000 rows',
  })
  expect(byZones).toMatchObject({ engine: 'zones', workers: 1, reason: 'bulk join; 100 x 20,000 rows' })
  expect(byTree.pairs).toEqual(byZones.pairs)
  await expect(crossMatch(right, left, { radius: 1, index })).rejects.toMatchObject({ code: 'bad_index' })
})

test.each([
  [
    { leftRows: 10, rightRows: 1e6, indexed: true, workers: 2 },
    { engine: 'tree', workers: 1 },
  ],
  [
    { leftRows: 10, rightRows: 1e6, indexed: false, workers: 1 },
    { engine: 'zones', workers: 1 },
  ],
  [
    { leftRows: 1e6, rightRows: 1e6, indexed: true, workers: 2 },
    { engine: 'zones', workers: 2 },
  ],
  [
    { leftRows: 1e4, rightRows: 1e4, indexed: false, workers: 2 },
    { engine: 'zones', workers: 1 },
  ],
  [
    { leftRows: 10, rightRows: 10, indexed: false, workers: 2, engine: 'tree' },
    { engine: 'tree', workers: 1 },
  ],
] as const)('the choice for %j', (match, expected) => {
  expect(chooseEngine(match)).toMatchObject(expected)
})
