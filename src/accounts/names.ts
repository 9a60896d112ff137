import { invalid } from './error.ts'

const LONGEST_NAME = 150
/** Control, format (zero-width, direction overrides), surrogate, private and unassigned characters; line separators. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/u

/** @throws AccountError when the name is blank, too long or has invisible characters */
export function checkedUsername(username: string): string {
  const name = checkedName('username', username)
  if (name === '') throw invalid('username', 'This field may not be blank.')
  if (usernameKey(name) === 'system') throw invalid('username', 'This name is reserved for the server.')
  return name
}

/** A first, last or display name; may be empty. */
export function checkedName(field: string, value: string): string {
  const name = value.normalize('NFC').trim()
  if (name.length > LONGEST_NAME) {
    throw invalid(field, `Ensure this field has no more than ${LONGEST_NAME} characters.`)
  }
  if (INVISIBLE.test(name)) throw invalid(field, 'This field may not have control or invisible characters.')
  return name
}

/** Equal for names that look the same in another case or width. Made here, so that all databases agree. */
export const usernameKey = (username: string): string => username.trim().normalize('NFKC').toLowerCase()
