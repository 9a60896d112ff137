import { type Data, makeData, Utf8 } from 'apache-arrow'
import { BATCH_BYTES, FRESH_MEMORY, Validity } from './arrow-columns.ts'
import { HIGH_MASKS, LOW_MASKS, SHORT } from './short-text.ts'
import { TableError } from './table.ts'
import { windows1252 } from './windows-1252.ts'

const encoder = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as text: UTF-8, or Windows-1252 where they are not UTF-8 (old files carry `São Paulo` so). */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return windows1252(bytes)
  }
}

const SPACE = 0x20

/** Where a string of fixed width ends: at its first NUL, without the blanks before it. */
export function endOfText(bytes: Uint8Array, start: number, limit: number): number {
  let end = start
  for (let at = start; at < limit; at++) {
    const byte = bytes[at]!
    if (byte === 0) break
    if (byte !== SPACE) end = at + 1
  }
  return end
}

const BLANKS = 0x20202020
const NOT_BLANK = ~BLANKS
const ONES = 0x01010101
const TOP_BITS = 0x80808080

const MAX_TEXT_BYTES = 0x7fff_ffff

/** A text column (or JSON of array cells) in the making: appended row by row. */
export class TextColumn {
  readonly #offsets: Int32Array
  readonly #validity: Validity
  readonly #name: string
  #bytes: Uint8Array
  #length = 0
  #row = 0

  /** @param name of the column, for error messages; @param rows that will be appended, exactly. */
  constructor(name: string, rows: number, bytesPerRow = 16, memory = FRESH_MEMORY) {
    this.#name = name
    this.#offsets = new Int32Array(memory.take(4 * (rows + 1)), 0, rows + 1)
    this.#offsets[0] = 0
    this.#validity = new Validity(rows)
    this.#bytes = new Uint8Array(memory.take(Math.max(64, Math.min(rows * bytesPerRow, BATCH_BYTES))))
  }

  /**
   * Appends strings of fixed width, as FITS and HDF5 keep them (see `endOfText`).
   * @param offset of the first @param rowBytes from one to the next @param width bytes of each
   */
  appendPadded(source: Uint8Array, offset: number, rowBytes: number, width: number, rows: number): void {
    let row = 0
    if (width <= SHORT) row = this.#appendShort(source, offset, rowBytes, width, rows)
    for (let at = offset + row * rowBytes; row < rows; row++, at += rowBytes) this.#appendOne(source, at, at + width)
  }

  /**
   * Strings of up to eight bytes, as two words each: where they end is calculated, as a processor guesses it wrong.
   * @returns how many: those near the end of the source, of which eight bytes cannot be read, are left
   */
  #appendShort(source: Uint8Array, offset: number, rowBytes: number, width: number, rows: number): number {
    const from = new DataView(source.buffer, source.byteOffset, source.byteLength)
    let to = this.#viewFor(rows * width)
    const offsets = this.#offsets
    const [lows, highs] = [LOW_MASKS, HIGH_MASKS]
    const whole = Math.min(rows, Math.floor((source.length - SHORT - offset) / rowBytes) + 1)
    for (let row = 0, at = offset; row < whole; row++, at += rowBytes) {
      let low = from.getInt32(at, true) & lows[width]!
      let high = from.getInt32(at + 4, true) & highs[width]!
      // Bytes that are neither NUL nor blank keep a bit; the last character is the highest byte.
      const lead = Math.clz32(high & NOT_BLANK)
      const end = SHORT - ((lead + (lead >> 5) * Math.clz32(low & NOT_BLANK)) >> 3)
      low = (low & lows[end]!) | (BLANKS & ~lows[end]!)
      high = (high & highs[end]!) | (BLANKS & ~highs[end]!)
      if ((((low - ONES) | low | (high - ONES) | high) & TOP_BITS) !== 0) {
        // NUL in the middle, or not ASCII
        this.#appendOne(source, at, at + width)
        to = this.#viewFor((rows - row) * width)
        continue
      }
      to.setInt32(this.#length, low, true)
      to.setInt32(this.#length + 4, high, true)
      this.#length += end
      offsets[++this.#row] = this.#length
    }
    return Math.max(0, whole)
  }

  /** The bytes, with room for so many more and a short string. */
  #viewFor(more: number): DataView {
    this.#reserve(more + SHORT)
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
  }

  #appendOne(source: Uint8Array, start: number, limit: number): void {
    this.#reserve(limit - start)
    const bytes = this.#bytes
    let end = limit
    while (end > start && (source[end - 1] === 0 || source[end - 1] === SPACE)) end--
    let plain = true
    for (let from = start, to = this.#length; from < end; from++, to++) {
      const byte = source[from]!
      // NUL in the middle, or not ASCII
      if (byte === 0 || byte >= 0x80) plain = false
      bytes[to] = byte
    }
    if (plain) {
      this.#length += end - start
      this.#offsets[++this.#row] = this.#length
    } else {
      this.append(decodeText(source.subarray(start, endOfText(source, start, limit))))
    }
  }

  append(text: string): void {
    this.#reserve(text.length * 3)
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(this.#length))
    this.#length += written
    this.#offsets[++this.#row] = this.#length
  }

  appendEmpty(): void {
    this.#offsets[++this.#row] = this.#length
  }

  appendNull(): void {
    this.#validity.setNull(this.#row)
    this.#offsets[++this.#row] = this.#length
  }

  finish(): Data {
    return makeData({
      type: new Utf8(),
      length: this.#row,
      nullCount: this.#validity.nulls,
      nullBitmap: this.#validity.bitmap,
      valueOffsets: this.#offsets,
      data: this.#bytes.subarray(0, this.#length),
    })
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    if (needed > MAX_TEXT_BYTES) {
      throw new TableError('too_large', `The cells of column "${this.#name}" are too long to be read.`)
    }
    const grown = new Uint8Array(Math.min(MAX_TEXT_BYTES, Math.max(needed, this.#bytes.length * 2)))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}
