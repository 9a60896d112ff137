import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TableFormat } from '../tables/table.ts'
import { headerNames } from '../tables/writers/fits-header.ts'
import type { OutputTable } from '../tables/writers/output-table.ts'
import { writeTable } from '../tables/writers/write-table.ts'
import { PLACE_COLUMNS } from './place-columns.ts'

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

/** A file that was written. */
export interface WrittenOutput {
  readonly name: string
  readonly path: string
  /** What the format did to columns, for the log. */
  readonly notes: readonly string[]
}

/**
 * Writes the result of a pipeline as one file: `<name>.<format>`, or a HATS collection packed as `<name>.hats.zip`. The same
 * table gives the same bytes.
 * @throws TableWriteError
 */
export async function writeOutput(
  table: OutputTable,
  { format, folder, name, position, hdf5Group = null, dropEmptyColumns = false }: OutputOptions,
): Promise<WrittenOutput> {
  const notes = notesOf(
    format,
    table.columns.map((column) => column.name),
  )
  if (format !== 'hats') {
    const fileName = `${name}.${format}`
    await writeTable(format, table, join(folder, fileName), { hdf5Group, dropEmptyColumns })
    return { name: fileName, path: join(folder, fileName), notes }
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
  return { name: fileName, path: join(folder, fileName), notes }
}

function notesOf(format: TableFormat, names: readonly string[]): string[] {
  if (format === 'hats') {
    return names
      .filter((name) => PLACE_COLUMNS.has(name))
      .map((name) => `The column '${name}' is left out: in a HATS catalog it tells where a row lies`)
  }
  if (format !== 'fits') return []
  const written = headerNames(names)
  return names.flatMap((name, i) => {
    const { text } = written[i]!
    return text === name ? [] : [`The column '${name}' is '${text}' in the file: FITS names are short and ASCII`]
  })
}
