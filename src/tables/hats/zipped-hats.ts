import type { RecordBatch } from 'apache-arrow'
import { type StoredMember, storedMembers } from '../archive/stored-members.ts'
import { chosenColumns } from '../arrow-columns.ts'
import { openParquet } from '../parquet/parquet-reader.ts'
import { RandomAccessFile } from '../random-access-file.ts'
import {
  type BatchOptions,
  type ColumnDescription,
  TableError,
  type TableLimits,
  type TableReader,
  type TableSource,
} from '../table.ts'
import { pixelOfPath } from './partition.ts'
import { rowColumns } from './partition-reader.ts'
import { parseProperties } from './properties.ts'

const PROPERTIES = /(^|\/)((hats|collection)\.)?properties$/
const LONGEST_PROPERTIES = 1_000_000

/** Whether these are the names of the files of a HATS catalog. */
export const namesOfHats = (names: readonly string[]): boolean =>
  names.some((name) => PROPERTIES.test(name)) && names.some((name) => pixelOfPath(name) !== null)

/**
 * Opens a HATS catalog or collection that is packed as a zip, as one table: the rows of its partitions, by order and pixel.
 * They are read where they lie in the zip, so nothing is unpacked; therefore the zip must be a stored one, which costs
 * nothing: Parquet is compressed already.
 * @throws TableError unsupported (compressed members), not_a_table (several catalogs), malformed
 */
export async function openZippedHats(source: TableSource, limits: TableLimits): Promise<TableReader> {
  const members = await storedMembers(source)
  const folder = primaryCatalog(source, members)
  const partitions = members
    .flatMap((member) => {
      const pixel = member.name.startsWith(folder) ? pixelOfPath(member.name.slice(folder.length)) : null
      return pixel === null || !/\.(parquet|parq|pq)$/i.test(member.name) ? [] : [{ ...pixel, member }]
    })
    .sort((a, b) => a.order - b.order || a.pixel - b.pixel || (a.member.name < b.member.name ? -1 : 1))
    .map(({ member }) => member)
  const [first] = partitions
  if (first === undefined) throw new TableError('empty', `${source.fileName} holds a HATS catalog without any rows.`)
  const reader = await openMember(source, first, limits)
  const columns = rowColumns(reader.columns)
  await reader.close()
  return new ZippedHats(source, partitions, columns, limits)
}

class ZippedHats implements TableReader {
  readonly format = 'hats'
  /** Partitions tell theirs when they are opened. */
  readonly rows = null
  readonly dialect = null
  readonly notes: readonly string[]

  constructor(
    private readonly source: TableSource,
    private readonly partitions: readonly StoredMember[],
    readonly columns: readonly ColumnDescription[],
    private readonly limits: TableLimits,
  ) {
    this.notes = [`A HATS catalog of ${partitions.length} ${partitions.length === 1 ? 'partition' : 'partitions'}.`]
  }

  async *batches(options: BatchOptions = {}): AsyncGenerator<RecordBatch> {
    const wanted = chosenColumns(this.columns, options.columns)
    const columns = wanted.map(({ name }) => name)
    const allowed = this.limits.cells / this.columns.length
    let rows = 0
    for (const partition of this.partitions) {
      const reader = await openMember(this.source, partition, this.limits)
      try {
        this.#checkColumns(reader.columns, wanted, partition)
        rows += reader.rows ?? 0
        if (rows > allowed) {
          throw new TableError('too_large', `${this.source.fileName} has more than ${this.limits.cells} cells.`)
        }
        yield* reader.batches({ ...options, columns })
      } finally {
        await reader.close()
      }
    }
  }

  async close(): Promise<void> {
    // Partitions are open only while they are read.
  }

  #checkColumns(found: readonly ColumnDescription[], wanted: readonly ColumnDescription[], { name }: StoredMember) {
    for (const { name: column, type } of wanted) {
      const its = found.find((each) => each.name === column)?.type
      if (its === type) continue
      const words = its === undefined ? `has no column '${column}'` : `holds ${its} in '${column}'`
      throw new TableError(
        'malformed',
        `${this.source.fileName}: ${name} ${words}, unlike the first partition (${type}).`,
      )
    }
  }
}

/** The folder of the catalog of objects, with a slash at its end unless it is the root of the zip. */
function primaryCatalog(source: TableSource, members: readonly StoredMember[]): string {
  const file = new RandomAccessFile(source.path)
  const propertiesOf = ({ start, size }: StoredMember) =>
    parseProperties(Buffer.from(file.slice(start, Math.min(size, LONGEST_PROPERTIES))).toString('utf8'))
  try {
    const folders = new Set<string>()
    for (const member of members) {
      const [, folder] = /^((?:.*\/)?)(?:hats\.)?properties$/.exec(member.name) ?? []
      if (folder === undefined) continue
      const type = propertiesOf(member).get('dataproduct_type') ?? 'object'
      if (type === 'object' || type === 'source') folders.add(folder)
    }
    for (const member of members) {
      const [, folder] = /^((?:.*\/)?)collection\.properties$/.exec(member.name) ?? []
      if (folder === undefined) continue
      const primary = `${folder}${propertiesOf(member).get('hats_primary_table_url') ?? ''}/`
      if (folders.has(primary)) return primary
    }
    const [only] = folders
    if (only !== undefined && folders.size === 1) return only
    throw new TableError(
      'not_a_table',
      `${source.fileName} holds ${folders.size} HATS catalogs of objects; please pack one alone.`,
    )
  } finally {
    file.close()
  }
}

const openMember = ({ path }: TableSource, { name, start, size }: StoredMember, limits: TableLimits) =>
  openParquet({ path, fileName: name, stretch: { start, size } }, limits)
