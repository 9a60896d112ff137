import type { Data, RecordBatch } from 'apache-arrow'
import {
  BATCH_BYTES,
  BATCH_ELEMENTS,
  CACHE_BYTES,
  checkSize,
  chosenColumns,
  FRESH_MEMORY,
  RecycledMemory,
  recordBatch,
  rowsPerBatch,
} from '../arrow-columns.ts'
import { astropyMetadata, type ColumnMetadata, NO_METADATA } from '../column-metadata.ts'
import { RandomAccessFile } from '../random-access-file.ts'
import {
  type BatchOptions,
  type ColumnDescription,
  TableError,
  type TableLimits,
  type TableReader,
  type TableSource,
} from '../table.ts'
import { asciiColumns, decodeAsciiColumn } from './ascii-columns.ts'
import { type BinaryColumn, binaryColumns } from './binary-columns.ts'
import { columnKeywords } from './column-keywords.ts'
import { decodeColumn, type Slab } from './decode.ts'
import { type Extensions, findExtensions, type TableExtension } from './extensions.ts'
import { Heap } from './heap.ts'
import { turnedTable } from './turned.ts'

/** How much is read ahead from disk, at least a slab. */
const PIECE_BYTES = 2 ** 21

/**
 * Opens the first table of a FITS file (standard 4.0): binary tables with scaled, unsigned, vector and variable-length
 * columns, and ASCII tables. Rows are read from disk in slabs; memory does not grow with the file.
 *
 * @throws TableError not_a_table, malformed, unsupported, too_large, no_columns
 */
export async function openFits(source: TableSource, limits: TableLimits): Promise<TableReader> {
  const file = new RandomAccessFile(source.path)
  try {
    const { fileName } = source
    if (new TextDecoder('latin1').decode(file.slice(0, 6)) !== 'SIMPLE') {
      throw new TableError('not_a_table', `${fileName} is not a FITS file: it does not begin with SIMPLE.`)
    }
    const extensions = findExtensions(file, fileName)
    const table = extensions.tables[0]
    if (table === undefined) throw noTable(extensions, fileName)
    return new FitsReader(file, table, notes(extensions, table), fileName, limits)
  } catch (error) {
    file.close()
    throw error
  }
}

function noTable({ images, compressedTables }: Extensions, fileName: string): TableError {
  if (compressedTables > 0) {
    return new TableError(
      'unsupported',
      `${fileName}: the table is tile-compressed (ZTABLE), which we cannot read. Please uncompress it with "funpack" and upload it again.`,
    )
  }
  const content =
    images === 0 ? 'neither images nor tables' : `${images === 1 ? 'an image' : `${images} images`}, but no table`
  return new TableError('not_a_table', `${fileName} is a FITS file with ${content}.`)
}

function notes({ tables, compressedTables }: Extensions, table: TableExtension): string[] {
  const found = []
  if (tables.length > 1) {
    const name = table.name === null ? '' : ` (${table.name})`
    found.push(`The file holds ${tables.length} tables; this is the first${name}.`)
  }
  if (compressedTables > 0) found.push('Tile-compressed tables of the file are not read.')
  return found
}

class FitsReader implements TableReader {
  readonly format = 'fits'
  readonly dialect = null
  readonly skipsColumns = true
  readonly rows: number
  readonly columns: readonly ColumnDescription[]
  readonly notes: readonly string[]
  readonly #file: RandomAccessFile
  readonly #fileName: string
  readonly #limits: TableLimits
  readonly #dataStart: number
  readonly #rowBytes: number
  readonly #heap: Heap
  readonly #read: (options: BatchOptions) => AsyncGenerator<RecordBatch>

  constructor(
    file: RandomAccessFile,
    { header, kind, dataStart }: TableExtension,
    notes: readonly string[],
    fileName: string,
    limits: TableLimits,
  ) {
    this.#file = file
    this.#fileName = fileName
    this.#limits = limits
    this.#dataStart = dataStart
    this.#rowBytes = header.size('NAXIS1')
    this.rows = header.size('NAXIS2')
    this.notes = notes
    const keywords = columnKeywords(header)
    checkSize(fileName, this.rows, keywords.columns, limits)
    this.#checkLength()
    const heapOffset = header.size('THEAP', this.#rowBytes * this.rows)
    const heapEnd = Math.min(this.#rowBytes * this.rows + header.size('PCOUNT', 0), file.size - dataStart)
    this.#heap = new Heap(file, dataStart + heapOffset, Math.max(0, heapEnd - heapOffset), fileName)
    const metadata = astropyMetadata(astropyComments(header.comments)).columns
    if (kind === 'ascii') {
      const columns = asciiColumns(header, keywords.columns, fileName)
      this.columns = columns.map((column) => describe(column, metadata))
      this.#read = (options) => this.#asciiBatches(chosenColumns(columns, options.columns), options.batchRows)
    } else {
      const columns = binaryColumns(header, keywords, fileName)
      const turned = this.rows === 1 ? turnedTable(columns) : null
      this.columns = (turned?.columns ?? columns).map((column) => describe(column, metadata))
      this.#read = (options) => this.#binaryBatches(chosenColumns(columns, options.columns), options)
      if (turned !== null) {
        this.rows = turned.rows
        checkSize(fileName, this.rows, columns.length, limits)
        this.#read = (options) => this.#turnedBatches(chosenColumns(turned.columns, options.columns), options)
      }
    }
  }

  async *batches(options: BatchOptions = {}) {
    yield* this.#read(options)
  }

  async close(): Promise<void> {
    this.#file.close()
  }

  #checkLength(): void {
    if (this.rows > 0 && this.#rowBytes === 0) {
      throw new TableError(
        'malformed',
        `${this.#fileName}: the table claims ${this.rows} rows of no bytes (NAXIS1 = 0).`,
      )
    }
    if (this.#dataStart + this.rows * this.#rowBytes <= this.#file.size) return
    const whole = Math.max(0, Math.floor((this.#file.size - this.#dataStart) / this.#rowBytes))
    throw new TableError(
      'malformed',
      `${this.#fileName} is cut off: its header promises ${this.rows} rows, but the file ends after row ${whole}. Please upload it again.`,
      whole,
    )
  }

  async *#binaryBatches(columns: readonly BinaryColumn[], options: BatchOptions): AsyncGenerator<RecordBatch> {
    const perRow = columns.reduce((sum, column) => sum + (column.type === 'array' ? column.repeat : 0), 0)
    const { recycle = false, arrayRows = Number.POSITIVE_INFINITY } = options
    const rows = rowsPerBatch(options.batchRows, this.#rowBytes, perRow, recycle ? CACHE_BYTES : BATCH_BYTES)
    const memory = recycle ? new RecycledMemory() : null
    const variable = columns.filter((column) => column.variable !== null)
    let elements = 0
    for await (const slab of this.#slabs(rows, options.readAhead)) {
      for (let start = 0; start < slab.rows; ) {
        const part = this.#partOf(slab, start, variable)
        elements += part.elements
        if (elements > this.#limits.cells) {
          throw new TableError(
            'too_large',
            `${this.#fileName} has more than ${this.#limits.cells} values in its variable-length cells.`,
          )
        }
        memory?.startBatch()
        yield this.#batch(columns, part, (column) =>
          decodeColumn(column, part, this.#heap, memory ?? FRESH_MEMORY, arrayRows),
        )
        start += part.rows
      }
    }
  }

  /** The rows of a table that lies in a single row: each column comes from its own place. */
  async *#turnedBatches(columns: readonly BinaryColumn[], options: BatchOptions): AsyncGenerator<RecordBatch> {
    const rowBytes = columns.reduce((sum, { bytes }) => sum + bytes, 0)
    const perRow = columns.reduce((sum, { type, repeat }) => sum + (type === 'array' ? repeat : 0), 0)
    const { recycle = false, arrayRows = Number.POSITIVE_INFINITY } = options
    const rows = rowsPerBatch(options.batchRows, Math.max(1, rowBytes), perRow, recycle ? CACHE_BYTES : BATCH_BYTES)
    for (let first = 0; first < this.rows; first += rows) {
      const count = Math.min(rows, this.rows - first)
      const data = columns.map((column) => {
        const bytes = this.#file.slice(this.#dataStart + column.offset + first * column.bytes, count * column.bytes)
        if (bytes.length < count * column.bytes) throw this.#becameShorter()
        const slab = slabOf(bytes, column.bytes, first)
        return decodeColumn({ ...column, offset: 0 }, slab, this.#heap, FRESH_MEMORY, arrayRows)
      })
      yield recordBatch(columns, data, count)
    }
  }

  #becameShorter(): TableError {
    return new TableError('malformed', `${this.#fileName} became shorter while it was read.`)
  }

  /** The rows of a slab from `start` on whose variable-length cells together stay below the elements of a batch. */
  #partOf(slab: Slab, start: number, variable: readonly BinaryColumn[]): Slab {
    const { view, rowBytes } = slab
    if (variable.length === 0) return slab
    let elements = 0
    let end = start
    while (end < slab.rows) {
      let more = 0
      for (const column of variable) {
        more += this.#heap.descriptor(column, view, end * rowBytes + column.offset, slab.firstRow + end + 1).length
      }
      if (end > start && elements + more > BATCH_ELEMENTS) break
      elements += more
      end++
    }
    return slabOf(slab.bytes.subarray(start * rowBytes, end * rowBytes), rowBytes, slab.firstRow + start, elements)
  }

  async *#asciiBatches(
    columns: ReturnType<typeof asciiColumns>,
    requested: number | undefined,
  ): AsyncGenerator<RecordBatch> {
    for await (const slab of this.#slabs(rowsPerBatch(requested, this.#rowBytes))) {
      yield this.#batch(columns, slab, (column) => decodeAsciiColumn(column, slab, this.#fileName))
    }
  }

  #batch<C extends ColumnDescription>(columns: readonly C[], slab: Slab, decode: (column: C) => Data): RecordBatch {
    return recordBatch(columns, columns.map(decode), slab.rows)
  }

  /** The rows of the table, slab after slab: a slab is valid until the next is asked for. */
  async *#slabs(rows: number, readAhead = true): AsyncGenerator<Slab> {
    const slabBytes = rows * this.#rowBytes
    const pieceBytes = Math.max(1, Math.floor(PIECE_BYTES / slabBytes)) * slabBytes
    let firstRow = 0
    const tableBytes = this.rows * this.#rowBytes
    for await (const piece of this.#file.pieces(this.#dataStart, tableBytes, pieceBytes, readAhead)) {
      if (piece.length % this.#rowBytes !== 0) {
        throw this.#becameShorter()
      }
      for (let at = 0; at < piece.length; at += slabBytes) {
        const slab = slabOf(piece.subarray(at, at + slabBytes), this.#rowBytes, firstRow)
        yield slab
        firstRow += slab.rows
      }
    }
    if (firstRow < this.rows) {
      throw this.#becameShorter()
    }
  }
}

function slabOf(bytes: Uint8Array, rowBytes: number, firstRow: number, elements = 0): Slab {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { bytes, view, rows: bytes.length / rowBytes, rowBytes, firstRow, elements }
}

/** A column with what astropy says of it where the header itself is silent. */
function describe(
  { name, type, nativeType, unit, ucd, description }: ColumnDescription,
  metadata: ReadonlyMap<string, ColumnMetadata>,
): ColumnDescription {
  const more = metadata.get(name) ?? NO_METADATA
  return {
    name,
    type,
    nativeType,
    unit: unit ?? more.unit,
    ucd: ucd ?? more.ucd,
    description: description ?? more.description,
  }
}

/** Bytes of YAML in a comment of astropy; one more character says that the next comment goes on with the line. */
const ASTROPY_COMMENT = 70

/** The YAML of columns that astropy writes into comments; empty when there is none. */
function astropyComments(comments: readonly string[]): string {
  const start = comments.indexOf('--BEGIN-ASTROPY-SERIALIZED-COLUMNS--')
  const end = comments.indexOf('--END-ASTROPY-SERIALIZED-COLUMNS--')
  if (start < 0 || end < start) return ''
  return comments
    .slice(start + 1, end)
    .map((comment) => comment.slice(0, ASTROPY_COMMENT) + (comment.length > ASTROPY_COMMENT ? '' : '\n'))
    .join('')
}
