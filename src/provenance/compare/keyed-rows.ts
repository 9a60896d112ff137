/** One of the two tables. */
export type TableSide = 'left' | 'right'

/**
 * What a value is for a comparison: 96 bits that are the same for values that are the same. `tag` says what the others hold.
 * Cells and ids have the same form.
 */
export interface Lanes {
  readonly low: number
  readonly high: number
  readonly tag: number
}

/** The rows of an id on both sides. Rows are numbered from 0; -1 is "none". */
export interface KeyedRow {
  readonly left: number
  readonly right: number
  readonly leftCount: number
  readonly rightCount: number
}

export interface RowDifferences {
  /** Ids that are there once on both sides, with the same cells. */
  readonly same: number
  /** Numbers of the rows in either table, of ids that are there once on both sides, with different cells; in the left order. */
  readonly changed: { readonly left: Uint32Array; readonly right: Uint32Array }
  /** Ids that one side has, once: how many, and the first of them in the order of their table. */
  readonly removed: Found
  readonly added: Found
  /** Ids that one side has more than once: they are told, and not compared row by row. */
  readonly repeated: {
    readonly ids: number
    /** Their rows. */
    readonly left: number
    readonly right: number
    /** Ids whose rows are the same on both sides, in any order. */
    readonly same: number
    readonly first: readonly KeyedRow[]
  }
}

export interface Found {
  readonly count: number
  readonly first: readonly number[]
}

const FEWEST = 1 << 12

/**
 * The rows of two tables by their ids, in typed arrays: about 50 bytes for each different id, whatever the table holds. Rows
 * of the left table come first. A hash table with open addressing, at most half full.
 */
export class KeyedRows {
  #size = 0
  #low = new Uint32Array(FEWEST)
  #high = new Uint32Array(FEWEST)
  #tag = new Uint32Array(FEWEST)
  #leftRow = new Uint32Array(FEWEST)
  #rightRow = new Uint32Array(FEWEST)
  #leftCount = new Uint32Array(FEWEST)
  #rightCount = new Uint32Array(FEWEST)
  /** Sums of the hashes of the left rows less those of the right rows: 0 when the rows are the same. */
  #sumLow = new Uint32Array(FEWEST)
  #sumHigh = new Uint32Array(FEWEST)
  /** From a slot to its id, counted from 1; 0 is empty. */
  #slots = new Uint32Array(FEWEST * 2)

  /** Takes a row with its id and the two halves of the hash of its cells. */
  add(side: TableSide, row: number, id: Lanes, hashLow: number, hashHigh: number): void {
    const at = this.#place(id)
    if (side === 'left') {
      if (this.#leftCount[at] === 0) this.#leftRow[at] = row
      this.#leftCount[at]! += 1
      this.#sumLow[at]! += hashLow
      this.#sumHigh[at]! += hashHigh
    } else {
      if (this.#rightCount[at] === 0) this.#rightRow[at] = row
      this.#rightCount[at]! += 1
      this.#sumLow[at]! -= hashLow
      this.#sumHigh[at]! -= hashHigh
    }
  }

  /** @param most rows of each kind that are named */
  differences(most: number): RowDifferences {
    const isChanged = (at: number) => this.#isOnce(at) && !this.#isSame(at)
    let changes = 0
    for (let at = 0; at < this.#size; at++) if (isChanged(at)) changes += 1
    const changed = { left: new Uint32Array(changes), right: new Uint32Array(changes) }
    const removed = { count: 0, first: [] as number[] }
    const added = { count: 0, first: [] as number[] }
    const repeated = { ids: 0, left: 0, right: 0, same: 0, first: [] as KeyedRow[] }
    let [same, next] = [0, 0]
    for (let at = 0; at < this.#size; at++) {
      const found = this.#row(at)
      if (found.leftCount > 1 || found.rightCount > 1) {
        repeated.ids += 1
        repeated.left += found.leftCount
        repeated.right += found.rightCount
        if (found.leftCount === found.rightCount && this.#isSame(at)) repeated.same += 1
        if (repeated.first.length < most) repeated.first.push(found)
      } else if (found.rightCount === 0) take(removed, found.left, most)
      else if (found.leftCount === 0) take(added, found.right, most)
      else if (this.#isSame(at)) same += 1
      else {
        changed.left[next] = found.left
        changed.right[next] = found.right
        next += 1
      }
    }
    return { same, changed, removed, added, repeated }
  }

  #isOnce(at: number): boolean {
    return this.#leftCount[at] === 1 && this.#rightCount[at] === 1
  }

  #isSame(at: number): boolean {
    return this.#sumLow[at] === 0 && this.#sumHigh[at] === 0
  }

  #row(at: number): KeyedRow {
    const [leftCount, rightCount] = [this.#leftCount[at]!, this.#rightCount[at]!]
    const left = leftCount === 0 ? -1 : this.#leftRow[at]!
    return { left, right: rightCount === 0 ? -1 : this.#rightRow[at]!, leftCount, rightCount }
  }

  /** Where the id is kept; a new place when it has not come yet. */
  #place({ low, high, tag }: Lanes): number {
    if (this.#size === this.#low.length) this.#grow()
    const mask = this.#slots.length - 1
    let slot = scattered(low, high, tag) & mask
    for (;;) {
      const held = this.#slots[slot]!
      if (held === 0) break
      const at = held - 1
      if (this.#low[at] === low && this.#high[at] === high && this.#tag[at] === tag) return at
      slot = (slot + 1) & mask
    }
    const at = this.#size++
    this.#slots[slot] = at + 1
    this.#low[at] = low
    this.#high[at] = high
    this.#tag[at] = tag
    return at
  }

  #grow(): void {
    this.#low = doubled(this.#low)
    this.#high = doubled(this.#high)
    this.#tag = doubled(this.#tag)
    this.#leftRow = doubled(this.#leftRow)
    this.#rightRow = doubled(this.#rightRow)
    this.#leftCount = doubled(this.#leftCount)
    this.#rightCount = doubled(this.#rightCount)
    this.#sumLow = doubled(this.#sumLow)
    this.#sumHigh = doubled(this.#sumHigh)
    this.#slots = new Uint32Array(this.#slots.length * 2)
    const mask = this.#slots.length - 1
    for (let at = 0; at < this.#size; at++) {
      let slot = scattered(this.#low[at]!, this.#high[at]!, this.#tag[at]!) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = at + 1
    }
  }
}

function take(found: { count: number; first: number[] }, row: number, most: number): void {
  found.count += 1
  if (found.first.length < most) found.first.push(row)
}

function doubled(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2)
  larger.set(array)
  return larger
}

/** Ids that follow each other are spread over the table (finalizer of MurmurHash3, public domain). */
function scattered(low: number, high: number, tag: number): number {
  let hash = low ^ Math.imul(high, 0x9e3779b1) ^ Math.imul(tag, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
