import type { Data } from 'apache-arrow'
import type { Cell } from './inspection.ts'
import type { ColumnType } from './table.ts'

/** Longest text of a cell that is shown; the rest is cut and replaced by an ellipsis. */
const MOST_CHARACTERS = 2_000
/** Longest array (as JSON text) that is shown as an array. */
const MOST_ARRAY_BYTES = 64 * 1024

/** Whether a row of Arrow data has a value. */
export function isValid(data: Data, row: number): boolean {
  const bitmap = data.nullBitmap
  if (!bitmap || bitmap.length === 0 || data.nullCount === 0) return true
  const bit = data.offset + row
  return (bitmap[bit >> 3]! & (1 << (bit & 7))) !== 0
}

/** A cell of Arrow data as JSON shows it (see `Cell`); infinities as "inf" and "-inf". */
export function cellAt(data: Data, type: ColumnType, row: number): Cell {
  if (!isValid(data, row)) return null
  const { values } = data
  switch (type) {
    case 'bool': {
      const bit = data.offset + row
      return (values[bit >> 3] & (1 << (bit & 7))) !== 0
    }
    case 'int64':
    case 'uint64':
      return integerCell(BigInt(values[row]))
    case 'timestamp':
      return timestampCell(Number(values[row]))
    case 'string':
      return textCell(textAt(data, row))
    case 'array':
      return arrayCell(textAt(data, row))
    case 'float32':
      // The shortest decimal that is this float, not the double next to it.
      return numberCell(shortestFloat(Number(values[row])))
    default:
      return numberCell(Number(values[row]))
  }
}

/** A number; NaN as null. */
export function numberCell(value: number): Cell {
  if (Number.isFinite(value)) return value === 0 ? 0 : value
  if (Number.isNaN(value)) return null
  return value > 0 ? 'inf' : '-inf'
}

/** An integer: a number as long as it is exact, else its decimal digits. */
export function integerCell(value: bigint): number | string {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : `${value}`
}

/** Milliseconds since 1970 as ISO 8601; as a number when it is beyond the years that ISO can say. */
export function timestampCell(milliseconds: number): string {
  return Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : String(milliseconds)
}

/** Text of bounded length, without NUL (which PostgreSQL refuses in JSON). */
export function textCell(text: string): string {
  const clean = text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text
  if (clean.length <= MOST_CHARACTERS) return clean
  return `${clean.slice(0, MOST_CHARACTERS).replace(/[\ud800-\udbff]$/, '')}…`
}

/** The text in a row of an Arrow column of UTF-8, which must not be null there. */
export function textAt(data: Data, row: number): string {
  const offsets = data.valueOffsets
  const bytes: Uint8Array = data.values
  const start = offsets[row]!
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, offsets[row + 1]! - start).toString()
}

function arrayCell(json: string): Cell {
  if (json.length > MOST_ARRAY_BYTES) return textCell(json)
  try {
    return cleaned(JSON.parse(exactIntegers(json)))
  } catch {
    return textCell(json)
  }
}

/** Integers of 16 digits and more become strings before JSON rounds them. */
function exactIntegers(json: string): string {
  if (!/\d{16}/.test(json)) return json
  return json.replace(/"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`,
  )
}

function cleaned(value: unknown): Cell {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  if (typeof value === 'string') return textCell(value)
  if (Array.isArray(value)) return value.map(cleaned)
  if (typeof value !== 'object') return null
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cleaned(inner)]))
}

function shortestFloat(value: number): number {
  if (!Number.isFinite(value)) return value
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}
