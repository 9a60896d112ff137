import { createHash } from 'node:crypto'
import type { Components } from '../../sky/components.ts'
import type { Texts } from '../../tables/texts.ts'

/** Values of `tie_result`. */
export const TIE = { loser: 0, winner: 1, tied: 2, star: 3 } as const

/** What ties are resolved from; one entry per row. */
export interface TieRows {
  readonly ids: Texts
  /** NaN: no redshift. */
  readonly z: Float64Array
  readonly isStar: Uint8Array
  /** The results that rows without duplicates keep. */
  readonly priorTieResult: Int8Array
  /** For each priority, the most important first, a score: higher is better, -Infinity where there is no value. */
  readonly scores: readonly Float64Array[]
  readonly groups: Components
}

/**
 * `tie_result` of each row (section 1.7 of the reference): 3 for stars; what it came with for a row without duplicates; in
 * a group of duplicates 1 for the winner and 0 for the others, or 2 for several equally good rows.
 * @param deltaZ redshifts whose consecutive differences are at most this are one measurement; 0: none are
 */
export function resolveTies(rows: TieRows, deltaZ: number): Int8Array {
  const { isStar, priorTieResult, groups } = rows
  const result = new Int8Array(isStar.length)
  const members: (number[] | undefined)[] = new Array(groups.size.length).fill(undefined)
  for (let row = 0; row < result.length; row++) {
    const group = groups.group[row]!
    if (isStar[row]) result[row] = TIE.star
    else if (groups.size[group] === 1) result[row] = priorTieResult[row]!
    else if (members[group]) members[group].push(row)
    else members[group] = [row]
  }
  for (const group of members) {
    if (!group) continue
    const survivors = collapse(best(group, rows.scores), rows, deltaZ)
    for (const row of survivors) result[row] = survivors.length === 1 ? TIE.winner : TIE.tied
  }
  return result
}

/** The rows with the best score by the first priority, of these the best by the second, and so on. */
function best(group: readonly number[], scores: readonly Float64Array[]): readonly number[] {
  let survivors = group
  for (const score of scores) {
    let most = Number.NEGATIVE_INFINITY
    for (const row of survivors) if (score[row]! > most) most = score[row]!
    survivors = survivors.filter((row) => score[row] === most)
  }
  return survivors
}

/**
 * Takes rows with (nearly) equal redshifts as one measurement: sorted by redshift and cut where consecutive ones differ by
 * more than the threshold, each chain keeps the row with the first id in text order. Rows without a redshift stay.
 */
function collapse(survivors: readonly number[], { z, ids }: TieRows, deltaZ: number): readonly number[] {
  if (deltaZ <= 0 || survivors.length < 2) return survivors
  const measured = survivors.filter((row) => !Number.isNaN(z[row]!)).sort((a, b) => z[a]! - z[b]! || ids.compare(a, b))
  const kept = survivors.filter((row) => Number.isNaN(z[row]!))
  let first: number | null = null
  for (const [i, row] of measured.entries()) {
    if (first !== null && z[row]! - z[measured[i - 1]!]! > deltaZ) {
      kept.push(first)
      first = null
    }
    if (first === null || ids.compare(row, first) < 0) first = row
  }
  if (first !== null) kept.push(first)
  return kept
}

/**
 * Draws one row of each hard tie, in place: it becomes the winner, the others of its group losers. The draw is uniform and
 * depends on nothing but the seed and the ids: the row whose SHA-256 of `seed:id` is smallest.
 * @returns how many ties were drawn
 */
export function drawTies(tieResult: Int8Array, groupId: BigInt64Array, ids: Texts, seed: number): number {
  const tied = new Map<bigint, number[]>()
  const won = new Set<bigint>()
  for (let row = 0; row < tieResult.length; row++) {
    const group = groupId[row]!
    if (tieResult[row] === TIE.winner) won.add(group)
    if (tieResult[row] !== TIE.tied) continue
    if (tied.has(group)) tied.get(group)!.push(row)
    else tied.set(group, [row])
  }
  let drawn = 0
  for (const [group, rows] of tied) {
    if (won.has(group)) continue
    const lots = rows.map((row) =>
      createHash('sha256')
        .update(`${seed}:${ids.at(row)}`)
        .digest('hex'),
    )
    const smallest = lots.reduce((best, lot, i) => (lot < lots[best]! ? i : best), 0)
    for (const [i, row] of rows.entries()) tieResult[row] = i === smallest ? TIE.winner : TIE.loser
    drawn++
  }
  return drawn
}

/**
 * Scores of a priority: higher is better; rows without a value have -Infinity.
 * @param better whether high or low values win
 */
export const scoresOf = (values: Float64Array, better: 'higher' | 'lower'): Float64Array =>
  values.map((value) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : better === 'higher' ? value : -value))
