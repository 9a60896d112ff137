import { BLOCK_BYTES, type ColumnPacker, chunkRows, packNumbers, type ValueBytes } from './big-endian.ts'
import { boolPrinter, type CellPrinter, numberPrinter } from './csv-writer.ts'
import {
  type EncodedChunk,
  type EncodedColumn,
  type EncodedNumbers,
  type EncodedTexts,
  isTexts,
  numbersOf,
} from './encoded.ts'
import type { KnownTable } from './known-table.ts'
import type { OutputFile } from './output-file.ts'
import { TextBuffer } from './text-buffer.ts'
import { integerTexts } from './text-cells.ts'
import { VOTABLE_END, type VotableType, votableHead, votableType } from './votable-header.ts'

/** How the rows of a VOTable are written: base64 of their bytes, or XML that a person can read. */
export type VotableSerialization = 'binary2' | 'tabledata'

/**
 * Writes a VOTable 1.4. Nulls: the flags of BINARY2, or empty cells of TABLEDATA; floats without a value are NaN. Texts
 * beyond ASCII are unicodeChar.
 */
export async function writeVotable(
  table: KnownTable,
  file: OutputFile,
  serialization: VotableSerialization = 'binary2',
): Promise<void> {
  const types = table.columns.map(({ type }, i) => votableType(type, table.facts[i]!.ascii))
  const head = votableHead(table.columns, types, table.metadata, table.rows)
  if (serialization === 'binary2') {
    await file.append(Buffer.from(`${head}<DATA>\n<BINARY2>\n<STREAM encoding="base64">\n`))
    await writeBinary2(table, types, file)
    await file.append(Buffer.from(`</STREAM>\n</BINARY2>\n</DATA>\n${VOTABLE_END}`))
  } else {
    await file.append(Buffer.from(`${head}<DATA>\n<TABLEDATA>\n`))
    await writeTabledata(table, file)
    await file.append(Buffer.from(`</TABLEDATA>\n</DATA>\n${VOTABLE_END}`))
  }
}

/** Base64 of whole lines of 48 bytes; the rest waits for the next block. */
const LINE_BYTES = 48
/** Rows that are laid out together, when all columns are of fixed width and not. */
const STEP = 8192

async function writeBinary2(table: KnownTable, types: readonly VotableType[], file: OutputFile): Promise<void> {
  let rest: Uint8Array = new Uint8Array(0)
  for await (const chunk of table.chunks()) {
    for (let start = 0; start < chunk.rows; start += STEP) {
      const part = chunkRows(chunk, start, Math.min(chunk.rows, start + STEP))
      const bytes = Buffer.concat([rest, binaryRows(part, types)])
      const whole = Math.floor(bytes.length / LINE_BYTES) * LINE_BYTES
      await file.append(base64Lines(bytes.subarray(0, whole)))
      rest = bytes.subarray(whole)
    }
  }
  await file.append(base64Lines(Buffer.from(rest)))
}

function base64Lines(bytes: Buffer): Uint8Array {
  const text = Buffer.from(bytes.toString('base64'), 'latin1')
  const lines = Math.ceil(text.length / 64)
  const broken = Buffer.alloc(text.length + lines, 0x0a)
  for (let line = 0; line < lines; line++) text.copy(broken, line * 65, line * 64, (line + 1) * 64)
  return broken
}

/** Writes the cells of a column, each at the place where its row has come to. */
type CellWriter = (bytes: Uint8Array, view: DataView, row: number, at: number) => number

/** Rows of BINARY2 (VOTable 1.4, section 5.5): a bit per column that tells of nulls, then the cells. */
function binaryRows(chunk: EncodedChunk, types: readonly VotableType[]): Uint8Array {
  const flagBytes = Math.ceil(types.length / 8)
  const cells = chunk.columns.map((column, i) => binaryCells(column, types[i]!))
  const size = cells.reduce((sum, { size }) => sum + size, flagBytes * chunk.rows)
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (let row = 0; row < chunk.rows; row++) {
    const flags = at
    at += flagBytes
    for (let i = 0; i < cells.length; i++) {
      const { write, isNull } = cells[i]!
      if (isNull(row)) bytes[flags + (i >> 3)]! |= 0x80 >> (i & 7)
      at = write(bytes, view, row, at)
    }
  }
  return bytes
}

interface BinaryCells {
  readonly size: number
  readonly write: CellWriter
  readonly isNull: (row: number) => boolean
}

const STORED_BYTES: Readonly<Partial<Record<VotableType['datatype'], ValueBytes>>> = {
  boolean: 1,
  unsignedByte: 1,
  short: 2,
  int: 4,
  long: 8,
  float: 4,
  double: 8,
}

function binaryCells(column: EncodedColumn, { datatype }: VotableType): BinaryCells {
  const { nulls } = column
  const isNull = (row: number) => nulls !== null && nulls[row] !== 0
  const stored = STORED_BYTES[datatype]
  if (stored === undefined) {
    const texts = isTexts(column) ? column : integerTexts(numbersOf(column))
    return { ...(datatype === 'char' ? asciiCells(texts) : unicodeCells(texts)), isNull }
  }
  const { values } = numbersOf(column)
  const packed = new Uint8Array(values.length * stored)
  const packedView = new DataView(packed.buffer)
  if (datatype === 'boolean')
    for (let row = 0; row < values.length; row++) packed[row] = isNull(row) ? 0x3f : values[row] ? 0x54 : 0x46
  else pack(packNumbers(values, nulls, { bytes: stored }), packedView, packed, stored)
  const write: CellWriter = (bytes, _view, row, at) => {
    for (let i = 0, from = row * stored; i < stored; i++) bytes[at + i] = packed[from + i]!
    return at + stored
  }
  const isNaN_ = values instanceof Float64Array || values instanceof Float32Array
  return { size: packed.length, write, isNull: isNaN_ ? (row) => Number.isNaN(values[row]) : isNull }
}

function pack(packer: ColumnPacker, view: DataView, bytes: Uint8Array, width: number): void {
  packer(view, bytes, 0, width)
}

function asciiCells({ bytes: source, offsets }: EncodedTexts): Omit<BinaryCells, 'isNull'> {
  const rows = offsets.length - 1
  const write: CellWriter = (bytes, view, row, at) => {
    const start = offsets[row]!
    const end = offsets[row + 1]!
    view.setUint32(at, end - start)
    let to = at + 4
    for (let from = start; from < end; from++, to++) bytes[to] = source[from]!
    return to
  }
  return { size: rows * 4 + offsets[rows]! - offsets[0]!, write }
}

/** Characters of two bytes; those beyond the first plane as surrogates. */
function unicodeCells({ bytes: source, offsets }: EncodedTexts): Omit<BinaryCells, 'isNull'> {
  const rows = offsets.length - 1
  const buffer = Buffer.from(source.buffer, source.byteOffset, source.byteLength)
  const texts = Array.from({ length: rows }, (_, row) => buffer.toString('utf8', offsets[row]!, offsets[row + 1]!))
  const write: CellWriter = (_bytes, view, row, at) => {
    const text = texts[row]!
    view.setUint32(at, text.length)
    let to = at + 4
    for (let i = 0; i < text.length; i++, to += 2) view.setUint16(to, text.charCodeAt(i))
    return to
  }
  return { size: texts.reduce((sum, text) => sum + 4 + 2 * text.length, 0), write }
}

async function writeTabledata(table: KnownTable, file: OutputFile): Promise<void> {
  const buffer = new TextBuffer()
  for await (const chunk of table.chunks()) {
    const printers = chunk.columns.map((column, i) =>
      isTexts(column)
        ? xmlPrinter(column, buffer)
        : table.columns[i]!.type === 'bool'
          ? boolPrinter(column, buffer)
          : xmlNumberPrinter(column, buffer),
    )
    for (let row = 0; row < chunk.rows; row++) {
      buffer.ascii('<TR>')
      for (const print of printers) {
        buffer.ascii('<TD>')
        print(row)
        buffer.ascii('</TD>')
      }
      buffer.ascii('</TR>\n')
      if (buffer.length > BLOCK_BYTES) await file.append(buffer.take())
    }
    await file.append(buffer.take())
  }
}

/** Numbers as in CSV, but infinities as VOTable wants them (section 6): `+Inf`, `-Inf`. */
function xmlNumberPrinter({ values, nulls }: EncodedNumbers, buffer: TextBuffer): CellPrinter {
  const print = numberPrinter(values, nulls, buffer)
  if (!(values instanceof Float64Array || values instanceof Float32Array)) return print
  return (row) => {
    const value = values[row]
    if (value === Number.POSITIVE_INFINITY) buffer.ascii('+Inf')
    else if (value === Number.NEGATIVE_INFINITY) buffer.ascii('-Inf')
    else print(row)
  }
}

/** Texts with the characters escaped that XML gives a meaning, and those replaced that it cannot hold. */
function xmlPrinter({ bytes, offsets }: EncodedTexts, buffer: TextBuffer): CellPrinter {
  return (row) => {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const byte = bytes[at]!
      if (byte === 0x26) buffer.ascii('&amp;')
      else if (byte === 0x3c) buffer.ascii('&lt;')
      else if (byte === 0x3e) buffer.ascii('&gt;')
      else if (byte === 0x0d) buffer.ascii('&#13;')
      else if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a) buffer.utf8(REPLACEMENT, 0, 3)
      else if (byte === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2]! >= 0xbe) {
        // U+FFFE and U+FFFF
        buffer.utf8(REPLACEMENT, 0, 3)
        at += 2
      } else buffer.byte(byte)
    }
  }
}

const REPLACEMENT = Buffer.from('\ufffd')
