import { TooManyPairs } from './errors.ts'
import { type KeyedRows, sortByKey } from './sorting.ts'
import { workingMemory } from './working-memory.ts'

/**
 * Matched rows, ordered by left row, then separation, then right row (or the place of its id, when ids were given): the
 * same on every engine and with any number of workers.
 */
export interface Pairs {
  readonly left: Uint32Array
  readonly right: Uint32Array
  /** Arcsec. */
  readonly separation: Float64Array
  /** The pairs of left row i are those from `offsets[i]` up to `offsets[i + 1]`; one longer than the left catalog. */
  readonly offsets: Uint32Array
}

/** What to find: the pairs closer than `radius`, all or only the nearest of each left row. */
export interface PairRequest {
  /** Arcsec; a pair is closer than this (strict). */
  readonly radius: number
  /** At most this many right rows for each left row, the nearest; Infinity for all. */
  readonly nearest: number
  /** A catalog with itself: only pairs with left row < right row. */
  readonly internal: boolean
  /** The order of right rows at equal separation, as a rank per row; null: by row. */
  readonly rank: Uint32Array | null
  /** More pairs than this are an error. */
  readonly maxPairs: number
}

/** Collects pairs in working memory, one left row after the other; grows as they come, up to the limit. */
export class PairSink implements Disposable {
  left: Uint32Array
  right: Uint32Array
  separation: Float64Array
  length = 0
  private begin = 0

  /** @param expected room for so many pairs at first */
  constructor(
    private readonly request: PairRequest,
    expected: number,
  ) {
    const size = Math.max(16, Math.min(expected, request.maxPairs))
    this.left = workingMemory.uint32(size)
    this.right = workingMemory.uint32(size)
    this.separation = workingMemory.float64(size)
  }

  /** Gives the working memory back; the pairs are gone. */
  [Symbol.dispose](): void {
    workingMemory.give(this.left, this.right, this.separation)
    this.length = 0
  }

  push(left: number, right: number, separation: number): void {
    if (this.length === this.left.length) this.grow()
    this.left[this.length] = left
    this.right[this.length] = right
    this.separation[this.length] = separation
    this.length++
  }

  /** Whether the left row that was just searched has pairs. */
  get hasOpenRow(): boolean {
    return this.length > this.begin
  }

  /** Puts the pairs of the left row that was just searched in order, drops those beyond the nearest; how many remain. */
  closeRow(): number {
    const { nearest, rank, maxPairs, radius } = this.request
    const found = this.length - this.begin
    if (found > 1) {
      const rows: KeyedRows = { key: this.separation, row: this.right }
      sortByKey(rows, this.begin, this.length, rank)
    }
    const kept = Math.min(found, nearest)
    this.length = this.begin + kept
    this.begin = this.length
    if (this.length > maxPairs) throw new TooManyPairs(maxPairs, radius)
    return kept
  }

  /** Keeps all pairs that came, in whatever order. */
  closeStripe(): void {
    const { maxPairs, radius } = this.request
    this.begin = this.length
    if (this.length > maxPairs) throw new TooManyPairs(maxPairs, radius)
  }

  private grow(): void {
    const { nearest, maxPairs, radius } = this.request
    // An unfinished row may hold more than it will keep only when nearest rows are asked for.
    if (nearest === Number.POSITIVE_INFINITY && this.length > maxPairs) throw new TooManyPairs(maxPairs, radius)
    const { left, right, separation } = this
    this.left = workingMemory.uint32(this.length * 2)
    this.right = workingMemory.uint32(this.length * 2)
    this.separation = workingMemory.float64(this.length * 2)
    this.left.set(left)
    this.right.set(right)
    this.separation.set(separation)
    workingMemory.give(left, right, separation)
  }
}

/**
 * Turns the number of pairs of each left row (with one spare place at the end) into where the pairs of each row end, in
 * place. Who then puts pairs to their places from the last to the first turns them into where they begin: offsets.
 * @returns the number of all pairs.
 */
export function endsOfCounts(counts: Uint32Array): number {
  let total = 0
  for (let i = 0; i < counts.length; i++) {
    total += counts[i]!
    counts[i] = total
  }
  return total
}

/** Empty pairs that fit `offsets`; in shared memory when several threads will fill them. */
export function emptyPairs(offsets: Uint32Array, total: number, shared: boolean): Pairs {
  const memory = (bytes: number) => (shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes))
  return {
    left: new Uint32Array(memory(total * 4)),
    right: new Uint32Array(memory(total * 4)),
    separation: new Float64Array(memory(total * 8)),
    offsets,
  }
}

/** Copies collected pairs to their places; `pairs.offsets` are still ends. A left row's pairs are all in one sink. */
export function placePairs(sink: PairSink, pairs: Pairs): void {
  const { left, right, separation, length } = sink
  const { offsets } = pairs
  for (let k = length - 1; k >= 0; k--) {
    const row = left[k]!
    const at = --offsets[row]!
    pairs.left[at] = row
    pairs.right[at] = right[k]!
    pairs.separation[at] = separation[k]!
  }
}

/** Brings the pairs of each left row into order. */
export function orderPairs({ right, separation, offsets }: Pairs, rank: Uint32Array | null): void {
  for (let row = 1; row < offsets.length; row++) {
    const from = offsets[row - 1]!
    const to = offsets[row]!
    if (to - from > 1) sortByKey({ key: separation, row: right }, from, to, rank)
  }
}

/**
 * The best symmetric match: take all pairs from the closest to the widest (equal separations by left row, then by right
 * row) and keep a pair when neither of its rows has been kept before. So each row is in at most one pair, and no pair was
 * passed over without one of its rows being in a closer one. Found without sorting, as the stable marriage in which every
 * row prefers the closest partner: each left row asks its right rows in order, a right row keeps the closest that asks.
 * @param rightRows rows of the right catalog
 */
export function bestPairs(pairs: Pairs, rightRows: number): Pairs {
  const { left, right, separation, offsets } = pairs
  const leftRows = offsets.length - 1
  const next = offsets.slice(0, leftRows) // the next pair that a left row will ask for
  const held = new Int32Array(rightRows).fill(-1) // the pair that a right row keeps
  for (let first = 0; first < leftRows; first++) {
    let asking = first
    while (asking >= 0 && next[asking]! < offsets[asking + 1]!) {
      const pair = next[asking]!++
      const partner = right[pair]!
      const rival = held[partner]!
      if (rival >= 0 && !closer(pair, rival)) continue
      held[partner] = pair
      asking = rival < 0 ? -1 : left[rival]!
    }
  }
  function closer(a: number, b: number): boolean {
    return separation[a] !== separation[b] ? separation[a]! < separation[b]! : left[a]! < left[b]!
  }
  return selectPairs(pairs, (pair) => held[right[pair]!] === pair)
}

/**
 * Each right row's nearest left row, and no other pair: the counterpart of "nearest" seen from the right. Equal
 * separations go to the smaller left row.
 */
export function nearestOfRight(pairs: Pairs, rightRows: number): Pairs {
  const { right, separation } = pairs
  const held = new Int32Array(rightRows).fill(-1)
  for (let pair = 0; pair < right.length; pair++) {
    const rival = held[right[pair]!]!
    // Pairs come by left row, so an equal separation that comes later belongs to a larger row.
    if (rival < 0 || separation[pair]! < separation[rival]!) held[right[pair]!] = pair
  }
  return selectPairs(pairs, (pair) => held[right[pair]!] === pair)
}

/** The pairs that `keep` accepts, in the same order. */
export function selectPairs(pairs: Pairs, keep: (pair: number) => boolean): Pairs {
  const counts = new Uint32Array(pairs.offsets.length)
  const chosen = new Uint32Array(pairs.left.length)
  let total = 0
  for (let pair = 0; pair < pairs.left.length; pair++) {
    if (!keep(pair)) continue
    chosen[total++] = pair
    counts[pairs.left[pair]!]!++
  }
  endsOfCounts(counts)
  const selected = emptyPairs(counts, total, false)
  for (let k = total - 1; k >= 0; k--) {
    const pair = chosen[k]!
    selected.left[k] = pairs.left[pair]!
    selected.right[k] = pairs.right[pair]!
    selected.separation[k] = pairs.separation[pair]!
    counts[pairs.left[pair]!]!--
  }
  return selected
}

/**
 * The places of ids in ascending order, one per row, equal ids by row: what `PairRequest.rank` wants.
 */
export function rankOfIds(ids: readonly (string | number)[] | BigInt64Array | Float64Array | Int32Array): Uint32Array {
  const order = new Uint32Array(ids.length)
  for (let i = 0; i < order.length; i++) order[i] = i
  order.sort((a, b) => {
    const x = ids[a]!
    const y = ids[b]!
    return x < y ? -1 : x > y ? 1 : a - b
  })
  const rank = new Uint32Array(ids.length)
  for (let place = 0; place < order.length; place++) rank[order[place]!] = place
  return rank
}
