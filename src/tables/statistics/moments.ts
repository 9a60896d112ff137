/** Sums over all rows, in their order, so that the batches make no difference. */
export class Moments {
  count = 0
  missing = 0
  below = 0
  above = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY
  private shift = 0
  private sum = 0
  private squares = 0

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
    const { shift } = this
    let { sum, squares, min, max } = this
    for (let row = 0; row < length; row++) {
      const value = values[row]!
      const distance = value - shift
      sum += distance
      squares += distance * distance
      if (value < min) min = value
      if (value > max) max = value
    }
    // NaN and the infinities stick to a sum.
    if (sum - sum !== 0) return false
    this.count += length
    this.sum = sum
    this.squares = squares
    this.min = min
    this.max = max
    return true
  }

  private addAny(values: Float64Array, length: number): void {
    const { shift } = this
    let { count, missing, sum, squares, min, max } = this
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
      if (value < min) min = value
      if (value > max) max = value
    }
    this.count = count
    this.missing = missing
    this.sum = sum
    this.squares = squares
    this.min = min
    this.max = max
  }

  get mean(): number | null {
    return this.count === 0 ? null : finiteOrNull(this.shift + this.sum / this.count)
  }

  /** Of the population, as `numpy.std`. */
  get standardDeviation(): number | null {
    if (this.count === 0) return null
    const mean = this.sum / this.count
    return finiteOrNull(Math.sqrt(Math.max(0, this.squares / this.count - mean * mean)))
  }
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
