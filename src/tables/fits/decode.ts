import type { Data } from 'apache-arrow'
import {
  Bits,
  type CellValue,
  fixedWidthData,
  floatCell,
  type Memory,
  type NumericValues,
  nested,
  numericValues,
  shortestFloat32,
  Validity,
} from '../arrow-columns.ts'
import { decodeText, endOfText, TextColumn } from '../text-column.ts'
import { type BinaryColumn, elementBytes } from './binary-columns.ts'
import type { Heap } from './heap.ts'

/** Rows of a binary table as they lie in the file. */
export interface Slab {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly rows: number
  readonly rowBytes: number
  /** 0-based number of the first row in the table. */
  readonly firstRow: number
  /** Values in its variable-length cells. */
  readonly elements: number
}

const TRUE = 0x54
const FALSE = 0x46

/** One column of a slab as an Arrow column. @param arrayRows see `BatchOptions` @throws TableError */
export function decodeColumn(column: BinaryColumn, slab: Slab, heap: Heap, memory: Memory, arrayRows: number): Data {
  if (column.variable !== null) return decodeVariable(column, slab, heap, arrayRows)
  switch (column.type) {
    case 'array':
      return decodeArrays(column, slab, arrayRows)
    case 'string':
      return decodeStrings(column, slab, memory)
    case 'bool':
      return decodeLogicals(column, slab)
    case 'int64':
    case 'uint64':
      return decodeInt64(column, slab, memory)
    default:
      return decodeNumbers(column, slab, memory)
  }
}

type NumberArray = Exclude<NumericValues, BigInt64Array | BigUint64Array>

function decodeNumbers(column: BinaryColumn, slab: Slab, memory: Memory): Data {
  if (column.elementType === 'bool' || column.elementType === 'string' || column.elementType === 'complex') {
    throw new Error(`Not a number: ${column.nativeType}`)
  }
  const values = numericValues(column.elementType, slab.rows, memory)
  const validity = new Validity(slab.rows)
  if (!(values instanceof BigInt64Array || values instanceof BigUint64Array)) {
    fillNumbers(values, column, slab)
    markNulls(column, slab, validity)
    flipSign(values, column)
    if (column.scaling !== null) {
      const { scale, zero } = column.scaling
      for (let row = 0; row < values.length; row++) values[row] = zero + scale * values[row]!
    }
  }
  return fixedWidthData(column.elementType, slab.rows, values, validity)
}

function fillNumbers(values: NumberArray, column: BinaryColumn, { view, rows, rowBytes }: Slab): void {
  let at = column.offset
  switch (column.code) {
    case 'B':
      for (let row = 0; row < rows; row++, at += rowBytes) values[row] = view.getUint8(at)
      break
    case 'I':
      for (let row = 0; row < rows; row++, at += rowBytes) values[row] = view.getInt16(at)
      break
    case 'J':
      for (let row = 0; row < rows; row++, at += rowBytes) values[row] = view.getInt32(at)
      break
    case 'K':
      for (let row = 0; row < rows; row++, at += rowBytes) values[row] = Number(view.getBigInt64(at))
      break
    case 'E':
      for (let row = 0; row < rows; row++, at += rowBytes) values[row] = view.getFloat32(at)
      break
    default:
      for (let row = 0; row < rows; row++, at += rowBytes) values[row] = view.getFloat64(at)
  }
}

/** Undoes the offset of half the range by which FITS stores unsigned integers (and signed bytes). */
function flipSign(values: NumberArray, { code, elementType }: BinaryColumn): void {
  if (elementType === 'int8' && code === 'B') for (let i = 0; i < values.length; i++) values[i]! ^= 0x80
  if (elementType === 'uint16' && code === 'I') for (let i = 0; i < values.length; i++) values[i]! ^= 0x8000
  if (elementType === 'uint32' && code === 'J') for (let i = 0; i < values.length; i++) values[i]! ^= 0x8000_0000
}

function markNulls(column: BinaryColumn, { view, rows, rowBytes }: Slab, validity: Validity): void {
  if (column.nullValue === null) return
  const isNull = nullTest(column)
  for (let row = 0, at = column.offset; row < rows; row++, at += rowBytes) if (isNull(view, at)) validity.setNull(row)
}

/** Whether the stored integer is the TNULL of the column. */
function nullTest(column: BinaryColumn): (view: DataView, at: number) => boolean {
  const { code, nullValue } = column
  if (nullValue === null) return () => false
  const other = unsignedNull(column) ?? nullValue
  const [small, smallOther] = [Number(nullValue), Number(other)]
  if (code === 'B') return (view, at) => view.getUint8(at) === small
  if (code === 'I') return (view, at) => isEither(view.getInt16(at), small, smallOther)
  if (code === 'J') return (view, at) => isEither(view.getInt32(at), small, smallOther)
  if (code === 'K' && other === nullValue) return (view, at) => view.getBigInt64(at) === nullValue
  if (code === 'K') return (view, at) => [nullValue, other].includes(view.getBigInt64(at))
  return () => false
}

function isEither(value: number, one: number, other: number): boolean {
  return value === one || value === other
}

/**
 * How the null of an unsigned column is stored when TNULL is the unsigned number: astropy writes that, against the standard.
 * The largest stored number is the choice of programs that keep to it.
 */
function unsignedNull({ elementType, nullValue }: BinaryColumn): bigint | null {
  if (nullValue === null || nullValue < 0n) return null
  if (elementType !== 'uint16' && elementType !== 'uint32' && elementType !== 'uint64') return null
  const zero = 2n ** BigInt(Number(elementType.slice(4)) - 1)
  return nullValue === zero - 1n ? null : nullValue - zero
}

/** 64-bit integers, moved as two halves: no BigInt is made on the way. */
function decodeInt64(column: BinaryColumn, slab: Slab, memory: Memory): Data {
  const { view, rows, rowBytes } = slab
  const flip = column.elementType === 'uint64' ? 0x8000_0000 : 0
  const buffer = memory.take(rows * 8)
  fillHalves(new Int32Array(buffer, 0, 2 * rows), view, column.offset, rowBytes, flip)
  const validity = new Validity(rows)
  markNulls(column, slab, validity)
  const values = column.type === 'uint64' ? new BigUint64Array(buffer, 0, rows) : new BigInt64Array(buffer, 0, rows)
  return fixedWidthData(column.type, rows, values, validity)
}

function fillHalves(halves: Int32Array, view: DataView, offset: number, rowBytes: number, flip: number): void {
  for (let half = 0, at = offset; half < halves.length; half += 2, at += rowBytes) {
    halves[half] = view.getInt32(at + 4)
    halves[half + 1] = view.getInt32(at) ^ flip
  }
}

function decodeLogicals(column: BinaryColumn, { bytes, rows, rowBytes }: Slab): Data {
  const bits = new Bits(rows)
  const validity = new Validity(rows)
  for (let row = 0, at = column.offset; row < rows; row++, at += rowBytes) {
    const byte = bytes[at]!
    if (column.code === 'X' ? byte >= 0x80 : byte === TRUE) bits.set(row)
    else if (column.code === 'L' && byte !== FALSE) validity.setNull(row)
  }
  return fixedWidthData('bool', rows, bits.packed, validity)
}

function decodeStrings(column: BinaryColumn, { bytes, rows, rowBytes }: Slab, memory: Memory): Data {
  const text = new TextColumn(column.name, rows, column.stringBytes, memory)
  text.appendPadded(bytes, column.offset, rowBytes, column.stringBytes, rows)
  return text.finish()
}

function decodeArrays(column: BinaryColumn, { view, rows, rowBytes, firstRow }: Slab, arrayRows: number): Data {
  const text = new TextColumn(column.name, rows, firstRow < arrayRows ? column.bytes * 2 : 0)
  const element = elementReader(column)
  for (let row = 0, at = column.offset; row < rows; row++, at += rowBytes) {
    if (firstRow + row >= arrayRows) text.appendEmpty()
    else text.append(JSON.stringify(cell(column, view, at, element)))
  }
  return text.finish()
}

function cell(column: BinaryColumn, view: DataView, at: number, element: ElementReader): CellValue {
  if (column.code === 'A') {
    const strings = column.shape.reduce((product, size) => product * size, 1)
    const values = Array.from({ length: strings }, (_, i) =>
      stringAt(view, at + i * column.stringBytes, column.stringBytes),
    )
    return nested(values, column.shape)
  }
  const values = elements(column, view, at, column.repeat, element)
  return column.repeat === 1 && column.shape.length <= 1 ? values[0]! : nested(values, column.shape)
}

/** Cells that lie in the heap: arrays as JSON, strings as they are. */
function decodeVariable(column: BinaryColumn, slab: Slab, heap: Heap, arrayRows: number): Data {
  const text = new TextColumn(column.name, slab.rows)
  const element = elementReader(column)
  for (let row = 0, at = column.offset; row < slab.rows; row++, at += slab.rowBytes) {
    const place = heap.descriptor(column, slab.view, at, slab.firstRow + row + 1)
    const view = heap.cell(column, place)
    if (column.type === 'string') text.append(stringAt(view, 0, place.length))
    else if (slab.firstRow + row >= arrayRows) text.appendEmpty()
    else text.append(JSON.stringify(elements(column, view, 0, place.length, element)))
  }
  return text.finish()
}

function stringAt(view: DataView, at: number, length: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length)
  return decodeText(bytes.subarray(0, endOfText(bytes, 0, length)))
}

type ElementReader = (view: DataView, at: number) => CellValue

function elements(
  column: BinaryColumn,
  view: DataView,
  at: number,
  count: number,
  element: ElementReader,
): CellValue[] {
  const values = new Array<CellValue>(count)
  if (column.code === 'X') {
    for (let i = 0; i < count; i++) values[i] = ((view.getUint8(at + (i >> 3)) >> (7 - (i & 7))) & 1) === 1
  } else {
    const step = elementBytes(column.code)
    for (let i = 0; i < count; i++) values[i] = element(view, at + i * step)
  }
  return values
}

/** Reads one element of an array cell, ready for JSON: 64-bit integers as text. */
function elementReader(column: BinaryColumn): ElementReader {
  const stored = storedReader(column)
  const { scaling } = column
  if (column.nullValue === null && scaling === null) return stored
  const isNull = nullTest(column)
  return (view, at) => {
    if (isNull(view, at)) return null
    const value = stored(view, at)
    return scaling === null ? value : scaling.zero + scaling.scale * Number(value)
  }
}

const single: ElementReader = (view, at) => floatCell(shortestFloat32(view.getFloat32(at)))

function storedReader({ code, elementType }: BinaryColumn): ElementReader {
  switch (code) {
    case 'L':
      return (view, at) => {
        const byte = view.getUint8(at)
        return byte === TRUE ? true : byte === FALSE ? false : null
      }
    case 'B':
      return elementType === 'int8' ? (view, at) => view.getUint8(at) - 0x80 : (view, at) => view.getUint8(at)
    case 'I':
      return elementType === 'uint16' ? (view, at) => view.getInt16(at) + 0x8000 : (view, at) => view.getInt16(at)
    case 'J':
      return elementType === 'uint32' ? (view, at) => view.getInt32(at) + 0x8000_0000 : (view, at) => view.getInt32(at)
    case 'K':
      return elementType === 'uint64'
        ? (view, at) => (view.getBigInt64(at) + 2n ** 63n).toString()
        : (view, at) => view.getBigInt64(at).toString()
    case 'E':
      return (view, at) => single(view, at)
    case 'C':
      return (view, at) => [single(view, at), single(view, at + 4)]
    case 'M':
      return (view, at) => [floatCell(view.getFloat64(at)), floatCell(view.getFloat64(at + 8))]
    case 'D':
      return (view, at) => floatCell(view.getFloat64(at))
    case 'A':
    case 'X':
      return () => null
  }
}
