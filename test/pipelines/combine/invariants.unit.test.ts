/** The invariants of section 4.4 of the reference, for any small sky. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { combine } from '../../../src/pipelines/combine/combine.ts'
import type { PairFinder } from '../../../src/pipelines/combine/neighbours.ts'
import { readParameters } from '../../../src/pipelines/combine/parameters.ts'
import { readDefaultRules } from '../../../src/pipelines/combine/rules/rules-file.ts'
import { separation } from '../../../src/sky/coordinates.ts'
import { catalog, rowsOf } from './catalogs.ts'

const second = 1 / 3600
const DELTA_Z = 0.001

/** Rows on a patch of a few arcsec at one of some awkward places, so that many are neighbours. */
const places = [
  [0, 0],
  [359.99999, 45],
  [120, 89.9999],
  [200, -90],
] as const
const row = fc.record({
  place: fc.nat(places.length - 1),
  east: fc.integer({ min: 0, max: 8 }),
  north: fc.integer({ min: 0, max: 8 }),
  z: fc.option(fc.integer({ min: 0, max: 6 }).map((n) => n * 0.0007)),
  flag: fc.option(fc.constantFrom(0, 1, 2, 3, 4, 6)),
  type: fc.option(fc.constantFrom('s', 'g', 'p')),
  prior: fc.constantFrom(1, 1, 0, 2, 3),
})
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never

function sky(name: string, rows: readonly Row[]) {
  const position = ({ place, east, north }: Row): [number, number] => {
    const [ra, dec] = places[place]!
    const up = dec + north * 0.2 * second
    const right = ra + (east * 0.2 * second) / Math.max(Math.cos(up / 57.29577951308232), 1e-9)
    return [((right % 360) + 360) % 360, Math.min(90, Math.max(-90, up))]
  }
  const at = rows.map(position)
  return catalog(name, {
    CRD_ID: rows.map((_, i) => `old${i}`),
    source: rows.map(() => 'old'),
    ra: at.map(([ra]) => ra),
    dec: at.map(([, dec]) => dec),
    z: rows.map((r) => r.z),
    z_flag_homogenized: [...rows.map((r) => r.flag)],
    instrument_type_homogenized: [...rows.map((r) => r.type)],
    tie_result: rows.map((r) => r.prior),
  })
}

/** Compares every row with every other. */
const bruteForce: PairFinder = (ra, dec, radius) => {
  const pairs: [number, number][] = []
  for (let i = 0; i < ra.length; i++)
    for (let j = i + 1; j < ra.length; j++)
      if (separation(ra[i]!, dec[i]!, ra[j]!, dec[j]!) < radius) pairs.push([i, j])
  return { left: Uint32Array.from(pairs, ([i]) => i), right: Uint32Array.from(pairs, ([, j]) => j) }
}

/** At least one row has a flag and one a type, or the run is refused. */
const anchor: Row = { place: 0, east: 0, north: 0, z: 0.5, flag: 3, type: 's', prior: 1 }
const catalogs = fc.array(fc.array(row, { maxLength: 14 }), { minLength: 1, maxLength: 3 })

async function marked(skies: readonly Row[][], options: { pairs?: PairFinder }) {
  const inputs = skies.map((rows, i) => sky(`${i + 8}_sky`, [...rows, anchor]))
  const parameters = readParameters({
    combine_type: 'concatenate_and_mark_duplicates',
    z_flag_homogenized_value_to_cut: null,
    delta_z_threshold: DELTA_Z,
  })
  const { table } = await combine(inputs, parameters, readDefaultRules(), options)
  return rowsOf(table).map((r, i) => ({
    id: r.CRD_ID as string,
    ra: r.ra as number,
    dec: r.dec as number,
    z: (r.z ?? null) as number | null,
    flag: (r.z_flag_homogenized ?? null) as number | null,
    type: { s: 3, g: 2, p: 1 }[(r.instrument_type_homogenized as string) ?? ''] ?? 0,
    tie: r.tie_result as number,
    neighbours: r.compared_to ? (r.compared_to as string).split(', ') : [],
    group: r.group_id as bigint,
    prior: skies.flatMap((rows) => [...rows, anchor])[i]!.prior,
  }))
}

const byFlagThenType = (a: { flag: number | null; type: number }, b: { flag: number | null; type: number }) =>
  (a.flag ?? -1) - (b.flag ?? -1) || a.type - b.type

describe('marked catalogs', () => {
  it('keep the invariants of the reference', async () => {
    await fc.assert(
      fc.asyncProperty(catalogs, async (skies) => {
        const rows = await marked(skies, {})
        const byId = new Map(rows.map((r) => [r.id, r]))
        expect(rows).toHaveLength(skies.reduce((sum, { length }) => sum + length + 1, 0)) // I1
        for (const r of rows) {
          const others = r.neighbours.map((id) => byId.get(id)!)
          expect(others).not.toContain(undefined) // I10
          expect([...r.neighbours].sort()).toEqual(r.neighbours)
          for (const other of others) expect(other.neighbours).toContain(r.id) // I2, I10
          const close = rows.filter((o) => o !== r && separation(r.ra, r.dec, o.ra, o.dec) < 0.5).map(({ id }) => id)
          expect(close.sort()).toEqual(r.neighbours) // I10
          if (r.flag === 6)
            expect(r.tie).toBe(3) // I3, I9
          else if (others.every(({ flag }) => flag === 6))
            expect(r.tie).toBe(r.prior) // I4, I9
          else expect([0, 1, 2]).toContain(r.tie) // I3
        }
        const galaxies = rows.filter(
          ({ flag, neighbours }) => flag !== 6 && neighbours.some((id) => byId.get(id)!.flag !== 6),
        )
        const groups = new Map<bigint, typeof rows>()
        for (const r of galaxies) groups.set(r.group, [...(groups.get(r.group) ?? []), r])
        for (const members of groups.values()) {
          // I5, I6, I7
          const survivors = members.filter(({ tie }) => tie !== 0)
          const best = members.reduce((a, b) => (byFlagThenType(a, b) >= 0 ? a : b))
          expect(members.length).toBeGreaterThan(1) // I8
          expect(survivors.length).toBeGreaterThan(0)
          for (const r of survivors) expect(byFlagThenType(r, best)).toBe(0)
          expect(new Set(survivors.map(({ tie }) => tie))).toEqual(new Set([survivors.length === 1 ? 1 : 2]))
          const redshifts = survivors.flatMap(({ z }) => z ?? []).sort((a, b) => a - b)
          for (let i = 1; i < redshifts.length; i++) expect(redshifts[i]! - redshifts[i - 1]!).toBeGreaterThan(DELTA_Z)
          // A best row that lost is within reach of a survivor, through a chain of best rows.
          const chain = members.filter((r) => byFlagThenType(r, best) === 0 && r.z !== null).sort((a, b) => a.z! - b.z!)
          let kept = 0
          for (const [i, r] of chain.entries()) {
            if (i > 0 && r.z! - chain[i - 1]!.z! > DELTA_Z) {
              expect(kept).toBe(1)
              kept = 0
            }
            if (r.tie !== 0) kept++
          }
          if (chain.length > 0) expect(kept).toBe(1)
        }
        // Groups are numbered from 1 without gaps.
        const numbers = rows.map(({ group }) => Number(group))
        expect(new Set(numbers).size).toBe(Math.max(...numbers))
      }),
      { numRuns: 60, seed: 11 },
    )
  })

  it('do not depend on how neighbours are found', async () => {
    await fc.assert(
      fc.asyncProperty(catalogs, async (skies) => {
        expect(await marked(skies, { pairs: bruteForce })).toEqual(await marked(skies, {}))
      }),
      { numRuns: 40, seed: 12 },
    )
  })
})
