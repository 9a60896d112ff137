import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { cellAt } from '../../src/tables/cell.ts'
import type { Cell } from '../../src/tables/inspection.ts'
import type { TableReader, TableSource } from '../../src/tables/table.ts'

/** A folder for the files of one test file, removed at its end. */
export function tableFiles() {
  let folder = ''
  let count = 0
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tables-'))
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })
  return {
    /** Writes a file and says where it lies. */
    async write(fileName: string, content: string | Uint8Array): Promise<TableSource> {
      const path = join(folder, `${++count}-${fileName}`)
      await writeFile(path, content)
      return { path, fileName }
    },
    path: (name: string) => join(folder, name),
  }
}

/** All cells of a table, row by row, as the preview would show them. */
export async function rowsOf(
  reader: TableReader,
  options: { columns?: string[]; batchRows?: number } = {},
): Promise<Cell[][]> {
  const types = (options.columns ?? reader.columns.map(({ name }) => name)).map(
    (name) => reader.columns.find((column) => column.name === name)!.type,
  )
  const rows: Cell[][] = []
  for await (const batch of reader.batches(options)) {
    for (let row = 0; row < batch.numRows; row++) {
      rows.push(types.map((type, index) => cellAt(batch.data.children[index]!, type, row)))
    }
  }
  return rows
}
