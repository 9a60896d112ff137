const REGISTER_BITS = 12
const REGISTERS = 1 << REGISTER_BITS

/**
 * Estimates how many different values there were, from their 32-bit hashes: HyperLogLog (Flajolet et al. 2007) of 4096
 * registers, standard error 1.6 %.
 */
export class CardinalitySketch {
  private readonly registers = new Uint8Array(REGISTERS)
  /** The smallest register and how many have that value: most hashes cannot change anything, and are passed over. */
  private lowest = 0
  private atLowest = REGISTERS

  add(hash: number): void {
    const rest = hash << REGISTER_BITS
    if (this.lowest > 0 && rest >>> (32 - this.lowest) !== 0) return
    const rank = Math.clz32(rest | (1 << (REGISTER_BITS - 1))) + 1
    const register = hash >>> (32 - REGISTER_BITS)
    const before = this.registers[register]!
    if (rank <= before) return
    this.registers[register] = rank
    if (before === this.lowest && --this.atLowest === 0) this.raise()
  }

  /**
   * Adds numbers given as pairs of words, the low one first: `add` of each, in one loop, as most change nothing.
   * @param values the same as doubles: NaN is passed over. @param areDoubles -0 is 0
   */
  addWords(words: Int32Array, values: Float64Array, from: number, to: number, areDoubles: boolean): void {
    let unchanging = this.lowest > 0 ? ((1 << this.lowest) - 1) << (32 - REGISTER_BITS - this.lowest) : 0
    for (let i = from; i < to; i++) {
      const low = words[2 * i]!
      const high = words[2 * i + 1]!
      const hash = hashOfWords(low, high)
      if ((hash & unchanging) !== 0) continue
      const value = values[i]!
      // biome-ignore lint/suspicious/noSelfCompare: the fastest test for NaN in the hottest loop.
      if (value !== value) continue
      this.add(areDoubles && value === 0 ? hashOfWords(0, 0) : hash)
      unchanging = this.lowest > 0 ? ((1 << this.lowest) - 1) << (32 - REGISTER_BITS - this.lowest) : 0
    }
  }

  estimate(): number {
    let sum = 0
    let empty = 0
    for (const rank of this.registers) {
      sum += 2 ** -rank
      if (rank === 0) empty++
    }
    const raw = ((0.7213 / (1 + 1.079 / REGISTERS)) * REGISTERS * REGISTERS) / sum
    if (raw <= 2.5 * REGISTERS && empty > 0) return Math.round(REGISTERS * Math.log(REGISTERS / empty))
    const space = 2 ** 32
    return Math.round(raw <= space / 30 ? raw : -space * Math.log(1 - raw / space))
  }

  private raise(): void {
    let lowest = 255
    for (const rank of this.registers) if (rank < lowest) lowest = rank
    this.lowest = lowest
    this.atLowest = 0
    for (const rank of this.registers) if (rank === lowest) this.atLowest++
  }
}

/** 32 well-mixed bits of 64. */
export function hashOfWords(low: number, high: number): number {
  let h = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
