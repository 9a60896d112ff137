const YES = new Set(['1', 'true', 'yes', 'y', 'on'])
const NO = new Set(['0', 'false', 'no', 'n', 'off', ''])

/** Reads true and false, also as the words and numbers that the reference takes; null for anything else. */
export function readBoolean(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const word = String(value).trim().toLowerCase()
  if (YES.has(word)) return true
  return NO.has(word) ? false : null
}
