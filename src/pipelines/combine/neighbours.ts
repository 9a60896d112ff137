import { internalMatch } from '../../sky/match.ts'
import { positionsOf } from '../../sky/positions.ts'

/** Pairs of rows, each once. */
export interface Pairs {
  readonly left: Uint32Array
  readonly right: Uint32Array
}

/** Finds all pairs of rows closer than a radius (arcsec, strictly). Positions in degrees. */
export type PairFinder = (
  ra: Float64Array,
  dec: Float64Array,
  radiusArcsec: number,
  control: { readonly signal?: AbortSignal; readonly onProgress?: (fraction: number) => void },
) => Pairs | Promise<Pairs>

/** The pairs as `src/sky` finds them: exact at the poles and across RA 0/360. @throws TooManyPairs */
export const skyPairs: PairFinder = async (ra, dec, radius, control) =>
  (await internalMatch(positionsOf(ra, dec), { radius, ...control })).pairs

/** The neighbours of each row: those of row i are `rows[offsets[i]]` up to `rows[offsets[i + 1]]`. */
export interface Neighbours {
  readonly offsets: Uint32Array
  readonly rows: Uint32Array
}

/** The neighbours that pairs make, both ways. */
export function neighboursOf(rowCount: number, { left, right }: Pairs): Neighbours {
  const offsets = new Uint32Array(rowCount + 1)
  for (let k = 0; k < left.length; k++) {
    offsets[left[k]! + 1]!++
    offsets[right[k]! + 1]!++
  }
  for (let row = 0; row < rowCount; row++) offsets[row + 1]! += offsets[row]!
  const next = offsets.slice()
  const rows = new Uint32Array(left.length * 2)
  for (let k = 0; k < left.length; k++) {
    rows[next[left[k]!]!++] = right[k]!
    rows[next[right[k]!]!++] = left[k]!
  }
  return { offsets, rows }
}

/** `compared_to`: the ids of each row's direct neighbours in text order, joined by ", "; null without any. */
export function comparedTo(neighbours: Neighbours, ids: readonly string[]): (string | null)[] {
  const sorted = inTextOrder(neighbours, ids)
  const { offsets } = neighbours
  const lists: (string | null)[] = new Array(ids.length).fill(null)
  for (let row = 0; row < ids.length; row++) {
    const from = offsets[row]!
    const to = offsets[row + 1]!
    if (from === to) continue
    const list: string[] = new Array(to - from)
    for (let k = from; k < to; k++) list[k - from] = ids[sorted[k]!]!
    lists[row] = list.join(', ')
  }
  return lists
}

/** The rows of `neighbours`, each row's in the order of their ids: made by handing out the rows in that order. */
function inTextOrder({ offsets, rows }: Neighbours, ids: readonly string[]): Uint32Array {
  const order = Uint32Array.from(ids.keys()).filter((row) => offsets[row] !== offsets[row + 1])
  order.sort((a, b) => (ids[a]! < ids[b]! ? -1 : 1))
  const next = offsets.slice()
  const sorted = new Uint32Array(rows.length)
  for (const row of order) for (let k = offsets[row]!; k < offsets[row + 1]!; k++) sorted[next[rows[k]!]!++] = row
  return sorted
}
