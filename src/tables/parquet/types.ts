import { DataType, TimeUnit } from 'apache-arrow'
import type { ColumnType } from '../table.ts'
import type { TimeUnit as Abbreviation } from '../time-unit.ts'

/**
 * The column type of an Arrow type as Parquet gives it.
 *
 * Decimals of whole numbers stay exact (int64 to 18 digits, text beyond); decimal fractions become the nearest float64.
 * Times of day are text, bytes are text when they are UTF-8, dates are timestamps at midnight UTC.
 */
export function columnTypeOf(type: DataType): ColumnType {
  if (DataType.isBool(type)) return 'bool'
  if (DataType.isInt(type)) return intType(type.bitWidth, type.isSigned)
  if (DataType.isFloat(type)) return type.precision === 2 ? 'float64' : 'float32'
  if (DataType.isDecimal(type)) return type.scale > 0 ? 'float64' : type.precision <= 18 ? 'int64' : 'string'
  if (DataType.isTimestamp(type) || DataType.isDate(type)) return 'timestamp'
  return isText(type) ? 'string' : 'array'
}

function isText(type: DataType): boolean {
  return (
    DataType.isUtf8(type) ||
    DataType.isBinary(type) ||
    DataType.isFixedSizeBinary(type) ||
    DataType.isTime(type) ||
    DataType.isNull(type)
  )
}

function intType(bits: number, signed: boolean): ColumnType {
  if (bits === 8) return signed ? 'int8' : 'uint8'
  if (bits === 16) return signed ? 'int16' : 'uint16'
  if (bits === 32) return signed ? 'int32' : 'uint32'
  return signed ? 'int64' : 'uint64'
}

/** The units of Arrow's times by their abbreviations. */
export const UNITS: Readonly<Record<TimeUnit, Abbreviation>> = {
  [TimeUnit.SECOND]: 's',
  [TimeUnit.MILLISECOND]: 'ms',
  [TimeUnit.MICROSECOND]: 'us',
  [TimeUnit.NANOSECOND]: 'ns',
}

/** An Arrow type in the words that pyarrow and pandas users know, e.g. `list<double>`. */
export function typeWords(type: DataType): string {
  if (DataType.isFloat(type)) return ['halffloat', 'float', 'double'][type.precision]!
  if (DataType.isUtf8(type)) return 'string'
  if (DataType.isFixedSizeBinary(type)) return `fixed_size_binary[${type.byteWidth}]`
  if (DataType.isDecimal(type)) return `decimal(${type.precision}, ${type.scale})`
  if (DataType.isTimestamp(type)) {
    return `timestamp[${UNITS[type.unit]}${type.timezone ? `, tz=${type.timezone}` : ''}]`
  }
  if (DataType.isDate(type)) return 'date'
  if (DataType.isTime(type)) return `time[${UNITS[type.unit]}]`
  if (DataType.isList(type)) return `list<${typeWords(type.children[0]!.type)}>`
  if (DataType.isStruct(type)) {
    return `struct<${type.children.map((child) => `${child.name}: ${typeWords(child.type)}`).join(', ')}>`
  }
  if (DataType.isMap(type)) {
    const [key, value] = type.children[0]!.type.children
    return `map<${typeWords(key!.type)}, ${typeWords(value!.type)}>`
  }
  return String(type).toLowerCase()
}
