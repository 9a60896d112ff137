import { open } from 'node:fs/promises'
import type { Data, RecordBatch } from 'apache-arrow'
import { recordBatch, withNulls } from '../arrow-columns.ts'
import { ByteWindow, NotUtf8, type TextEncoding } from '../byte-window.ts'
import { defaultBatchRows } from '../column-builder.ts'
import { type ColumnMetadata, NO_METADATA } from '../column-metadata.ts'
import {
  type BatchOptions,
  type ColumnDescription,
  requireCells,
  TableError,
  type TableLimits,
  type TableReader,
  type TableSource,
  type TextDialect,
} from '../table.ts'
import { windows1252 } from '../windows-1252.ts'
import { columnType, typeOf } from './cell-types.ts'
import { tidyNames } from './column-names.ts'
import { type DeclaredColumn, isEcsv, readEcsvHeader } from './ecsv.ts'
import { RowScanner } from './row-scanner.ts'
import { type Layout, sniff } from './sniff.ts'

const HEAD_BYTES = 1 << 18
/** Rows that the first look at the types takes. */
const TRIAL_ROWS = 4096
const BATCH_TEXT_BYTES = 32 << 20
/** With this character programs of DOS end a text. */
const DOS_END = '\x1a'

/**
 * The file holds cells that its beginning did not promise. The reader knows better now: ask it for its columns and
 * batches again. Thrown by readers that were opened as `provisional`, and by no other.
 */
export class Retyped extends Error {}

export interface TextOptions {
  /**
   * Encoding and types come from the first rows, not from a look through the whole file; `batches` throws `Retyped` when
   * later rows disagree: once for the encoding and, read to the end with all columns, once for the types. For someone who
   * can start again.
   */
  readonly provisional?: boolean
}

/**
 * Opens delimited text: CSV, TSV, blanks between the columns, ECSV. Dialect, header and encoding are found out
 * (`sniff.ts`), types come from every cell of the file (`cell-types.ts`).
 * @throws TableError
 */
export async function openCsv(source: TableSource, limits: TableLimits, options: TextOptions = {}): Promise<CsvReader> {
  return CsvReader.open(source, limits, await readHead(source.path, limits), options)
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
  readonly metadata: ColumnMetadata
  /** The place of the column of truth values that says where this one has no value. */
  readonly mask: number | null
}

/** What the beginning of a file tells: how it is written, and its columns. */
interface Plan {
  readonly encoding: TextEncoding
  readonly layout: Layout
  readonly columns: readonly TextColumn[]
  readonly notes: readonly string[]
  /** Bytes before the first row as a `ByteWindow` shows them, in UTF-8. */
  readonly rowsOffset: number
}

/**
 * A table of delimited text. Types are what all rows allow: they are settled by reading the file once, before its batches are read.
 */
export class CsvReader implements TableReader {
  readonly format = 'csv'
  readonly rows = null
  /** How much of the file has been read, 0 to 1. */
  progress = 0
  private plan: Plan
  private seen: Int32Array
  /** The types are those of all rows. */
  private settled = false

  private constructor(
    private readonly source: TableSource,
    private readonly limits: TableLimits,
    private readonly head: Head,
  ) {
    this.plan = planOf(head, limits)
    this.seen = new Int32Array(this.plan.columns.length)
  }

  /** Looks through the rows for the types; through the first ones alone when `provisional`. @throws TableError */
  static async open(source: TableSource, limits: TableLimits, head: Head, options: TextOptions): Promise<CsvReader> {
    const reader = new CsvReader(source, limits, head)
    await reader.look(TRIAL_ROWS)
    if (!options.provisional) await reader.look(Number.POSITIVE_INFINITY)
    return reader
  }

  get columns(): readonly ColumnDescription[] {
    const masks = masksOf(this.plan)
    return this.described.filter((_, index) => !masks.has(index))
  }

  /** The columns of the file, masks among them. */
  private get described(): readonly ColumnDescription[] {
    return this.plan.columns.map(({ name, declared, metadata }, index) => {
      const found = typeOf(this.seen[index]!)
      return {
        name,
        type: declared?.type ?? columnType(found),
        nativeType: declared?.nativeType ?? (found === 'unknown' ? 'empty' : found),
        unit: metadata.unit,
        ucd: metadata.ucd,
        description: metadata.description,
      }
    })
  }

  get dialect(): TextDialect {
    const { encoding, layout } = this.plan
    const { delimiter, hasHeader, decimalComma, comment } = layout
    return { delimiter, hasHeader, encoding, decimalComma, comment: comment ? '#' : null }
  }

  get notes(): readonly string[] {
    const { encoding, notes } = this.plan
    if (encoding !== 'latin1') return notes
    return [...notes, 'The text is not valid UTF-8; it was read as Latin-1 (Windows-1252).']
  }

  async *batches(options: BatchOptions = {}): AsyncGenerator<RecordBatch> {
    const columns = this.described
    const wanted = options.columns ?? this.columns.map(({ name }) => name)
    const positions = wanted.map((name) => {
      const position = columns.findIndex((column) => column.name === name)
      if (position < 0) throw new RangeError(`${this.source.fileName} has no column ${name}`)
      return position
    })
    const capacity = Math.max(1, options.batchRows ?? defaultBatchRows(positions.length, options.recycle))
    const chosen = positions.map((position) => columns[position]!)
    const scanned = new Set(positions.flatMap((position) => [position, this.plan.columns[position]!.mask ?? position]))
    const scanner = this.scanner(capacity, scanned, options.recycle)
    const window = await this.window()
    try {
      for (;;) {
        const full = scanner.scan(window)
        this.progress = window.size === 0 ? 1 : window.bytesRead / window.size
        if (scanner.retyped) scanner.rows = 0
        else if (full || scanner.textBytes() > BATCH_TEXT_BYTES) {
          requireCells(scanner.totalRows, this.plan.columns.length, this.limits)
          const rows = scanner.rows
          const data = scanner.take()
          yield recordBatch(
            chosen,
            positions.map((position) => this.cells(data, position)),
            rows,
          )
          if (full) continue
        }
        if (!(await window.fill())) break
      }
      requireCells(scanner.totalRows, this.plan.columns.length, this.limits)
      if (!scanner.retyped && scanner.rows > 0) {
        const rows = scanner.rows
        const data = scanner.take()
        yield recordBatch(
          chosen,
          positions.map((position) => this.cells(data, position)),
          rows,
        )
      }
    } catch (error) {
      if (!(error instanceof NotUtf8)) throw error
      if (this.settled) throw changed()
      await this.readAsLatin1()
      throw new Retyped('The text is no UTF-8.')
    } finally {
      await window.close()
    }
    if (scanner.retyped) {
      if (this.settled) throw changed()
      this.seen = scanner.seen
      this.settled = scanned.size === columns.length
      throw new Retyped('Later rows are of other types than the first.')
    }
  }

  async close(): Promise<void> {}

  private cells(data: readonly (Data | null)[], position: number): Data {
    const { mask } = this.plan.columns[position]!
    const hidden = mask === null ? null : data[mask]!
    if (hidden === null) return data[position]!
    const bits: Uint8Array = hidden.values
    return withNulls(data[position]!, (row) => (bits[row >> 3]! & (1 << (row & 7))) !== 0 && hidden.getValid(row))
  }

  /** Looks through the first rows, or all, for the types of the columns; from the beginning when it is no UTF-8. */
  private async look(rows: number): Promise<void> {
    const everything = rows === Number.POSITIVE_INFINITY
    const scanner = this.scanner(Math.min(rows, defaultBatchRows(this.plan.columns.length)), null)
    scanner.retyped = true
    const window = await this.window()
    try {
      do {
        scanner.scan(window)
        scanner.rows = 0
        requireCells(scanner.totalRows, this.plan.columns.length, this.limits)
      } while (scanner.totalRows < rows && (everything || window.bytesRead < 2 * HEAD_BYTES) && (await window.fill()))
    } catch (error) {
      if (!(error instanceof NotUtf8)) throw error
      await this.readAsLatin1()
      return this.look(rows)
    } finally {
      await window.close()
    }
    this.seen = scanner.seen
    this.settled = everything
  }

  /** Begins anew: in another encoding names, comments and even types may be others, and rows begin elsewhere. */
  private async readAsLatin1(): Promise<void> {
    this.plan = planOf({ ...this.head, encoding: 'latin1' }, this.limits)
    this.seen = new Int32Array(this.plan.columns.length)
    await this.look(TRIAL_ROWS)
  }

  private scanner(capacity: number, wanted: ReadonlySet<number> | null, recycle = false): RowScanner {
    const { delimiter, decimalComma, comment, rowsLine } = this.plan.layout
    const columns = this.plan.columns.map(({ name, declared }, index) => ({
      name,
      declared: declared?.type ?? null,
      wanted: wanted === null || wanted.has(index),
    }))
    return new RowScanner({ delimiter, decimalComma, comment, columns }, this.seen, capacity, rowsLine, recycle)
  }

  /** The window at the first row. */
  private async window(): Promise<ByteWindow> {
    const { encoding, rowsOffset } = this.plan
    const direct = encoding === 'utf-8'
    const from = this.head.markBytes + (direct ? rowsOffset : 0)
    const window = await ByteWindow.open(this.source.path, encoding, from, this.limits.lineBytes)
    if (!direct) await window.skip(rowsOffset)
    return window
  }
}

function changed(): TableError {
  return new TableError('malformed', 'The file changed while it was read.')
}

function masksOf({ columns }: Plan): ReadonlySet<number | null> {
  return new Set(columns.map(({ mask }) => mask))
}

/** @throws TableError */
function planOf(head: Head, limits: TableLimits): Plan {
  const { text: decoded, encoding } = decode(head)
  const text = head.whole && decoded.endsWith(DOS_END) ? decoded.slice(0, -1) : decoded
  const ecsv = isEcsv(text) ? readEcsvHeader(text) : null
  const layout = sniff(text, head.whole, ecsv)
  if (layout.names.length > limits.columns) {
    throw new TableError(
      'too_large',
      `The table has ${layout.names.length} columns; at most ${limits.columns} are allowed.`,
    )
  }
  if (ecsv) checkNames(ecsv.columns, layout.names)
  const { names, notes } = tidyNames(layout.names)
  const places = new Map(names.map((name, index) => [name, index]))
  return {
    encoding,
    layout,
    columns: names.map((name, index) => ({
      name,
      declared: ecsv?.columns[index] ?? null,
      metadata: ecsv?.columns[index] ?? layout.numbered?.[index] ?? NO_METADATA,
      mask: places.get(ecsv?.masks.get(name) ?? '') ?? null,
    })),
    notes: [...layout.notes, ...notes, ...(ecsv?.notes ?? [])],
    rowsOffset: Buffer.byteLength(text.slice(0, layout.rowsStart)),
  }
}

/** The line of names must be what the ECSV header declares: types and units go by their places. @throws TableError */
function checkNames(declared: readonly DeclaredColumn[], names: readonly string[]): void {
  if (declared.length !== names.length) {
    throw new TableError(
      'malformed',
      `The ECSV header declares ${declared.length} columns, the line of names has ${names.length}.`,
    )
  }
  const place = declared.findIndex(({ name }, index) => name.trim() !== names[index])
  if (place >= 0) {
    throw new TableError(
      'malformed',
      `The ECSV header declares column ${place + 1} as "${declared[place]!.name}", the line of names has "${names[place]!}".`,
    )
  }
}

/** The beginning of the file: enough for two lines at least after the comments. @throws TableError empty, too_large */
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
      if (bytesRead >= size || lineEnds(bytes, endOfComments(bytes)) >= 2) break
      if (bytesRead > limits.lineBytes) {
        if (lineEnds(bytes, 0) > 0) break
        throw new TableError('too_large', `Line 1 is longer than ${limits.lineBytes} bytes.`, 1)
      }
    }
    return { bytes, ...encodingOf(bytes), whole: bytes.length >= size }
  } finally {
    await file.close()
  }
}

/** Where the first line begins that is no comment: YAML of a wide ECSV table may fill the first look. */
function endOfComments(bytes: Buffer): number {
  let at = 0
  while (bytes[at] === 0x23) {
    const lineFeed = bytes.indexOf(0x0a, at)
    at = lineFeed < 0 ? bytes.length : lineFeed + 1
  }
  return at
}

function lineEnds(bytes: Buffer, from: number): number {
  let count = 0
  for (let at = from; count < 2; count++) {
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

/** The head as text, without a character that it cuts in two; as Latin-1 when it is no UTF-8. @throws TableError */
function decode({ bytes, encoding, markBytes, whole }: Head): { text: string; encoding: TextEncoding } {
  const body = bytes.subarray(markBytes)
  if (encoding !== 'latin1') {
    try {
      const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
      return { text: decoder.decode(body, { stream: !whole }), encoding }
    } catch {
      if (encoding !== 'utf-8') throw new TableError('malformed', `The text is not valid ${encoding}.`)
    }
  }
  return { text: windows1252(body), encoding: 'latin1' }
}
