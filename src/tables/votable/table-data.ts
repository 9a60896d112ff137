import type { ByteWindow } from '../byte-window.ts'
import type { ColumnBuilder } from '../column-builder.ts'
import { INTEGER, NO_NUMBER, NumberScanner } from '../number-scanner.ts'
import { TableError } from '../table.ts'
import { nullNumber, placeText } from './cells.ts'
import type { VotableField } from './fields.ts'
import { decodeEntities } from './xml.ts'

const LESS = 0x3c
const GREATER = 0x3e
const SLASH = 0x2f
const AMPERSAND = 0x26
/** How a cell is taken. */
const SLOW = 0
const FLOAT = 1
const SMALL_INTEGER = 2
const LONG = 3
const TEXT = 4

/** Scans the rows of a TABLEDATA element from a window of bytes into column builders. */
export class TableDataRows {
  rows = 0
  totalRows = 0
  /** The end of the table has been seen. */
  done = false
  private readonly kinds: Uint8Array
  private readonly nulls: Float64Array
  private readonly lows: Float64Array
  private readonly highs: Float64Array
  private readonly number = new NumberScanner()

  /** @param builders null for a column that nobody wants. */
  constructor(
    private readonly fields: readonly VotableField[],
    private readonly builders: readonly (ColumnBuilder | null)[],
    private readonly capacity: number,
  ) {
    this.kinds = Uint8Array.from(fields, kindOf)
    this.nulls = Float64Array.from(fields, nullNumber)
    const limits = { unsignedByte: [0, 255], short: [-32768, 32767], int: [-2147483648, 2147483647] }
    this.lows = Float64Array.from(fields, ({ datatype }) => (datatype in limits ? limits[datatype as 'int'][0]! : 0))
    this.highs = Float64Array.from(fields, ({ datatype }) => (datatype in limits ? limits[datatype as 'int'][1]! : 0))
  }

  /** @returns whether the batch is full; otherwise the window needs more bytes, or the table is `done`. */
  scan(window: ByteWindow): boolean {
    const { bytes, end, atEnd } = window
    let pos = window.start
    while (this.rows < this.capacity && !this.done) {
      const next = this.row(bytes, pos, end)
      if (next < 0) {
        if (atEnd)
          throw new TableError('malformed', `The VOTable ends within row ${this.totalRows + 1}: it is cut off.`)
        for (const builder of this.builders) builder?.forget(this.rows)
        break
      }
      pos = next
    }
    window.start = pos
    return this.rows === this.capacity
  }

  /** @returns the position after the row, or -1 when the window ends before it does. */
  private row(bytes: Uint8Array, start: number, end: number): number {
    let pos = this.tag(bytes, start, end)
    if (pos < 0) return -1
    if (bytes[pos + 1] === SLASH) {
      this.done = true
      return pos
    }
    if (!isTag(bytes, pos, 0x52)) throw this.unexpected('<TR>')
    const opened = endOfTag(bytes, pos, end)
    if (opened < 0) return -1
    pos = opened
    const { fields } = this
    const columns = bytes[pos - 2] === SLASH ? 0 : fields.length
    for (let column = 0; column < columns; column++) {
      // <TD> follows <TR> or </TD> at once in what most programs write.
      if (bytes[pos] !== LESS || bytes[pos + 1] !== 0x54 || bytes[pos + 3] !== GREATER) {
        pos = this.tag(bytes, pos, end)
        if (pos < 0) return -1
        if (!isTag(bytes, pos, 0x44)) throw this.unexpected(`<TD> for column ${fields[column]!.column.name}`)
        const opening = pos
        pos = endOfTag(bytes, pos, end)
        if (pos < 0) return -1
        if (bytes[pos - 2] === SLASH) {
          this.builders[column]?.setNull(this.rows)
          continue
        }
        if (pos - opening > 5) this.checkEncoding(bytes, opening, pos)
      } else pos += 4
      pos = this.cell(bytes, pos, end, column)
      if (pos < 0) return -1
    }
    pos = this.tag(bytes, pos, end)
    if (pos < 0) return -1
    if (bytes[pos + 1] !== SLASH) throw this.unexpected('</TR>')
    pos = endOfTag(bytes, pos, end)
    if (pos < 0) return -1
    this.rows++
    this.totalRows++
    return pos
  }

  /** @returns the position after `</TD>`, or -1. */
  private cell(bytes: Uint8Array, start: number, end: number, column: number): number {
    const builder = this.builders[column] ?? null
    const { number, rows: row } = this
    let pos = start
    let taken = builder === null
    const kind = this.kinds[column]!
    if (builder && kind !== SLOW && kind !== TEXT) {
      while (bytes[pos] === 0x20) pos++
      pos = number.scan(bytes, pos)
      if (number.kind !== NO_NUMBER && bytes[pos] === LESS) {
        const { value } = number
        if (kind === FLOAT) {
          builder.floats[row] = value
          taken = true
        } else if (number.kind === INTEGER && number.digits <= 15) {
          taken = true
          if (value === this.nulls[column]) builder.setNull(row)
          else if (kind === LONG) builder.setInteger(row, value)
          else if (value >= this.lows[column]! && value <= this.highs[column]!) builder.floats[row] = value
          else taken = false
        } else if (
          kind === LONG &&
          number.kind === INTEGER &&
          number.high <= 0x7fffffff &&
          Number.isNaN(this.nulls[column])
        ) {
          builder.setWords(row, number.low, number.high, number.negative)
          taken = true
        }
      }
      if (!taken) pos = start
    }
    let plain = true
    while (bytes[pos] !== LESS) {
      if (bytes[pos] === AMPERSAND) plain = false
      if (pos >= end) return -1
      pos++
    }
    let text: string | null = null
    if (bytes[pos + 1] !== SLASH) {
      const close = indexOfClose(bytes, pos, end)
      if (close < 0) return -1
      text = withSections(stringOf(bytes, start, close))
      pos = close
    }
    // </TD>
    const after = endOfTag(bytes, pos, end)
    if (after < 0) return -1
    if (taken || !builder) return after
    if (kind === TEXT && plain && text === null && pos > start) {
      builder.setText(row, bytes, start, pos)
      return after
    }
    text ??= decodeEntities(stringOf(bytes, start, pos))
    const field = this.fields[column]!
    if (!placeText(field, builder, row, text)) {
      const { name, nativeType } = field.column
      throw new TableError(
        'malformed',
        `Row ${this.totalRows + 1}: "${text.slice(0, 60)}" in column ${name} is not of the datatype ${nativeType}.`,
        this.totalRows + 1,
      )
    }
    return after
  }

  /** The next tag, past blanks and comments; -1 when the window ends. */
  private tag(bytes: Uint8Array, start: number, end: number): number {
    let pos = start
    for (;;) {
      while (pos < end && bytes[pos]! <= 0x20) pos++
      if (pos + 4 > end) return -1
      if (bytes[pos] !== LESS) throw this.unexpected('a tag')
      if (bytes[pos + 1] !== 0x21) return pos
      if (bytes[pos + 2] !== 0x2d) throw this.unexpected('a tag or a comment')
      const close = Buffer.from(bytes.buffer, bytes.byteOffset, end).indexOf('-->', pos)
      if (close < 0) return -1
      pos = close + 3
    }
  }

  private checkEncoding(bytes: Uint8Array, start: number, end: number): void {
    if (/\sencoding\s*=/.test(stringOf(bytes, start, end))) {
      throw new TableError(
        'unsupported',
        'The VOTable has cells with an encoding of their own (TD encoding), which we do not read.',
      )
    }
  }

  private unexpected(wanted: string): TableError {
    const row = this.totalRows + 1
    return new TableError('malformed', `Row ${row} of the VOTable: ${wanted} was expected.`, row)
  }
}

function kindOf({ column, datatype, nullValue }: VotableField): number {
  switch (column.type) {
    case 'float32':
    case 'float64':
      return nullValue === null ? FLOAT : SLOW
    case 'uint8':
    case 'int16':
    case 'int32':
      return SMALL_INTEGER
    case 'int64':
      return LONG
    case 'string':
      return nullValue === null && datatype !== 'unicodeChar' ? TEXT : nullValue === null ? TEXT : SLOW
    default:
      return SLOW
  }
}

/** Whether `<T?` stands at `pos`, with `?` the given capital letter, perhaps after a prefix. */
function isTag(bytes: Uint8Array, pos: number, letter: number): boolean {
  if (bytes[pos + 1] === 0x54 && bytes[pos + 2] === letter) return true
  return new RegExp(`^<[\\w.-]+:T${String.fromCharCode(letter)}[\\s/>]`).test(
    stringOf(bytes, pos, Math.min(bytes.length, pos + 60)),
  )
}

function endOfTag(bytes: Uint8Array, start: number, end: number): number {
  let pos = start
  while (bytes[pos] !== GREATER) {
    if (pos >= end) return -1
    pos++
  }
  return pos + 1
}

/** The position of the `</` that closes a cell with CDATA sections or comments in it. */
function indexOfClose(bytes: Uint8Array, start: number, end: number): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, end)
  let pos = start
  for (;;) {
    const less = buffer.indexOf('<', pos)
    if (less < 0 || less + 9 > end) return -1
    if (bytes[less + 1] === SLASH) return less
    const closing = bytes[less + 1] === 0x21 ? (bytes[less + 2] === 0x5b ? ']]>' : '-->') : '>'
    const stop = buffer.indexOf(closing, less)
    if (stop < 0) return -1
    pos = stop + closing.length
  }
}

/** Text with CDATA sections taken as they are, entities decoded elsewhere, comments dropped. */
function withSections(text: string): string {
  return text
    .split(/(<!\[CDATA\[[\s\S]*?\]\]>)/)
    .map((part) =>
      part.startsWith('<![CDATA[') ? part.slice(9, -3) : decodeEntities(part.replace(/<!--[\s\S]*?-->|<[^>]*>/g, '')),
    )
    .join('')
}

function stringOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()
}
