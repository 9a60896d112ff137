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
    let { count, missing, min, max, shift, sum, squares } = this
    for (let row = 0; row < length; row++) {
      const value = values[row]!
      const distance = value - shift
      // NaN and the infinities fail this, and nothing else.
      if (distance - distance !== 0) {
        if (Number.isNaN(value)) missing++
        else if (value === Number.POSITIVE_INFINITY) this.above++
        else if (value === Number.NEGATIVE_INFINITY) this.below++
        continue
      }
      if (count === 0) {
        // Sums of differences from the first value: no digits are lost to a large mean.
        shift = value
        count = 1
        min = value
        max = value
        continue
      }
      count++
      sum += distance
      squares += distance * distance
      if (value < min) min = value
      if (value > max) max = value
    }
    Object.assign(this, { count, missing, min, max, shift, sum, squares })
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
