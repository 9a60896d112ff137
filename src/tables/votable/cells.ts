import { floatCell, nested } from '../arrow-columns.ts'
import type { ColumnBuilder } from '../column-builder.ts'
import { INTEGER, NumberScanner } from '../number-scanner.ts'
import type { Datatype, TextArray, VotableField } from './fields.ts'

const encoder = new TextEncoder()
/** What stands for no number; IRSA answers with `null` and `-`, though no standard says so. */
const NULLS = new Set(['', 'NaN', 'nan', 'NAN', 'null', '-'])

/**
 * Writes a cell given as text (TABLEDATA) into its column.
 * @returns false when the text is not of the field's datatype.
 */
export function placeText(field: VotableField, builder: ColumnBuilder, row: number, text: string): boolean {
  const { column, datatype, nullValue } = field
  if (column.type === 'string') {
    if (text === '' || text === nullValue) builder.setNull(row)
    else placeString(builder, row, text)
    return true
  }
  if (field.texts !== null) {
    if (text === '' || text === nullValue) builder.setNull(row)
    else placeString(builder, row, textsJson(field.texts, text))
    return true
  }
  const trimmed = text.trim()
  if (NULLS.has(trimmed) || trimmed === nullValue) {
    builder.setNull(row)
    return true
  }
  if (column.type === 'array') {
    const parts = datatype === 'bit' ? trimmed.replace(/\s+/g, '').split('') : trimmed.split(/\s+/)
    const values = parts.map((part) => jsonElement(datatype, part))
    if (values.includes(null)) return false
    placeString(builder, row, `[${values.join(',')}]`)
    return true
  }
  if (column.type === 'bool') return placeBoolean(builder, row, trimmed)
  return placeNumber(field, builder, row, trimmed)
}

/** Writes a text into its column as it is, also an empty one. */
export function placeString(builder: ColumnBuilder, row: number, text: string): void {
  const bytes = encoder.encode(text)
  builder.setText(row, bytes, 0, bytes.length)
}

/** The texts of an array, each up to its first NUL and without the blanks that fill it. */
export function textsJson({ length, shape }: TextArray, cell: string, decoded = (text: string) => text): string {
  const texts: string[] = []
  for (let at = 0; at < cell.length; at += length) {
    texts.push(decoded(cell.slice(at, at + length).replace(/\0.*$/s, '')).trimEnd())
  }
  const inner = shape.reduce<number>((product, size) => product * (size ?? 1), 1)
  const sizes = shape.map((size) => size ?? Math.ceil(texts.length / inner))
  return JSON.stringify(nested(texts, sizes))
}

function placeBoolean(builder: ColumnBuilder, row: number, text: string): boolean {
  if (/^(t|true|1)$/i.test(text)) builder.setBool(row, true)
  else if (/^(f|false|0)$/i.test(text)) builder.setBool(row, false)
  else if (text === '?') builder.setNull(row)
  else return false
  return true
}

const RANGES: Partial<Record<Datatype, readonly [number, number]>> = {
  unsignedByte: [0, 255],
  short: [-32768, 32767],
  int: [-2147483648, 2147483647],
}

function placeNumber(field: VotableField, builder: ColumnBuilder, row: number, text: string): boolean {
  const { datatype, nullValue } = field
  if (datatype === 'float' || datatype === 'double') {
    const value = floatOf(text)
    if (value === null) return false
    if (nullValue !== null && value === floatOf(nullValue.trim())) builder.setNull(row)
    else builder.floats[row] = value
    return true
  }
  if (!/^[+-]?\d+$|^0[xX][0-9a-fA-F]+$/.test(text)) return false
  const value = BigInt(text.replace(/^\+/, ''))
  if (nullValue !== null && /^[+-]?\d+$/.test(nullValue) && value === BigInt(nullValue.replace(/^\+/, ''))) {
    builder.setNull(row)
    return true
  }
  if (datatype === 'long') {
    if (BigInt.asIntN(64, value) !== value) return false
    const magnitude = value < 0n ? -value : value
    builder.setWords(row, Number(magnitude & 0xffffffffn), Number(magnitude >> 32n), value < 0n)
    return true
  }
  const [low, high] = RANGES[datatype]!
  const number = Number(value)
  builder.floats[row] = number
  return number >= low && number <= high
}

function floatOf(text: string): number | null {
  if (/^[+]?inf(inity)?$/i.test(text)) return Number.POSITIVE_INFINITY
  if (/^-inf(inity)?$/i.test(text)) return Number.NEGATIVE_INFINITY
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : null
}

/** One element of an array as JSON; null when it is none. */
function jsonElement(datatype: Datatype, text: string): string | null {
  if (datatype === 'boolean' || datatype === 'bit') {
    return /^(t|true|1)$/i.test(text) ? 'true' : /^(f|false|0)$/i.test(text) ? 'false' : text === '?' ? 'null' : null
  }
  if (/^nan$/i.test(text)) return 'null'
  if (/^[+-]?\d+$/.test(text)) return text.replace(/^\+/, '').replace(/^(-?)0+(?=\d)/, '$1')
  const value = floatOf(text)
  return value === null ? null : JSON.stringify(floatCell(value))
}

/** The integer that stands for "no value", as a double; NaN when there is none (which equals nothing). */
export function nullNumber({ nullValue, datatype }: VotableField): number {
  if (nullValue === null || datatype === 'float' || datatype === 'double') return Number.NaN
  const bytes = encoder.encode(`${nullValue.trim()}\n`)
  const scanner = new NumberScanner()
  const end = scanner.scan(bytes, 0)
  return scanner.kind === INTEGER && end === bytes.length - 1 ? scanner.value : Number.NaN
}

/** The number that stands for "no value" in a column of floats, as it is stored there; NaN when there is none. */
export function nullFloat({ nullValue, datatype }: VotableField): number {
  const value = (nullValue === null ? null : floatOf(nullValue.trim())) ?? Number.NaN
  return datatype === 'float' ? Math.fround(value) : value
}
