import { INTEGER, NO_NUMBER, type NumberScanner } from '../number-scanner.ts'
import type { ColumnType } from '../table.ts'

/**
 * What the cells of a text column have shown so far. The type of a column is a function of this set alone, so neither
 * the order of the rows nor the size of a batch can change it.
 */
export const SEEN_BOOL = 1
export const SEEN_INTEGER = 2
export const SEEN_NEGATIVE = 4
/** An integer beyond int64 that fits uint64. */
export const SEEN_BIG = 8
/** An integer that no double holds and no double prints as: an identifier. */
export const SEEN_LOSSY = 16
export const SEEN_DECIMAL = 32
export const SEEN_TEXT = 64

/** No cell had a value: the column is all null, and of type float64. */
export type TextType = 'unknown' | 'bool' | 'int64' | 'uint64' | 'float64' | 'string'

/** bool, int64, uint64 and float64 when every cell is one; string when nothing less keeps every cell as it is. */
export function typeOf(seen: number): TextType {
  if (seen === 0) return 'unknown'
  if (seen & SEEN_TEXT) return 'string'
  if (seen & SEEN_BOOL) return seen === SEEN_BOOL ? 'bool' : 'string'
  const beyond64Bits = (seen & SEEN_BIG) !== 0 && (seen & SEEN_NEGATIVE) !== 0
  if (seen & SEEN_DECIMAL || beyond64Bits) return seen & SEEN_LOSSY ? 'string' : 'float64'
  return seen & SEEN_BIG ? 'uint64' : 'int64'
}

/** The type of the column that keeps such cells; one without any value is of numbers that are all missing. */
export function columnType(type: TextType): ColumnType {
  return type === 'unknown' ? 'float64' : type
}

/** Cells without a value, in any column: what pandas takes for one, and what people type. */
const NULL_TOKENS = new Set(
  '|nan|NaN|NAN|-nan|-NaN|null|NULL|Null|None|NA|N/A|n/a|#N/A|#NA|<NA>'.split('|').map((token) => token),
)
/** In a column of numbers or booleans a dash or dots stand for "no value"; in a column of words they are kept. */
const DASHES = new Set(['-', '--', '---', '...', '…'])
const INFINITIES = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['+infinity', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
])

const latin1 = (bytes: Uint8Array, start: number, end: number) =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')

/** Whether a cell is empty or one of the words for "no value". */
export function isNullToken(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (length === 0) return true
  if (length > 4) return false
  const c = bytes[start]!
  // n N # < -
  if (c !== 0x6e && c !== 0x4e && c !== 0x23 && c !== 0x3c && c !== 0x2d) return false
  return NULL_TOKENS.has(latin1(bytes, start, end))
}

/** Whether a cell is one of the `DASHES`. */
export function isDash(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (length === 0 || length > 3) return false
  const c = bytes[start]!
  // - . and the first byte of …
  if (c !== 0x2d && c !== 0x2e && c !== 0xe2) return false
  return DASHES.has(Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString())
}

/** true, True, TRUE and their contraries; null for anything else. */
export function booleanOf(bytes: Uint8Array, start: number, end: number): boolean | null {
  const length = end - start
  if (length === 4) return isWord(bytes, start, 'true') ? true : null
  return length === 5 && isWord(bytes, start, 'false') ? false : null
}

/** Whether a word in small letters stands there in small letters, in capitals or with a capital. */
function isWord(bytes: Uint8Array, start: number, word: string): boolean {
  const capital = bytes[start]! < 0x60
  const allCapitals = capital && bytes[start + 1]! < 0x60
  for (let i = 0; i < word.length; i++) {
    const lower = word.charCodeAt(i)
    const expected = i === 0 ? (capital ? lower - 32 : lower) : allCapitals ? lower - 32 : lower
    if (bytes[start + i] !== expected) return false
  }
  return true
}

/** `inf`, `-Infinity` and the like in any case; null for anything else. */
export function infinityOf(bytes: Uint8Array, start: number, end: number): number | null {
  const length = end - start
  if (length < 3 || length > 9) return null
  const signed = bytes[start] === 0x2d || bytes[start] === 0x2b
  if ((bytes[signed ? start + 1 : start]! | 32) !== 0x69) return null
  return INFINITIES.get(latin1(bytes, start, end).toLowerCase()) ?? null
}

/** What a number just scanned says about its column. */
export function evidenceOfNumber(number: NumberScanner, bytes: Uint8Array, start: number, end: number): number {
  if (number.kind !== INTEGER) return SEEN_DECIMAL
  // 007 is a label: as a number it would lose its zeros.
  if (number.leadingZeros) return SEEN_TEXT
  let seen = SEEN_INTEGER
  if (number.negative) seen |= SEEN_NEGATIVE
  if (number.digits <= 15) return seen
  const text = latin1(bytes, start, end)
  const beyond =
    number.high > 0xffffffff ||
    (number.negative && (number.high > 0x80000000 || (number.high === 0x80000000 && number.low > 0)))
  // Too large for 64 bits: the number that a double prints as is one, all else is an identifier.
  if (beyond) return printsAs(text) ? SEEN_DECIMAL : SEEN_TEXT
  if (number.high > 0x7fffffff && !number.negative) seen |= SEEN_BIG
  return isExact(text) ? seen : seen | SEEN_LOSSY
}

/** What a cell says about its column; 0 for a cell without a value. `start`..`end` without spaces around it. */
export function evidenceOf(number: NumberScanner, bytes: Uint8Array, start: number, end: number): number {
  if (isNullToken(bytes, start, end) || isDash(bytes, start, end)) return 0
  const stop = number.scan(bytes, start)
  if (number.kind !== NO_NUMBER && stop === end) return evidenceOfNumber(number, bytes, start, end)
  if (infinityOf(bytes, start, end) !== null) return SEEN_DECIMAL
  return booleanOf(bytes, start, end) === null ? SEEN_TEXT : SEEN_BOOL
}

/** Whether it is the shortest text of a double: JavaScript prints 1.2345678901234568e20 as 123456789012345680000. */
function printsAs(text: string): boolean {
  const digits = text.startsWith('+') ? text.slice(1) : text
  return String(Number(digits)) === digits
}

function isExact(text: string): boolean {
  return printsAs(text) || BigInt(Number(text)) === BigInt(text.startsWith('+') ? text.slice(1) : text)
}
