const REGISTER_BITS = 12
const REGISTERS = 1 << REGISTER_BITS

/**
 * Estimates how many different values there were, from their 32-bit hashes: HyperLogLog (Flajolet et al. 2007) of 4096
 * registers, standard error 1.6 %.
 */
export class CardinalitySketch {
  private readonly registers = new Uint8Array(REGISTERS)

  add(hash: number): void {
    const rank = Math.clz32((hash << REGISTER_BITS) | (1 << (REGISTER_BITS - 1))) + 1
    const register = hash >>> (32 - REGISTER_BITS)
    if (rank > this.registers[register]!) this.registers[register] = rank
  }

  /**
   * Adds numbers given as pairs of words, the low one first: `add` of each, in one loop, as most change nothing.
   * @param values the same as doubles: NaN is passed over. @param areDoubles -0 is 0
   */
  addWords(words: Int32Array, values: Float64Array, from: number, to: number, areDoubles: boolean): void {
    const { registers } = this
    for (let i = from; i < to; i++) {
      const hash = hashOfWords(words[2 * i]!, words[2 * i + 1]!)
      const rank = Math.clz32((hash << REGISTER_BITS) | (1 << (REGISTER_BITS - 1))) + 1
      if (rank <= registers[hash >>> (32 - REGISTER_BITS)]!) continue
      const value = values[i]!
      // biome-ignore lint/suspicious/noSelfCompare: the fastest test for NaN in the hottest loop.
      if (value !== value) continue
      this.add(areDoubles && value === 0 ? hashOfWords(0, 0) : hash)
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
}

/** 32 well-mixed bits of 64. */
export function hashOfWords(low: number, high: number): number {
  let h = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
