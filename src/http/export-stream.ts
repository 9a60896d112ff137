import type { Context } from 'hono'
import { type CsvValue, csvLine } from './csv.ts'
import { contentDisposition } from './download/content-disposition.ts'

export type ExportFormat = 'csv' | 'ndjson'

/** What `?format=` asks for; null: the page. */
export const exportFormat = (text: string | undefined): ExportFormat | null =>
  text === 'csv' || text === 'ndjson' ? text : null

/** Rows of one query, and of one piece of an answer. */
export const EXPORT_PAGE = 1_000

/** A row of an export: flat in CSV, where a column that holds more is JSON text. */
export type ExportRow = Readonly<Record<string, CsvValue | object>>

/**
 * Answers with all rows of a list as CSV or as one JSON object a line, read page by page as the client takes them. Texts of
 * people cannot become formulas in a spreadsheet; NDJSON has them as they are.
 * @param page the rows that follow a row, in pages of `EXPORT_PAGE`; null: the first ones
 */
export function exportRows<Row>(
  c: Context,
  options: {
    readonly format: ExportFormat
    /** Of the file, without its ending. */
    readonly name: string
    readonly columns: readonly string[]
    readonly page: (after: Row | null) => Promise<readonly Row[]>
    readonly row: (row: Row) => ExportRow
  },
): Response {
  const { format, name, columns, page, row } = options
  const line =
    format === 'csv'
      ? (each: ExportRow) =>
          csvLine(
            columns.map((column) => flat(each[column] ?? null)),
            true,
          )
      : (each: ExportRow) => `${JSON.stringify(each)}\n`
  async function* pieces(): AsyncGenerator<Uint8Array> {
    if (format === 'csv') yield Buffer.from(csvLine(columns, false))
    for (let last: Row | null = null; ; ) {
      const rows: readonly Row[] = await page(last)
      if (rows.length > 0) yield Buffer.from(rows.map((each) => line(row(each))).join(''))
      if (rows.length < EXPORT_PAGE) return
      last = rows.at(-1) ?? null
    }
  }
  const source = pieces()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await source.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel() {
        await source.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
  return c.body(body, 200, {
    'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
    'Content-Disposition': contentDisposition('attachment', `${name}.${format}`),
    'Cache-Control': 'private, no-store',
  })
}

const flat = (value: CsvValue | object): CsvValue =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value
