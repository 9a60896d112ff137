/**
 * Names of columns as people type them into forms: as they are, or, when spaces, commas, quotes or a minus at the beginning
 * would be misread, in double quotes like a JSON text. What is printed so is read back as the same name.
 */

const PLAIN = /^[^\s,"\p{C}-][^\s,"\p{C}]*$/u
const QUOTED = String.raw`"(?:[^"\\\n]|\\.)*"`
const IS_QUOTED = new RegExp(`^${QUOTED}$`)
const WORDS = new RegExp(String.raw`${QUOTED}(?=\s|$)|\S+`, 'g')
const ITEMS = new RegExp(String.raw`[^\S\n]*-?[^\S\n]*${QUOTED}[^\S\n]*(?=,|\n|$)|[^,\n]+`, 'g')

/** A name as it is typed. */
export const typedName = (name: string): string => (PLAIN.test(name) ? name : JSON.stringify(name))

/** The name that was typed. Quotes that hold no JSON text belong to the name. */
export function readTypedName(typed: string): string {
  const text = typed.trim()
  if (!IS_QUOTED.test(text)) return text
  try {
    const name: unknown = JSON.parse(text)
    return typeof name === 'string' ? name : text
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return text
  }
}

/** The words of a line, quoted ones as a whole and still in their quotes. */
export const typedWords = (line: string): string[] => line.match(WORDS) ?? []

/** What stands between commas or ends of lines, quoted names still in their quotes. */
export const typedItems = (text: string): string[] =>
  (text.match(ITEMS) ?? []).map((item) => item.trim()).filter((item) => item !== '')
