/**
 * Splitting a piece of text into records, as a person would: for the first lines of a file, where we still have to find
 * out how it is written. The whole file is scanned by `row-scanner.ts`.
 */

export interface TextRecord {
  readonly fields: readonly string[]
  /** Which of the fields are in quotes. */
  readonly quoted: readonly boolean[]
  /** Where it begins in the text, and where the next one does. */
  readonly start: number
  readonly end: number
  /** Number of its first line, from 1. */
  readonly line: number
  readonly comment: boolean
}

/** A tab that parts cells is the end of an empty one. */
const COMMENT = /^[ \t]*#/
const COMMENT_BETWEEN_TABS = /^ *#/

/**
 * The records of a text that are complete, comments among them.
 * @param most rows; comments do not count, of which the Gaia archive writes a thousand before the first row
 * @param whole the text is the whole file, so that its last line counts even without a line end.
 */
export function recordsOf(
  text: string,
  delimiter: string,
  most: number,
  whole: boolean,
  comments: boolean,
): TextRecord[] {
  const records: TextRecord[] = []
  let rows = 0
  let pos = 0
  let line = 1
  const comment = delimiter === '\t' ? COMMENT_BETWEEN_TABS : COMMENT
  while (pos < text.length && rows < most) {
    const lineEnd = endOfLine(text, pos)
    const first = text.slice(pos, Math.min(lineEnd, pos + 200))
    if (comments && comment.test(first)) {
      if (lineEnd === text.length && !whole) break
      const end = afterLine(text, lineEnd)
      records.push({ fields: [text.slice(pos, lineEnd)], quoted: [false], start: pos, end, line, comment: true })
      pos = end
      line++
      continue
    }
    if (first.trim() === '' && text.slice(pos, lineEnd).trim() === '') {
      pos = afterLine(text, lineEnd)
      line++
      continue
    }
    const record = readRecord(text, pos, delimiter)
    if (record.end === text.length && !whole && !/[\r\n]$/.test(text)) break
    if (record.open && !whole) break
    records.push({ fields: record.fields, quoted: record.quoted, start: pos, end: record.end, line, comment: false })
    rows++
    line += 1 + record.lines
    pos = record.end
  }
  return records
}

function readRecord(text: string, start: number, delimiter: string) {
  const fields: string[] = []
  const quoted: boolean[] = []
  const spaced = delimiter === ' '
  let pos = start
  let lines = 0
  let open = false
  for (;;) {
    while (text[pos] === ' ' || (spaced && text[pos] === '\t')) pos++
    if (spaced && fields.length > 0 && (pos >= text.length || isLineEnd(text[pos]!))) break
    let field = ''
    quoted.push(text[pos] === '"')
    if (text[pos] === '"') {
      pos++
      for (;;) {
        const quote = text.indexOf('"', pos)
        if (quote < 0) {
          field += text.slice(pos)
          pos = text.length
          open = true
          break
        }
        field += text.slice(pos, quote)
        pos = quote + 1
        if (text[pos] !== '"') break
        field += '"'
        pos++
      }
      lines += field.match(/\r\n|\r|\n/g)?.length ?? 0
    }
    const rest = pos
    while (pos < text.length && !isLineEnd(text[pos]!) && text[pos] !== delimiter && !(spaced && text[pos] === '\t'))
      pos++
    fields.push(field + text.slice(rest, pos).trimEnd())
    if (pos >= text.length || isLineEnd(text[pos]!)) break
    pos++
  }
  return { fields, quoted, end: afterLine(text, pos), lines, open }
}

function isLineEnd(c: string): boolean {
  return c === '\n' || c === '\r'
}

function endOfLine(text: string, start: number): number {
  let pos = start
  while (pos < text.length && !isLineEnd(text[pos]!)) pos++
  return pos
}

function afterLine(text: string, pos: number): number {
  if (pos >= text.length) return text.length
  return text[pos] === '\r' && text[pos + 1] === '\n' ? pos + 2 : pos + 1
}
