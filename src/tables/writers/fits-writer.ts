import { BLOCK_BYTES, type ColumnPacker, chunkRows, packNumbers, type ValueBytes } from './big-endian.ts'
import { type EncodedColumn, numbersOf } from './encoded.ts'
import type { ColumnFacts } from './facts.ts'
import { FITS_BLOCK, HeaderCards, headerNames } from './fits-header.ts'
import type { KnownTable } from './known-table.ts'
import type { OutputFile } from './output-file.ts'
import { type ColumnSpec, TableWriteError } from './output-table.ts'
import { boolTexts, packTexts } from './text-cells.ts'

/** TFIELDS has three digits (FITS standard 4.0, section 7.3.1). */
const MAX_COLUMNS = 999

/** How a column lies in a row. */
interface Field {
  /** TFORM, e.g. `D`, `12A`. */
  readonly form: string
  readonly bytes: number
  /** TZERO: what is added to the stored number. */
  readonly zero: bigint
  /** TNULL: the stored number that stands for "no value". */
  readonly nullValue: bigint | null
  pack(column: EncodedColumn): ColumnPacker
}

/**
 * Writes a FITS binary table (FITS standard 4.0). Nulls: NaN in floats, a TNULL that no row has in integers (unsigned ones are stored
 * as signed then, from 2^63 on as texts), blanks in texts; a truth column with nulls becomes the texts `true`, `false` and blank,
 * since astropy takes the null of a logical for false.
 * Units in TUNIT, UCDs in TUCD, descriptions in TCOMM; texts in UTF-8. A name of more than 68 characters is cut, and stands
 * whole in TCOMM, before the description.
 * @throws TableWriteError too_many_columns
 */
export async function writeFits(table: KnownTable, file: OutputFile): Promise<void> {
  if (table.columns.length > MAX_COLUMNS) {
    throw new TableWriteError(
      'too_many_columns',
      `A FITS table has at most ${MAX_COLUMNS} columns, this one ${table.columns.length}. Choose columns, or write Parquet.`,
    )
  }
  const fields = table.columns.map((column, i) => fieldOf(column, table.facts[i]!))
  const rowBytes = fields.reduce((sum, { bytes }) => sum + bytes, 0)
  await file.append(primaryHeader())
  await file.append(tableHeader(table, fields, rowBytes))
  const blockRows = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes))
  for await (const chunk of table.chunks()) {
    for (let start = 0; start < chunk.rows; start += blockRows) {
      const part = chunkRows(chunk, start, Math.min(chunk.rows, start + blockRows))
      const bytes = new Uint8Array(part.rows * rowBytes)
      const view = new DataView(bytes.buffer)
      let offset = 0
      fields.forEach((field, i) => {
        field.pack(part.columns[i]!)(view, bytes, offset, rowBytes)
        offset += field.bytes
      })
      await file.append(bytes)
    }
  }
  await file.append(new Uint8Array((FITS_BLOCK - (file.position % FITS_BLOCK)) % FITS_BLOCK))
}

function primaryHeader(): Uint8Array {
  const cards = new HeaderCards()
  cards.flag('SIMPLE', true)
  cards.number('BITPIX', 8)
  cards.number('NAXIS', 0)
  cards.flag('EXTEND', true)
  return cards.bytes()
}

function tableHeader({ rows, columns, metadata }: KnownTable, fields: readonly Field[], rowBytes: number): Uint8Array {
  const cards = new HeaderCards()
  cards.text('XTENSION', 'BINTABLE')
  cards.number('BITPIX', 8)
  cards.number('NAXIS', 2)
  cards.number('NAXIS1', rowBytes)
  cards.number('NAXIS2', rows)
  cards.number('PCOUNT', 0)
  cards.number('GCOUNT', 1)
  cards.number('TFIELDS', fields.length)
  const names = headerNames(columns.map(({ name }) => name))
  columns.forEach(({ name, unit, ucd, description }, i) => {
    const n = i + 1
    const { form, zero, nullValue } = fields[i]!
    const { text, isCut } = names[i]!
    const comment = [isCut ? name : null, description].filter(Boolean).join(': ')
    cards.text(`TTYPE${n}`, text)
    cards.text(`TFORM${n}`, form)
    if (zero !== 0n) cards.number(`TZERO${n}`, zero)
    if (nullValue !== null) cards.number(`TNULL${n}`, nullValue)
    if (unit) cards.text(`TUNIT${n}`, unit)
    if (ucd) cards.text(`TUCD${n}`, ucd)
    if (comment) cards.text(`TCOMM${n}`, comment)
  })
  // Not as EXTNAME: tables_io, and so the Python client, gives a table with a name as a dictionary of tables.
  if (metadata.title) cards.comment(metadata.title)
  if (metadata.description) cards.comment(metadata.description)
  for (const [name, value] of Object.entries(metadata.dataOrigin ?? {})) cards.named(name, value)
  return cards.bytes()
}

/** The integers of a FITS table, narrowest first: letter, bytes, TZERO. */
const INTEGERS = {
  uint8: ['B', 1, 0n],
  int16: ['I', 2, 0n],
  uint16: ['I', 2, 2n ** 15n],
  int32: ['J', 4, 0n],
  uint32: ['J', 4, 2n ** 31n],
  int64: ['K', 8, 0n],
  uint64: ['K', 8, 2n ** 63n],
} as const satisfies Record<string, readonly [string, ValueBytes, bigint]>

type StoredInteger = keyof typeof INTEGERS

/** The type to take when all values of a type are in use, so that none can stand for a null. */
const WIDER = {
  uint8: 'int16',
  int16: 'int32',
  int32: 'int64',
  int64: null,
} as const satisfies Partial<Record<StoredInteger, StoredInteger | null>>

/** Of the unsigned types with a TZERO. astropy cannot read a TNULL beside that, so that with nulls these are stored instead. */
const SIGNED = { uint16: 'int32', uint32: 'int64', uint64: 'int64' } as const

function fieldOf({ name, type }: ColumnSpec, facts: ColumnFacts): Field {
  switch (type) {
    case 'string':
      return textField(facts.maxBytes)
    case 'float32':
      return { form: 'E', bytes: 4, zero: 0n, nullValue: null, pack: (column) => numbers(column, 4) }
    case 'float64':
      return { form: 'D', bytes: 8, zero: 0n, nullValue: null, pack: (column) => numbers(column, 8) }
    case 'bool':
      return facts.hasNulls ? { ...textField(5), pack: (column) => texts(boolTexts(numbersOf(column)), 5) } : LOGICAL
    case 'int8':
      return facts.hasNulls ? nullableField(name, 'int16', facts) : integerField('int16')
    case 'uint16':
    case 'uint32':
    case 'uint64':
      if (!facts.hasNulls) return integerField(type)
      if (facts.range !== null && facts.range[1] >= 2n ** 63n) return textField(String(facts.range[1]).length)
      return nullableField(name, SIGNED[type], facts)
    default:
      return facts.hasNulls ? nullableField(name, type, facts) : integerField(type)
  }
}

const texts = (column: EncodedColumn, width: number): ColumnPacker => {
  const pack = packTexts(column, width)
  return (_view, bytes, offset, rowBytes) => pack(bytes, offset, rowBytes)
}

function numbers(column: EncodedColumn, bytes: ValueBytes): ColumnPacker {
  const { values } = numbersOf(column)
  return packNumbers(values, null, { bytes })
}

function textField(maxBytes: number): Field {
  const width = Math.max(1, maxBytes)
  return { form: `${width}A`, bytes: width, zero: 0n, nullValue: null, pack: (column) => texts(column, width) }
}

const TRUE = 0x54
const FALSE = 0x46

const LOGICAL: Field = {
  form: 'L',
  bytes: 1,
  zero: 0n,
  nullValue: null,
  pack(column) {
    const { values } = numbersOf(column)
    return (_view, bytes, offset, rowBytes) => {
      for (let row = 0, at = offset; row < values.length; row++, at += rowBytes) bytes[at] = values[row] ? TRUE : FALSE
    }
  },
}

/** @throws TableWriteError bad_table when a 64-bit column uses both ends of its range */
function nullableField(name: string, type: keyof typeof WIDER, facts: ColumnFacts): Field {
  const [low, high] = rangeOf(type)
  const [smallest, largest] = facts.range ?? [high, high]
  if (smallest > low) return integerField(type, low)
  if (largest < high) return integerField(type, high)
  const wider = WIDER[type]
  if (wider !== null) return nullableField(name, wider, facts)
  throw new TableWriteError(
    'bad_table',
    `Column "${name}" has nulls and uses the whole range of 64-bit integers; FITS has no number left for a null. Write Parquet.`,
  )
}

function rangeOf(type: keyof typeof WIDER): readonly [low: bigint, high: bigint] {
  const bits = BigInt(INTEGERS[type][1] * 8)
  return type === 'uint8' ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n]
}

function integerField(type: StoredInteger, nullValue: bigint | null = null): Field {
  const [form, bytes, zero] = INTEGERS[type]
  return {
    form,
    bytes,
    zero,
    nullValue,
    pack(column) {
      const { values, nulls } = numbersOf(column)
      return packNumbers(values, nulls, { bytes, zero, nullValue })
    },
  }
}
