import { TooManyPairs } from './errors.ts'
import { type Kernel, PAIR_BYTES } from './kernel/kernel.ts'
import { sortByKey } from './sorting.ts'

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

/**
 * Collects pairs in the memory of a kernel, `PAIR_BYTES` each, all of a left row together or (inside one catalog) in any order.
 * Grows as they come, up to the limit. The kernel reserves nothing else meanwhile.
 */
export class PairSink {
  private readonly first: number
  private end: number
  private next: number
  /** Pairs before this have been settled. */
  private settled: number

  /** @param expected room for so many pairs at first */
  constructor(
    readonly kernel: Kernel,
    private readonly request: PairRequest,
    expected: number,
  ) {
    const bytes = PAIR_BYTES * Math.max(LEAST_ROOM, Math.min(expected, request.maxPairs))
    this.first = kernel.reserve(bytes)
    this.end = this.first + bytes
    this.next = this.first
    this.settled = this.first
  }

  get length(): number {
    return (this.next - this.first) / PAIR_BYTES
  }

  /** Lets the kernel search: it adds pairs until it is through or wants more room. @returns how much more, in pairs */
  receive(search: () => void): number {
    const { code } = this.kernel
    code.giveRoom(this.next, this.end)
    search()
    this.next = code.pairsEnd() >>> 0
    return code.pairsNeeded() >>> 0
  }

  /** A pair of a left row that is not through yet. */
  push(left: number, right: number, separation: number): void {
    if (this.next === this.end) this.grow(1)
    const { uint32, float64 } = this.kernel
    uint32[this.next / 4] = left
    uint32[this.next / 4 + 1] = right
    float64[this.next / 8 + 1] = separation
    this.next += PAIR_BYTES
  }

  /** Makes room for so many more pairs. Every left row that was searched must be through. @throws TooManyPairs */
  makeRoom(pairs: number): void {
    this.settle()
    if (this.next + pairs * PAIR_BYTES > this.end) this.grow(pairs)
  }

  /** Drops the pairs beyond the nearest of the left rows that were searched, all of which must be through. @throws TooManyPairs */
  settle(): void {
    if (this.request.nearest < Number.POSITIVE_INFINITY) this.keepNearest()
    this.settled = this.next
    this.check()
  }

  /**
   * Brings the pairs together that lie in the same part of the left catalog, so that what is done for each of its rows stays in
   * the processor's cache. No more pairs can come.
   * @param turn of several threads each begins with another part, 0 to 1, so that they do not wait for the same memory
   * @returns where they lie now
   */
  bucketed(leftRows: number, turn = 0): CollectedPairs {
    const { kernel, first, next } = this
    const buckets = Math.ceil(leftRows / BUCKET_ROWS)
    const places = kernel.reserve(4 * (buckets + 1))
    const into = kernel.reserve(next - first)
    kernel.code.bucketPairs(first, next, into, places, buckets, Math.log2(BUCKET_ROWS))
    const [to, middle] = [into + (next - first), into + Math.floor(turn * this.length) * PAIR_BYTES]
    return {
      kernel,
      ranges: [
        [middle, to],
        [into, middle],
      ],
    }
  }

  private keepNearest(): void {
    const { kernel, next, request } = this
    let kept = this.settled
    for (let from = this.settled; from < next; ) {
      const left = kernel.uint32[from / 4]!
      let to = from + PAIR_BYTES
      while (to < next && kernel.uint32[to / 4] === left) to += PAIR_BYTES
      const found = (to - from) / PAIR_BYTES
      if (found > 1) this.sort(from, found)
      const keep = Math.min(found, request.nearest) * PAIR_BYTES
      kernel.float64.copyWithin(kept / 8, from / 8, (from + keep) / 8)
      kept += keep
      from = to
    }
    this.next = kept
  }

  /** Brings the pairs of one left row into order. */
  private sort(from: number, count: number): void {
    const { uint32, float64 } = this.kernel
    const rows = { key: new Float64Array(count), row: new Uint32Array(count) }
    for (let i = 0, at = from; i < count; i++, at += PAIR_BYTES) {
      rows.row[i] = uint32[at / 4 + 1]!
      rows.key[i] = float64[at / 8 + 1]!
    }
    sortByKey(rows, 0, count, this.request.rank)
    for (let i = 0, at = from; i < count; i++, at += PAIR_BYTES) {
      uint32[at / 4 + 1] = rows.row[i]!
      float64[at / 8 + 1] = rows.key[i]!
    }
  }

  private grow(pairs: number): void {
    // A left row that is not through may have more than it will keep only when nearest rows are asked for.
    if (this.request.nearest === Number.POSITIVE_INFINITY) this.check()
    const bytes = Math.max(2 * (this.end - this.first), this.next - this.first + pairs * PAIR_BYTES)
    this.kernel.extend(this.first, bytes)
    this.end = this.first + bytes
  }

  private check(): void {
    const { maxPairs, radius } = this.request
    if (this.length > maxPairs) throw new TooManyPairs(maxPairs, radius)
  }
}

/** Pairs for which there is room in any case. */
const LEAST_ROOM = 1_024
/** Left rows whose pairs are put to their places together: 200 KB. */
const BUCKET_ROWS = 8_192

/** Pairs in the memory of a kernel, at these addresses, `[from, to)`. */
export interface CollectedPairs {
  readonly kernel: Kernel
  readonly ranges: readonly (readonly [from: number, to: number])[]
}

/** Adds the pairs of each left row to its count. @returns the left rows with more than one */
export function countPairs({ kernel, ranges }: CollectedPairs, counts: Uint32Array): number[] {
  const { uint32 } = kernel
  const several: number[] = []
  for (const [from, to] of ranges) {
    for (let at = from / 4; at < to / 4; at += PAIR_BYTES / 4) {
      const row = uint32[at]!
      if (counts[row]!++ === 1) several.push(row)
    }
  }
  return several
}

/**
 * Turns the number of pairs of each left row (with one spare place at the end) into where the pairs of each row end, in
 * place. Who then puts each pair one place before the end, and makes that the end, turns them into where they begin: offsets.
 * @returns the number of all pairs.
 */
export function endsOfCounts(counts: Uint32Array): number {
  let total = 0
  for (let i = 0; i < counts.length; i++) {
    total = (total + counts[i]!) | 0 // whole numbers of 32 bits, else V8 adds doubles
    counts[i] = total
  }
  return total >>> 0
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

/**
 * Copies collected pairs to their places, in order; `pairs.offsets` are still ends. All pairs of a left row must be among them.
 * @param several the left rows with more than one
 */
export function placePairs(
  { kernel, ranges }: CollectedPairs,
  several: readonly number[],
  pairs: Pairs,
  rank: Uint32Array | null,
): void {
  const { uint32, float64 } = kernel
  const { left, right, separation, offsets } = pairs
  const ends = several.map((row) => offsets[row]!)
  for (const [from, to] of ranges) {
    for (let at = from / 4; at < to / 4; at += PAIR_BYTES / 4) {
      const row = uint32[at]!
      const place = --offsets[row]!
      left[place] = row
      right[place] = uint32[at + 1]!
      separation[place] = float64[at / 2 + 1]!
    }
  }
  for (const [i, row] of several.entries()) sortByKey({ key: separation, row: right }, offsets[row]!, ends[i]!, rank)
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
function selectPairs(pairs: Pairs, keep: (pair: number) => boolean): Pairs {
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
