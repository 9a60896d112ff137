import { NO_NUMBER, NumberScanner } from '../number-scanner.ts'
import { TableError, type TextDialect } from '../table.ts'
import { evidenceOf, SEEN_BOOL, SEEN_INTEGER, SEEN_TEXT } from './cell-types.ts'
import { type NumberedColumn, numberedColumns } from './numbered-columns.ts'
import { recordsOf, type TextRecord } from './records.ts'

/** How a text table is written, and its names, as its first lines tell. */
export interface Layout {
  readonly delimiter: TextDialect['delimiter']
  readonly decimalComma: boolean
  readonly comment: boolean
  readonly hasHeader: boolean
  /** Names as the file has them; empty where it has none. */
  readonly names: readonly string[]
  /** What comments say about the columns one by one; null when they do not. */
  readonly numbered: readonly NumberedColumn[] | null
  /** Character where the rows begin, and the number of that line. */
  readonly rowsStart: number
  readonly rowsLine: number
  /** Comment lines before the rows, without `#`. */
  readonly comments: readonly string[]
  readonly notes: readonly string[]
}

const DELIMITERS = ['\t', ';', ',', '|', ' '] as const
const SAMPLE_RECORDS = 1000

/**
 * Finds delimiter, header, comments and decimal comma from the beginning of a file.
 *
 * - Delimiter: the one that splits every line into the same number of fields (more than one); `;` before `,` only when
 *   its fields make sense alone; blanks before `,` when that cuts quotes, numbers, or a table that has its names in a
 *   comment. When no delimiter does, the one most lines agree on, so that the error names the line
 *   that differs; when no line holds any, the table has a single column.
 * - Header: the first line is one when it has words where the column has numbers or booleans; in a table of words alone
 *   it is one unless its words come again in their columns. Numbers are names when they alone are in quotes, or count the
 *   columns from 0 where other rows have no integers. A comment line with as many names as there are columns is
 *   the header when no other is, or comment lines that number the columns (`numbered-columns.ts`). The line of types of an RDB table is left out.
 *
 * @param whole `text` is the whole file.
 * @param known what a declaration in the file says (ECSV): its first line after the comments is the header.
 * @throws TableError empty, not_a_table
 */
export function sniff(text: string, whole: boolean, known: { readonly delimiter: ',' | ' ' } | null = null): Layout {
  const comment = /^\s*#/.test(text)
  const delimiter = known?.delimiter ?? sniffDelimiter(text, whole, comment)
  const all = recordsOf(text, delimiter, SAMPLE_RECORDS, whole, comment)
  const records = all.filter((record) => !record.comment)
  const comments = leadingComments(all)
  const notes: string[] = []

  if (records.length === 0) {
    const numbered = numberedColumns(comments, null)
    const names = numbered?.map(({ name }) => name) ?? (comments.length > 0 ? splitNames(comments.at(-1)!, null) : [])
    if (names.length < 2) throw new TableError('empty', 'The file holds no rows and no header.')
    return {
      delimiter: numbered !== null ? ' ' : /,/.test(comments.at(-1)!) ? ',' : delimiter,
      decimalComma: false,
      comment,
      hasHeader: true,
      names,
      numbered,
      rowsStart: text.length,
      rowsLine: all.length + 1,
      comments,
      notes,
    }
  }

  const decimalComma = delimiter !== ',' && hasDecimalComma(records)
  const number = new NumberScanner(decimalComma ? 0x2c : 0x2e)
  const evidence = (cell: string) => evidenceOfText(number, cell)

  const [first, ...others] = records
  const types = known === null && delimiter === '\t' && isTypeLine(others, evidence) ? others[0]! : null
  const rest = types === null ? others : others.slice(1)
  const width = rest.length > 0 ? modalWidth(rest) : first!.fields.length
  const list = numberedColumns(comments, width)
  const written = list?.map(({ name }) => name) ?? commentedNames(comments, width, [delimiter])
  const commented = written ?? commentedNames(comments, width, [null])
  const headed = known !== null || types !== null || isHeader(first!, rest, evidence, commented, written !== null)
  let names: string[]
  if (headed) {
    names = first!.fields.map((name) => name.trim())
    if (known === null && namesRows(records, delimiter)) names.unshift('')
    if (known === null && names[0]?.startsWith('#')) names[0] = names[0].replace(/^#\s*/, '')
  } else if (commented) {
    names = commented
  } else {
    names = Array.from({ length: first!.fields.length }, (_, index) => String(index))
    // The names that the reference server gives, and that notebooks use.
    notes.push('The file has no header; its columns are named 0, 1, 2 and so on.')
  }
  const start = headed ? (types ?? first!).end : first!.start
  const next = headed ? rest[0] : first!
  return {
    delimiter,
    decimalComma,
    comment,
    hasHeader: headed || commented !== null,
    names,
    numbered: headed ? null : list,
    rowsStart: start,
    rowsLine: headed ? lineAt(text, start, first!) : (next?.line ?? 1),
    comments,
    notes,
  }
}

function lineAt(text: string, offset: number, header: TextRecord): number {
  return header.line + (text.slice(header.start, offset).match(/\r\n|\r|\n/g)?.length ?? 0)
}

function sniffDelimiter(text: string, whole: boolean, comment: boolean): TextDialect['delimiter'] {
  let best: { delimiter: TextDialect['delimiter']; share: number; width: number } | null = null
  const even: TextDialect['delimiter'][] = []
  const shifted: typeof even = []
  for (const delimiter of DELIMITERS) {
    if (delimiter !== ' ' && !text.includes(delimiter)) continue
    const records = recordsOf(text, delimiter, 200, whole, comment).filter((record) => !record.comment)
    if (records.length === 0) continue
    const widths = records.map((record) => record.fields.length)
    const rows = records.length > 1 ? records.slice(1) : records
    const width = modalWidth(rows)
    if (width < 2) continue
    const share = widths.filter((w) => w === width).length / widths.length
    if (share === 1) even.push(delimiter)
    else if (namesRows(records, delimiter)) shifted.push(delimiter)
    if (!best || share > best.share) best = { delimiter, share, width }
  }
  if (even.includes(' ') && even.includes(',') && cutsCells(text, whole, comment)) even.splice(even.indexOf(','), 1)
  // A header that is one name short is believed only when no delimiter fits every line.
  if (even.length === 0) even.push(...shifted)
  if (even.includes('\t')) return '\t'
  if (even.includes(';')) {
    if (!even.includes(',')) return ';'
    const records = recordsOf(text, ';', 200, whole, comment).filter((record) => !record.comment)
    const number = new NumberScanner(hasDecimalComma(records) ? 0x2c : 0x2e)
    const row = records.at(-1)!
    return row.fields.every((field) => (evidenceOfText(number, field) & SEEN_TEXT) === 0) ? ';' : ','
  }
  const [first] = even
  if (first) {
    if (first === ' ' && isProse(text, whole, comment)) throw notATable()
    return first
  }
  if (!best) return ','
  if (best.delimiter === ' ') {
    // Words apart by blanks, a different number in each line: a text, or one column of phrases. No table either way,
    // unless the lines are rows of numbers of which one is damaged.
    const records = recordsOf(text, ' ', 200, whole, comment).filter((record) => !record.comment)
    if (arePairs(records) && !isProse(text, whole, comment)) return ','
    const number = new NumberScanner()
    const cells = records.slice(1).flatMap((record) => record.fields)
    const numbers = cells.filter((cell) => (evidenceOfText(number, cell) & SEEN_TEXT) === 0).length
    if (numbers * 2 < cells.length || best.share < 0.5) throw notATable()
    return ' '
  }
  const words = recordsOf(text, best.delimiter, 200, whole, comment).filter((record) => !record.comment)
  if (best.share < 0.4 && !hasNumbers(words)) throw notATable()
  return best.delimiter
}

/** Whether commas stand within the cells of a table of blanks, which they would cut: in texts, lists and decimal numbers. */
function cutsCells(text: string, whole: boolean, comment: boolean): boolean {
  const all = recordsOf(text, ',', 200, whole, comment)
  const records = all.filter((record) => !record.comment)
  if (records.some(({ fields, quoted }) => fields.some((field, i) => !quoted[i] && hasStrayQuote(field)))) return true
  const spaced = recordsOf(text, ' ', 200, whole, comment).filter((record) => !record.comment)
  // `a , b`: a comma alone is no cell.
  if (spaced.some(({ fields }) => fields.includes(','))) return false
  const isNamed = (rows: readonly TextRecord[], delimiter: string) =>
    commentedNames(leadingComments(all), modalWidth(rows), [delimiter, null]) !== null
  if (isNamed(records, ',') !== isNamed(spaced, ' ')) return isNamed(spaced, ' ')
  return spaced.every(({ fields }) => fields.every((field) => DECIMAL_COMMA.test(field) || /^[+-]?\d+$/.test(field)))
}

/** A quote that nothing in the cell answers: the other one is in another cell. */
function hasStrayQuote(field: string): boolean {
  return field.split('"').length % 2 === 0
}

function notATable(): TableError {
  return new TableError(
    'not_a_table',
    'The file reads as running text, not as a table: its lines do not fall into columns. Please provide delimited rows.',
  )
}

/**
 * Whether blanks or tabs part rows that begin with a name of their own, for which the header has none: the tables of R. A
 * header of one name is not enough for it, since `obj 1` may be one cell, unless R's quotes or numbers are there.
 */
function namesRows([header, ...rows]: readonly TextRecord[], delimiter: string): boolean {
  if ((delimiter !== ' ' && delimiter !== '\t') || !header || rows.length === 0) return false
  const names = header.fields.length
  if (rows.some(({ fields }) => fields.length !== names + 1)) return false
  return delimiter === '\t' || names > 1 || rows.every(({ fields, quoted }) => quoted[0] || /^\d+$/.test(fields[0]!))
}

/** A header of one word, and two in each row: names such as `M 31`. */
function arePairs([header, ...rows]: readonly TextRecord[]): boolean {
  return header?.fields.length === 1 && rows.every(({ fields }) => fields.length === 2)
}

/** Words alone, with the marks of a sentence at the ends of lines. */
function isProse(text: string, whole: boolean, comment: boolean): boolean {
  const records = recordsOf(text, ' ', 200, whole, comment).filter((record) => !record.comment)
  return !hasNumbers(records) && records.some((record) => /[.!?:]$/.test(record.fields.at(-1)!))
}

function hasNumbers(records: readonly TextRecord[]): boolean {
  const number = new NumberScanner()
  return records.some((record) => record.fields.some((cell) => (evidenceOfText(number, cell) & ~SEEN_TEXT) !== 0))
}

function modalWidth(records: readonly TextRecord[]): number {
  const counts = new Map<number, number>()
  for (const { fields } of records) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1)
  let best = 0
  for (const [width, count] of counts) if (count > (counts.get(best) ?? 0)) best = width
  return best
}

const DECIMAL_COMMA = /^[+-]?\d*,\d+([eE][+-]?\d+)?$/

/** Numbers such as `1,5` occur, and none such as `1.5`. */
function hasDecimalComma(records: readonly TextRecord[]): boolean {
  let commas = 0
  for (const { fields } of records) {
    for (const field of fields) {
      if (DECIMAL_COMMA.test(field)) commas++
      else if (/^[+-]?\d*\.\d+([eE][+-]?\d+)?$/.test(field)) return false
    }
  }
  return commas > 0
}

function isHeader(
  first: TextRecord,
  rest: readonly TextRecord[],
  evidence: (cell: string) => number,
  commented: readonly string[] | null,
  /** The names in the comment are parted as the cells are: it is no sentence of as many words. */
  isCommentWritten: boolean,
): boolean {
  const isWord = (cell: string) => (evidence(cell) & (SEEN_TEXT | SEEN_BOOL)) !== 0
  const hasNumber = first.fields.some((cell) => evidence(cell) !== 0 && !isWord(cell))
  if (hasNumber && isQuotedAlone(first, rest)) return true
  const words = first.fields.filter((cell) => evidence(cell) & SEEN_TEXT)
  if (words.length === 0) return commented === null && countsColumns(first, rest, evidence)
  const offset = rest.length > 0 && rest[0]!.fields.length === first.fields.length + 1 ? 1 : 0
  for (let column = 0; column < first.fields.length; column++) {
    if ((evidence(first.fields[column]!) & SEEN_TEXT) === 0) continue
    let seen = 0
    for (const { fields } of rest) seen |= evidence(fields[column + offset] ?? '')
    if (seen !== 0 && (seen & SEEN_TEXT) === 0) return true
  }
  if (isCommentWritten) return false
  // A number in the first line says that it is a row.
  if (hasNumber) return false
  return !first.fields.some(
    (cell, column) => evidence(cell) & SEEN_TEXT && rest.some(({ fields }) => fields[column] === cell),
  )
}

/** Whether the line under the names says what the columns hold, as in RDB: N numbers, S texts, M months, perhaps with a width. */
function isTypeLine([types, ...rows]: readonly TextRecord[], evidence: (cell: string) => number): boolean {
  if (!types?.fields.every((field) => /^\d*[NSM]\d*$/.test(field))) return false
  if (types.fields.some((field) => field.length > 1)) return true
  // Letters alone may be a first row of flags.
  const numbers = types.fields.flatMap((field, column) => (field === 'N' ? [column] : []))
  const seen = numbers.map((column) => rows.reduce((all, { fields }) => all | evidence(fields[column] ?? ''), 0))
  return seen.some((found) => found !== 0) && seen.every((found) => (found & (SEEN_TEXT | SEEN_BOOL)) === 0)
}

/** Names in quotes over a column whose values have none: only texts are quoted there, so that even numbers are names. */
function isQuotedAlone(first: TextRecord, rest: readonly TextRecord[]): boolean {
  if (!first.quoted.every(Boolean)) return false
  return first.fields.some((_, column) => {
    const filled = rest.filter(({ fields }) => fields[column])
    return filled.length > 0 && filled.every(({ quoted }) => !quoted[column])
  })
}

/**
 * Whether the first line is 0, 1, 2 and so on, as we and pandas name columns without names (an index before them has none),
 * over a column that holds no other integer. Of two columns it may as well be the first point of a curve.
 */
function countsColumns(first: TextRecord, rest: readonly TextRecord[], evidence: (cell: string) => number): boolean {
  const unnamed = first.fields[0] === '' ? 1 : 0
  const names = first.fields.slice(unnamed)
  if (names.length < 3 || names.some((name, index) => name !== String(index))) return false
  return names.some((_, index) => {
    let seen = 0
    for (const { fields } of rest) seen |= evidence(fields[index + unnamed] ?? '')
    return seen !== 0 && (seen & SEEN_INTEGER) === 0
  })
}

/** The comment lines before the rows, without `#`. */
function leadingComments(all: readonly TextRecord[]): string[] {
  const firstRow = all.findIndex((record) => !record.comment)
  const leading = firstRow < 0 ? all : all.slice(0, firstRow)
  return leading.map((record) => record.fields[0]!.replace(/^\s*#+[ \t]?/, ''))
}

/**
 * The names in the last comment line that has as many as there are columns. Over a single one, a sentence is no name.
 * @param delimiters between the names; null for blanks or commas, which may make names of any sentence
 */
function commentedNames(
  comments: readonly string[],
  width: number,
  delimiters: readonly (string | null)[],
): string[] | null {
  for (const comment of [...comments].reverse()) {
    for (const delimiter of delimiters) {
      const names = splitNames(comment, width === 1 ? null : delimiter)
      if (names.length === width && names.every((name) => name !== '' && !isNumberText(name))) return names
    }
  }
  return null
}

function splitNames(comment: string, delimiter: string | null): string[] {
  const text = comment.trim()
  if (text === '') return []
  const parts =
    delimiter === null || delimiter === ' '
      ? text.split(/[,\s]+/)
      : (recordsOf(text, delimiter, 1, true, false)[0]?.fields ?? [])
  return parts.map((name) => name.trim())
}

function isNumberText(text: string): boolean {
  return text !== '' && Number.isFinite(Number(text))
}

function evidenceOfText(number: NumberScanner, cell: string): number {
  // No Buffer: the scanner's loops stay fast as long as they only ever see plain Uint8Arrays.
  const bytes = new TextEncoder().encode(`${cell.trim()}\n`)
  number.kind = NO_NUMBER
  return evidenceOf(number, bytes, 0, bytes.length - 1)
}
