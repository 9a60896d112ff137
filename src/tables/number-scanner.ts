/**
 * Reads decimal numbers straight from bytes, without making a string: correctly rounded, as `Number()` would.
 *
 * Up to 15 significant digits: one exact operation on exact doubles (Clinger, "How to read floating point numbers
 * accurately", PLDI 1990). 16 to 19 digits, as Python's repr prints them: double-double division (Dekker 1971) and a
 * proof that the rest of the error cannot change the rounding. Everything else: `Number()`.
 */

const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
const TWO_32 = 4294967296
/** Splits a double into two halves of 26 bits (Dekker). */
const SPLITTER = 134217729
/** Bound of the relative error of the double-double quotient, with room to spare (the bound is about 2^-103). */
const QUOTIENT_ERROR = 2 ** -100

/** What `scan` found. */
export const NO_NUMBER = 0
export const INTEGER = 1
export const DECIMAL = 2

/**
 * Reads decimal numbers out of bytes, rounded correctly as `Number` does, without making a text of them. The fields tell of
 * the last number and are overwritten by the next: one object serves a whole file.
 */
export class NumberScanner {
  /** `NO_NUMBER`, `INTEGER` (digits alone) or `DECIMAL`. */
  kind = NO_NUMBER
  /** The nearest double. */
  value = 0.5
  negative = false
  /** Significant digits. An integer of up to 15 is exact in `value`. */
  digits = 0
  /** An integer such as `007`, which is a label rather than a number. */
  leadingZeros = false
  /** Magnitude of an integer of 16 or more digits; `high` is beyond 2^32 - 1 when it does not fit 64 bits. */
  low = 0
  high = 0

  /** @param point byte of the decimal point: `.` or `,`. */
  constructor(private readonly point: number = 0x2e) {
    // Fields that hold doubles from the beginning spare V8 a change of their representation.
    this.value = 0
  }

  /**
   * Scans a number at `start`. The byte after the last one must exist and be no digit (the window's sentinel).
   * @returns the position after it; `start` when there is none.
   */
  scan(bytes: Uint8Array, start: number): number {
    let pos = start
    let c = bytes[pos]!
    this.negative = false
    if (c === 0x2d) {
      this.negative = true
      c = bytes[++pos]!
    } else if (c === 0x2b) {
      c = bytes[++pos]!
    }
    const first = pos
    let digit = c - 0x30
    while (digit === 0) digit = bytes[++pos]! - 0x30
    const zeros = pos - first
    // Three integers of nine digits each take the mantissa: a, then b, then c.
    let a = 0
    let b = 0
    let rest = 0
    let count = 0
    let kind = INTEGER
    let scale = 0
    for (;;) {
      const from = pos
      while (digit >= 0 && digit <= 9 && count < 9) {
        a = (Math.imul(a, 10) + digit) | 0
        count++
        digit = bytes[++pos]! - 0x30
      }
      while (digit >= 0 && digit <= 9) {
        if (count < 18) b = (Math.imul(b, 10) + digit) | 0
        else if (count < 20) rest = (Math.imul(rest, 10) + digit) | 0
        count++
        digit = bytes[++pos]! - 0x30
      }
      if (kind === DECIMAL) {
        scale = pos - from
        break
      }
      if (digit + 0x30 !== this.point) break
      kind = DECIMAL
      digit = bytes[++pos]! - 0x30
    }
    if (zeros + count === 0) {
      this.kind = NO_NUMBER
      return start
    }
    let exponent = 0
    c = digit + 0x30
    if (c === 0x65 || c === 0x45) {
      let at = pos + 1
      c = bytes[at]!
      const below = c === 0x2d
      if (below || c === 0x2b) c = bytes[++at]!
      digit = c - 0x30
      if (digit >= 0 && digit <= 9) {
        while (digit >= 0 && digit <= 9) {
          if (exponent < 100_000) exponent = exponent * 10 + digit
          digit = bytes[++at]! - 0x30
        }
        if (below) exponent = -exponent
        kind = DECIMAL
        pos = at
      }
    }
    this.kind = kind
    this.leadingZeros = kind === INTEGER && zeros > 0 && zeros + count > 1
    this.digits = count
    const power = exponent - scale
    if (count > 15) {
      this.long(bytes, start, pos, a, b, rest, count, power)
      return pos
    }
    let value = count <= 9 ? a : a * POWERS_OF_TEN[count - 9]! + b
    if (power < 0) {
      if (power >= -22) value /= POWERS_OF_TEN[-power]!
      else if (value !== 0) value = Math.abs(this.slow(bytes, start, pos))
    } else if (power > 0) {
      if (power <= 22) value *= POWERS_OF_TEN[power]!
      else if (value !== 0) value = Math.abs(this.slow(bytes, start, pos))
    }
    this.value = this.negative ? -value : value
    return pos
  }

  /** Numbers of 16 digits and more: the mantissa is a, b, c one after the other, the value `mantissa * 10^power`. */
  private long(
    bytes: Uint8Array,
    start: number,
    end: number,
    a: number,
    b: number,
    c: number,
    digits: number,
    power: number,
  ): void {
    if (digits > 20) {
      this.high = Number.POSITIVE_INFINITY
      this.value = this.slow(bytes, start, end)
      return
    }
    // a * 10^n + b in 64 bits, by halves of 15 bits of a
    const shift = POWERS_OF_TEN[digits < 18 ? digits - 9 : 9]!
    const upper = (a >>> 15) * shift
    const upperHigh = Math.floor(upper / 131072)
    let low = (upper - upperHigh * 131072) * 32768 + (a & 32767) * shift + b
    let carry = Math.floor(low / TWO_32)
    low -= carry * TWO_32
    let high = upperHigh + carry
    if (digits > 18) {
      const further = digits === 19 ? 10 : 100
      low = low * further + c
      carry = Math.floor(low / TWO_32)
      low -= carry * TWO_32
      high = high * further + carry
    }
    this.low = low
    this.high = high

    if (digits > 19 || power > 0 || power < -22) {
      this.value = this.slow(bytes, start, end)
      return
    }
    // mantissa = h + l exactly
    const upperWord = high * TWO_32
    const h = upperWord + low
    if (power === 0) {
      this.value = this.negative ? -h : h
      return
    }
    const l = low - (h - upperWord)
    const divisor = POWERS_OF_TEN[-power]!
    const q = h / divisor
    const qSplit = SPLITTER * q
    const qHigh = qSplit - (qSplit - q)
    const qLow = q - qHigh
    const dSplit = SPLITTER * divisor
    const dHigh = dSplit - (dSplit - divisor)
    const dLow = divisor - dHigh
    const back = q * divisor
    const backError = qHigh * dHigh - back + qHigh * dLow + qLow * dHigh + qLow * dLow
    const correction = (h - back - backError + l) / divisor
    const slack = q * QUOTIENT_ERROR
    const value = q + (correction + slack)
    if (value === q + (correction - slack)) this.value = this.negative ? -value : value
    else this.value = this.slow(bytes, start, end)
  }

  private slow(bytes: Uint8Array, start: number, end: number): number {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
    return Number(this.point === 0x2e ? text : text.replace(',', '.'))
  }
}
