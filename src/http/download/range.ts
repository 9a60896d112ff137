/** Bytes `start` to `end` of a representation, both included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The one range of a `Range` header that we answer with 206, or null for the whole (RFC 9110, section 14). Everything else
 * is ignored, as the RFC allows: several ranges, other units, nonsense. So is a range beyond the end: the Python client
 * gives up at 416, but starts afresh at 200.
 * @param size of the representation in bytes
 */
export function parseRange(header: string | undefined, size: number): ByteRange | null {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? '')
  if (!match) return null
  const [, first = '', last = ''] = match
  if (first === '') {
    const length = Math.min(Number(last), size)
    return last !== '' && length > 0 ? { start: size - length, end: size - 1 } : null
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return start < size && (last === '' || Number(last) >= start) ? { start, end } : null
}
