import type { Data } from 'apache-arrow'
import { fixedWidthData, numericValues, uniqueNames, Validity } from '../arrow-columns.ts'
import { type ColumnDescription, TableError } from '../table.ts'
import { TextColumn } from '../text-column.ts'
import type { Scaling } from './binary-columns.ts'
import type { Slab } from './decode.ts'
import type { Header } from './header.ts'

/** A column of an ASCII table (FITS standard 4.0, section 7.2): text of fixed width, at TBCOLn. */
export interface AsciiColumn extends ColumnDescription {
  readonly type: 'string' | 'int32' | 'int64' | 'float64'
  readonly offset: number
  readonly bytes: number
  /** Whether the cells are integers (TFORM I), before any scaling. */
  readonly isWhole: boolean
  readonly scaling: Scaling | null
  /** TNULLn: the text that stands for "no value". */
  readonly nullText: string | null
}

/** The columns of an ASCII table, from its header. @throws TableError malformed */
export function asciiColumns(header: Header, fields: number, fileName: string): AsciiColumn[] {
  const rowBytes = header.size('NAXIS1')
  const names = uniqueNames(
    Array.from({ length: fields }, (_, i) => header.filledText(`TTYPE${i + 1}`) ?? `col${i + 1}`),
  )
  return names.map((name, i) => {
    const n = i + 1
    const nativeType = header.text(`TFORM${n}`)?.trim() ?? ''
    const form = /^([AIFED])(\d{1,9})(?:\.\d+)?$/.exec(nativeType)
    const offset = header.size(`TBCOL${n}`) - 1
    const bytes = Number(form?.[2] ?? 0)
    if (form === null || offset < 0 || offset + bytes > rowBytes) {
      throw new TableError(
        'malformed',
        `${fileName}: column "${name}" of the ASCII table (TFORM${n} = "${nativeType.slice(0, 40)}", TBCOL${n} = ${offset + 1}) does not fit in a row of ${rowBytes} characters.`,
      )
    }
    const scale = header.number(`TSCAL${n}`) ?? 1
    const zero = header.number(`TZERO${n}`) ?? 0
    const scaling = form[1] === 'A' || (scale === 1 && zero === 0) ? null : { scale, zero }
    return {
      name,
      type: asciiType(form[1]!, bytes, scaling),
      nativeType,
      unit: header.filledText(`TUNIT${n}`),
      ucd: header.filledText(`TUCD${n}`),
      description: header.filledText(`TCOMM${n}`),
      offset,
      bytes,
      isWhole: form[1] === 'I',
      scaling,
      nullText: header.text(`TNULL${n}`)?.trim() ?? null,
    }
  })
}

function asciiType(letter: string, width: number, scaling: Scaling | null): AsciiColumn['type'] {
  if (letter === 'A') return 'string'
  if (letter !== 'I' || scaling !== null) return 'float64'
  return width <= 9 ? 'int32' : 'int64'
}

/** One column of a slab as an Arrow column; blank numbers are null. @throws TableError malformed, naming the row */
export function decodeAsciiColumn(column: AsciiColumn, slab: Slab, fileName: string): Data {
  const cellAt = (row: number) => {
    const start = row * slab.rowBytes + column.offset
    return String.fromCharCode(...slab.bytes.subarray(start, start + column.bytes))
  }
  if (column.type === 'string') {
    const text = new TextColumn(column.name, slab.rows, column.bytes)
    for (let row = 0; row < slab.rows; row++) {
      const value = cellAt(row).replace(/\0.*$/s, '').trimEnd()
      if (column.nullText !== null && value.trim() === column.nullText) text.appendNull()
      else text.append(value)
    }
    return text.finish()
  }
  const values = numericValues(column.type, slab.rows)
  const validity = new Validity(slab.rows)
  for (let row = 0; row < slab.rows; row++) {
    const value = cellAt(row).trim()
    if (value === '' || value === column.nullText) {
      validity.setNull(row)
      continue
    }
    const number = column.isWhole ? wholeNumber(value) : realNumber(value)
    if (number === null) throw badNumber(column, value, slab.firstRow + row + 1, fileName)
    if (values instanceof BigInt64Array) values[row] = BigInt(number)
    else if (column.scaling === null) values[row] = Number(number)
    else values[row] = column.scaling.zero + column.scaling.scale * Number(number)
  }
  return fixedWidthData(column.type, slab.rows, values, validity)
}

/** Most digits of an integer that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15

/** An integer of at most 64 bits; null for another text. */
function wholeNumber(text: string): number | bigint | null {
  if (!/^[+-]?\d+$/.test(text)) return null
  if (text.length <= EXACT_DIGITS) return Number(text)
  const number = BigInt(text.replace(/^\+/, ''))
  return BigInt.asIntN(64, number) === number ? number : null
}

const INFINITY = /^([+-]?)inf(?:inity)?$/i

/** A real number, its exponent with an E or a D; null for another text. */
function realNumber(text: string): number | null {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([ED][+-]?\d+)?$/i.test(text)) return Number(text.replace(/d/i, 'E'))
  if (/^[+-]?nan$/i.test(text)) return Number.NaN
  const infinity = INFINITY.exec(text)
  if (infinity === null) return null
  return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

function badNumber(column: AsciiColumn, value: string, row: number, fileName: string): TableError {
  return new TableError(
    'malformed',
    `${fileName}: row ${row}, column "${column.name}": "${value}" is not ${column.isWhole ? 'an integer of at most 64 bits' : 'a number'}.`,
    row,
  )
}
