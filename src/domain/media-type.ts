/** `type/subtype`, and parameters with plain or quoted values (RFC 9110, 8.3.1), as a pattern for schemas. */
export const MEDIA_TYPE =
  '^[\\w!#$&^.+-]+/[\\w!#$&^.+-]+(?: *; *[\\w!#$&^.+-]+=(?:[\\w!#$&^.+-]+|"[^"\\\\\\x00-\\x1f\\x7f]*"))*$'

const PATTERN = new RegExp(MEDIA_TYPE)

/** What somebody says that a file is; null when it is no media type, so that nothing else is kept or sent. */
export const mediaTypeOf = (text: string | null): string | null => (text !== null && PATTERN.test(text) ? text : null)
