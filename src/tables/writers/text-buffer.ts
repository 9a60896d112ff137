/** Bytes of text in the making: numbers as the shortest decimals that read back as the same number. */
export class TextBuffer {
  bytes: Uint8Array
  length = 0

  /** @param capacity bytes that there is room for at first */
  constructor(capacity = 1 << 20) {
    this.bytes = new Uint8Array(capacity)
  }

  /** The text so far; it is overwritten by what follows. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.length)
    this.length = 0
    return taken
  }

  byte(code: number): void {
    if (this.length === this.bytes.length) this.reserve(1)
    this.bytes[this.length++] = code
  }

  /** ASCII. */
  ascii(text: string): void {
    this.reserve(text.length)
    const { bytes } = this
    let at = this.length
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    this.length = at
  }

  utf8(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start)
    const { bytes } = this
    let at = this.length
    if (end - start > 64) bytes.set(source.subarray(start, end), at)
    else for (let from = start; from < end; from++, at++) bytes[at] = source[from]!
    this.length += end - start
  }

  /** A whole number that a double holds exactly. */
  integer(value: number): void {
    this.reserve(20)
    let rest = value
    if (rest < 0) {
      this.bytes[this.length++] = MINUS
      rest = -rest
    }
    this.digits(rest)
  }

  /** A 64-bit integer, by its two words. */
  words(low: number, high: number, signed: boolean): void {
    let bottom = low >>> 0
    let top = high >>> 0
    this.reserve(20)
    if (signed && top > 0x7fff_ffff) {
      this.bytes[this.length++] = MINUS
      top = (~top + (bottom === 0 ? 1 : 0)) >>> 0
      bottom = -bottom >>> 0
    }
    if (top < 0x20_0000) {
      this.digits(top * TWO_32 + bottom)
      return
    }
    // Too large for a double: divided by 1e9, sixteen bits at a time, as on paper.
    const first = Math.floor(top / 1e9)
    const second = (top - first * 1e9) * 0x1_0000 + (bottom >>> 16)
    const third = (second % 1e9) * 0x1_0000 + (bottom & 0xffff)
    this.digits(first * TWO_32 + Math.floor(second / 1e9) * 0x1_0000 + Math.floor(third / 1e9))
    this.padded(third % 1e9, 9)
  }

  /**
   * A double, as Python prints it but for the exponent: 1.0, 0.25, 1e-7, 1.5e+300, inf. Not NaN.
   *
   * Up to eight decimals are printed by hand: when m / 1e8 is the number and m has at most 15 digits, no shorter decimal
   * reads back as it.
   */
  float64(value: number): void {
    const scaled = Math.round(value * 1e8)
    if (scaled < 1e15 && scaled > -1e15 && scaled / 1e8 === value && (scaled > 99 || scaled < -99)) this.decimal(scaled)
    else this.ascii(floatText(value))
  }

  float32(value: number): void {
    if (Number.isFinite(value) && value !== 0) this.float64(shortestFloat32(value))
    else this.ascii(floatText(value))
  }

  /** A number of 1e-8. */
  private decimal(scaled: number): void {
    this.reserve(32)
    let rest = scaled
    if (rest < 0) {
      this.bytes[this.length++] = MINUS
      rest = -rest
    }
    const whole = Math.floor(rest / 1e8)
    let fraction = (rest - whole * 1e8) | 0
    this.digits(whole)
    this.bytes[this.length++] = POINT
    let places = 8
    if (fraction % 10_000 === 0) {
      fraction = (fraction / 10_000) | 0
      places = 4
    }
    while (places > 1 && fraction % 10 === 0) {
      fraction = (fraction / 10) | 0
      places--
    }
    this.padded(fraction, places)
  }

  private digits(value: number): void {
    if (value > 0x7fff_ffff) {
      const high = Math.floor(value / 1e9)
      this.digits(high)
      this.padded(value - high * 1e9, 9)
      return
    }
    let count = 1
    for (let power = 10; value >= power; power *= 10) count++
    this.padded(value, count)
  }

  /** The last `places` digits of a number below 2^31. */
  private padded(value: number, places: number): void {
    const { bytes } = this
    let rest = value | 0
    for (let at = this.length + places - 1; at >= this.length; at--) {
      const next = (rest / 10) | 0
      bytes[at] = ZERO + rest - next * 10
      rest = next
    }
    this.length += places
  }

  private reserve(more: number): void {
    const needed = this.length + more
    if (needed <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }
}

const TWO_32 = 2 ** 32
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30

function floatText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf'
  if (value === Number.NEGATIVE_INFINITY) return '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text
}

/** The decimal with the fewest digits that is this single. At most nine are needed. */
export function shortestFloat32(value: number): number {
  const size = Math.abs(value)
  if (size < 1e-3 || size >= 1e6) return shortestByText(value)
  let scale = 1e5 // makes six digits of a number from 1 to 10
  for (let power = 10; size >= power; power *= 10) scale /= 10
  for (let power = 1; size < power; power /= 10) scale *= 10
  for (let digits = 6; digits < 9; digits++, scale *= 10) {
    const short = Math.round(value * scale) / scale
    if (Math.fround(short) === value) return short
  }
  return shortestByText(value)
}

function shortestByText(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return Number(value.toPrecision(9))
}
