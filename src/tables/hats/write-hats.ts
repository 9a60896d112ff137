import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MAX_ORDER } from '../../sky/healpix.ts'
import { type Positions, positionsOf } from '../../sky/positions.ts'
import { checkColumns } from '../writers/known-table.ts'
import { type OutputColumn, type OutputTable, TableWriteError, takeRows } from '../writers/output-table.ts'
import { writeTable } from '../writers/write-table.ts'
import { writeDatasetMetadata } from './dataset-metadata.ts'
import { isMissing } from './inside.ts'
import { partitionPath } from './partition.ts'
import { marginRows, type Partitioning, partitionSky, skyFraction } from './partitioning.ts'
import { formatProperties } from './properties.ts'

export interface HatsOptions {
  /** Degrees; every row must have a position. */
  readonly raColumn: string
  readonly decColumn: string
  /** `obs_collection`: letters, digits, `_`, `-` and `.`. */
  readonly name: string
  /** A pixel with more rows is divided into four. */
  readonly maxRowsPerPartition?: number
  /** How far the margin reaches; null for a collection without one. */
  readonly marginArcsec?: number | null
  readonly signal?: AbortSignal
}

const INDEX = '_healpix_29'
/** Columns of an earlier HATS catalog: they tell where its rows lay. */
const PLACE_COLUMNS = new Set([INDEX, 'Norder', 'Dir', 'Npix'])
const BUILDER = 'photoz-server'
const VERSION = 'v1.0'
const CATALOG = 'catalog'

/**
 * Writes a table as a HATS 1.0 collection: `catalog`, and `margin_5arcs` for a margin of 5 arcsec. Rows are sorted by
 * `_healpix_29`, then as they come. Nothing in it tells when it was written: the same table gives the same files.
 * @param folder must not exist yet; on failure nothing is left of it
 * @throws TableWriteError exists, bad_coordinates (rows without a position), bad_table
 */
export async function writeHats(folder: string, table: OutputTable, options: HatsOptions): Promise<void> {
  checkColumns(table.columns)
  if (!/^[\w.-]+$/.test(options.name)) {
    throw new TableWriteError(
      'bad_table',
      `"${options.name}" cannot be the name of a HATS catalog: use letters, digits, _ and -.`,
    )
  }
  const positions = positionsOfTable(table, options)
  await newFolder(folder)
  try {
    await writeCollection(folder, table, positions, options)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function newFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    if (isMissing(error)) throw new TableWriteError('bad_table', `The folder ${dirname(folder)} does not exist.`)
    throw new TableWriteError('exists', `${folder} exists already.`)
  }
}

async function writeCollection(
  folder: string,
  table: OutputTable,
  positions: Positions,
  options: HatsOptions,
): Promise<void> {
  const { name, raColumn, decColumn, maxRowsPerPartition = 1_000_000, marginArcsec = 5, signal } = options
  const partitioning = partitionSky(positions, maxRowsPerPartition)
  const { rows, partitions } = partitioning
  const indexed = withIndex(table, partitioning)
  const shared = {
    hats_col_ra: raColumn,
    hats_col_dec: decColumn,
    hats_col_healpix: INDEX,
    hats_col_healpix_order: MAX_ORDER,
  }
  await writeCatalog(
    join(folder, CATALOG),
    indexed,
    partitions,
    partitions.map(({ start, end }) => rows.subarray(start, end)),
    {
      obs_collection: name,
      dataproduct_type: 'object',
      ...shared,
    },
    signal,
  )
  const collection: Record<string, string> = { obs_collection: name, hats_primary_table_url: CATALOG }
  if (marginArcsec !== null) {
    const margin = `margin_${marginArcsec}arcs`
    await writeCatalog(
      join(folder, margin),
      indexed,
      partitions,
      marginRows(partitioning, positions, marginArcsec),
      {
        obs_collection: `${name}_${margin}`,
        dataproduct_type: 'margin',
        ...shared,
        hats_primary_table_url: CATALOG,
        hats_margin_threshold: marginArcsec,
      },
      signal,
    )
    Object.assign(collection, { all_margins: margin, default_margin: margin })
  }
  Object.assign(collection, { hats_builder: BUILDER, hats_version: VERSION })
  await writeFile(join(folder, 'collection.properties'), formatProperties('HATS Collection', collection))
}

/** The positions of all rows. @throws TableWriteError bad_table, bad_coordinates */
function positionsOfTable(table: OutputTable, { raColumn, decColumn }: HatsOptions): Positions {
  const positions = positionsOf(degrees(table, raColumn), degrees(table, decColumn))
  const { report } = positions
  if (report.valid < report.rows) {
    throw new TableWriteError(
      'bad_coordinates',
      `${report.rows - report.valid} rows have no valid position in ${raColumn} and ${decColumn} (the first is row ${report.sampleRows[0]! + 1}); a HATS catalog cannot hold them.`,
    )
  }
  return positions
}

function degrees({ columns }: OutputTable, name: string): Float64Array {
  const column = columns.find((candidate) => candidate.name === name)
  if (column === undefined) throw new TableWriteError('bad_table', `The table has no column "${name}".`)
  const { type, values, nulls } = column
  if (type === 'bool' || !('buffer' in values)) {
    throw new TableWriteError('bad_table', `Column "${name}" is of type ${type}, not degrees as numbers.`)
  }
  const degrees = new Float64Array(values.length)
  for (let row = 0; row < degrees.length; row++)
    degrees[row] = nulls && nulls[row] !== 0 ? Number.NaN : Number(values[row])
  return degrees
}

function withIndex(table: OutputTable, { keys }: Partitioning): OutputTable {
  const index: OutputColumn = {
    name: INDEX,
    type: 'int64',
    values: keys,
    description: 'HEALPix index of order 29, nested',
  }
  return { ...table, columns: [index, ...table.columns.filter(({ name }) => !PLACE_COLUMNS.has(name))] }
}

/** Writes one catalog; partitions without rows are left out. */
async function writeCatalog(
  folder: string,
  table: OutputTable,
  partitions: Partitioning['partitions'],
  rowsOf: readonly Uint32Array[],
  properties: Readonly<Record<string, string | number>>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const dataset = join(folder, 'dataset')
  await mkdir(dataset, { recursive: true })
  const written = partitions.filter((_, i) => rowsOf[i]!.length > 0)
  const paths: string[] = []
  for (const [i, { order, pixel }] of partitions.entries()) {
    const rows = rowsOf[i]!
    if (rows.length === 0) continue
    const path = partitionPath(order, pixel)
    await mkdir(dirname(join(dataset, path)), { recursive: true })
    await writeTable('parquet', takeRows(table, rows), join(dataset, path), signal ? { signal } : {})
    paths.push(path)
  }
  const empty = join(folder, 'empty.parquet')
  await writeTable('parquet', takeRows(table, new Uint32Array(0)), empty)
  await writeDatasetMetadata(dataset, paths, empty)
  await rm(empty)
  const list = written.map(({ order, pixel }) => `${order},${pixel}\n`)
  await writeFile(join(folder, 'partition_info.csv'), `Norder,Npix\n${list.join('')}`)
  const text = formatProperties('HATS catalog', {
    ...properties,
    hats_nrows: rowsOf.reduce((sum, rows) => sum + rows.length, 0),
    hats_npix_suffix: '.parquet',
    hats_order: written.reduce((highest, { order }) => Math.max(highest, order), 0),
    hats_max_rows: rowsOf.reduce((most, rows) => Math.max(most, rows.length), 0),
    moc_sky_fraction: skyFraction(written).toFixed(8),
    hats_builder: BUILDER,
    hats_version: VERSION,
  })
  for (const file of ['hats.properties', 'properties']) await writeFile(join(folder, file), text)
}
