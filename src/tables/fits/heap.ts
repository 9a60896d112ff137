import type { RandomAccessFile } from '../random-access-file.ts'
import { TableError } from '../table.ts'
import { type BinaryColumn, elementBytes } from './binary-columns.ts'

const WINDOW_BYTES = 256 * 1024
/** A single cell longer than this is refused. */
const MAX_CELL_ELEMENTS = 10_000_000

const NO_BYTES = new DataView(new ArrayBuffer(0))

/** What the row of a variable-length column points to. */
export interface Descriptor {
  /** Elements of the cell. */
  readonly length: number
  /** Bytes from the beginning of the heap. */
  readonly offset: number
}

/** The heap behind the rows of a binary table, where the cells of variable-length columns lie. */
export class Heap {
  readonly #file: RandomAccessFile
  readonly #start: number
  readonly #bytes: number
  readonly #fileName: string
  #window: Uint8Array = new Uint8Array(0)
  #windowStart = 0

  constructor(file: RandomAccessFile, start: number, bytes: number, fileName: string) {
    this.#file = file
    this.#start = start
    this.#bytes = bytes
    this.#fileName = fileName
  }

  /**
   * Where the cell of a row lies.
   *
   * @param row 1-based, for the error message
   * @throws TableError malformed when it lies outside of the heap
   */
  descriptor(column: BinaryColumn, rows: DataView, at: number, row: number): Descriptor {
    if (column.repeat === 0) return { length: 0, offset: 0 }
    const wide = column.variable === 'Q'
    const length = wide ? Number(rows.getBigInt64(at)) : rows.getInt32(at)
    const offset = wide ? Number(rows.getBigInt64(at + 8)) : rows.getInt32(at + 4)
    const bytes = Math.ceil(length * elementBytes(column.code))
    if (length < 0 || (length > 0 && (offset < 0 || offset + bytes > this.#bytes))) {
      throw new TableError(
        'malformed',
        `${this.#fileName}: column "${column.name}" of row ${row} points outside of the file's heap; the file is cut off or damaged.`,
        row,
      )
    }
    if (length > MAX_CELL_ELEMENTS) {
      throw new TableError(
        'too_large',
        `${this.#fileName}: column "${column.name}" of row ${row} has ${length} elements.`,
        row,
      )
    }
    return { length, offset }
  }

  /** The bytes of a cell; valid until the next call. */
  cell(column: BinaryColumn, { length, offset }: Descriptor): DataView {
    // The offset of an empty cell may be anything.
    if (length === 0) return NO_BYTES
    const bytes = Math.ceil(length * elementBytes(column.code))
    const start = offset - this.#windowStart
    if (start < 0 || start + bytes > this.#window.length) {
      const wanted = Math.min(Math.max(bytes, WINDOW_BYTES), this.#bytes - offset)
      this.#window = this.#file.slice(this.#start + offset, wanted)
      this.#windowStart = offset
    }
    const from = offset - this.#windowStart
    return new DataView(this.#window.buffer, this.#window.byteOffset + from, bytes)
  }
}
