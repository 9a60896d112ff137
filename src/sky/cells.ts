import type { PACKED as Packed, StripedRows } from './gather.ts'
import { sortByKey } from './sorting.ts'

/**
 * The rows of one stripe in cells of right ascension, one row a cell on average: those of cell c are
 * `[start[c], start[c + 1])`. The arrays are used again for the next stripe.
 */
export class RaCells {
  /** `PACKED` numbers for each row. */
  packed = new Float64Array(0)
  start = new Uint32Array(0)
  /** Rows. */
  length = 0
  /** Right ascensions of the first and the last row, degrees. */
  low = 0
  high = 0
  cellsPerDegree = 0
  /** The last cell. */
  last = 0

  /**
   * Takes over the rows of stripe z of the part. Cells with many rows are sorted by right ascension. A function for each loop: of
   * several in one, V8 keeps code in which the later ones were never run, enters it at each call, and falls out of it again.
   */
  fill({ packed, start }: StripedRows, z: number): void {
    const from = start[z]! * PACKED
    const to = start[z + 1]! * PACKED
    this.length = (to - from) / PACKED
    if (this.length === 0) return
    this.reserve(this.length)
    this.lay(packed, from, to)
    this.start.fill(0, 0, this.length + 2)
    this.countRows(packed, from, to)
    this.addUp()
    this.putRows(packed, from, to)
    this.sortCrowded()
  }

  /** Lays the cells over the right ascensions of the rows. */
  private lay(packed: Float64Array, from: number, to: number): void {
    let low = 360
    let high = 0
    for (let k = from; k < to; k += PACKED) {
      const a = packed[k]!
      if (a < low) low = a
      if (a > high) high = a
    }
    this.low = low
    this.high = high
    this.last = this.length - 1
    this.cellsPerDegree = high > low ? this.length / (high - low) : 0
  }

  // Counting sort; start[c + 1] first counts cell c - 1, then is where the next row of cell c goes, and ends as where it ends.

  private countRows(packed: Float64Array, from: number, to: number): void {
    const { start, low, cellsPerDegree, last } = this
    for (let k = from; k < to; k += PACKED) {
      const cell = ((packed[k]! - low) * cellsPerDegree) | 0
      start[Math.min(cell, last) + 2]!++
    }
  }

  private addUp(): void {
    const { start, length } = this
    for (let c = 2; c <= length; c++) start[c]! += start[c - 1]!
  }

  private putRows(packed: Float64Array, from: number, to: number): void {
    const { start, low, cellsPerDegree, last, packed: sorted } = this
    for (let k = from; k < to; k += PACKED) {
      const cell = ((packed[k]! - low) * cellsPerDegree) | 0
      const at = start[Math.min(cell, last) + 1]!++ * PACKED
      sorted[at] = packed[k]!
      sorted[at + 1] = packed[k + 1]!
      sorted[at + 2] = packed[k + 2]!
    }
  }

  private sortCrowded(): void {
    const { start, length } = this
    for (let c = 0; c < length; c++) if (start[c + 1]! - start[c]! > CROWDED) this.sort(start[c]!, start[c + 1]!)
  }

  /** The first place where a row at or beyond this right ascension can be. */
  firstFrom(ra: number): number {
    if (ra <= this.low) return 0
    if (ra > this.high) return this.length
    const cell = this.cellOf(ra)
    const begin = this.start[cell]!
    const end = this.start[cell + 1]!
    return end - begin > CROWDED ? this.search(ra, begin, end, false) : begin
  }

  /** The place behind the last row at or before this right ascension. */
  endOf(ra: number): number {
    if (ra >= this.high) return this.length
    if (ra < this.low) return 0
    const cell = this.cellOf(ra)
    const begin = this.start[cell]!
    const end = this.start[cell + 1]!
    return end - begin > CROWDED ? this.search(ra, begin, end, true) : end
  }

  private cellOf(ra: number): number {
    const cell = ((ra - this.low) * this.cellsPerDegree) | 0
    return Math.min(cell, this.last)
  }

  private search(ra: number, begin: number, end: number, behindEqual: boolean): number {
    const { packed } = this
    let a = begin
    let b = end
    while (a < b) {
      const middle = (a + b) >>> 1
      const value = packed[middle * PACKED]!
      if (value < ra || (behindEqual && value === ra)) a = middle + 1
      else b = middle
    }
    return a
  }

  private sort(from: number, to: number): void {
    const { packed } = this
    const rows = {
      key: new Float64Array(to - from),
      other: new Float64Array(to - from),
      row: new Uint32Array(to - from),
    }
    for (let i = 0, k = from * PACKED; i < to - from; i++, k += PACKED) {
      rows.key[i] = packed[k]!
      rows.other[i] = packed[k + 1]!
      rows.row[i] = packed[k + 2]!
    }
    sortByKey(rows, 0, to - from)
    for (let i = 0, k = from * PACKED; i < to - from; i++, k += PACKED) {
      packed[k] = rows.key[i]!
      packed[k + 1] = rows.other[i]!
      packed[k + 2] = rows.row[i]!
    }
  }

  private reserve(length: number): void {
    if (this.packed.length >= length * PACKED) return
    const size = length + (length >> 2)
    this.packed = new Float64Array(size * PACKED)
    this.start = new Uint32Array(size + 2)
  }
}

// Written here again, and held equal by its type: V8 looks an imported constant up at every turn of a loop, which costs a tenth.
const PACKED: typeof Packed = 3
/** A cell with more rows than this is kept sorted. */
export const CROWDED = 16
