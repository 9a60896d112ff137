import { open } from 'node:fs/promises'
import type { RecordBatch } from 'apache-arrow'
import { recordBatch } from '../arrow-columns.ts'
import { ByteWindow, NotUtf8, type TextEncoding } from '../byte-window.ts'
import { ColumnBuilder, defaultBatchRows } from '../column-builder.ts'
import {
  type BatchOptions,
  type ColumnDescription,
  requireCells,
  TableError,
  type TableLimits,
  type TableReader,
  type TableSource,
} from '../table.ts'
import { BinaryRows } from './binary-rows.ts'
import { readVotableHeader, serviceNote, type VotableHeader } from './header.ts'
import { TableDataRows } from './table-data.ts'
import { XmlTokens } from './xml.ts'

const BATCH_TEXT_BYTES = 32 << 20

/**
 * Opens a VOTable 1.1 to 1.5: the first table, whose rows are TABLEDATA, BINARY or BINARY2. Nothing outside the file is
 * ever fetched, and no entity expanded.
 * @throws TableError
 */
export async function openVotable(source: TableSource, limits: TableLimits): Promise<VotableReader> {
  const encoding = await encodingOf(source.path)
  try {
    return await VotableReader.open(source, limits, encoding)
  } catch (error) {
    if (error instanceof NotUtf8) throw notUtf8()
    throw error
  }
}

/** The first table of a VOTable. Its types are declared, so nothing but the header is read before the batches. */
export class VotableReader implements TableReader {
  readonly format = 'votable'
  readonly dialect = null
  /** `nrows` is no more than a claim: whoever filters a table may leave the old number there. */
  readonly rows: number | null
  readonly columns: readonly ColumnDescription[]
  /** How much of the file has been read, 0 to 1. */
  progress = 0
  private rest: Rest = { tables: 0, notes: [] }

  private constructor(
    private readonly source: TableSource,
    private readonly limits: TableLimits,
    private readonly encoding: TextEncoding,
    private readonly header: VotableHeader,
    /** Bytes (as UTF-8) before the first row. */
    private readonly headerBytes: number,
  ) {
    this.columns = header.fields.map(({ column }) => column)
    this.rows = header.serialization === 'none' ? 0 : null
  }

  /** Reads the header. @throws TableError; NotUtf8 */
  static async open(source: TableSource, limits: TableLimits, encoding: TextEncoding): Promise<VotableReader> {
    const window = await ByteWindow.open(source.path, encoding, 0, limits.lineBytes)
    try {
      while (await window.fill()) {
        const text = Buffer.from(window.bytes.buffer, window.start, window.end - window.start).toString()
        const header = readVotableHeader(text, window.atEnd)
        if (!header) continue
        if (header.fields.length === 0)
          throw new TableError('no_columns', 'The first table of the VOTable has no FIELD.')
        if (header.fields.length > limits.columns) {
          throw new TableError(
            'too_large',
            `The table has ${header.fields.length} columns; at most ${limits.columns} are allowed.`,
          )
        }
        const headerBytes = Buffer.byteLength(text.slice(0, header.length))
        return new VotableReader(source, limits, encoding, header, headerBytes)
      }
      throw new TableError('malformed', 'The VOTable ends before its first table does.')
    } finally {
      await window.close()
    }
  }

  /** Complete once the batches have been read to their end: only then is known what follows the table. */
  get notes(): readonly string[] {
    const { tables, notes: late } = this.rest
    const { tableName } = this.header
    const notes = [...new Set([...this.header.notes, ...late])]
    if (tables === 0) return notes
    const name = tableName ? ` (${tableName})` : ''
    return [...notes, `The file holds ${tables + 1} tables; this is the first${name}.`]
  }

  async *batches(options: BatchOptions = {}): AsyncGenerator<RecordBatch> {
    const { columns } = this
    const wanted = options.columns ?? columns.map(({ name }) => name)
    const positions = wanted.map((name) => {
      const position = columns.findIndex((column) => column.name === name)
      if (position < 0) throw new RangeError(`${this.source.fileName} has no column ${name}`)
      return position
    })
    const capacity = Math.max(1, options.batchRows ?? defaultBatchRows(positions.length, options.recycle))
    const chosen = positions.map((position) => columns[position]!)
    const asked = new Set(positions)
    const builders = columns.map(({ type }, index) =>
      asked.has(index) ? new ColumnBuilder(type, capacity, options.recycle) : null,
    )
    const rows = this.rowsInto(builders, capacity)
    const window = await this.window()
    try {
      while (rows) {
        const full = rows.scan(window)
        this.progress = window.size === 0 ? 1 : window.bytesRead / window.size
        requireCells(rows.totalRows, this.columns.length, this.limits)
        if (rows.rows > 0 && (full || rows.done || textBytes(builders, rows.rows) > BATCH_TEXT_BYTES)) {
          const count = rows.rows
          const data = builders.map((builder) => builder?.data(count) ?? null)
          for (const builder of builders) builder?.reset()
          rows.rows = 0
          yield recordBatch(
            chosen,
            positions.map((position) => data[position]!),
            count,
          )
        }
        if (rows.done) break
        if (!full && !(await window.fill())) {
          throw new TableError('malformed', 'The VOTable ends before its first table does: it is cut off.')
        }
      }
      this.rest = await restOf(window)
      this.progress = 1
    } catch (error) {
      throw error instanceof NotUtf8 ? notUtf8() : error
    } finally {
      await window.close()
    }
  }

  async close(): Promise<void> {}

  private rowsInto(builders: readonly (ColumnBuilder | null)[], capacity: number): TableDataRows | BinaryRows | null {
    const { fields, serialization } = this.header
    if (serialization === 'none') return null
    if (serialization === 'tabledata') return new TableDataRows(fields, builders, capacity)
    return new BinaryRows(fields, builders, capacity, serialization === 'binary2', this.limits.lineBytes)
  }

  /** The window at the first row. */
  private async window(): Promise<ByteWindow> {
    const window = await ByteWindow.open(this.source.path, this.encoding, 0, this.limits.lineBytes)
    await window.skip(this.headerBytes)
    return window
  }
}

/** What follows the rows of the first table. */
interface Rest {
  /** Further tables. */
  readonly tables: number
  /** A service says only here that it cut the table short (DALI 1.1, 4.4.1). */
  readonly notes: readonly string[]
}

const TAG = /<(?:TABLE(?=[\s>/])|INFO\s[^<>]*QUERY_STATUS[^<>]*>)/g
/** More than any tag that is looked for. */
const LONGEST_TAG = 1_000

async function restOf(window: ByteWindow): Promise<Rest> {
  const notes: string[] = []
  let tables = 0
  do {
    const rest = Buffer.from(window.bytes.buffer, window.start, window.end - window.start).toString('latin1')
    // A tag may be cut at the end of the window.
    const cut = rest.lastIndexOf('<')
    const whole = cut > rest.lastIndexOf('>') && rest.length - cut < LONGEST_TAG ? cut : rest.length
    for (const [tag] of rest.slice(0, whole).matchAll(TAG)) {
      if (tag === '<TABLE') tables++
      else {
        const token = new XmlTokens(tag).next()
        const note = token?.type === 'open' ? serviceNote(token.attributes) : null
        if (note !== null) notes.push(note)
      }
    }
    window.start += whole
  } while (await window.fill())
  return { tables, notes }
}

function textBytes(builders: readonly (ColumnBuilder | null)[], rows: number): number {
  return builders.reduce((sum, builder) => sum + (builder?.textBytes(rows) ?? 0), 0)
}

/** The encoding that the XML declaration names. @throws TableError unsupported */
async function encodingOf(path: string): Promise<TextEncoding> {
  const file = await open(path, 'r')
  try {
    const head = Buffer.alloc(200)
    const { bytesRead } = await file.read(head, 0, head.length, 0)
    const declared = /^\s*(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding\s*=\s*["']([^"']+)["']/.exec(
      head.toString('latin1', 0, bytesRead),
    )
    const name = declared?.[1]?.toLowerCase() ?? 'utf-8'
    if (name === 'utf-8' || name === 'utf8' || name === 'us-ascii' || name === 'ascii') return 'utf-8'
    if (['iso-8859-1', 'latin1', 'latin-1', 'windows-1252', 'cp1252'].includes(name)) return 'latin1'
    throw new TableError('unsupported', `The VOTable is encoded as "${name}"; please save it as UTF-8.`)
  } finally {
    await file.close()
  }
}

function notUtf8(): TableError {
  return new TableError('malformed', 'The VOTable is not valid UTF-8 and declares no other encoding.')
}
