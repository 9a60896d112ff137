import type { RandomAccessFile } from '../random-access-file.ts'
import { TableError } from '../table.ts'

/** FITS files are made of blocks of this many bytes (FITS standard 4.0, section 3.1). */
export const BLOCK_BYTES = 2880
const CARD_BYTES = 80
/** A header of 999 columns with ten long cards each fits in a tenth of this. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024

interface Card {
  /** The value field as written: `'text'` without its quotes, or the bare token of a number or logical. */
  readonly value: string
  readonly isText: boolean
  readonly comment: string
}

/** The keywords of one header and their values; the last card of a repeated keyword counts. */
export class Header {
  /** The texts of the COMMENT cards. */
  readonly comments: readonly string[]
  readonly #cards: ReadonlyMap<string, Card>
  readonly #fileName: string

  constructor(cards: ReadonlyMap<string, Card>, comments: readonly string[], fileName: string) {
    this.comments = comments
    this.#cards = cards
    this.#fileName = fileName
  }

  text(keyword: string): string | null {
    const card = this.#cards.get(keyword)
    if (card === undefined) return null
    return card.value.trimEnd()
  }

  /** The value of a text card that says something; null when missing or blank. */
  filledText(keyword: string): string | null {
    return this.text(keyword)?.trim() || null
  }

  comment(keyword: string): string | null {
    return this.#cards.get(keyword)?.comment || null
  }

  logical(keyword: string): boolean {
    const card = this.#cards.get(keyword)
    return card !== undefined && !card.isText && card.value === 'T'
  }

  /** A floating point number; FITS also writes exponents with D. */
  number(keyword: string): number | null {
    const card = this.#cards.get(keyword)
    if (card === undefined || card.value === '') return null
    const value = Number(card.value.trim().replace(/d/i, 'E'))
    if (Number.isNaN(value)) throw this.#bad(keyword, 'a number', card.value)
    return value
  }

  /** A whole number of any size, e.g. the TNULL of a 64-bit column. */
  integer(keyword: string): bigint | null {
    const card = this.#cards.get(keyword)
    if (card === undefined || card.value === '') return null
    const token = card.value.trim()
    if (/^[+-]?\d{1,30}$/.test(token)) return BigInt(token.replace(/^\+/, ''))
    const value = this.number(keyword)
    if (value === null || !Number.isInteger(value)) throw this.#bad(keyword, 'a whole number', card.value)
    return BigInt(value)
  }

  /** A size: a whole number from 0 to 2^53. @throws TableError when it is missing and has no default, or is not a size */
  size(keyword: string, missing?: number): number {
    const value = this.integer(keyword)
    if (value === null && missing !== undefined) return missing
    if (value === null) throw new TableError('malformed', `${this.#fileName}: the FITS header lacks ${keyword}.`)
    if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.#bad(keyword, 'a size', value.toString())
    return Number(value)
  }

  #bad(keyword: string, expected: string, found: string): TableError {
    return new TableError(
      'malformed',
      `${this.#fileName}: the FITS keyword ${keyword} should be ${expected}, but is "${found.slice(0, 60)}".`,
    )
  }
}

/**
 * Reads the header that begins at a block of the file.
 *
 * @returns the header and the position of the data that follow it
 * @throws TableError malformed when the header has no END
 */
export function readHeader(file: RandomAccessFile, position: number, fileName: string): [Header, number] {
  const cards = new Map<string, Card>()
  const comments: string[] = []
  const block = new Uint8Array(BLOCK_BYTES)
  let last: { readonly keyword: string; readonly card: Card } | null = null
  for (let at = position; at < position + MAX_HEADER_BYTES; at += BLOCK_BYTES) {
    const read = file.read(block, BLOCK_BYTES, at)
    for (let start = 0; start + CARD_BYTES <= read; start += CARD_BYTES) {
      const line = cardText(block, start)
      const extended = HIERARCH.exec(line)
      const keyword = extended?.[1] ?? line.slice(0, 8).trimEnd()
      if (keyword === 'END' && line.slice(8).trim() === '')
        return [new Header(cards, comments, fileName), at + BLOCK_BYTES]
      if (keyword === 'COMMENT') comments.push(line.slice(8).trimEnd())
      else if (keyword === 'CONTINUE' && last?.card.isText && last.card.value.endsWith('&')) {
        const more = parseValue(line.slice(8))
        const joined: Card = {
          value: last.card.value.slice(0, -1) + more.value,
          isText: true,
          comment: [last.card.comment, more.comment].filter(Boolean).join(' '),
        }
        last = { keyword: last.keyword, card: joined }
        cards.set(last.keyword, joined)
      } else if (extended !== null) {
        last = { keyword, card: parseValue(extended[2]!) }
        cards.set(keyword, last.card)
      } else if (line.slice(8, 10) === '= ' || line.slice(8, 10) === "='") {
        last = { keyword, card: parseValue(line.slice(9)) }
        cards.set(keyword, last.card)
      }
    }
    if (read < BLOCK_BYTES) break
  }
  throw new TableError('malformed', `${fileName}: a FITS header has no END card; the file is cut off or damaged.`)
}

/** Keywords of columns beyond the 999th: see `columnKeywords`. */
const HIERARCH = /^HIERARCH (XT [A-Z]+\d+)\s*=(.*)/

function cardText(block: Uint8Array, start: number): string {
  return String.fromCharCode(...block.subarray(start, start + CARD_BYTES))
}

/** The value and comment of a card, from behind the `=` (FITS standard 4.0, section 4.2). */
function parseValue(field: string): Card {
  const text = /^\s*'((?:[^']|'')*)'\s*(?:\/(.*))?/.exec(field)
  if (text !== null) {
    return { value: text[1]!.replaceAll("''", "'"), isText: true, comment: (text[2] ?? '').trim() }
  }
  const slash = field.indexOf('/')
  const value = slash < 0 ? field : field.slice(0, slash)
  return { value: value.trim(), isText: false, comment: slash < 0 ? '' : field.slice(slash + 1).trim() }
}
