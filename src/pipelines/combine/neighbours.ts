import { internalMatch } from '../../sky/match.ts'
import { positionsOf } from '../../sky/positions.ts'
import { Texts } from '../../tables/texts.ts'

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

const COMMA = Buffer.from(', ')

/** `compared_to`: the ids of each row's direct neighbours in text order, joined by ", "; null without any. */
export function comparedTo(neighbours: Neighbours, ids: Texts): Texts {
  const sorted = inTextOrder(neighbours, ids)
  const { offsets } = neighbours
  return Texts.printed(ids.length, (row, buffer) => {
    for (let k = offsets[row]!; k < offsets[row + 1]!; k++) {
      if (k > offsets[row]!) buffer.utf8(COMMA, 0, COMMA.length)
      ids.print(sorted[k]!, buffer)
    }
  }).withoutEmpty()
}

/**
 * The rows of `neighbours`, each row's in the order of their ids: made by handing out the rows in that order. Rows that are
 * nobody's neighbour but alone need no order.
 */
function inTextOrder({ offsets, rows }: Neighbours, ids: Texts): Uint32Array {
  const isBeside = new Uint8Array(ids.length)
  for (let row = 0; row < ids.length; row++) {
    if (offsets[row + 1]! - offsets[row]! < 2) continue
    for (let k = offsets[row]!; k < offsets[row + 1]!; k++) isBeside[rows[k]!] = 1
  }
  const order = new Uint32Array(isBeside.reduce((sum, is) => sum + is, 0))
  for (let row = 0, count = 0; row < isBeside.length; row++) if (isBeside[row] === 1) order[count++] = row
  order.sort((a, b) => ids.compare(a, b))
  const next = offsets.slice()
  const sorted = rows.slice()
  for (const row of order) {
    for (let k = offsets[row]!; k < offsets[row + 1]!; k++) {
      const beside = rows[k]!
      if (offsets[beside + 1]! - offsets[beside]! > 1) sorted[next[beside]!++] = row
    }
  }
  return sorted
}
