import { type EncodedColumn, type EncodedNumbers, type EncodedTexts, isTexts } from './encoded.ts'
import { TextBuffer } from './text-buffer.ts'

const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')

/** Truth values as the texts `true` and `false`; a null stays null. */
export function boolTexts({ values, nulls }: EncodedNumbers): EncodedTexts {
  return textColumn(values.length, nulls, (row, buffer) => {
    const word = values[row] === 0 || values[row] === 0n ? FALSE : TRUE
    buffer.utf8(word, 0, word.length)
  })
}

/** Integers as texts, with all digits; a null stays null. */
export function integerTexts({ values, nulls }: EncodedNumbers): EncodedTexts {
  return textColumn(values.length, nulls, (row, buffer) => buffer.ascii(String(values[row]!)))
}

function textColumn(
  rows: number,
  nulls: Uint8Array | null,
  print: (row: number, buffer: TextBuffer) => void,
): EncodedTexts {
  const buffer = new TextBuffer()
  const offsets = new Int32Array(rows + 1)
  for (let row = 0; row < rows; row++) {
    if (nulls === null || nulls[row] === 0) print(row, buffer)
    offsets[row + 1] = buffer.length
  }
  return { bytes: buffer.take(), offsets, nulls }
}

/** Copies texts into fields of fixed width, which are filled with zeros already. */
export function packTexts(
  column: EncodedColumn,
  width: number,
): (bytes: Uint8Array, offset: number, rowBytes: number) => void {
  const { bytes: source, offsets, nulls: _ } = isTexts(column) ? column : integerTexts(column)
  return (bytes, offset, rowBytes) => {
    const rows = offsets.length - 1
    for (let row = 0, at = offset; row < rows; row++, at += rowBytes) {
      const start = offsets[row]!
      const end = Math.min(offsets[row + 1]!, start + width)
      for (let from = start, to = at; from < end; from++, to++) bytes[to] = source[from]!
    }
  }
}
