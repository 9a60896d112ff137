/** Bytes of a card, and of a block of cards or data (FITS standard 4.0, sections 3.1 and 4.1). */
const CARD_BYTES = 80
export const FITS_BLOCK = 2880
/** Characters of text in a card `KEYWORD = '…'`. */
const TEXT_IN_CARD = 68

/** Cards of a FITS header in the making. */
export class HeaderCards {
  private readonly cards: string[] = []

  flag(keyword: string, value: boolean): void {
    this.value(keyword, value ? 'T' : 'F')
  }

  number(keyword: string, value: number | bigint): void {
    this.value(keyword, String(value))
  }

  /** A text of any length; long ones go on in CONTINUE cards (section 4.2.1.2). Only ASCII can be kept. */
  text(keyword: string, value: string): void {
    const quoted = asciiText(value).replaceAll("'", "''")
    if (quoted.length <= TEXT_IN_CARD) {
      this.cards.push(`${keyword.padEnd(8)}= '${quoted.padEnd(8)}'`)
      return
    }
    pieces(quoted, TEXT_IN_CARD - 1).forEach((piece, i, all) => {
      const more = i < all.length - 1 ? '&' : ''
      this.cards.push(`${i === 0 ? `${keyword.padEnd(8)}= ` : 'CONTINUE  '}'${piece}${more}'`)
    })
  }

  /** A named text whose name is longer than a keyword may be; as comments when it does not fit in a card. */
  named(name: string, value: string): void {
    const quoted = asciiText(value).replaceAll("'", "''")
    const card = `HIERARCH ${name} = '${quoted}'`
    if (card.length <= CARD_BYTES && /^[A-Za-z0-9_-]+$/.test(name)) this.cards.push(card)
    else this.comment(`${name}: ${value}`)
  }

  comment(text: string): void {
    for (const line of pieces(asciiText(text), CARD_BYTES - 8)) this.cards.push(`COMMENT ${line}`)
  }

  /** The header, filled up to whole blocks. */
  bytes(): Uint8Array {
    const cards = [...this.cards, 'END'].map((card) => card.padEnd(CARD_BYTES))
    const length = cards.length * CARD_BYTES
    const bytes = Buffer.alloc(Math.ceil(length / FITS_BLOCK) * FITS_BLOCK, 0x20)
    bytes.write(cards.join(''), 'latin1')
    return bytes
  }

  private value(keyword: string, token: string): void {
    this.cards.push(`${keyword.padEnd(8)}= ${token.padStart(20)}`)
  }
}

/** Cuts a text; a pair of quotes that stands for one stays together. */
function pieces(text: string, length: number): string[] {
  const found: string[] = []
  for (let rest = text; rest.length > 0; ) {
    let cut = Math.min(length, rest.length)
    const quotes = /'*$/.exec(rest.slice(0, cut))![0].length
    if (cut < rest.length && quotes % 2 === 1) cut--
    found.push(rest.slice(0, cut))
    rest = rest.slice(cut)
  }
  return found
}

/** The name of a column as a header holds it. */
export interface HeaderName {
  readonly text: string
  /** Whether something of the name had to go. */
  readonly isCut: boolean
}

/**
 * The names of columns, each different, in the form that fits in one card: astropy cannot open a table with a TTYPE that
 * goes on in CONTINUE cards. A name of blanks alone becomes `col<n>`.
 */
export function headerNames(names: readonly string[]): HeaderName[] {
  const wholes = names.map((name, i) => asciiText(name).trimEnd() || `col${i + 1}`)
  const taken = new Set(wholes)
  const seen = new Set<string>()
  return wholes.map((whole) => {
    let text = cutName(whole, TEXT_IN_CARD)
    for (let n = 2; seen.has(text) || (text !== whole && taken.has(text)); n++)
      text = `${cutName(whole, TEXT_IN_CARD - `_${n}`.length)}_${n}`
    seen.add(text)
    return { text, isCut: text !== whole }
  })
}

/** As much of a name as has room between quotes, where a quote counts twice. */
function cutName(name: string, length: number): string {
  const [piece = ''] = pieces(name.replaceAll("'", "''"), length)
  return piece.replaceAll("''", "'").trimEnd()
}

/** A header holds the printable ASCII characters alone: accents are dropped, other characters become `?`. */
function asciiText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/[^ -~]/gu, '?')
}
