import { CardinalitySketch, hashOfWords } from './cardinality.ts'

/**
 * Counts the different values of a numeric column, given as pairs of 32-bit words (doubles or 64-bit integers, low word
 * first): each with its frequency while they are few, by a sketch once there are more than `limit`.
 */
export class DistinctNumbers {
  size = 0
  /** Entries in the order of their first appearance. */
  low = new Int32Array(64)
  high = new Int32Array(64)
  counts = new Float64Array(64)
  private table = new Int32Array(128)
  private sketch: CardinalitySketch | null = null

  constructor(
    private readonly limit: number,
    private readonly areDoubles: boolean,
  ) {}

  get isExact(): boolean {
    return this.sketch === null
  }

  get distinct(): number {
    return this.sketch ? this.sketch.estimate() : this.size
  }

  /** @param values the same cells as doubles: NaN marks a cell without a value. */
  add(words: Int32Array, values: Float64Array, count: number): void {
    if (this.sketch) this.addToSketch(this.sketch, words, values, 0, count)
    else this.addToTable(words, values, count)
  }

  private addToTable(words: Int32Array, values: Float64Array, count: number): void {
    const { areDoubles } = this
    let { table, low, high, counts } = this
    let mask = table.length - 1
    for (let i = 0; i < count; i++) {
      const value = values[i]!
      // biome-ignore lint/suspicious/noSelfCompare: the fastest test for NaN in the hottest loop.
      if (value !== value) continue
      const lo = words[2 * i]!
      let hi = words[2 * i + 1]!
      // -0 is 0
      if (areDoubles && value === 0) hi = 0
      let slot = hashOfWords(lo, hi) & mask
      let entry = table[slot]!
      while (entry !== 0 && (low[entry - 1] !== lo || high[entry - 1] !== hi)) {
        slot = (slot + 1) & mask
        entry = table[slot]!
      }
      if (entry !== 0) {
        counts[entry - 1]!++
        continue
      }
      if (this.size === this.limit) {
        this.addToSketch(this.startSketch(), words, values, i, count)
        return
      }
      low[this.size] = lo
      high[this.size] = hi
      counts[this.size] = 1
      table[slot] = ++this.size
      if (this.size === low.length) {
        this.grow()
        ;({ table, low, high, counts } = this)
        mask = table.length - 1
      }
    }
  }

  private addToSketch(
    sketch: CardinalitySketch,
    words: Int32Array,
    values: Float64Array,
    from: number,
    count: number,
  ): void {
    sketch.addWords(words, values, from, count, this.areDoubles)
  }

  private startSketch(): CardinalitySketch {
    const sketch = new CardinalitySketch()
    for (let entry = 0; entry < this.size; entry++) sketch.add(hashOfWords(this.low[entry]!, this.high[entry]!))
    this.sketch = sketch
    this.low = this.high = this.table = new Int32Array(0)
    this.counts = new Float64Array(0)
    return sketch
  }

  private grow(): void {
    const length = 2 * this.low.length
    const [low, high, counts] = [new Int32Array(length), new Int32Array(length), new Float64Array(length)]
    low.set(this.low)
    high.set(this.high)
    counts.set(this.counts)
    const table = new Int32Array(2 * length)
    for (let entry = 0; entry < this.size; entry++) {
      let slot = hashOfWords(low[entry]!, high[entry]!) & (table.length - 1)
      while (table[slot] !== 0) slot = (slot + 1) & (table.length - 1)
      table[slot] = entry + 1
    }
    this.low = low
    this.high = high
    this.counts = counts
    this.table = table
  }
}
