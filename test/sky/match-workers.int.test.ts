import { afterAll, expect, test } from 'vitest'
import { TooManyPairs } from '../../src/sky/errors.ts'
import { crossMatch, internalMatch } from '../../src/sky/match.ts'
import { MatchWorkers } from '../../src/sky/match-workers.ts'
import { rankOfIds } from '../../src/sky/pairs.ts'
import { uniformSky } from './skies.ts'

const workers = new MatchWorkers(2)
afterAll(() => workers.close())

const left = uniformSky(250_000, 1)
const right = uniformSky(250_000, 2)

test.each([200, 600])('two threads find the same pairs in the same order within %d arcsec', async (radius) => {
  const one = await crossMatch(left, right, { radius })
  const two = await crossMatch(left, right, { radius, workers })
  expect(one.workers).toBe(1)
  expect(two.workers).toBe(2)
  expect(one.pairs.left.length).toBeGreaterThan(10_000)
  for (const column of ['left', 'right', 'separation', 'offsets'] as const) {
    expect(Buffer.compare(bytes(one.pairs[column]), bytes(two.pairs[column]))).toBe(0)
  }
})

test('internal and nearest matches, and ranks, are the same in threads', async () => {
  const big = uniformSky(450_000, 3)
  const options = { radius: 100 }
  const inside = await internalMatch(big, { ...options, workers })
  expect(inside.workers).toBe(2)
  expect(sums((await internalMatch(big, options)).pairs)).toEqual(sums(inside.pairs))
  const rank = rankOfIds(Float64Array.from(right.ra, (_, row) => -row))
  const nearest = { ...options, find: 'nearest', neighbours: 2, rank } as const
  const alone = await crossMatch(left, right, nearest)
  expect(sums((await crossMatch(left, right, { ...nearest, workers })).pairs)).toEqual(sums(alone.pairs))
})

test('too many pairs in threads are the same error, and the threads go on', async () => {
  await expect(crossMatch(left, right, { radius: 200, workers, maxPairs: 1000 })).rejects.toThrow(TooManyPairs)
  // No single thread is past the limit here, both together are.
  const all = (await crossMatch(left, right, { radius: 200 })).pairs.left.length
  await expect(crossMatch(left, right, { radius: 200, workers, maxPairs: all - 1 })).rejects.toThrow(TooManyPairs)
  expect((await crossMatch(left, right, { radius: 200, workers, maxPairs: all })).pairs.left).toHaveLength(all)
})

test('a match in threads can be called off', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const match = crossMatch(left, right, { radius: 600, workers, signal: controller.signal })
  setTimeout(() => controller.abort(reason), 5)
  await expect(match).rejects.toBe(reason)
  expect((await crossMatch(left, right, { radius: 1, workers })).workers).toBe(2)
})

test('matches that are asked for at once take turns', async () => {
  const radii = [5, 10, 15]
  const together = await Promise.all(radii.map((radius) => crossMatch(left, right, { radius, workers })))
  for (const [i, radius] of radii.entries()) {
    expect(together[i]!.pairs.left).toHaveLength((await crossMatch(left, right, { radius })).pairs.left.length)
  }
})

test('closed threads say so', async () => {
  const closed = new MatchWorkers(2)
  await closed.close()
  await expect(crossMatch(left, right, { radius: 1, workers: closed })).rejects.toMatchObject({ code: 'no_workers' })
})

function bytes(column: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
}

function sums(pairs: { left: Uint32Array; right: Uint32Array; separation: Float64Array }): number[] {
  let [a, b] = [0, 0]
  for (let k = 0; k < pairs.left.length; k++) {
    a += (k + 1) * pairs.right[k]! + pairs.left[k]!
    b += (k + 1) * pairs.separation[k]!
  }
  return [pairs.left.length, a, b]
}
