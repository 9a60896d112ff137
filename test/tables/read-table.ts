import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { TableError, type TableReader } from '../../src/tables/table.ts'

/** A directory of its own for the running test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pz-tables-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Bytes as a file on disk, until the running test ends. */
export function temporaryFile(
  fileName: string,
  bytes: Uint8Array,
): { readonly path: string; readonly fileName: string } {
  const path = join(temporaryDirectory(), fileName)
  writeFileSync(path, bytes)
  return { path, fileName }
}

/** The rows of a table, one array per row; closes the reader. */
export async function rowsOf(
  reader: TableReader,
  options: Parameters<TableReader['batches']>[0] = {},
): Promise<unknown[][]> {
  const rows: unknown[][] = []
  for await (const batch of reader.batches(options)) {
    for (let row = 0; row < batch.numRows; row++) {
      rows.push(batch.schema.fields.map((_, column) => batch.getChildAt(column)!.get(row)))
    }
  }
  await reader.close()
  return rows
}

/** The TableError that a step ends with. */
export async function tableError(step: Promise<unknown>): Promise<TableError> {
  try {
    await step
  } catch (error) {
    if (error instanceof TableError) return error
    throw error
  }
  throw new Error('It should have been refused.')
}
