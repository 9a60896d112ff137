import { invalidField } from './error.ts'

const NOTHING_TO_SEE = /^[\p{C}\p{Z}]*$/u

/** Longest free text (descriptions), in characters. */
export const LONGEST_TEXT = 65_536

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that PostgreSQL or a page cannot show
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** Text that a person typed: trimmed, without control characters, not longer than `longest` characters; empty becomes null. */
export function optionalText(field: string, value: string | null | undefined, longest: number): string | null {
  const text = value?.trim()
  if (!text) return null
  if (text.length > longest) throw invalidField(field, `Ensure this field has no more than ${longest} characters.`)
  if (CONTROL.test(text) || LONE_SURROGATE.test(text)) throw invalidField(field, 'Null characters are not allowed.')
  return text
}

/** The same for text that must be there. @throws DomainError invalid, also when there is nothing to see in it */
export function requiredText(field: string, value: string | null | undefined, longest: number): string {
  if (value === null || value === undefined) throw invalidField(field, 'This field is required.')
  const text = optionalText(field, value, longest)
  if (text === null || NOTHING_TO_SEE.test(text)) throw invalidField(field, 'This field may not be blank.')
  return text
}

/** An order that is the same on every machine. */
export const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
