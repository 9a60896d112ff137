import { openCsv } from '../../../src/tables/csv/csv-reader.ts'
import { DEFAULT_LIMITS, TableError } from '../../../src/tables/table.ts'
import { rowsOf, tableFiles } from '../table-files.ts'

/** Reads texts as the CSV reader does, for a whole file of tests: all of a table, or why it is refused. */
export function csvReading() {
  const files = tableFiles()

  async function read(content: string | Uint8Array, limits = DEFAULT_LIMITS) {
    const reader = await openCsv(await files.write('table.csv', content), limits)
    return {
      names: reader.columns.map(({ name }) => name),
      types: reader.columns.map(({ type }) => type),
      dialect: reader.dialect,
      notes: reader.notes,
      columns: reader.columns,
      rows: await rowsOf(reader),
    }
  }

  async function refusal(content: string | Uint8Array, limits = DEFAULT_LIMITS): Promise<TableError> {
    const error: unknown = await read(content, limits).then(
      () => null,
      (e: unknown) => e,
    )
    if (error instanceof TableError) return error
    throw new Error(`not refused: ${error}`)
  }

  return { files, read, refusal }
}
