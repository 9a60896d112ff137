/** How wide letters are, estimated: SVG breaks no lines, and the server knows no fonts. Pure. */

/** Letters of scripts that take a whole em: Hangul, kana, Chinese characters, full-width forms, emoji. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f000}-\u{3fffd}]/u
const NARROW = /[\s.,:;!'|()[\]/\\ijlIftr-]/
const BROAD = /[A-ZÀ-ÞΑ-ΩmwМмшщжюфыШЩЖЮФЫ@%&—…]/
/** Figures, and the letters as wide as they are. */
const ROUND = /[bdpq\d]/
/** Accents that stand over the letter before them. */
const COMBINING = /\p{Mn}/u

/** The width of a text in em of a sans-serif type, rather too wide than too narrow. */
export const textWidth = (text: string): number => [...text].reduce((sum, letter) => sum + widthOf(letter), 0)

function widthOf(letter: string): number {
  if (COMBINING.test(letter)) return 0
  if (WIDE.test(letter)) return 1
  if (BROAD.test(letter)) return 0.74
  if (NARROW.test(letter)) return 0.34
  if (ROUND.test(letter)) return 0.61
  return letter < '\u0250' ? 0.55 : 0.6 // Latin letters, and those of other alphabets
}

/** As much of a text as fits into so many em, with an ellipsis where it was cut. */
export function cutToWidth(text: string, em: number): string {
  if (textWidth(text) <= em) return text
  let [shown, width] = ['', textWidth('…')]
  for (const letter of text) {
    width += widthOf(letter)
    if (width > em) break
    shown += letter
  }
  const space = shown.lastIndexOf(' ')
  return `${shown.slice(0, space > shown.length / 2 ? space : shown.length).trimEnd()}…`
}

/** A text on one or two lines of so many em, broken between words where there is a place. */
export function inTwoLines(text: string, em: number): readonly string[] {
  if (textWidth(text) <= em) return [text]
  const words = text.split(' ')
  let first = words[0] ?? ''
  let used = 1
  while (used < words.length && textWidth(`${first} ${words[used]}`) <= em) first += ` ${words[used++]}`
  if (textWidth(first) > em || used === words.length) {
    // No space where the line ends: the letters that fit, as scripts without spaces break.
    const [head, rest] = splitAt(text, em)
    return [head, cutToWidth(rest, em)]
  }
  return [first, cutToWidth(words.slice(used).join(' '), em)]
}

function splitAt(text: string, em: number): readonly [string, string] {
  let [head, width] = ['', 0]
  for (const letter of text) {
    width += widthOf(letter)
    if (width > em) break
    head += letter
  }
  return [head, text.slice(head.length)]
}
