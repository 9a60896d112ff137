import { Texts } from '../../tables/texts.ts'

/** Floating point numbers; NaN is null. */
export interface FloatColumn {
  readonly kind: 'float'
  readonly values: Float64Array | Float32Array
}

export type IntegerArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

/** Whole numbers, 64-bit ones exact. `nulls` has a 1 where there is no value; null when every row has one. */
export interface IntegerColumn {
  readonly kind: 'integer'
  readonly values: IntegerArray
  readonly nulls: Uint8Array | null
}

/** Truth values, 0 or 1. `nulls` as in `IntegerColumn`. */
export interface BooleanColumn {
  readonly kind: 'boolean'
  readonly values: Uint8Array
  readonly nulls: Uint8Array | null
}

export interface TextColumn {
  readonly kind: 'text'
  readonly values: Texts
}

/** One column of a catalog: what Arrow, Parquet, FITS and CSV columns become before they are combined. */
export type Column = FloatColumn | IntegerColumn | BooleanColumn | TextColumn

export const floatColumn = (values: Float64Array | Float32Array): FloatColumn => ({ kind: 'float', values })
export const textColumn = (values: Texts | readonly (string | null)[]): TextColumn => ({
  kind: 'text',
  values: values instanceof Texts ? values : Texts.of(values),
})

/** The words that stand for "no value" in text columns, lower case (section 1.3.7 of the reference). */
const NULL_WORDS: ReadonlySet<string> = new Set(['', 'none', 'null', 'nan'])
/** The same in files whose format has no nulls (section 1.3.1). */
export const NULL_WORDS_OF_FILES: ReadonlySet<string> = new Set([...NULL_WORDS, 'na', '<na>'])
/** The words that mean "no value" where a number is expected. */
const NULL_NUMBERS: ReadonlySet<string> = new Set([...NULL_WORDS_OF_FILES, 'n/a'])

const LONGEST_NULL_WORD = 4

/**
 * Trimmed text; null for words that stand for "no value", in any case.
 * @param spell the case that the text gets
 */
function cleanText(text: string, spell = (trimmed: string) => trimmed, nullWords = NULL_WORDS): string | null {
  const trimmed = text.trim()
  return trimmed.length <= LONGEST_NULL_WORD && nullWords.has(trimmed.toLowerCase()) ? null : spell(trimmed)
}

/** The texts as `cleanText` has them. */
export function cleanTexts(texts: Texts, spell?: (trimmed: string) => string, nullWords = NULL_WORDS): Texts {
  // Nearly all ids: nothing to be cleaned.
  if (!spell && texts.areLongAndTrimmed(LONGEST_NULL_WORD)) return texts
  return texts.map((text) => cleanText(text, spell, nullWords))
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const INFINITY = /^([+-]?)inf(inity)?$/i

/** The number that a text stands for, NaN for a null word, undefined when it is not a number. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim()
  if (NUMBER.test(trimmed)) return Number(trimmed)
  if (isNullNumber(trimmed)) return Number.NaN
  const infinite = INFINITY.exec(trimmed)
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return undefined
}

/** The column as float64, null and unreadable text as NaN; float32 is widened exactly. */
export function toNumbers(column: Column): Float64Array {
  switch (column.kind) {
    case 'float':
      return column.values instanceof Float64Array ? column.values : new Float64Array(column.values)
    case 'integer':
    case 'boolean': {
      const numbers = new Float64Array(column.values.length)
      for (let row = 0; row < numbers.length; row++)
        numbers[row] = column.nulls?.[row] ? Number.NaN : Number(column.values[row])
      return numbers
    }
    case 'text':
      return column.values.numbers((text) => parseNumber(text) ?? Number.NaN)
  }
}

/** The column as text, as the reference prints it: 123 (integers, exact), 123.0 (floats), true. Not trimmed; null stays null. */
export function toTexts(column: Column): readonly (string | null)[] {
  if (column.kind === 'text') return column.values.strings()
  const { values } = column
  const texts: (string | null)[] = new Array(values.length)
  for (let row = 0; row < values.length; row++) {
    if (column.kind === 'float') {
      const value = column.values[row]!
      if (Number.isNaN(value)) texts[row] = null
      else texts[row] = column.values instanceof Float32Array ? floatText(shortest32(value)) : floatText(value)
    } else if (column.nulls?.[row]) texts[row] = null
    else if (column.kind === 'boolean') texts[row] = values[row] ? 'true' : 'false'
    else texts[row] = String(values[row])
  }
  return texts
}

/** The column as `toTexts` has it, for columns of a million rows. */
export function textsOf(column: Column): Texts {
  if (column.kind === 'text') return column.values
  const { values } = column
  if (column.kind !== 'integer' || column.nulls !== null) return Texts.of(toTexts(column))
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
    const isSigned = values instanceof BigInt64Array
    return Texts.printed(values.length, (row, buffer) => buffer.words(words[2 * row]!, words[2 * row + 1]!, isSigned))
  }
  return Texts.printed(values.length, (row, buffer) => buffer.integer(Number(values[row])))
}

/** A float as Python prints it: 1.0, 0.0001, 1e-05, 1e+16, inf. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits, exponent] = value.toExponential().split('e') as [string, string]
    const sign = exponent.startsWith('-') ? '-' : '+'
    return `${digits}e${sign}${exponent.slice(1).padStart(2, '0')}`
  }
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  return text.includes('.') ? text : `${text}.0`
}

/** The decimal number with the fewest digits that is this float32. */
function shortest32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}

/** Rows with a value; words for "no value" are none. */
export function countValues(column: Column): number {
  switch (column.kind) {
    case 'float':
      return toNumbers(column).reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0)
    case 'text':
      return column.values.strings().reduce((count, text) => count + (text === null || isNullNumber(text) ? 0 : 1), 0)
    default:
      return column.values.length - (column.nulls?.reduce((count, isNull) => count + isNull, 0) ?? 0)
  }
}

const isNullNumber = (text: string): boolean => NULL_NUMBERS.has(text.trim().toLowerCase())

/** True when no row has a value. */
export function isAllNull(column: Column): boolean {
  switch (column.kind) {
    case 'float':
      return column.values.every(Number.isNaN)
    case 'text':
      return column.values.isAllNull
    default:
      return column.values.length === 0 || (column.nulls?.every((isNull) => isNull === 1) ?? false)
  }
}

/** The given rows of a column, in the given order. */
export function takeRows(column: Column, rows: Uint32Array): Column {
  if (column.kind === 'text') return textColumn(column.values.take(rows))
  if (column.kind === 'float') return floatColumn(takeValues(column.values, rows))
  const nulls = column.nulls === null ? null : takeValues(column.nulls, rows)
  return column.kind === 'boolean'
    ? { kind: 'boolean', values: takeValues(column.values, rows), nulls }
    : { kind: 'integer', values: takeValues(column.values, rows), nulls }
}

type NumericArray = IntegerArray | Float64Array | Float32Array

/** The given rows of a typed array. */
export function takeValues<T extends NumericArray>(values: T, rows: Uint32Array): T {
  const taken = new (values.constructor as new (length: number) => T)(rows.length)
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!
  return taken
}

/** A float column without any value. */
export const nullFloats = (rows: number): FloatColumn => floatColumn(new Float64Array(rows).fill(Number.NaN))
/** A text column without any value. */
export const nullTexts = (rows: number): TextColumn => textColumn(Texts.constant(null, rows))
