/** What `Moments` keeps in `sums`: of the differences from the first value, and their squares; smallest and largest value. */
const [SUM, SQUARES, LEAST, MOST] = [0, 1, 2, 3]

/** Sums over all rows, in their order, so that the batches make no difference. */
export class Moments {
  count = 0
  missing = 0
  below = 0
  above = 0
  private shift = 0
  private sums = new Float64Array([0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  private next = new Float64Array(4)

  get min(): number {
    return this.sums[LEAST]!
  }

  get max(): number {
    return this.sums[MOST]!
  }

  /** @param values NaN marks a cell without a value. Infinities are counted apart. */
  add(values: Float64Array, length: number): void {
    if (this.count === 0) {
      // Sums of differences from the first value: no digits are lost to a large mean.
      for (let row = 0; row < length; row++) {
        if (!Number.isFinite(values[row]!)) continue
        this.shift = values[row]!
        break
      }
    }
    if (!this.addFinite(values, length)) this.addAny(values, length)
  }

  /** The same sums in the same order as `addAny`, when every value is finite. @returns whether that is so. */
  private addFinite(values: Float64Array, length: number): boolean {
    const { next } = this
    next.set(this.sums)
    addUp(next, values, length, this.shift)
    // NaN and the infinities stick to a sum.
    if (!Number.isFinite(next[SUM])) return false
    this.next = this.sums
    this.sums = next
    this.count += length
    return true
  }

  private addAny(values: Float64Array, length: number): void {
    const { shift, sums } = this
    let { count, missing } = this
    let [sum, squares, least, most] = [sums[SUM]!, sums[SQUARES]!, sums[LEAST]!, sums[MOST]!]
    for (let row = 0; row < length; row++) {
      const value = values[row]!
      // NaN and the infinities fail this, and nothing else.
      if (value - value !== 0) {
        if (Number.isNaN(value)) missing++
        else if (value > 0) this.above++
        else this.below++
        continue
      }
      const distance = value - shift
      count++
      sum += distance
      squares += distance * distance
      if (value < least) least = value
      if (value > most) most = value
    }
    this.count = count
    this.missing = missing
    sums.set([sum, squares, least, most])
  }

  get mean(): number | null {
    const { shift, count } = this
    if (count === 0) return null
    const sum = this.sums[SUM]!
    // Of whole numbers the sum is exact, so that the quotient is rounded once.
    const total = shift * count + sum
    const isExact = [shift * count, sum, total].every(Number.isSafeInteger)
    return finiteOrNull(isExact ? total / count : shift + sum / count)
  }

  /** Of the population, as `numpy.std`. */
  get standardDeviation(): number | null {
    if (this.count === 0) return null
    const mean = this.sums[SUM]! / this.count
    return finiteOrNull(Math.sqrt(Math.max(0, this.sums[SQUARES]! / this.count - mean * mean)))
  }
}

// A function of its own: the compiler keeps such a loop, whatever happens around it.
function addUp(sums: Float64Array, values: Float64Array, length: number, shift: number): void {
  let sum = sums[SUM]!
  let squares = sums[SQUARES]!
  let least = sums[LEAST]!
  let most = sums[MOST]!
  for (let row = 0; row < length; row++) {
    const value = values[row]!
    const distance = value - shift
    sum += distance
    squares += distance * distance
    if (value < least) least = value
    if (value > most) most = value
  }
  sums[SUM] = sum
  sums[SQUARES] = squares
  sums[LEAST] = least
  sums[MOST] = most
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
