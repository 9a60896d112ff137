import type { NumericValues } from '../arrow-columns.ts'
import { type EncodedChunk, type EncodedColumn, type EncodedNumbers, isTexts } from './encoded.ts'
import type { OutputFile } from './output-file.ts'
import type { ColumnSpec } from './output-table.ts'
import { TextBuffer } from './text-buffer.ts'

const COMMA = 0x2c
const QUOTE = 0x22
const NEWLINE = 0x0a
const RETURN = 0x0d
const SPACE = 0x20
/** Rows after which the buffer may be emptied. */
const STEP = 4096

/** Prints one cell of a column. */
export type CellPrinter = (row: number) => void

/**
 * Writes CSV (RFC 4180, line feeds, UTF-8): a header, no value as an empty cell, an empty text as `""`, floats with a point
 * or an exponent, `true` and `false`, 64-bit integers with all digits. In a table of one column no value is `""` as well,
 * and when names are numbers all of them stand in quotes.
 */
export async function writeCsv(
  columns: readonly ColumnSpec[],
  chunks: AsyncIterable<EncodedChunk>,
  file: OutputFile,
): Promise<void> {
  const buffer = new TextBuffer()
  const names = columns.map(({ name }) => name)
  // In quotes, a line of numbers is told from a row.
  const areQuoted = names.some((name) => name.trim() !== '' && !Number.isNaN(Number(name)))
  names.forEach((name, i) => {
    if (i > 0) buffer.byte(COMMA)
    const bytes = Buffer.from(name)
    printText(buffer, bytes, 0, bytes.length, areQuoted)
  })
  buffer.byte(NEWLINE)
  for await (const chunk of chunks) {
    const cells = chunk.columns.map((column, i) => printer(columns[i]!, column, buffer))
    const printers = cells.length === 1 ? cells.map((print) => neverEmpty(print, buffer)) : cells
    for (let start = 0; start < chunk.rows; start += STEP) {
      const end = Math.min(chunk.rows, start + STEP)
      for (let row = start; row < end; row++) {
        for (let i = 0; i < printers.length; i++) {
          if (i > 0) buffer.byte(COMMA)
          printers[i]!(row)
        }
        buffer.byte(NEWLINE)
      }
      await file.append(buffer.take())
    }
  }
  await file.append(buffer.take())
}

function printer({ type }: ColumnSpec, column: EncodedColumn, buffer: TextBuffer): CellPrinter {
  const { nulls } = column
  if (!isTexts(column))
    return type === 'bool' ? boolPrinter(column, buffer) : numberPrinter(column.values, nulls, buffer)
  const { bytes, offsets } = column
  return (row) => {
    if (nulls === null || nulls[row] === 0) printText(buffer, bytes, offsets[row]!, offsets[row + 1]!)
  }
}

/** Prints `""` for what is empty: readers skip empty lines. */
function neverEmpty(print: CellPrinter, buffer: TextBuffer): CellPrinter {
  return (row) => {
    const before = buffer.length
    print(row)
    if (buffer.length === before) buffer.ascii('""')
  }
}

/** Prints `true` and `false`; nothing for a null. */
export function boolPrinter({ values, nulls }: EncodedNumbers, buffer: TextBuffer): CellPrinter {
  return (row) => {
    if (nulls === null || nulls[row] === 0) buffer.ascii(values[row] ? 'true' : 'false')
  }
}

/** Prints the cells of a numeric column; nothing for a null or NaN. */
export function numberPrinter(values: NumericValues, nulls: Uint8Array | null, buffer: TextBuffer): CellPrinter {
  const filled = (print: CellPrinter): CellPrinter =>
    nulls === null
      ? print
      : (row) => {
          if (nulls[row] === 0) print(row)
        }
  if (values instanceof Float64Array) {
    return (row) => {
      const value = values[row]!
      if (!Number.isNaN(value)) buffer.float64(value)
    }
  }
  if (values instanceof Float32Array) {
    return (row) => {
      const value = values[row]!
      if (!Number.isNaN(value)) buffer.float32(value)
    }
  }
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
    const signed = values instanceof BigInt64Array
    return filled((row) => buffer.words(words[2 * row]!, words[2 * row + 1]!, signed))
  }
  return filled((row) => buffer.integer(values[row]!))
}

/** A text, in quotes when it must be. */
function printText(buffer: TextBuffer, bytes: Uint8Array, start: number, end: number, always = false): void {
  let quoted = always || start === end || bytes[start] === SPACE || bytes[end - 1] === SPACE || bytes[start] === 0x23
  for (let at = start; at < end && !quoted; at++) {
    const byte = bytes[at]!
    quoted = byte === COMMA || byte === QUOTE || byte === NEWLINE || byte === RETURN
  }
  if (!quoted) {
    buffer.utf8(bytes, start, end)
    return
  }
  buffer.byte(QUOTE)
  for (let at = start; at < end; at++) {
    if (bytes[at] === QUOTE) buffer.byte(QUOTE)
    buffer.byte(bytes[at]!)
  }
  buffer.byte(QUOTE)
}
