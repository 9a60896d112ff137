import { CardinalitySketch } from './cardinality.ts'

const MOST_POOL_BYTES = 1 << 20

/** Counts the different texts of a column, as `DistinctNumbers` counts numbers. Works on UTF-8 bytes. */
export class DistinctTexts {
  size = 0
  counts: number[] = []
  private starts: number[] = [0]
  private pool = new Uint8Array(256)
  private table = new Int32Array(128)
  private sketch: CardinalitySketch | null = null

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

  /** @returns whether the text may be a new one. */
  add(bytes: Uint8Array, start: number, end: number): boolean {
    const hash = hashOf(bytes, start, end)
    if (this.sketch) {
      this.sketch.add(hash)
      return true
    }
    const mask = this.table.length - 1
    let slot = hash & mask
    let entry = this.table[slot]!
    while (entry !== 0 && !this.isEntry(entry - 1, bytes, start, end)) {
      slot = (slot + 1) & mask
      entry = this.table[slot]!
    }
    if (entry === 0) this.insert(slot, hash, bytes, start, end)
    else this.counts[entry - 1]!++
    return entry === 0
  }

  private insert(slot: number, hash: number, bytes: Uint8Array, start: number, end: number): void {
    const at = this.starts[this.size]!
    const length = end - start
    if (this.size === this.limit || at + length > MOST_POOL_BYTES) {
      this.startSketch().add(hash)
      return
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
