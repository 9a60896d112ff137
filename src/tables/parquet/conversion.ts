import { type Data, DataType, TimeUnit, Vector } from 'apache-arrow'
import { type CellValue, fixedWidthData, floatCell, shortestFloat32, Validity } from '../arrow-columns.ts'
import { decodeText, TextColumn } from '../text-column.ts'
import { toMilliseconds } from '../time-unit.ts'
import { columnTypeOf, UNITS } from './types.ts'

/**
 * A column as Parquet gave it, in the types that a `TableReader` promises.
 *
 * @param arrays how many cells of an array column to write as JSON; the others are left empty
 */
export function convertColumn(name: string, data: Data, arrays = Number.POSITIVE_INFINITY): Data {
  const { type, length } = data
  const target = columnTypeOf(type)
  if (target === 'string') return DataType.isUtf8(type) ? data : convertText(name, data)
  if (target === 'array') return convertNested(name, data, arrays)
  if (DataType.isBool(type) || DataType.isInt(type) || isPlainFloat(type)) return data
  const validity = new Validity(length)
  if (target === 'timestamp' || target === 'int64') {
    const read = integerReader(data)
    const values = new BigInt64Array(length)
    eachValue(data, validity, (row) => {
      values[row] = read(row)
    })
    return fixedWidthData(target, length, values, validity)
  }
  const read = cellReader(data)
  const values = target === 'float32' ? new Float32Array(length) : new Float64Array(length)
  eachValue(data, validity, (row) => {
    values[row] = Number(read(row))
  })
  return fixedWidthData(target, length, values, validity)
}

function isPlainFloat(type: DataType): boolean {
  return DataType.isFloat(type) && type.precision > 0
}

function eachValue(data: Data, validity: Validity, take: (row: number) => void): void {
  for (let row = 0; row < data.length; row++) {
    if (data.getValid(row)) take(row)
    else validity.setNull(row)
  }
}

/** Reads timestamps and dates as milliseconds since 1970, decimals of whole numbers as they are. */
function integerReader(data: Data): (row: number) => bigint {
  const { type, values } = data
  if (DataType.isTimestamp(type)) {
    const milliseconds = toMilliseconds(UNITS[type.unit])
    return (row) => milliseconds(values[row])
  }
  if (DataType.isDate(type)) {
    return (row) => (typeof values[row] === 'bigint' ? values[row] : BigInt(values[row]) * 86_400_000n)
  }
  if (DataType.isDecimal(type)) return decimalReader(data)
  return (row) => BigInt(values[row])
}

/** The unscaled whole number of a decimal: two's complement, little-endian words of 32 bits. */
function decimalReader(data: Data): (row: number) => bigint {
  const { type, values } = data
  const words = DataType.isDecimal(type) ? type.bitWidth / 32 : 4
  return (row) => {
    let number = 0n
    for (let word = words - 1; word >= 0; word--) number = (number << 32n) | BigInt(values[row * words + word])
    return BigInt.asIntN(words * 32, number)
  }
}

function convertText(name: string, data: Data): Data {
  const text = new TextColumn(name, data.length)
  const read = cellReader(data)
  for (let row = 0; row < data.length; row++) {
    const value = read(row)
    if (value === null) text.appendNull()
    else text.append(String(value))
  }
  return text.finish()
}

function convertNested(name: string, data: Data, arrays: number): Data {
  const text = new TextColumn(name, data.length, 64)
  const read = cellReader(data)
  for (let row = 0; row < data.length; row++) {
    if (!data.getValid(row)) text.appendNull()
    else if (row >= arrays) text.appendEmpty()
    else text.append(JSON.stringify(read(row)))
  }
  return text.finish()
}

/** Reads the cells of a column one by one, ready for JSON: 64-bit integers and decimals as text, times in ISO 8601. */
function cellReader(data: Data): (row: number) => CellValue {
  const read = valueReader(data)
  return (row) => (data.getValid(row) ? read(row) : null)
}

function valueReader(data: Data): (row: number) => CellValue {
  const { type } = data
  if (DataType.isNull(type)) return () => null
  if (DataType.isList(type)) return listReader(data)
  if (DataType.isStruct(type)) {
    const fields = type.children.map((child, i) => ({ name: child.name, read: cellReader(data.children[i]!) }))
    return (row) => Object.fromEntries(fields.map(({ name, read }) => [name, read(row)]))
  }
  if (DataType.isMap(type)) return mapReader(data)
  return scalarReader(data)
}

function listReader(data: Data): (row: number) => CellValue {
  const offsets = data.valueOffsets
  const read = cellReader(data.children[0]!)
  return (row) => {
    const start = offsets[row]!
    const values = new Array<CellValue>(offsets[row + 1]! - start)
    for (let i = 0; i < values.length; i++) values[i] = read(start + i)
    return values
  }
}

function mapReader(data: Data): (row: number) => CellValue {
  const [keys, values] = data.children[0]!.children
  const key = cellReader(keys!)
  const value = cellReader(values!)
  return (row) => {
    const entries: [string, CellValue][] = []
    for (let i = data.valueOffsets[row]!; i < data.valueOffsets[row + 1]!; i++) entries.push([String(key(i)), value(i)])
    return Object.fromEntries(entries)
  }
}

function scalarReader(data: Data): (row: number) => CellValue {
  const { type } = data
  const vector = new Vector([data])
  if (DataType.isDecimal(type)) {
    const read = decimalReader(data)
    return (row) => decimalText(read(row), type.scale)
  }
  if (DataType.isTimestamp(type)) {
    const read = integerReader(data)
    return (row) => isoTime(read(row))
  }
  if (DataType.isDate(type)) {
    const read = integerReader(data)
    return (row) => isoTime(read(row)).slice(0, 10)
  }
  if (DataType.isTime(type)) return (row) => timeOfDay(BigInt(data.values[row]), type.unit)
  if (DataType.isFloat(type) && type.precision === 1) return (row) => floatCell(shortestFloat32(vector.get(row)))
  if (DataType.isFloat(type) && type.precision === 2) return (row) => floatCell(vector.get(row))
  return (row) => plainCell(vector.get(row))
}

function plainCell(value: unknown): CellValue {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value
  if (value instanceof Uint8Array) return decodeText(value).replace(/\0+$/, '')
  if (value === null || value === undefined) return null
  return String(value)
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return (unscaled * 10n ** BigInt(-scale)).toString()
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const LATEST_DATE = 8_640_000_000_000_000n

function isoTime(milliseconds: bigint): string {
  const inRange = milliseconds <= LATEST_DATE && milliseconds >= -LATEST_DATE
  return inRange ? new Date(Number(milliseconds)).toISOString() : milliseconds.toString()
}

const FRACTION_DIGITS: Readonly<Record<TimeUnit, number>> = {
  [TimeUnit.SECOND]: 0,
  [TimeUnit.MILLISECOND]: 3,
  [TimeUnit.MICROSECOND]: 6,
  [TimeUnit.NANOSECOND]: 9,
}

/** A time of day as `01:02:03.5`. */
function timeOfDay(value: bigint, unit: TimeUnit): string {
  const digits = FRACTION_DIGITS[unit]
  const perSecond = 10n ** BigInt(digits)
  const seconds = Number(value / perSecond)
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const fraction = (value % perSecond).toString().padStart(digits, '0').replace(/0+$/, '')
  return clock.map((part) => String(part).padStart(2, '0')).join(':') + (fraction === '' ? '' : `.${fraction}`)
}
