import { open } from 'node:fs/promises'
import type { RecordBatch } from 'apache-arrow'
import { recordBatch } from '../arrow-columns.ts'
import { ByteWindow, NotUtf8, type TextEncoding } from '../byte-window.ts'
import { defaultBatchRows } from '../column-builder.ts'
import {
  type BatchOptions,
  type ColumnDescription,
  TableError,
  type TableLimits,
  type TableReader,
  type TableSource,
  type TextDialect,
} from '../table.ts'
import { columnType, typeOf } from './cell-types.ts'
import { tidyNames } from './column-names.ts'
import { type DeclaredColumn, isEcsv, readEcsvHeader } from './ecsv.ts'
import { RowScanner } from './row-scanner.ts'
import { type Layout, sniff } from './sniff.ts'

const HEAD_BYTES = 1 << 18
/** Rows that the first look at the types takes. */
const TRIAL_ROWS = 4096
const BATCH_TEXT_BYTES = 32 << 20

/**
 * The file holds cells that its beginning did not promise. The reader knows better now: ask it for its columns and
 * batches again. Thrown by readers that were opened as `provisional`, and by no other.
 */
export class Retyped extends Error {}

export interface TextOptions {
  /**
   * Types come from the first rows, not from a look through the whole file; `batches` throws `Retyped` once when a later
   * row disagrees. For someone who reads the file only once and can start again.
   */
  readonly provisional?: boolean
}

/**
 * Opens delimited text: CSV, TSV, blanks between the columns, ECSV. Dialect, header and encoding are found out
 * (`sniff.ts`), types come from every cell of the file (`cell-types.ts`).
 * @throws TableError
 */
export async function openCsv(source: TableSource, limits: TableLimits, options: TextOptions = {}): Promise<CsvReader> {
  const head = await readHead(source.path, limits)
  try {
    return await CsvReader.open(source, limits, head, options)
  } catch (error) {
    if (!(error instanceof NotUtf8)) throw error
    return CsvReader.open(source, limits, { ...head, encoding: 'latin1', markBytes: 0 }, options)
  }
}

interface Head {
  readonly bytes: Buffer
  readonly encoding: TextEncoding
  /** Bytes of the byte order mark. */
  readonly markBytes: number
  readonly whole: boolean
}

interface TextColumn {
  readonly name: string
  readonly declared: DeclaredColumn | null
}

export class CsvReader implements TableReader {
  readonly format = 'csv'
  readonly rows = null
  /** How much of the file has been read, 0 to 1. */
  progress = 0
  private seen: Int32Array
  private settled = false

  private constructor(
    private readonly source: TableSource,
    private readonly limits: TableLimits,
    private encoding: TextEncoding,
    private readonly markBytes: number,
    private readonly layout: Layout,
    private readonly textColumns: readonly TextColumn[],
    private readonly layoutNotes: readonly string[],
    private readonly rowsOffset: number,
  ) {
    this.seen = new Int32Array(textColumns.length)
  }

  static async open(source: TableSource, limits: TableLimits, head: Head, options: TextOptions): Promise<CsvReader> {
    const text = decode(head)
    const ecsv = isEcsv(text) ? readEcsvHeader(text) : null
    const layout = sniff(text, head.whole, ecsv)
    if (layout.names.length > limits.columns) {
      throw new TableError(
        'too_large',
        `The table has ${layout.names.length} columns; at most ${limits.columns} are allowed.`,
      )
    }
    if (ecsv && ecsv.columns.length !== layout.names.length) {
      throw new TableError(
        'malformed',
        `The ECSV header declares ${ecsv.columns.length} columns, the line of names has ${layout.names.length}.`,
      )
    }
    const { names, notes } = tidyNames(layout.names)
    const columns = names.map((name, index) => ({ name, declared: ecsv?.columns[index] ?? null }))
    const rowsOffset = Buffer.byteLength(text.slice(0, layout.rowsStart))
    const reader = new CsvReader(
      source,
      limits,
      head.encoding,
      head.markBytes,
      layout,
      columns,
      [...layout.notes, ...notes],
      rowsOffset,
    )
    await reader.look(TRIAL_ROWS)
    if (!options.provisional) await reader.look(Number.POSITIVE_INFINITY)
    return reader
  }

  get columns(): readonly ColumnDescription[] {
    return this.textColumns.map(({ name, declared }, index) => {
      const found = typeOf(this.seen[index]!)
      return {
        name,
        type: declared?.type ?? columnType(found),
        nativeType: declared?.nativeType ?? (found === 'unknown' ? 'empty' : found),
        unit: declared?.unit ?? null,
        ucd: declared?.ucd ?? null,
        description: declared?.description ?? null,
      }
    })
  }

  get dialect(): TextDialect {
    const { delimiter, hasHeader, decimalComma, comment } = this.layout
    return { delimiter, hasHeader, encoding: this.encoding, decimalComma, comment: comment ? '#' : null }
  }

  get notes(): readonly string[] {
    if (this.encoding !== 'latin1') return this.layoutNotes
    return [...this.layoutNotes, 'The text is not valid UTF-8; it was read as Latin-1 (ISO 8859-1).']
  }

  async *batches(options: BatchOptions = {}): AsyncGenerator<RecordBatch> {
    const columns = this.columns
    const wanted = options.columns ?? columns.map(({ name }) => name)
    const positions = wanted.map((name) => {
      const position = columns.findIndex((column) => column.name === name)
      if (position < 0) throw new RangeError(`${this.source.fileName} has no column ${name}`)
      return position
    })
    const capacity = Math.max(1, options.batchRows ?? defaultBatchRows(positions.length, options.recycle))
    const chosen = positions.map((position) => columns[position]!)
    const scanner = this.scanner(capacity, new Set(positions), options.recycle)
    const window = await this.window()
    try {
      for (;;) {
        const full = scanner.scan(window)
        this.progress = window.size === 0 ? 1 : window.bytesRead / window.size
        if (scanner.retyped) scanner.rows = 0
        else if (full || scanner.textBytes() > BATCH_TEXT_BYTES) {
          this.checkCells(scanner.totalRows)
          const rows = scanner.rows
          const data = scanner.take()
          yield recordBatch(
            chosen,
            positions.map((position) => data[position]!),
            rows,
          )
          if (full) continue
        }
        if (!(await window.fill())) break
      }
      this.checkCells(scanner.totalRows)
      if (!scanner.retyped && scanner.rows > 0) {
        const rows = scanner.rows
        const data = scanner.take()
        yield recordBatch(
          chosen,
          positions.map((position) => data[position]!),
          rows,
        )
      }
    } catch (error) {
      if (!(error instanceof NotUtf8) || this.settled) throw error
      this.encoding = 'latin1'
      throw new Retyped('The text is no UTF-8.')
    } finally {
      await window.close()
    }
    if (scanner.retyped) {
      this.seen = scanner.seen
      if (!this.settled) throw new Retyped('Later rows are of other types than the first.')
      throw new TableError('malformed', 'The file changed while it was read.')
    }
  }

  async close(): Promise<void> {}

  /** Looks through the first rows, or all, for the types of the columns. */
  private async look(rows: number): Promise<void> {
    const everything = rows === Number.POSITIVE_INFINITY
    const scanner = this.scanner(Math.min(rows, defaultBatchRows(this.textColumns.length)), null)
    scanner.retyped = true
    const window = await this.window()
    try {
      do {
        scanner.scan(window)
        scanner.rows = 0
        this.checkCells(scanner.totalRows)
      } while (scanner.totalRows < rows && (everything || window.bytesRead < 2 * HEAD_BYTES) && (await window.fill()))
    } finally {
      await window.close()
    }
    this.seen = scanner.seen
    this.settled = everything
  }

  private scanner(capacity: number, wanted: ReadonlySet<number> | null, recycle = false): RowScanner {
    const { delimiter, decimalComma, comment, rowsLine } = this.layout
    const columns = this.textColumns.map(({ name, declared }, index) => ({
      name,
      declared: declared?.type ?? null,
      wanted: wanted === null || wanted.has(index),
    }))
    return new RowScanner({ delimiter, decimalComma, comment, columns }, this.seen, capacity, rowsLine, recycle)
  }

  /** The window at the first row. */
  private async window(): Promise<ByteWindow> {
    const direct = this.encoding === 'utf-8'
    const from = this.markBytes + (direct ? this.rowsOffset : 0)
    const window = await ByteWindow.open(this.source.path, this.encoding, from, this.limits.lineBytes)
    let skip = direct ? 0 : this.rowsOffset
    while (skip > 0 && (await window.fill())) {
      const step = Math.min(skip, window.end - window.start)
      window.start += step
      skip -= step
    }
    return window
  }

  private checkCells(rows: number): void {
    if (rows * this.textColumns.length > this.limits.cells) {
      throw new TableError('too_large', `The table has more than ${this.limits.cells} cells (rows times columns).`)
    }
  }
}

/** The beginning of the file: enough for two lines at least. @throws TableError empty, too_large */
async function readHead(path: string, limits: TableLimits): Promise<Head> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size === 0) throw new TableError('empty', 'The file is empty (0 bytes).')
    let bytes = Buffer.alloc(0)
    for (let length = HEAD_BYTES; ; length *= 4) {
      const buffer = Buffer.alloc(Math.min(length, size, limits.lineBytes + 1))
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
      bytes = buffer.subarray(0, bytesRead)
      if (bytesRead >= size || lineEnds(bytes) >= 2) break
      if (bytesRead > limits.lineBytes) {
        if (lineEnds(bytes) > 0) break
        throw new TableError('too_large', `Line 1 is longer than ${limits.lineBytes} bytes.`, 1)
      }
    }
    return { bytes, ...encodingOf(bytes), whole: bytes.length >= size }
  } finally {
    await file.close()
  }
}

function lineEnds(bytes: Buffer): number {
  let count = 0
  for (let at = 0; count < 2; count++) {
    const lf = bytes.indexOf(0x0a, at)
    const cr = lf >= 0 ? -1 : bytes.indexOf(0x0d, at)
    if (lf < 0 && cr < 0) break
    at = Math.max(lf, cr) + 1
  }
  return count
}

function encodingOf(bytes: Buffer): { encoding: TextEncoding; markBytes: number } {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { encoding: 'utf-8', markBytes: 3 }
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le', markBytes: 2 }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be', markBytes: 2 }
  return { encoding: 'utf-8', markBytes: 0 }
}

/** The head as text, without a character that it cuts in two. @throws NotUtf8 */
function decode({ bytes, encoding, markBytes, whole }: Head): string {
  const body = bytes.subarray(markBytes)
  if (encoding === 'latin1') return body.toString('latin1')
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(body, { stream: !whole })
  } catch {
    if (encoding !== 'utf-8') throw new TableError('malformed', `The text is not valid ${encoding}.`)
    throw new NotUtf8()
  }
}
