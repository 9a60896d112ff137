import fc from 'fast-check'
import { expect, test } from 'vitest'
import { connectedComponents } from '../../src/sky/components.ts'
import { crossMatch } from '../../src/sky/match.ts'
import { rankOfIds } from '../../src/sky/pairs.ts'
import { sortByKey } from '../../src/sky/sorting.ts'
import { bruteForce, field, pointsOf, positions, type Triple, triples } from './skies.ts'

const twoCatalogs = field.chain((f) => fc.tuple(fc.constant(f.radius), pointsOf(f), pointsOf(f)))

test('best: the closest pair first, each row once', async () => {
  await fc.assert(
    fc.asyncProperty(twoCatalogs, async ([radius, a, b]) => {
      const left = positions(a)
      const right = positions(b)
      const byClosest = bruteForce(left, right, radius).sort((p, q) => p[2] - q[2] || p[0] - q[0] || p[1] - q[1])
      const takenLeft = new Set<number>()
      const takenRight = new Set<number>()
      const expected: Triple[] = []
      for (const pair of byClosest) {
        if (takenLeft.has(pair[0]) || takenRight.has(pair[1])) continue
        takenLeft.add(pair[0])
        takenRight.add(pair[1])
        expected.push(pair)
      }
      const { pairs } = await crossMatch(left, right, { radius, find: 'best' })
      expect(triples(pairs)).toEqual(expected.sort((p, q) => p[0] - q[0]))
    }),
    { numRuns: 200 },
  )
})

test('best: a row whose nearest is taken gets the next', async () => {
  const left = positions([
    [10, 0],
    [10, 0.0002],
  ])
  const right = positions([
    [10, 0.00001],
    [10, -0.0001],
  ])
  const { pairs } = await crossMatch(left, right, { radius: 2, find: 'best' })
  expect(triples(pairs).map(([l, r]) => [l, r])).toEqual([
    [0, 0],
    [1, 1],
  ])
})

test('nearest of right: each right row keeps its nearest left row', async () => {
  await fc.assert(
    fc.asyncProperty(twoCatalogs, async ([radius, a, b]) => {
      const left = positions(a)
      const right = positions(b)
      const { pairs } = await crossMatch(left, right, { radius, find: 'nearest_of_right' })
      const back = await crossMatch(right, left, { radius, find: 'nearest' })
      const turned = triples(back.pairs).map(([r, l, s]) => [l, r, s] as const)
      expect(triples(pairs)).toEqual(turned.sort((p, q) => p[0] - q[0] || p[2] - q[2] || p[1] - q[1]))
    }),
    { numRuns: 100 },
  )
})

test('connected components: friends of friends are one group, numbered by first row', () => {
  const links = { left: Uint32Array.of(6, 1, 3), right: Uint32Array.of(2, 4, 4) }
  expect(connectedComponents(7, links)).toEqual({
    group: Uint32Array.of(0, 1, 2, 1, 1, 3, 2),
    size: Uint32Array.of(1, 3, 2, 1),
  })
})

test('connected components: two rows share a group exactly when a path of links joins them', () => {
  const graph = fc
    .integer({ min: 1, max: 30 })
    .chain((n) => fc.tuple(fc.constant(n), fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1)), { maxLength: 40 })))
  fc.assert(
    fc.property(graph, ([rows, links]) => {
      const { group, size } = connectedComponents(rows, {
        left: Uint32Array.from(links, (l) => l[0]),
        right: Uint32Array.from(links, (l) => l[1]),
      })
      // Spread the smallest row along the links until nothing changes.
      const smallest = Array.from({ length: rows }, (_, i) => i)
      for (let changed = true; changed; ) {
        changed = false
        for (const [a, b] of links) {
          const least = Math.min(smallest[a]!, smallest[b]!)
          changed ||= smallest[a] !== least || smallest[b] !== least
          smallest[a] = smallest[b] = least
        }
      }
      const firsts = [...new Set(smallest)].sort((a, b) => a - b)
      expect([...group]).toEqual(smallest.map((row) => firsts.indexOf(row)))
      expect([...size]).toEqual(firsts.map((first) => smallest.filter((row) => row === first).length))
    }),
  )
})

test('ranks of ids order numbers, texts and 64-bit integers', () => {
  expect([...rankOfIds(['b', 'a', 'c'])]).toEqual([1, 0, 2])
  expect([...rankOfIds(Float64Array.of(10, 9, 9))]).toEqual([2, 0, 1])
  expect([...rankOfIds(BigInt64Array.of(9007199254740993n, 9007199254740992n))]).toEqual([1, 0])
})

test('rows sort by key, then by rank', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 100 }), fc.boolean(), (keys, ranked) => {
      const rank = ranked ? Uint32Array.from(keys, (_, i) => keys.length - i) : null
      const rows = {
        key: Float64Array.from(keys),
        row: Uint32Array.from(keys, (_, i) => i),
      }
      sortByKey(rows, 0, keys.length, rank)
      const place = (i: number) => (rank === null ? i : rank[i]!)
      const expected = keys.map((key, i) => ({ key, i })).sort((a, b) => a.key - b.key || place(a.i) - place(b.i))
      expect([...rows.row]).toEqual(expected.map((e) => e.i))
      expect([...rows.key]).toEqual(expected.map((e) => e.key))
    }),
  )
})
