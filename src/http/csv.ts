/** A value of a table that we write ourselves. */
export type CsvValue = string | number | boolean | null

/**
 * A cell of a CSV that we make (RFC 4180).
 * @param forSpreadsheet a text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay as they are
 */
function csvCell(value: CsvValue, forSpreadsheet: boolean): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const text = forSpreadsheet && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const csvLine = (values: readonly CsvValue[], forSpreadsheet: boolean): string =>
  `${values.map((value) => csvCell(value, forSpreadsheet)).join(',')}\r\n`
