import { duplicateGroups, groupIds } from '../../../src/pipelines/combine/groups.ts'
import { neighboursOf } from '../../../src/pipelines/combine/neighbours.ts'
import { resolveTies, scoresOf } from '../../../src/pipelines/combine/ties.ts'
import { Texts } from '../../../src/tables/texts.ts'

/** A small graph of duplicates, and what the reference makes of it. */
export interface TieVector {
  readonly delta_z_threshold: number
  readonly rows: readonly {
    readonly CRD_ID: string
    readonly prior_tie_result: number
    readonly z: number | null
    readonly z_flag_homogenized: number | null
    readonly instrument_type_homogenized: string | null
    readonly neighbours: readonly string[]
  }[]
  readonly expected: Readonly<Record<string, number>>
  readonly group_of: Readonly<Record<string, string>>
}

/** What we make of it. `groupOf` leaves out stars that lie beside several groups. */
export function resolveVector({ rows, delta_z_threshold }: TieVector): {
  tieResult: Record<string, number>
  groupOf: Record<string, string>
} {
  const ids = rows.map((row) => row.CRD_ID)
  const pairs = rows.flatMap((row, left) =>
    row.neighbours.map((id) => [left, ids.indexOf(id)] as const).filter(([, right]) => left < right),
  )
  const links = {
    left: Uint32Array.from(pairs, ([left]) => left),
    right: Uint32Array.from(pairs, ([, right]) => right),
  }
  const numbers = (values: readonly (number | null)[]) => Float64Array.from(values, (value) => value ?? Number.NaN)
  const isStar = Uint8Array.from(rows, (row) => (row.z_flag_homogenized === 6 ? 1 : 0))
  const groups = duplicateGroups(rows.length, links, isStar)
  const types = rows.map((row) => ({ s: 3, g: 2, p: 1 })[row.instrument_type_homogenized ?? ''] ?? 0)
  const tieResult = resolveTies(
    {
      ids: Texts.of(ids),
      z: numbers(rows.map((row) => row.z)),
      isStar,
      priorTieResult: Int8Array.from(rows, (row) => row.prior_tie_result),
      scores: [
        scoresOf(numbers(rows.map((row) => row.z_flag_homogenized)), 'higher'),
        scoresOf(numbers(types), 'higher'),
      ],
      groups,
    },
    delta_z_threshold,
  )
  const neighbours = neighboursOf(rows.length, links)
  const labels = groupIds(groups, neighbours, isStar)
  const groupOf: Record<string, string> = {}
  for (const [row, id] of ids.entries()) {
    const beside = new Set(rows[row]!.neighbours.map((other) => groups.group[ids.indexOf(other)]))
    if (isStar[row] && beside.size > 1) continue
    groupOf[id] = ids.filter((_, other) => labels[other] === labels[row]).sort()[0]!
  }
  return { tieResult: Object.fromEntries(ids.map((id, row) => [id, tieResult[row]!])), groupOf }
}
