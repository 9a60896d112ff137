import { CardinalitySketch } from './cardinality.ts'

const MOST_POOL_BYTES = 1 << 20
/** Places for short texts that were met before. */
const MET = 512

/** Counts the different texts of a column, as `DistinctNumbers` counts numbers. Works on UTF-8 bytes. */
export class DistinctTexts {
  size = 0
  counts: number[] = []
  private starts: number[] = [0]
  private pool = new Uint8Array(256)
  private table = new Int32Array(128)
  private sketch: CardinalitySketch | null = null
  /** Short texts that were met before: their two words, and the number of its entry * 16 + length; 0 where there is none. */
  private readonly met = new Int32Array(3 * MET)

  constructor(private readonly limit: number) {}

  get isExact(): boolean {
    return this.sketch === null
  }

  get distinct(): number {
    return this.sketch ? this.sketch.estimate() : this.size
  }

  text(entry: number): string {
    return Buffer.from(this.pool.buffer, this.starts[entry]!, this.starts[entry + 1]! - this.starts[entry]!).toString()
  }

  /**
   * Counts a short text that was met before: most texts of a table are, and this guesses no length.
   * @param low its first four bytes and @param high the next, with zeros behind its end @param length bytes
   * @returns false when it has to be added
   */
  addAgain(low: number, high: number, length: number): boolean {
    const place = 3 * placeOf(low, high)
    const { met } = this
    const known = met[place + 2]!
    if (met[place] !== low || met[place + 1] !== high || (known & 15) !== length || known === 0) return false
    this.counts[(known >> 4) - 1]!++
    return true
  }

  /** Adds a short text, and keeps it for `addAgain`. @returns as `add` */
  addShort(low: number, high: number, bytes: Uint8Array, start: number, end: number): boolean {
    const before = this.size
    const entry = this.entryOf(bytes, start, end)
    if (entry !== 0) {
      const place = 3 * placeOf(low, high)
      this.met[place] = low
      this.met[place + 1] = high
      this.met[place + 2] = (entry << 4) | (end - start)
    }
    return entry === 0 || this.size > before
  }

  /** @returns whether the text may be a new one. */
  add(bytes: Uint8Array, start: number, end: number): boolean {
    const before = this.size
    return this.entryOf(bytes, start, end) === 0 || this.size > before
  }

  /** Counts a text. @returns the number of its entry, from 1; 0 when there are no entries any more */
  private entryOf(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end)
    if (this.sketch) {
      this.sketch.add(hash)
      return 0
    }
    const mask = this.table.length - 1
    let slot = hash & mask
    let entry = this.table[slot]!
    while (entry !== 0 && !this.isEntry(entry - 1, bytes, start, end)) {
      slot = (slot + 1) & mask
      entry = this.table[slot]!
    }
    if (entry === 0) return this.insert(slot, hash, bytes, start, end)
    this.counts[entry - 1]!++
    return entry
  }

  private insert(slot: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const at = this.starts[this.size]!
    const length = end - start
    if (this.size === this.limit || at + length > MOST_POOL_BYTES) {
      this.startSketch().add(hash)
      return 0
    }
    if (at + length > this.pool.length) {
      const larger = new Uint8Array(Math.max(at + length, 2 * this.pool.length))
      larger.set(this.pool)
      this.pool = larger
    }
    this.pool.set(bytes.subarray(start, end), at)
    this.starts.push(at + length)
    this.counts.push(1)
    this.table[slot] = ++this.size
    if (2 * this.size === this.table.length) this.grow()
    return this.size
  }

  private isEntry(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.starts[entry]!
    if (this.starts[entry + 1]! - from !== end - start) return false
    const { pool } = this
    for (let i = 0; i < end - start; i++) if (pool[from + i] !== bytes[start + i]) return false
    return true
  }

  private grow(): void {
    const table = new Int32Array(2 * this.table.length)
    const mask = table.length - 1
    for (let entry = 0; entry < this.size; entry++) {
      let slot = hashOf(this.pool, this.starts[entry]!, this.starts[entry + 1]!) & mask
      while (table[slot] !== 0) slot = (slot + 1) & mask
      table[slot] = entry + 1
    }
    this.table = table
  }

  private startSketch(): CardinalitySketch {
    const sketch = new CardinalitySketch()
    for (let entry = 0; entry < this.size; entry++) {
      sketch.add(hashOf(this.pool, this.starts[entry]!, this.starts[entry + 1]!))
    }
    this.sketch = sketch
    this.met.fill(0)
    this.pool = new Uint8Array(0)
    this.table = new Int32Array(0)
    this.starts = []
    this.counts = []
    return sketch
  }
}

/** 32 well-mixed bits of a text, four bytes at a time. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let h = end - start
  let i = start
  for (; i + 4 <= end; i += 4) {
    h ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    h = Math.imul(h ^ (h >>> 15), 0x9e3779b1)
  }
  for (; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

function placeOf(low: number, high: number): number {
  const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) & (MET - 1)
}
