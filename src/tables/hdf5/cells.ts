import type { Data } from 'apache-arrow'
import {
  Bits,
  type CellValue,
  fixedWidthData,
  floatCell,
  type Memory,
  type NumericType,
  type NumericValues,
  nested,
  numericValues,
  shortestFloat32,
  Validity,
  withNulls,
} from '../arrow-columns.ts'
import type { ColumnType } from '../table.ts'
import { decodeText, endOfText, TextColumn } from '../text-column.ts'
import { type TimeUnit, toMilliseconds } from '../time-unit.ts'
import type { DatasetMetadata, Hdf5File } from './hdf5-file.ts'

export interface NumberCell {
  readonly kind: 'number'
  readonly type: NumericType
  readonly bytes: number
  readonly bigEndian: boolean
}

/** Time since 1970 in numpy's `datetime64`: 64-bit integers, of which the smallest is "not a time". */
export interface TimeCell {
  readonly kind: 'time'
  readonly bytes: number
  readonly bigEndian: boolean
  readonly unit: TimeUnit
}

/** How the bytes of a cell become a value. */
export type Cell =
  | NumberCell
  | TimeCell
  | { readonly kind: 'half'; readonly bytes: number; readonly bigEndian: boolean }
  | { readonly kind: 'logical'; readonly bytes: number }
  /** A text of fixed width; `nullText` is the one that stands for "no value". */
  | { readonly kind: 'text'; readonly bytes: number; readonly nullText?: string }
  | { readonly kind: 'variable text'; readonly bytes: number }
  | { readonly kind: 'sequence'; readonly bytes: number; readonly element: Cell }
  | { readonly kind: 'complex'; readonly bytes: number; readonly part: Cell }
  /** The number of a word; there is no value where there is no such word. */
  | { readonly kind: 'category'; readonly bytes: number; readonly code: NumberCell; readonly words: readonly string[] }

/** Classes of HDF5 types (H5T_class_t). */
const CLASS = { integer: 0, float: 1, text: 3, bits: 4, compound: 6, enumeration: 8, sequence: 9, array: 10 } as const

/** A type and the shape of its array, `[]` for a single value. */
export interface CellLayout {
  readonly cell: Cell
  readonly shape: readonly number[]
}

/**
 * How a type is laid out in memory; null when a table cannot hold it (references, opaque bytes, long doubles …).
 *
 * @param raw whether the bytes come as the file has them; else the library has turned big-endian numbers round
 */
export function cellLayout(metadata: DatasetMetadata, raw = false): CellLayout | null {
  const { type, size, littleEndian, array_type, vlen_type, compound_type } = metadata
  const bigEndian = raw && !littleEndian
  const single = (cell: Cell | null): CellLayout | null => (cell === null ? null : { cell, shape: [] })
  switch (type) {
    case CLASS.integer:
      return single(integerCell(metadata, bigEndian))
    case CLASS.float:
      if (size === 2) return single({ kind: 'half', bytes: 2, bigEndian })
      if (size !== 4 && size !== 8) return null
      return single({ kind: 'number', type: size === 4 ? 'float32' : 'float64', bytes: size, bigEndian })
    case CLASS.text:
      return single(metadata.vlen ? { kind: 'variable text', bytes: size } : { kind: 'text', bytes: size })
    case CLASS.bits:
      return size === 1 ? single({ kind: 'logical', bytes: 1 }) : null
    case CLASS.enumeration:
      // The library cannot turn these round.
      return single(isLogical(metadata) ? { kind: 'logical', bytes: 1 } : integerCell(metadata, !littleEndian))
    case CLASS.array: {
      const element = array_type === undefined ? null : cellLayout(array_type, raw)
      return element === null ? null : { cell: element.cell, shape: [...(array_type?.shape ?? []), ...element.shape] }
    }
    case CLASS.sequence: {
      const element = vlen_type === undefined ? null : cellLayout(vlen_type, raw)
      if (element === null || element.shape.length > 0 || element.cell.kind === 'sequence') return null
      return single({ kind: 'sequence', bytes: size, element: element.cell })
    }
    case CLASS.compound: {
      const [real, imaginary, ...others] = compound_type?.members ?? []
      if (real?.name !== 'r' || imaginary?.name !== 'i' || others.length > 0) return null
      const part = cellLayout(real, raw)
      return part?.cell.kind === 'number' ? single({ kind: 'complex', bytes: size, part: part.cell }) : null
    }
    default:
      return null
  }
}

/**
 * The layouts of the members of a compound; null for what a table cannot hold.
 *
 * The library turns a compound round that is big-endian throughout (texts of variable length count as little-endian), one
 * member after the other, and gives up at an enumeration. All other compounds it leaves as the file has them.
 */
export function memberLayouts(metadata: DatasetMetadata): (CellLayout | null)[] {
  const orders = littleEndians(metadata)
  let raw = orders.includes(true) && orders.includes(false)
  return (metadata.compound_type?.members ?? []).map((member) => {
    raw ||= holdsEnumeration(member)
    return cellLayout(member, raw)
  })
}

/** The byte orders within a type, as H5Tget_order sees them. */
function littleEndians({ type, littleEndian, vlen, array_type, vlen_type, compound_type }: DatasetMetadata): boolean[] {
  if (type === CLASS.compound) return (compound_type?.members ?? []).flatMap(littleEndians)
  if (type === CLASS.array) return array_type === undefined ? [] : littleEndians(array_type)
  if (type === CLASS.sequence) return vlen_type === undefined ? [] : littleEndians(vlen_type)
  if (type === CLASS.text) return vlen ? [true] : []
  const ordered: readonly number[] = [CLASS.integer, CLASS.float, CLASS.bits, CLASS.enumeration]
  return ordered.includes(type) ? [littleEndian] : []
}

function holdsEnumeration({ type, compound_type }: DatasetMetadata): boolean {
  return type === CLASS.enumeration || (compound_type?.members.some(holdsEnumeration) ?? false)
}

function integerCell({ size, signed }: DatasetMetadata, bigEndian: boolean): Cell | null {
  const type = INTEGERS[`${signed ? '' : 'u'}${size}`]
  return type === undefined ? null : { kind: 'number', type, bytes: size, bigEndian }
}

const INTEGERS: Readonly<Record<string, NumericType>> = {
  1: 'int8',
  2: 'int16',
  4: 'int32',
  8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
}

function isLogical({ enum_type, size }: DatasetMetadata): boolean {
  const { FALSE, TRUE, ...others } = enum_type?.members ?? {}
  return size === 1 && FALSE === 0 && TRUE === 1 && Object.keys(others).length === 0
}

/** The type of the column that holds such cells; what is no single value becomes JSON. */
export function columnTypeOf({ cell, shape }: CellLayout): ColumnType {
  if (shape.length > 0 || cell.kind === 'sequence' || cell.kind === 'complex') return 'array'
  if (cell.kind === 'number') return cell.type
  if (cell.kind === 'time') return 'timestamp'
  if (cell.kind === 'half') return 'float32'
  return cell.kind === 'logical' ? 'bool' : 'string'
}

/** Rows of a dataset in memory: bytes that a column lies in at regular steps. */
export interface Rows {
  readonly bytes: Uint8Array
  readonly count: number
  readonly rowBytes: number
}

/**
 * One column of rows as an Arrow column.
 *
 * @param offset of the cell in its row
 * @param arrays how many cells of an array column to write as JSON; the others are left empty
 */
export function decodeCells(
  name: string,
  { cell, shape }: CellLayout,
  offset: number,
  rows: Rows,
  file: Hdf5File,
  memory: Memory,
  arrays: number,
): Data {
  const view = new DataView(rows.bytes.buffer, rows.bytes.byteOffset, rows.bytes.byteLength)
  const type = columnTypeOf({ cell, shape })
  if (cell.kind === 'number' && type !== 'array') return decodeNumbers(cell, offset, rows, view, memory)
  if (cell.kind === 'time' && type === 'timestamp') return decodeTimes(cell, offset, rows, view, memory)
  if (cell.kind === 'logical' && type === 'bool') {
    const bits = new Bits(rows.count)
    for (let row = 0, at = offset; row < rows.count; row++, at += rows.rowBytes) if (rows.bytes[at] !== 0) bits.set(row)
    return fixedWidthData('bool', rows.count, bits.packed, new Validity(rows.count))
  }
  if (cell.kind === 'text' && type === 'string') {
    const texts = decodePadded(name, cell.bytes, offset, rows, memory)
    return cell.nullText === undefined ? texts : withoutText(texts, cell.nullText)
  }
  const read = cellReader(cell, file)
  if (cell.kind === 'half' && type === 'float32') {
    const values = new Float32Array(rows.count)
    for (let row = 0; row < rows.count; row++)
      values[row] = Number(read(view, offset + row * rows.rowBytes) ?? Number.NaN)
    return fixedWidthData('float32', rows.count, values, new Validity(rows.count))
  }
  const text = new TextColumn(name, rows.count, 16, memory)
  const length = shape.reduce((product, size) => product * size, 1)
  for (let row = 0, at = offset; row < rows.count; row++, at += rows.rowBytes) {
    if (type === 'string') {
      const value = read(view, at)
      if (value === null) text.appendNull()
      else text.append(String(value))
    } else if (row >= arrays) text.appendEmpty()
    else if (shape.length === 0) text.append(JSON.stringify(read(view, at)))
    else {
      const values = new Array<CellValue>(length)
      for (let i = 0; i < length; i++) values[i] = read(view, at + i * cell.bytes)
      text.append(JSON.stringify(nested(values, shape)))
    }
  }
  return text.finish()
}

function decodePadded(name: string, width: number, offset: number, rows: Rows, memory: Memory): Data {
  const { bytes, count, rowBytes } = rows
  const text = new TextColumn(name, count, width, memory)
  text.appendPadded(bytes, offset, rowBytes, width, count)
  return text.finish()
}

/** The column with nulls where it has a certain text. */
function withoutText(data: Data, text: string): Data {
  const { valueOffsets, values } = data
  const nullBytes = Buffer.from(text)
  return withNulls(data, (row) => {
    const start = valueOffsets[row]!
    return (
      valueOffsets[row + 1]! - start === nullBytes.length && nullBytes.every((byte, i) => values[start + i] === byte)
    )
  })
}

const NOT_A_TIME = -(2n ** 63n)
function decodeTimes(cell: TimeCell, offset: number, rows: Rows, view: DataView, memory: Memory): Data {
  const values = new BigInt64Array(memory.take(8 * rows.count), 0, rows.count)
  const validity = new Validity(rows.count)
  const milliseconds = toMilliseconds(cell.unit)
  for (let row = 0, at = offset; row < rows.count; row++, at += rows.rowBytes) {
    const time = view.getBigInt64(at, !cell.bigEndian)
    if (time === NOT_A_TIME) {
      validity.setNull(row)
      values[row] = 0n
    } else values[row] = milliseconds(time)
  }
  return fixedWidthData('timestamp', rows.count, values, validity)
}

function decodeNumbers(cell: NumberCell, offset: number, rows: Rows, view: DataView, memory: Memory): Data {
  const values = numericValues(cell.type, rows.count, memory)
  const target = new Uint8Array(values.buffer, 0, values.byteLength)
  const { bytes, rowBytes, count } = rows
  if (rowBytes === cell.bytes && !cell.bigEndian) target.set(bytes)
  else if (cell.bigEndian || cell.bytes < 4) {
    for (let row = 0, at = offset; row < count; row++, at += rowBytes) {
      const step = cell.bigEndian ? -1 : 1
      const first = cell.bigEndian ? at + cell.bytes - 1 : at
      for (let i = 0; i < cell.bytes; i++) target[row * cell.bytes + i] = bytes[first + i * step]!
    }
  } else {
    const words = cell.bytes / 4
    const halves = new Int32Array(values.buffer, 0, values.byteLength / 4)
    for (let row = 0, at = offset; row < count; row++, at += rowBytes) {
      for (let i = 0; i < words; i++) halves[row * words + i] = view.getInt32(at + 4 * i, true)
    }
  }
  return fixedWidthData(cell.type, count, values satisfies NumericValues, new Validity(count))
}

/** The texts of the first rows of a column of single values. */
export function textsOfCells(cell: Cell, offset: number, rows: Rows, file: Hdf5File): string[] {
  const view = new DataView(rows.bytes.buffer, rows.bytes.byteOffset, rows.bytes.byteLength)
  const read = cellReader(cell, file)
  return Array.from({ length: rows.count }, (_, row) => String(read(view, offset + row * rows.rowBytes)))
}

type CellReader = (view: DataView, at: number) => CellValue

/** Reads one value, ready for JSON: 64-bit integers as text. */
function cellReader(cell: Cell, file: Hdf5File): CellReader {
  switch (cell.kind) {
    case 'number':
      return numberReader(cell.type, !cell.bigEndian)
    case 'time':
      return numberReader('int64', !cell.bigEndian)
    case 'half':
      return (view, at) => halfFloat(view.getUint16(at, !cell.bigEndian))
    case 'logical':
      return (view, at) => view.getUint8(at) !== 0
    case 'text':
      return (view, at) => {
        const bytes = new Uint8Array(view.buffer, view.byteOffset + at, cell.bytes)
        return decodeText(bytes.subarray(0, endOfText(bytes, 0, cell.bytes)))
      }
    case 'variable text':
      return (view, at) => decodeText(file.text(view.getUint32(at, true)))
    case 'category': {
      const code = cellReader(cell.code, file)
      return (view, at) => cell.words[Number(code(view, at))] ?? null
    }
    case 'complex': {
      const part = cellReader(cell.part, file)
      return (view, at) => [part(view, at), part(view, at + cell.part.bytes)]
    }
    case 'sequence': {
      const element = cellReader(cell.element, file)
      return (view, at) => {
        const length = view.getUint32(at, true)
        const memory = file.memory(view.getUint32(at + 4, true), length * cell.element.bytes)
        return Array.from({ length }, (_, i) => element(memory, i * cell.element.bytes))
      }
    }
  }
}

function numberReader(type: NumericType, little: boolean): CellReader {
  switch (type) {
    case 'int8':
      return (view, at) => view.getInt8(at)
    case 'uint8':
      return (view, at) => view.getUint8(at)
    case 'int16':
      return (view, at) => view.getInt16(at, little)
    case 'uint16':
      return (view, at) => view.getUint16(at, little)
    case 'int32':
      return (view, at) => view.getInt32(at, little)
    case 'uint32':
      return (view, at) => view.getUint32(at, little)
    case 'int64':
      return (view, at) => view.getBigInt64(at, little).toString()
    case 'uint64':
      return (view, at) => view.getBigUint64(at, little).toString()
    case 'float32':
      return (view, at) => floatCell(shortestFloat32(view.getFloat32(at, little)))
    case 'float64':
      return (view, at) => floatCell(view.getFloat64(at, little))
  }
}

/** A half-precision number (IEEE 754 binary16). */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
