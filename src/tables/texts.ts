import { TableError } from './table.ts'
import type { Utf8Values } from './writers/output-table.ts'
import { TextBuffer } from './writers/text-buffer.ts'

/** Beyond this many different words a column is taken to be one of names and ids, which do not repeat. */
const MOST_SHARED_WORDS = 10_000
const NULL = -1
const encoder = new TextEncoder()

/**
 * The texts of a column, in UTF-8 and without a string for each row: a million rows are two arrays, which costs neither time
 * to collect nor memory. Rows that repeat a word refer to it.
 */
export class Texts {
  /**
   * @param words the words, one after the other; not all need be used
   * @param codes the word of each row, -1 for null; null: row i has word i
   */
  constructor(
    private readonly words: Utf8Values,
    private readonly codes: Int32Array | null,
  ) {}

  /** The same text in every row, or null in every row. */
  static constant(text: string | null, rows: number): Texts {
    const bytes = encoder.encode(text ?? '')
    return new Texts(
      { bytes, offsets: Int32Array.of(0, bytes.length) },
      new Int32Array(rows).fill(text === null ? NULL : 0),
    )
  }

  static of(values: readonly (string | null)[]): Texts {
    const builder = new TextsBuilder(values.length)
    for (const value of values) builder.addText(value)
    return builder.finish()
  }

  /** Texts that are all different, one for each row, as `print` appends them. */
  static printed(rows: number, print: (row: number, buffer: TextBuffer) => void): Texts {
    const buffer = new TextBuffer(24 * rows)
    const offsets = new Int32Array(rows + 1)
    for (let row = 0; row < rows; row++) {
      print(row, buffer)
      offsets[row + 1] = checkedBytes(buffer.length)
    }
    return new Texts({ bytes: buffer.take(), offsets }, null)
  }

  /** One after the other; null stands for so many rows without a text. @throws TableError too_large */
  static concatenate(parts: readonly (Texts | null)[], rows: readonly number[]): Texts {
    const given = parts.filter((part) => part !== null)
    const bytes = new Uint8Array(checkedBytes(given.reduce((sum, part) => sum + part.wordBytes, 0)))
    const offsets = new Int32Array(given.reduce((sum, part) => sum + part.words.offsets.length - 1, 1))
    const isPlain = parts.every((part) => part !== null && part.codes === null)
    const codes = isPlain ? null : new Int32Array(rows.reduce((sum, count) => sum + count, 0)).fill(NULL)
    let word = 0
    let row = 0
    for (const [i, part] of parts.entries()) {
      if (part !== null) {
        const { bytes: some, offsets: places } = part.words
        const start = places[0]!
        const shift = offsets[word]! - start
        bytes.set(some.subarray(start, places.at(-1)), offsets[word]!)
        for (let k = 1; k < places.length; k++) offsets[word + k] = places[k]! + shift
        if (codes !== null)
          for (let k = 0; k < part.length; k++) codes[row + k] = part.isNull(k) ? NULL : word + part.wordOf(k)
        word += places.length - 1
      }
      row += rows[i]!
    }
    return new Texts({ bytes, offsets }, codes)
  }

  get length(): number {
    return this.codes?.length ?? this.words.offsets.length - 1
  }

  isNull(row: number): boolean {
    return this.codes !== null && this.codes[row] === NULL
  }

  get isAllNull(): boolean {
    return this.codes?.every((code) => code === NULL) ?? this.length === 0
  }

  at(row: number): string | null {
    return this.isNull(row) ? null : this.word(this.wordOf(row))
  }

  /** A string for each row; the same one where rows share a word. */
  strings(): (string | null)[] {
    return this.each<string | null>(null, (text) => text)
  }

  /** Each text with its rows, in the order of their first rows. */
  rowsByText(): ReadonlyMap<string, readonly number[]> {
    const rows = new Map<string, number[]>()
    const known: (number[] | undefined)[] = []
    for (let row = 0; row < this.length; row++) {
      if (this.isNull(row)) continue
      const word = this.wordOf(row)
      let same = known[word]
      if (same === undefined) {
        const text = this.word(word)
        same = rows.get(text) ?? []
        rows.set(text, same)
        known[word] = same
      }
      same.push(row)
    }
    return rows
  }

  /** The texts as `spell` makes them of each; it is called once for a word that rows share. */
  map(spell: (text: string) => string | null): Texts {
    const builder = new TextsBuilder(this.length)
    for (const text of this.each(null, spell)) builder.addText(text)
    return builder.finish()
  }

  /** A number for each row; `read` is called once for a word that rows share. */
  numbers(read: (text: string) => number, ofNull = Number.NaN): Float64Array {
    return new Float64Array(this.each(ofNull, read))
  }

  /** Whether every text has more than `bytes` bytes, of which the first and the last are visible ASCII characters. */
  areLongAndTrimmed(bytes: number): boolean {
    const { bytes: text, offsets } = this.words
    for (let word = 1; word < offsets.length; word++) {
      const start = offsets[word - 1]!
      const end = offsets[word]!
      if (end - start <= bytes || !isVisible(text[start]!) || !isVisible(text[end - 1]!)) return false
    }
    return true
  }

  /** Negative when the text of row a comes before that of row b: by code points, which for ASCII is the order of strings. */
  compare(a: number, b: number): number {
    const { bytes, offsets } = this.words
    let i = offsets[this.wordOf(a)]!
    let j = offsets[this.wordOf(b)]!
    const endA = offsets[this.wordOf(a) + 1]!
    const endB = offsets[this.wordOf(b) + 1]!
    for (; i < endA && j < endB; i++, j++) if (bytes[i] !== bytes[j]) return bytes[i]! - bytes[j]!
    return endA - i - (endB - j)
  }

  /** Appends the text of a row that has one. */
  print(row: number, buffer: TextBuffer): void {
    const { bytes, offsets } = this.words
    const word = this.wordOf(row)
    buffer.utf8(bytes, offsets[word]!, offsets[word + 1]!)
  }

  /** The given rows, in the given order. */
  take(rows: Uint32Array): Texts {
    const { codes } = this
    const taken = new Int32Array(rows.length)
    if (codes === null) taken.set(rows)
    else for (let i = 0; i < rows.length; i++) taken[i] = codes[rows[i]!]!
    return new Texts(this.words, taken)
  }

  /** With null in place of empty texts. */
  withoutEmpty(): Texts {
    const { offsets } = this.words
    const codes = new Int32Array(this.length)
    for (let row = 0; row < codes.length; row++) {
      const word = this.wordOf(row)
      codes[row] = word === NULL || offsets[word] === offsets[word + 1] ? NULL : word
    }
    return new Texts(this.words, codes)
  }

  /** Rows `[start, end)`; nothing is copied. */
  slice(start: number, end: number): Texts {
    const { bytes, offsets } = this.words
    return this.codes === null
      ? new Texts({ bytes, offsets: offsets.subarray(start, end + 1) }, null)
      : new Texts(this.words, this.codes.subarray(start, end))
  }

  /** The texts row after row, and a mask of the nulls, which are of length 0. */
  utf8(): Utf8Values & { readonly nulls: Uint8Array | null } {
    const { words, codes } = this
    if (codes === null) {
      const start = words.offsets[0]!
      const bytes = words.bytes.subarray(start, words.offsets.at(-1))
      return { bytes, offsets: start === 0 ? words.offsets : words.offsets.map((place) => place - start), nulls: null }
    }
    const offsets = new Int32Array(codes.length + 1)
    let nulls: Uint8Array | null = null
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row]!
      if (code === NULL) {
        nulls ??= new Uint8Array(codes.length)
        nulls[row] = 1
        offsets[row + 1] = offsets[row]!
      } else offsets[row + 1] = offsets[row]! + words.offsets[code + 1]! - words.offsets[code]!
    }
    const bytes = new Uint8Array(offsets[codes.length]!)
    for (let row = 0; row < codes.length; row++) {
      if (codes[row] === NULL) continue
      const end = offsets[row + 1]!
      for (let to = offsets[row]!, from = words.offsets[codes[row]!]!; to < end; to++, from++)
        bytes[to] = words.bytes[from]!
    }
    return { bytes, offsets, nulls }
  }

  /** What `make` makes of each row's text, once of each word that rows share. */
  private each<T>(ofNull: T, make: (text: string) => T): T[] {
    const { codes } = this
    const all = new Array<T>(this.length)
    if (codes === null) {
      for (let row = 0; row < all.length; row++) all[row] = make(this.word(row))
      return all
    }
    const known = new Map<number, T>()
    let last = NULL
    let made = ofNull
    for (let row = 0; row < all.length; row++) {
      const code = codes[row]!
      if (code !== last) {
        last = code
        const before = known.get(code)
        if (code === NULL) made = ofNull
        else if (before !== undefined) made = before
        else {
          made = make(this.word(code))
          known.set(code, made)
        }
      }
      all[row] = made
    }
    return all
  }

  private wordOf(row: number): number {
    return this.codes === null ? row : this.codes[row]!
  }

  private word(word: number): string {
    const { bytes, offsets } = this.words
    return Buffer.from(bytes.buffer, bytes.byteOffset + offsets[word]!, offsets[word + 1]! - offsets[word]!).toString()
  }

  private get wordBytes(): number {
    return this.words.offsets.at(-1)! - this.words.offsets[0]!
  }
}

/** Places are 32-bit numbers. @throws TableError too_large */
function checkedBytes(bytes: number): number {
  if (bytes <= 0x7fff_ffff) return bytes
  throw new TableError('too_large', 'The texts of a column have more than 2 GB: leave out rows, or this column.')
}

const isVisible = (byte: number): boolean => byte > 0x20 && byte < 0x7f

/** Texts in the making, row by row. Words are kept once, as long as they are few. */
export class TextsBuilder {
  private readonly buffer = new TextBuffer(1024)
  private readonly codes: Int32Array
  private offsets = new Int32Array(256)
  private words = 0
  private row = 0
  private last: string | null = null
  /** Slots with the number of a word and 1; 0 is free. At most half are taken. */
  private table = new Int32Array(256)

  /** @param rows that will be added, exactly */
  constructor(rows: number) {
    this.codes = new Int32Array(rows)
  }

  addNull(): void {
    this.codes[this.row++] = NULL
    this.last = null
  }

  addText(text: string | null): void {
    if (text === null) this.addNull()
    else if (text === this.last && this.row > 0) {
      this.codes[this.row] = this.codes[this.row - 1]!
      this.row++
    } else {
      const bytes = Buffer.from(text)
      this.add(bytes, 0, bytes.length)
    }
    this.last = text
  }

  /** A text in UTF-8. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const last = this.row > 0 ? this.codes[this.row - 1]! : NULL
    this.codes[this.row++] =
      last !== NULL && this.isWord(last, bytes, start, end) ? last : this.codeOf(bytes, start, end)
  }

  finish(): Texts {
    const words = { bytes: this.buffer.take(), offsets: this.offsets.slice(0, this.words + 1) }
    const isPlain = this.words === this.codes.length && this.codes.every((code, row) => code === row)
    return new Texts(words, isPlain ? null : this.codes)
  }

  private codeOf(bytes: Uint8Array, start: number, end: number): number {
    if (this.words >= MOST_SHARED_WORDS) return this.append(bytes, start, end)
    const mask = this.table.length - 1
    let slot = hashOf(bytes, start, end) & mask
    for (let entry = this.table[slot]!; entry !== 0; entry = this.table[slot]!) {
      if (this.isWord(entry - 1, bytes, start, end)) return entry - 1
      slot = (slot + 1) & mask
    }
    const word = this.append(bytes, start, end)
    this.table[slot] = word + 1
    if (2 * this.words === this.table.length) this.growTable()
    return word
  }

  private append(bytes: Uint8Array, start: number, end: number): number {
    this.buffer.utf8(bytes, start, end)
    const word = this.words++
    if (this.words === this.offsets.length) {
      const longer = new Int32Array(Math.max(2 * this.words, Math.min(this.codes.length + 1, 8 * this.words)))
      longer.set(this.offsets)
      this.offsets = longer
    }
    this.offsets[this.words] = checkedBytes(this.buffer.length)
    return word
  }

  private isWord(word: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.offsets[word]!
    if (this.offsets[word + 1]! - from !== end - start) return false
    const known = this.buffer.bytes
    for (let i = 0; i < end - start; i++) if (known[from + i] !== bytes[start + i]) return false
    return true
  }

  private growTable(): void {
    const table = new Int32Array(2 * this.table.length)
    const mask = table.length - 1
    for (let word = 0; word < this.words; word++) {
      let slot = hashOf(this.buffer.bytes, this.offsets[word]!, this.offsets[word + 1]!) & mask
      while (table[slot] !== 0) slot = (slot + 1) & mask
      table[slot] = word + 1
    }
    this.table = table
  }
}

/** FNV-1a, 32 bits, mixed at the end. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}
