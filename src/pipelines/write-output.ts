import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TableFormat } from '../tables/table.ts'
import type { OutputTable } from '../tables/writers/output-table.ts'
import { writeTable } from '../tables/writers/write-table.ts'

export interface OutputOptions {
  readonly format: TableFormat
  /** The run's own folder. */
  readonly folder: string
  /** Name of the file without its extension. */
  readonly name: string
  /** The columns with degrees, by which a HATS catalog is cut. */
  readonly position: { readonly ra: string; readonly dec: string }
  /** The group of an HDF5 file in which the columns lie. */
  readonly hdf5Group?: string | null
  readonly dropEmptyColumns?: boolean
}

/**
 * Writes the result of a pipeline as one file: `<name>.<format>`, or a HATS collection packed as `<name>.hats.zip`. The same
 * table gives the same bytes.
 * @throws TableWriteError
 */
export async function writeOutput(
  table: OutputTable,
  { format, folder, name, position, hdf5Group = null, dropEmptyColumns = false }: OutputOptions,
): Promise<{ readonly name: string; readonly path: string }> {
  if (format !== 'hats') {
    const fileName = `${name}.${format}`
    await writeTable(format, table, join(folder, fileName), { hdf5Group, dropEmptyColumns })
    return { name: fileName, path: join(folder, fileName) }
  }
  const fileName = `${name}.hats.zip`
  const collection = join(folder, name)
  // Loaded when needed: a run in another format starts sooner.
  const [{ writeHats }, { zipHats }] = await Promise.all([
    import('../tables/hats/write-hats.ts'),
    import('../tables/hats/zip-hats.ts'),
  ])
  await writeHats(collection, table, { raColumn: position.ra, decColumn: position.dec, name })
  await zipHats(collection, join(folder, fileName), name)
  await rm(collection, { recursive: true })
  return { name: fileName, path: join(folder, fileName) }
}
