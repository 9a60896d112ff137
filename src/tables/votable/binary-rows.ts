import { floatCell } from '../arrow-columns.ts'
import type { ByteWindow } from '../byte-window.ts'
import type { ColumnBuilder } from '../column-builder.ts'
import { TableError } from '../table.ts'
import { Base64Decoder } from './base64.ts'
import { nullFloat, nullNumber, placeString, textsJson } from './cells.ts'
import type { VotableField } from './fields.ts'

/** Reads the rows of a BINARY or BINARY2 stream (VOTable 1.5, sections 5.3 and 5.4): base64, big-endian. */
export class BinaryRows {
  rows = 0
  totalRows = 0
  done = false
  private readonly decoder = new Base64Decoder()
  private bytes = new Uint8Array(1 << 20)
  private view = new DataView(this.bytes.buffer)
  private start = 0
  private end = 0
  private streamEnded = false
  private readonly flagBytes: number
  private readonly nulls: Float64Array
  private readonly floatNulls: Float64Array
  private readonly longNulls: (bigint | null)[]

  constructor(
    private readonly fields: readonly VotableField[],
    private readonly builders: readonly (ColumnBuilder | null)[],
    private readonly capacity: number,
    /** BINARY2: each row begins with a bit for each field that is null. */
    flags: boolean,
    private readonly mostRowBytes: number,
  ) {
    this.flagBytes = flags ? (fields.length + 7) >> 3 : 0
    this.nulls = Float64Array.from(fields, nullNumber)
    this.floatNulls = Float64Array.from(fields, nullFloat)
    this.longNulls = fields.map(({ datatype, nullValue }) =>
      datatype === 'long' && nullValue !== null && /^\s*[+-]?\d+\s*$/.test(nullValue)
        ? BigInt(nullValue.replace('+', ''))
        : null,
    )
  }

  /** @returns whether the batch is full; otherwise the window needs more bytes, or the table is `done`. */
  scan(window: ByteWindow): boolean {
    if (!this.streamEnded) this.decode(window)
    while (this.rows < this.capacity) {
      if (this.start === this.end && this.streamEnded) {
        this.done = true
        break
      }
      const next = this.row()
      if (next < 0) {
        if (this.streamEnded) {
          throw new TableError(
            'malformed',
            `The stream of the VOTable ends within row ${this.totalRows + 1}: it is cut off.`,
          )
        }
        if (this.end - this.start > this.mostRowBytes) {
          throw new TableError('too_large', `Row ${this.totalRows + 1} is larger than ${this.mostRowBytes} bytes.`)
        }
        for (const builder of this.builders) builder?.forget(this.rows)
        break
      }
      this.start = next
      this.rows++
      this.totalRows++
    }
    return this.rows === this.capacity
  }

  private decode(window: ByteWindow): void {
    const { bytes, start, end, atEnd } = window
    const close = bytes.subarray(start, end).indexOf(0x3c)
    const stop = close < 0 ? end : start + close
    const room = this.end - this.start + (((stop - start) * 3) >> 2) + 8
    if (room > this.bytes.length) {
      const larger = new Uint8Array(Math.max(room, 2 * this.bytes.length))
      larger.set(this.bytes.subarray(this.start, this.end))
      this.bytes = larger
      this.view = new DataView(larger.buffer)
    } else this.bytes.copyWithin(0, this.start, this.end)
    this.end -= this.start
    this.start = 0
    this.end = this.decoder.decode(bytes, start, stop, this.bytes, this.end)
    window.start = stop
    if (close >= 0) this.streamEnded = true
    else if (atEnd) throw new TableError('malformed', 'The stream of the VOTable has no end: the file is cut off.')
  }

  /** @returns the position after the row, or -1 when the bytes end before it does. */
  private row(): number {
    const { fields, builders, view, end, rows: row, flagBytes } = this
    const flags = this.start
    let pos = flags + flagBytes
    if (pos > end) return -1
    for (let column = 0; column < fields.length; column++) {
      const field = fields[column]!
      let { elements } = field
      if (elements === null) {
        if (pos + 4 > end) return -1
        elements = view.getUint32(pos)
        pos += 4
      }
      const { bytesPerElement } = field
      const size = bytesPerElement === 0 ? (elements + 7) >> 3 : elements * bytesPerElement
      if (pos + size > end) {
        if (size > this.mostRowBytes) {
          throw new TableError(
            'too_large',
            `Row ${this.totalRows + 1}, column ${field.column.name}: a cell of ${size} bytes.`,
          )
        }
        return -1
      }
      const builder = builders[column]
      if (builder) {
        const flagged = flagBytes > 0 && (this.bytes[flags + (column >> 3)]! & (0x80 >> (column & 7))) !== 0
        if (flagged) builder.setNull(row)
        else this.place(field, builder, column, pos, elements, size)
      }
      pos += size
    }
    return pos
  }

  private place(
    field: VotableField,
    builder: ColumnBuilder,
    column: number,
    pos: number,
    elements: number,
    size: number,
  ): void {
    const { view, rows: row } = this
    if (field.column.type === 'array') {
      if (elements === 0) builder.setNull(row)
      else placeString(builder, row, this.jsonArray(field, pos, elements, size))
      return
    }
    switch (field.datatype) {
      case 'double':
        this.placeFloat(builder, column, view.getFloat64(pos))
        return
      case 'float':
        this.placeFloat(builder, column, view.getFloat32(pos))
        return
      case 'long': {
        const low = view.getInt32(pos + 4)
        const high = view.getInt32(pos)
        builder.words[2 * row] = low
        builder.words[2 * row + 1] = high
        const none = this.longNulls[column]
        if (none !== null && view.getBigInt64(pos) === none) builder.setNull(row)
        return
      }
      case 'int':
        this.placeInteger(builder, column, view.getInt32(pos))
        return
      case 'short':
        this.placeInteger(builder, column, view.getInt16(pos))
        return
      case 'unsignedByte':
        this.placeInteger(builder, column, view.getUint8(pos))
        return
      case 'boolean':
      case 'bit': {
        const byte = view.getUint8(pos)
        // The standard puts a single bit first in its byte, astropy into the middle.
        const value = field.datatype === 'bit' ? byte !== 0 : booleanOf(byte)
        if (value === null) builder.setNull(row)
        else builder.setBool(row, value)
        return
      }
      case 'char':
        this.placeChars(field, builder, pos, size)
        return
      case 'unicodeChar': {
        const text = this.wideText(pos, size).replace(/[\0 ]+$/, '')
        if (text === '' || text === field.nullValue) builder.setNull(row)
        else placeString(builder, row, text)
        return
      }
      case 'floatComplex':
      case 'doubleComplex':
        return
    }
  }

  private placeFloat(builder: ColumnBuilder, column: number, value: number): void {
    if (value === this.floatNulls[column]) builder.setNull(this.rows)
    else builder.floats[this.rows] = value
  }

  private placeInteger(builder: ColumnBuilder, column: number, value: number): void {
    if (value === this.nulls[column]) builder.setNull(this.rows)
    else builder.floats[this.rows] = value
  }

  /** Text ends at its first NUL; blanks that fill a field of fixed size are dropped. */
  private placeChars(field: VotableField, builder: ColumnBuilder, pos: number, size: number): void {
    const { bytes, rows: row } = this
    let stop = pos
    let ascii = true
    while (stop < pos + size && bytes[stop] !== 0) {
      if (bytes[stop]! >= 0x80) ascii = false
      stop++
    }
    while (stop > pos && bytes[stop - 1] === 0x20) stop--
    if (stop === pos) builder.setNull(row)
    else if (ascii && field.nullValue === null) builder.setText(row, bytes, pos, stop)
    else {
      const text = Buffer.from(bytes.buffer, pos, stop - pos).toString()
      if (text === field.nullValue) builder.setNull(row)
      else placeString(builder, row, text)
    }
  }

  private wideText(pos: number, size: number): string {
    return Buffer.from(this.bytes.slice(pos, pos + size))
      .swap16()
      .toString('utf16le')
  }

  private jsonArray({ datatype, texts }: VotableField, pos: number, elements: number, size: number): string {
    const { view } = this
    if (texts !== null) {
      if (datatype === 'unicodeChar') return textsJson(texts, this.wideText(pos, size))
      // A character for each byte, until they are cut.
      const bytes = Buffer.from(this.bytes.buffer, pos, size).toString('latin1')
      return textsJson(texts, bytes, (text) => Buffer.from(text, 'latin1').toString())
    }
    const number = (value: number) => JSON.stringify(floatCell(value))
    const parts: string[] = []
    for (let i = 0; i < elements; i++) {
      switch (datatype) {
        case 'double':
          parts.push(number(view.getFloat64(pos + 8 * i)))
          break
        case 'float':
          parts.push(number(Number(view.getFloat32(pos + 4 * i).toPrecision(9))))
          break
        case 'long':
          parts.push(String(view.getBigInt64(pos + 8 * i)))
          break
        case 'int':
          parts.push(String(view.getInt32(pos + 4 * i)))
          break
        case 'short':
          parts.push(String(view.getInt16(pos + 2 * i)))
          break
        case 'unsignedByte':
          parts.push(String(view.getUint8(pos + i)))
          break
        case 'boolean':
          parts.push(String(booleanOf(view.getUint8(pos + i))))
          break
        case 'bit':
          parts.push((view.getUint8(pos + (i >> 3)) & (0x80 >> (i & 7))) !== 0 ? 'true' : 'false')
          break
        case 'floatComplex':
          parts.push(number(view.getFloat32(pos + 8 * i)), number(view.getFloat32(pos + 8 * i + 4)))
          break
        case 'doubleComplex':
          parts.push(number(view.getFloat64(pos + 16 * i)), number(view.getFloat64(pos + 16 * i + 8)))
          break
      }
    }
    return `[${parts.join(',')}]`
  }
}

function booleanOf(byte: number): boolean | null {
  // T t 1, F f 0
  if (byte === 0x54 || byte === 0x74 || byte === 0x31) return true
  return byte === 0x46 || byte === 0x66 || byte === 0x30 ? false : null
}
