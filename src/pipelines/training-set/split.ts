import { createHash } from 'node:crypto'

export const SUBSETS = ['train', 'validation', 'test'] as const
export type Subset = (typeof SUBSETS)[number]

/** A subset and the share of the objects that it gets. */
export interface SubsetShare {
  readonly name: Subset
  readonly share: number
}

/** Rows that were shared out. */
export interface SplitRows {
  /** For each row the place of its subset among the shares. */
  readonly subset: Uint8Array
  /** Rows of the largest family, which stays together. */
  readonly largestFamily: number
}

/**
 * Shares matched rows out into subsets. Rows that have an object or a redshift in common fall into the same subset, so no
 * object is on both sides. The lot of such a family is SHA-256 of `seed:id` of its first object: it depends on nothing
 * else, so an object keeps its side when the catalogs grow. Shares are met as by drawing.
 * @param left the redshift of each row
 * @param object the object of each row, as a small whole number
 * @param idOf the id of an object
 */
export function splitRows(
  left: Uint32Array,
  object: Uint32Array,
  idOf: (object: number) => string,
  shares: readonly SubsetShare[],
  seed: number,
): SplitRows {
  const family = familiesOf(left, object)
  const lotOf = new Map<number, number>()
  const rowsOf = new Map<number, number>()
  const subset = new Uint8Array(left.length)
  let largestFamily = 0
  for (let row = 0; row < left.length; row++) {
    const head = family(object[row]!)
    let lot = lotOf.get(head)
    if (lot === undefined) {
      lot = subsetOf(drawnNumber(seed, idOf(head)), shares)
      lotOf.set(head, lot)
    }
    subset[row] = lot
    const rows = (rowsOf.get(head) ?? 0) + 1
    rowsOf.set(head, rows)
    largestFamily = Math.max(largestFamily, rows)
  }
  return { subset, largestFamily }
}

/** How far the part of the rows in a subset may be from its share, when there are rows enough to judge. */
const FAR = 0.05
const ENOUGH_ROWS = 100

/** Says which subsets are empty, or far from their share. */
export function splitWarnings({ subset, largestFamily }: SplitRows, shares: readonly SubsetShare[]): string[] {
  const rows = subset.length
  return shares.flatMap(({ name, share }, place) => {
    const count = subset.reduce((sum, each) => sum + (each === place ? 1 : 0), 0)
    const isFar = rows > ENOUGH_ROWS && Math.abs(count / rows - share) > FAR
    if (count > 0 && !isFar) return []
    const has = count === 0 ? 'no rows' : `${percent(count / rows)} of the rows`
    return [
      `The subset ${name} has ${has}, not ${percent(share)}: rows that have an object or a redshift in common stay together, and ${largestFamily} of the ${rows} rows are the largest such family`,
    ]
  })
}

const percent = (part: number): string => `${Math.round(part * 1000) / 10} %`

/** The first object of the family of an object: those that are linked by rows with the same redshift. */
function familiesOf(left: Uint32Array, object: Uint32Array): (object: number) => number {
  const parent = new Uint32Array(object.reduce((most, each) => Math.max(most, each + 1), 0)).map((_, i) => i)
  const find = (each: number): number => {
    let root = each
    while (parent[root] !== root) root = parent[root]!
    for (let at = each; at !== root; ) {
      const next = parent[at]!
      parent[at] = root
      at = next
    }
    return root
  }
  const firstOf = new Map<number, number>()
  for (let row = 0; row < left.length; row++) {
    const other = firstOf.get(left[row]!)
    if (other === undefined) {
      firstOf.set(left[row]!, object[row]!)
      continue
    }
    const a = find(other)
    const b = find(object[row]!)
    parent[Math.max(a, b)] = Math.min(a, b)
  }
  return find
}

/** A number in [0, 1) that the seed and the id give, evenly spread: the first 48 bits of their SHA-256. */
export function drawnNumber(seed: number, id: string): number {
  return createHash('sha256').update(`${seed}:${id}`).digest().readUIntBE(0, 6) / 2 ** 48
}

function subsetOf(drawn: number, shares: readonly SubsetShare[]): number {
  let upTo = 0
  for (const [place, { share }] of shares.entries()) {
    upTo += share
    if (drawn < upTo) return place
  }
  return shares.length - 1
}
