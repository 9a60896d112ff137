import type { Data } from 'apache-arrow'
import type { ByteWindow } from '../byte-window.ts'
import { ColumnBuilder } from '../column-builder.ts'
import { INTEGER, NO_NUMBER, NumberScanner } from '../number-scanner.ts'
import { type ColumnType, TableError } from '../table.ts'
import {
  booleanOf,
  columnType,
  evidenceOf,
  infinityOf,
  isDash,
  isNullToken,
  SEEN_BIG,
  SEEN_LOSSY,
  SEEN_NEGATIVE,
  SEEN_TEXT,
  typeOf,
} from './cell-types.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const TAB = 0x09
const QUOTE = 0x22
const HASH = 0x23
/** The end of a text of DOS. */
const DOS_END = 0x1a

/** How a cell is taken: by the type of its column, so that the inner loop has one switch and no calls by name. */
const UNKNOWN = 0
const BOOL = 1
const INT64 = 2
const UINT64 = 3
const FLOAT64 = 4
const TEXT = 5
const SKIPPED = 6
/** A narrower type that the file declares (ECSV). */
const NARROW = 7
/** Text that the file declares (ECSV): it says what is a text, so NA and null are some, and only what is empty is null. */
const DECLARED_TEXT = 8
const KINDS = { unknown: UNKNOWN, bool: BOOL, int64: INT64, uint64: UINT64, float64: FLOAT64, string: TEXT } as const

const RANGES: Partial<Record<ColumnType, readonly [number, number]>> = {
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
  uint8: [0, 255],
  uint16: [0, 65535],
  uint32: [0, 4294967295],
}

export interface ScannedColumn {
  readonly name: string
  /** The type that the file declares, or null: the cells tell. */
  readonly declared: ColumnType | null
  readonly wanted: boolean
}

export interface RowShape {
  readonly delimiter: string
  readonly decimalComma: boolean
  readonly comment: boolean
  readonly columns: readonly ScannedColumn[]
}

/**
 * Scans rows of text from a window of bytes into column builders. One pass, no strings: a cell that is what its column
 * holds costs no allocation. When a cell shows that its column is of a wider type than thought, the evidence is kept
 * (`seen`), `retyped` is set, and the rest of the file is only looked through.
 */
export class RowScanner {
  /** Rows in the batch being filled. */
  rows = 0
  totalRows = 0
  /** What each column has shown: bits of `cell-types.ts`. */
  readonly seen: Int32Array
  retyped = false
  private readonly kinds: Uint8Array
  private readonly builders: ColumnBuilder[]
  private readonly number: NumberScanner
  private readonly stops = new Uint8Array(256)
  private readonly delimiter: number
  private readonly second: number
  private readonly spaced: boolean
  private linesInRow = 0
  private scratch = new Uint8Array(256)

  /**
   * @param seen evidence from an earlier look at the file.
   * @param line number of the first line that will be scanned, from 1.
   */
  constructor(
    private readonly shape: RowShape,
    seen: Int32Array,
    private readonly capacity: number,
    private line: number,
    recycle = false,
  ) {
    this.seen = Int32Array.from(seen)
    this.number = new NumberScanner(shape.decimalComma ? 0x2c : 0x2e)
    this.spaced = shape.delimiter === ' '
    this.delimiter = shape.delimiter.charCodeAt(0)
    this.second = this.spaced ? TAB : this.delimiter
    for (const stop of [this.delimiter, this.second, LINE_FEED, CARRIAGE_RETURN]) this.stops[stop] = 1
    this.kinds = Uint8Array.from(shape.columns, (column, index) => this.kindOf(column, index))
    this.builders = shape.columns.map(
      (column, index) => new ColumnBuilder(this.typeOf(column, index), column.wanted ? capacity : 0, recycle),
    )
  }

  /** Fills the batch from the window. @returns whether the batch is full; otherwise the window needs more bytes. */
  scan(window: ByteWindow): boolean {
    const { bytes, end, atEnd } = window
    let pos = window.start
    if (atEnd && bytes[end - 1] === DOS_END) bytes[end - 1] = LINE_FEED
    while (pos < end) {
      if (this.rows === this.capacity) {
        if (!this.retyped) break
        this.rows = 0
      }
      let c = bytes[pos]!
      if (this.spaced) while (c === SPACE || c === TAB) c = bytes[++pos]!
      if (c === LINE_FEED || c === CARRIAGE_RETURN) {
        const next = afterLineEnd(bytes, pos, end, atEnd)
        if (next < 0) break
        pos = next
        this.line++
        continue
      }
      if (this.shape.comment && this.isComment(bytes, pos)) {
        let stop = pos
        while (bytes[stop] !== LINE_FEED && bytes[stop] !== CARRIAGE_RETURN) stop++
        const next = afterLineEnd(bytes, stop, end, atEnd)
        if (next < 0) break
        pos = next
        this.line++
        continue
      }
      this.linesInRow = 0
      const next = this.row(bytes, pos, end, atEnd)
      if (next < 0) {
        for (const builder of this.builders) if (builder.capacity > 0) builder.forget(this.rows)
        break
      }
      pos = next
      this.line += 1 + this.linesInRow
    }
    window.start = pos
    return this.rows === this.capacity && !this.retyped
  }

  /** Whether a line is a comment, which blanks may indent that do not part cells. */
  private isComment(bytes: Uint8Array, start: number): boolean {
    let pos = start
    while (bytes[pos] === SPACE || (bytes[pos] === TAB && this.delimiter !== TAB)) pos++
    return bytes[pos] === HASH
  }

  /** Bytes of text that the batch holds. */
  textBytes(): number {
    let sum = 0
    for (const builder of this.builders)
      if (builder.storage === 'text' && builder.capacity > 0) sum += builder.textBytes(this.rows)
    return sum
  }

  /** The batch, column by column (null for a column nobody wants), and room for the next one. */
  take(): (Data | null)[] {
    const data = this.builders.map((builder) => (builder.capacity === 0 ? null : builder.data(this.rows)))
    for (const builder of this.builders) if (builder.capacity > 0) builder.reset()
    this.rows = 0
    return data
  }

  /** @returns the position after the row, or -1 when the window ends before it does. */
  private row(bytes: Uint8Array, start: number, end: number, atEnd: boolean): number {
    const { kinds, builders, number, delimiter, second, spaced, rows: row } = this
    const last = kinds.length - 1
    let pos = start
    for (let column = 0; ; column++) {
      while (bytes[pos] === SPACE) pos++
      const kind = kinds[column]!
      let done = false
      if (kind === FLOAT64) {
        let next = number.scan(bytes, pos)
        if (number.kind > INTEGER || (number.kind === INTEGER && number.digits <= 15 && !number.leadingZeros)) {
          let c = bytes[next]!
          if (!spaced) while (c === SPACE) c = bytes[++next]!
          if (c === delimiter || c === LINE_FEED || c === CARRIAGE_RETURN || c === second) {
            builders[column]!.floats[row] = number.value
            pos = next
            done = true
          }
        }
      } else if (kind === INT64) {
        let next = number.scan(bytes, pos)
        if (number.kind === INTEGER && !number.leadingZeros) {
          const short = number.digits <= 15
          if (short || (number.high <= 0x7fffffff && this.seen[column]! & SEEN_LOSSY)) {
            let c = bytes[next]!
            if (!spaced) while (c === SPACE) c = bytes[++next]!
            if (c === delimiter || c === LINE_FEED || c === CARRIAGE_RETURN || c === second) {
              if (number.negative) this.seen[column]! |= SEEN_NEGATIVE
              if (short) builders[column]!.setInteger(row, number.value)
              else builders[column]!.setWords(row, number.low, number.high, number.negative)
              pos = next
              done = true
            }
          }
        }
      }
      if (!done) {
        pos = this.cell(bytes, pos, end, atEnd, column)
        if (pos < 0) return -1
      }
      if (spaced) {
        let c = bytes[pos]!
        while (c === SPACE || c === TAB) c = bytes[++pos]!
      }
      const c = bytes[pos]!
      const lineEnds = c === LINE_FEED || c === CARRIAGE_RETURN
      if (column === last) {
        if (!lineEnds) return this.ragged(bytes, start, end, atEnd)
        const next = afterLineEnd(bytes, pos, end, atEnd)
        if (next >= 0) {
          this.rows++
          this.totalRows++
        }
        return next
      }
      if (lineEnds) {
        if (pos >= end && !atEnd) return -1
        return this.ragged(bytes, start, end, atEnd)
      }
      if (!spaced) pos++
    }
  }

  /** Takes a cell of any kind. @returns the position of what ends it, or -1 when the window ends before it does. */
  private cell(bytes: Uint8Array, start: number, end: number, atEnd: boolean, column: number): number {
    if (bytes[start] === QUOTE) return this.quotedCell(bytes, start, end, atEnd, column)
    const { stops } = this
    let stop = start
    while (stops[bytes[stop]!] === 0) stop++
    if (stop >= end && !atEnd) return -1
    let last = stop
    while (last > start && (bytes[last - 1] === SPACE || bytes[last - 1] === TAB)) last--
    this.place(column, bytes, start, last, start, last)
    return stop
  }

  private quotedCell(bytes: Uint8Array, start: number, end: number, atEnd: boolean, column: number): number {
    let escaped = false
    let lines = 0
    let at = start + 1
    for (; ; at++) {
      if (at >= end) {
        if (!atEnd) return -1
        throw this.malformed(`a quote opens here and is never closed (column ${this.title(column)})`, this.linesInRow)
      }
      const c = bytes[at]!
      if (c === QUOTE) {
        if (bytes[at + 1] !== QUOTE || at + 1 >= end) break
        escaped = true
        at++
      } else if (c === LINE_FEED || (c === CARRIAGE_RETURN && bytes[at + 1] !== LINE_FEED)) lines++
    }
    let stop = at + 1
    if (!this.spaced) while (bytes[stop] === SPACE) stop++
    if (stop >= end && !atEnd) return -1
    if (this.stops[bytes[stop]!] === 0) {
      throw this.malformed(`text follows a closing quote (column ${this.title(column)})`, this.linesInRow + lines)
    }
    let from = start + 1
    let to = at
    let content = bytes
    if (escaped) {
      content = this.unescape(bytes, from, to)
      to = this.unescapedLength
      from = 0
    }
    let first = from
    let last = to
    while (first < last && content[first] === SPACE) first++
    while (last > first && content[last - 1] === SPACE) last--
    this.place(column, content, from, to, first, last)
    this.linesInRow += lines
    return stop
  }

  private unescapedLength = 0

  private unescape(bytes: Uint8Array, start: number, end: number): Uint8Array {
    if (this.scratch.length <= end - start) this.scratch = new Uint8Array(2 * (end - start))
    const { scratch } = this
    let length = 0
    for (let i = start; i < end; i++) {
      const c = bytes[i]!
      scratch[length++] = c
      if (c === QUOTE) i++
    }
    scratch[length] = LINE_FEED
    this.unescapedLength = length
    return scratch
  }

  /** Writes a cell; `first`..`last` is `start`..`end` without the spaces around it. */
  private place(column: number, bytes: Uint8Array, start: number, end: number, first: number, last: number): void {
    const kind = this.kinds[column]!
    if (kind === SKIPPED) return
    const builder = this.builders[column]!
    const row = this.rows
    if (kind === DECLARED_TEXT ? first === last : isNullToken(bytes, first, last)) {
      builder.setNull(row)
      return
    }
    if (kind === TEXT || kind === DECLARED_TEXT) {
      builder.setText(row, bytes, start, end)
      return
    }
    if (isDash(bytes, first, last)) {
      builder.setNull(row)
      return
    }
    if (kind === BOOL) {
      const value = booleanOf(bytes, first, last)
      if (value !== null) {
        builder.setBool(row, value)
        return
      }
    }
    if (kind === NARROW || this.shape.columns[column]!.declared === 'float64') {
      this.placeDeclared(column, bytes, first, last)
      return
    }
    const evidence = evidenceOf(this.number, bytes, first, last)
    const seen = this.seen[column]! | evidence
    this.seen[column] = seen
    if (KINDS[typeOf(seen)] !== kind) {
      this.misfit(column, bytes, first, last)
      return
    }
    const { number } = this
    if (kind === FLOAT64) {
      builder.floats[row] = number.kind === NO_NUMBER ? (infinityOf(bytes, first, last) ?? Number.NaN) : number.value
    } else if (number.digits <= 15) builder.setInteger(row, number.value)
    else builder.setWords(row, number.low, number.high, number.negative)
  }

  /** A number of a column whose type the file declares. */
  private placeDeclared(column: number, bytes: Uint8Array, first: number, last: number): void {
    const declared = this.shape.columns[column]!.declared!
    const range = RANGES[declared]
    const stop = this.number.scan(bytes, first)
    const { value } = this.number
    const whole = this.number.kind !== NO_NUMBER && stop === last
    const infinity = range ? null : infinityOf(bytes, first, last)
    const fits = whole && (!range || (this.number.kind === INTEGER && value >= range[0] && value <= range[1]))
    if (!fits && infinity === null) this.misfit(column, bytes, first, last)
    this.builders[column]!.floats[this.rows] = infinity ?? value
  }

  private misfit(column: number, bytes: Uint8Array, first: number, last: number): void {
    const { declared, name } = this.shape.columns[column]!
    if (declared) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + first, Math.min(60, last - first)).toString()
      throw this.malformed(
        `"${text}" in column ${name} is not the ${declared} that the header declares`,
        this.linesInRow,
      )
    }
    this.retyped = true
    const type = typeOf(this.seen[column]!)
    if (type === 'string') this.seen[column]! |= SEEN_TEXT
    this.kinds[column] = KINDS[type]
    this.builders[column] = new ColumnBuilder(columnType(type), this.capacity)
  }

  /** A row with too few or too many cells; a line of nothing but blanks is passed over. */
  private ragged(bytes: Uint8Array, start: number, end: number, atEnd: boolean): number {
    let cells = 1
    let blank = true
    let quoted = false
    let pos = start
    for (; pos < end; pos++) {
      const c = bytes[pos]!
      if (c === QUOTE) quoted = !quoted
      if (!quoted && (c === LINE_FEED || c === CARRIAGE_RETURN)) break
      if (c !== SPACE && c !== TAB) blank = false
      if (quoted) continue
      if (!this.spaced && c === this.delimiter) {
        blank = false
        cells++
      } else if (this.spaced && (c === SPACE || c === TAB)) {
        const next = bytes[pos + 1]!
        if (next !== SPACE && next !== TAB && next !== LINE_FEED && next !== CARRIAGE_RETURN) cells++
      }
    }
    if (pos >= end && !atEnd) return -1
    if (blank) {
      for (const builder of this.builders) if (builder.capacity > 0) builder.forget(this.rows)
      return afterLineEnd(bytes, pos, end, atEnd)
    }
    const expected = this.kinds.length
    throw this.malformed(
      `${cells} ${cells === 1 ? 'field' : 'fields'} where the table has ${expected} ${expected === 1 ? 'column' : 'columns'}`,
      0,
    )
  }

  private malformed(what: string, linesFurther: number): TableError {
    const line = this.line + linesFurther
    return new TableError('malformed', `Line ${line}: ${what}.`, line)
  }

  private title(column: number): string {
    return this.shape.columns[column]!.name
  }

  private typeOf(column: ScannedColumn, index: number): ColumnType {
    return column.declared ?? columnType(typeOf(this.seen[index]!))
  }

  private kindOf(column: ScannedColumn, index: number): number {
    if (!column.wanted) return SKIPPED
    switch (column.declared) {
      case null:
        return KINDS[typeOf(this.seen[index]!)]
      case 'bool':
      case 'int64':
      case 'uint64':
      case 'float64':
        this.seen[index] = DECLARED_EVIDENCE[column.declared]
        return KINDS[column.declared]
      case 'string':
        return DECLARED_TEXT
      case 'array':
      case 'timestamp':
        return TEXT
      default:
        return NARROW
    }
  }
}

const DECLARED_EVIDENCE = { bool: 1, int64: 2 | SEEN_LOSSY, uint64: 2 | SEEN_BIG, float64: 32 } as const

/** The position after a line end at `pos`, or -1 when the window ends before we know whether CR or CR LF ends it. */
function afterLineEnd(bytes: Uint8Array, pos: number, end: number, atEnd: boolean): number {
  if (pos >= end) return atEnd ? end : -1
  if (bytes[pos] === LINE_FEED) return pos + 1
  if (pos + 1 >= end) return atEnd ? end : -1
  return bytes[pos + 1] === LINE_FEED ? pos + 2 : pos + 1
}
