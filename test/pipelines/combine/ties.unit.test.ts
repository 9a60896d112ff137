import { describe, expect, it } from 'vitest'
import { drawTies, resolveTies } from '../../../src/pipelines/combine/ties.ts'
import { connectedComponents } from '../../../src/sky/components.ts'
import { Texts } from '../../../src/tables/texts.ts'
import vectors from './fixtures/tie-vectors.json' with { type: 'json' }
import { resolveVector, type TieVector } from './tie-vectors.ts'

/** A vector of the fixture, written out. */
function vectorOf({ deltaZ, rows }: (typeof vectors)[number]): TieVector {
  const written = rows as [string, number, number | null, number | null, string | null, string, number, string][]
  return {
    delta_z_threshold: deltaZ,
    rows: written.map(([CRD_ID, prior, z, flag, type, neighbours]) => ({
      CRD_ID,
      prior_tie_result: prior,
      z,
      z_flag_homogenized: flag,
      instrument_type_homogenized: type,
      neighbours: neighbours === '' ? [] : neighbours.split(' '),
    })),
    expected: Object.fromEntries(written.map((row) => [row[0], row[6]])),
    group_of: Object.fromEntries(written.map((row) => [row[0], row[7]])),
  }
}

/** One group of rows that differ in redshift alone. */
function oneGroup(ids: string[], z: (number | null)[], deltaZ: number): number[] {
  const count = ids.length
  const links = { left: new Uint32Array(count - 1), right: Uint32Array.from({ length: count - 1 }, (_, i) => i + 1) }
  const rows = {
    ids: Texts.of(ids),
    z: Float64Array.from(z, (value) => value ?? Number.NaN),
    isStar: new Uint8Array(count),
    priorTieResult: new Int8Array(count).fill(1),
    scores: [],
    groups: connectedComponents(count, links),
  }
  return [...resolveTies(rows, deltaZ)]
}

describe('tie resolution', () => {
  it.each(vectors.map((vector, i) => [i * 5, vectorOf(vector)] as const))(
    'agrees with the reference on vector %i',
    (_, vector) => {
      const { tieResult, groupOf } = resolveVector(vector)
      expect(tieResult).toEqual(vector.expected)
      for (const [id, first] of Object.entries(groupOf)) expect(vector.group_of[id]).toBe(first)
    },
  )

  it('lets the first id in text order win among equal measurements', () => {
    expect(oneGroup(['CRD001_2', 'CRD001_10'], [0.5, 0.5], 0.001)).toEqual([0, 1])
  })
  it('chains measurements whose neighbours are close, even when its ends are not', () => {
    expect(oneGroup(['CRD1_1', 'CRD1_2', 'CRD1_3'], [0.5, 0.5009, 0.5018], 0.001)).toEqual([1, 0, 0])
  })
  it('joins at exactly the threshold and parts beyond it', () => {
    expect(oneGroup(['CRD1_1', 'CRD1_2'], [1, 1.5], 0.5)).toEqual([1, 0])
    expect(oneGroup(['CRD1_1', 'CRD1_2'], [1, 1.5], 0.49)).toEqual([2, 2])
  })
  it('keeps a row without a redshift beside one with', () => {
    expect(oneGroup(['CRD1_1', 'CRD1_2', 'CRD1_3'], [null, 0.5, 0.5], 0.001)).toEqual([2, 2, 0])
  })
  it('ties equal rows when the threshold is 0', () => {
    expect(oneGroup(['CRD1_1', 'CRD1_2'], [0.5, 0.5], 0)).toEqual([2, 2])
  })
})

describe('drawing ties', () => {
  const ids = Array.from({ length: 3_000 }, (_, i) => `CRD7_${i + 1}`)
  const threes = BigInt64Array.from(ids, (_, i) => BigInt(Math.floor(i / 3)))
  const draw = (seed: number) => {
    const results = new Int8Array(ids.length).fill(2)
    const drawn = drawTies(results, threes, Texts.of(ids), seed)
    return { results, drawn }
  }

  it('draws one row of each tie, the same for the same seed', () => {
    const { results, drawn } = draw(1)
    expect(drawn).toBe(1_000)
    for (let i = 0; i < ids.length; i += 3) expect([...results.subarray(i, i + 3)].sort()).toEqual([0, 0, 1])
    expect(draw(1).results).toEqual(results)
    expect(draw(2).results).not.toEqual(results)
  })
  it('gives every row the same chance', () => {
    const { results } = draw(3)
    const wins = [0, 1, 2].map((place) => results.filter((result, i) => i % 3 === place && result === 1).length)
    for (const count of wins) expect(Math.abs(count - 1_000 / 3)).toBeLessThan(75) // 5 sigma
  })
  it('does not depend on the order of the rows', () => {
    const results = new Int8Array(3).fill(2)
    const other = new Int8Array(3).fill(2)
    drawTies(results, new BigInt64Array(3), Texts.of(['a', 'b', 'c']), 5)
    drawTies(other, new BigInt64Array(3), Texts.of(['c', 'b', 'a']), 5)
    expect([...other].reverse()).toEqual([...results])
  })
  it('leaves a group that has a winner alone', () => {
    const results = Int8Array.from([1, 2, 2])
    expect(drawTies(results, new BigInt64Array(3), Texts.of(['a', 'b', 'c']), 5)).toBe(0)
    expect([...results]).toEqual([1, 2, 2])
  })
})
