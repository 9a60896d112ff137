import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { MAX_NUMBER_ORDER, MAX_ORDER } from '../../sky/healpix.ts'
import { pixelsNear } from '../../sky/healpix-cone.ts'
import { positionsOf } from '../../sky/positions.ts'
import { openParquet } from '../parquet/parquet-reader.ts'
import { type ColumnDescription, DEFAULT_LIMITS, type TableLimits, type TableReader } from '../table.ts'
import { type Box, boxKey, readBoxes } from './boxes.ts'
import { HatsError } from './hats-error.ts'
import { isMissing, realPathInside } from './inside.ts'
import { type Partition, partitionPath, pixelOfPath } from './partition.ts'
import { PartitionReader, rowColumns } from './partition-reader.ts'
import { parseProperties } from './properties.ts'

/** What a HATS catalog says about itself. */
export interface HatsProperties {
  readonly name: string
  /** `object`, `source`, `margin`, … */
  readonly type: string
  readonly rows: number | null
  readonly raColumn: string
  readonly decColumn: string
  /** Read when nothing else is asked for; null for all columns. */
  readonly defaultColumns: readonly string[] | null
  /** The column of HEALPix indices and its order, e.g. `_healpix_29` and 29; old catalogs have none. */
  readonly healpixColumn: string | null
  readonly healpixOrder: number | null
  /** Of a margin: how far its rows may lie outside their partition, arcsec. */
  readonly marginArcsec: number | null
  /** All properties as written. */
  readonly all: ReadonlyMap<string, string>
}

export interface HatsCatalog {
  /** The folder of the catalog (inside the collection, if it is in one), as `realpath` gives it. */
  readonly root: string
  readonly properties: HatsProperties
  readonly columns: readonly ColumnDescription[]
  /** In the order of the catalog's list; none when it has no rows. */
  readonly partitions: readonly Partition[]
  /** The RA and Dec between which the rows of a partition lie; null when the catalog keeps no statistics of it. */
  box(partition: Partition): Promise<Box | null>
  /**
   * The partitions that can hold a row within the radius of any of the positions (degrees). Margins are not needed: the
   * neighbours are among them.
   * @throws SkyError bad_radius
   */
  partitionsNear(ra: Float64Array, dec: Float64Array, radiusArcsec: number): Partition[]
  /**
   * Opens a partition; the caller closes it.
   * @param columns those to read; the catalog's default ones, or all, when left out
   * @throws HatsError missing_partition, outside; TableError
   */
  read(partition: Partition, columns?: readonly string[]): Promise<TableReader>
}

/** Folders below the given one in which a catalog is looked for. */
const SEARCH_DEPTH = 3
const DATA_TYPES = new Set(['object', 'source'])

/**
 * Opens a HATS catalog (v0.1 or v1), or the primary catalog of a collection, or the only object catalog below a folder. Nothing
 * outside the folder is ever read, whatever the properties or symbolic links say.
 * @throws HatsError not_hats, malformed, outside; TableError
 */
export async function openHats(root: string, limits: TableLimits = DEFAULT_LIMITS): Promise<HatsCatalog> {
  let outer: string
  try {
    outer = await realpath(root)
  } catch (error) {
    if (isMissing(error)) throw new HatsError('not_hats', `There is no folder ${root}.`)
    throw error
  }
  const found = await findCatalog(outer, outer, SEARCH_DEPTH)
  if (found === null) {
    throw new HatsError(
      'not_hats',
      `${basename(root)} is not a HATS catalog: neither it nor the folders in it have a hats.properties, properties or collection.properties of a catalog of objects.`,
    )
  }
  const { folder, properties } = found
  const partitions = await readPartitions(outer, folder, properties)
  const columns = await readColumns(outer, folder, properties, partitions, limits)
  return new FolderCatalog(outer, folder, describe(properties, columns), columns, partitions, limits)
}

interface FoundCatalog {
  readonly folder: string
  readonly properties: ReadonlyMap<string, string>
}

async function findCatalog(outer: string, folder: string, depth: number): Promise<FoundCatalog | null> {
  const properties = await catalogProperties(outer, folder)
  if (properties !== null) {
    const type = properties.get('dataproduct_type') ?? 'object'
    // A margin is a catalog only when it is what was asked for.
    return DATA_TYPES.has(type) || (type === 'margin' && folder === outer) ? { folder, properties } : null
  }
  const primary = await primaryCatalog(outer, folder)
  if (primary !== null) return primary
  if (depth === 0) return null
  const entries = await readdir(folder, { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== 'dataset').map(({ name }) => name)
  const found: FoundCatalog[] = []
  for (const name of folders.sort()) {
    const catalog = await findCatalog(outer, join(folder, name), depth - 1)
    if (catalog !== null) found.push(catalog)
  }
  if (found.length > 1) {
    const names = found.map((catalog) => catalog.folder.slice(outer.length + 1)).join(', ')
    throw new HatsError(
      'not_hats',
      `${basename(outer)} holds ${found.length} HATS catalogs (${names}); name one of them.`,
    )
  }
  return found[0] ?? null
}

async function catalogProperties(outer: string, folder: string): Promise<Map<string, string> | null> {
  for (const name of ['hats.properties', 'properties']) {
    const text = await readText(outer, folder, name)
    if (text !== null) return parseProperties(text)
  }
  return null
}

/** The catalog that a collection names. A name that is a path of elsewhere is not followed: its siblings are looked through. */
async function primaryCatalog(outer: string, folder: string): Promise<FoundCatalog | null> {
  const text = await readText(outer, folder, 'collection.properties')
  const name = text === null ? undefined : parseProperties(text).get('hats_primary_table_url')
  if (name === undefined || name === '' || /^\/|^\w+:|(^|[/\\])\.\.([/\\]|$)/.test(name)) return null
  const inside = await realPathInside(outer, folder, name)
  if (inside === null) return null
  const properties = await catalogProperties(outer, inside)
  return properties === null ? null : { folder: inside, properties }
}

async function readText(outer: string, ...segments: readonly string[]): Promise<string | null> {
  const path = await realPathInside(outer, ...segments)
  if (path === null || !(await stat(path)).isFile()) return null
  return readFile(path, 'utf8')
}

/** `partition_info.csv` is the list that counts; catalogs without one are looked through. */
async function readPartitions(
  outer: string,
  folder: string,
  properties: ReadonlyMap<string, string>,
): Promise<Partition[]> {
  const suffix = properties.get('hats_npix_suffix') ?? '.parquet'
  const dataset = (await realPathInside(outer, folder, 'dataset')) === null ? folder : join(folder, 'dataset')
  const text = await readText(outer, folder, 'partition_info.csv')
  const pixels = text === null ? await listedPixels(outer, dataset) : pixelsOfCsv(text)
  return pixels.map(({ order, pixel }) => {
    if (order > MAX_NUMBER_ORDER && order <= MAX_ORDER) {
      throw new HatsError(
        'malformed',
        `The catalog has a partition of order ${order}; partitions are read down to order ${MAX_NUMBER_ORDER}.`,
      )
    }
    if (!(Number.isInteger(order) && order >= 0 && order <= MAX_ORDER && pixel >= 0 && pixel < 12 * 4 ** order)) {
      throw new HatsError(
        'malformed',
        `partition_info.csv lists a pixel ${pixel} of order ${order}, which does not exist.`,
      )
    }
    return { order, pixel, path: join(dataset, partitionPath(order, pixel, suffix)) }
  })
}

function pixelsOfCsv(text: string): { order: number; pixel: number }[] {
  const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'))
  const names = header.split(',').map((name) => name.trim())
  const orderAt = names.indexOf('Norder')
  const pixelAt = names.indexOf('Npix')
  if (orderAt < 0 || pixelAt < 0) {
    throw new HatsError('malformed', `partition_info.csv has the columns "${header}", not Norder and Npix.`)
  }
  return lines.map((line, i) => {
    const cells = line.split(',').map((cell) => cell.trim())
    const order = cells[orderAt] ?? ''
    const pixel = cells[pixelAt] ?? ''
    if (!/^\d+$/.test(order) || !/^\d+$/.test(pixel)) {
      throw new HatsError('malformed', `partition_info.csv, row ${i + 1}: "${line}" has no pixel and order.`)
    }
    return { order: Number(order), pixel: Number(pixel) }
  })
}

async function listedPixels(outer: string, dataset: string): Promise<{ order: number; pixel: number }[]> {
  if ((await realPathInside(outer, dataset)) === null) return []
  const found = new Map<string, { order: number; pixel: number }>()
  for (const name of await readdir(dataset, { recursive: true })) {
    const pixel = pixelOfPath(name.replaceAll('\\', '/'))
    if (pixel !== null) found.set(boxKey(pixel), pixel)
  }
  return [...found.values()].sort((a, b) => a.order - b.order || a.pixel - b.pixel)
}

/** The columns, from `_common_metadata`, `_metadata`, or the first partition that is there. */
async function readColumns(
  outer: string,
  folder: string,
  properties: ReadonlyMap<string, string>,
  partitions: readonly Partition[],
  limits: TableLimits,
): Promise<ColumnDescription[]> {
  for (const name of ['_common_metadata', '_metadata']) {
    const path = await realPathInside(outer, folder, 'dataset', name)
    if (path !== null) return columnsOf(path, { ...limits, cells: Number.POSITIVE_INFINITY })
  }
  for (const partition of partitions) {
    const [path] = await partitionFiles(outer, partition)
    if (path !== undefined) return columnsOf(path, limits)
  }
  if (partitions.length === 0) return []
  throw new HatsError('malformed', `The catalog ${properties.get('obs_collection') ?? basename(folder)} has no files.`)
}

async function columnsOf(path: string, limits: TableLimits): Promise<ColumnDescription[]> {
  const reader = await openParquet({ path, fileName: basename(path) }, limits)
  try {
    return rowColumns(reader.columns)
  } finally {
    await reader.close()
  }
}

/** The file of a partition, or the parts in its folder by name; none when it is missing. @throws HatsError outside */
async function partitionFiles(outer: string, { path }: Partition): Promise<string[]> {
  const real = await realPathInside(outer, path)
  if (real === null) return []
  if ((await stat(real)).isFile()) return [real]
  const names = (await readdir(real)).filter((name) => !/^[._]/.test(name) && /\.(parquet|parq|pq)$/i.test(name))
  const files: string[] = []
  for (const name of names.sort()) {
    const file = await realPathInside(outer, real, name)
    if (file !== null) files.push(file)
  }
  return files
}

function describe(all: ReadonlyMap<string, string>, columns: readonly ColumnDescription[]): HatsProperties {
  const number = (key: string) => {
    const value = all.get(key)
    return value === undefined || value === '' || Number.isNaN(Number(value)) ? null : Number(value)
  }
  const names = new Set(columns.map(({ name }) => name))
  const defaults = (all.get('hats_cols_default') ?? '').split(/[;,\s]+/).filter((name) => names.has(name))
  const healpixColumn = all.get('hats_col_healpix') || (names.has('_healpix_29') ? '_healpix_29' : null)
  return {
    name: all.get('obs_collection') ?? '',
    type: all.get('dataproduct_type') ?? 'object',
    rows: number('hats_nrows'),
    raColumn: all.get('hats_col_ra') || 'ra',
    decColumn: all.get('hats_col_dec') || 'dec',
    defaultColumns: defaults.length > 0 ? defaults : null,
    healpixColumn,
    healpixOrder: healpixColumn === null ? null : (number('hats_col_healpix_order') ?? 29),
    marginArcsec: number('hats_margin_threshold'),
    all,
  }
}

/** Width of the pixels of order 0, arcsec. */
const WIDEST = Math.sqrt(Math.PI / 3) * (180 / Math.PI) * 3600

/** The finest order whose pixels are at least half as wide as the radius (arcsec). */
const finestOrderFor = (radius: number): number =>
  radius > 0 ? Math.max(0, Math.floor(Math.log2((2 * WIDEST) / radius))) : MAX_NUMBER_ORDER

class FolderCatalog implements HatsCatalog {
  #boxes: Promise<ReadonlyMap<string, Box>> | null = null

  constructor(
    private readonly outer: string,
    readonly root: string,
    readonly properties: HatsProperties,
    readonly columns: readonly ColumnDescription[],
    readonly partitions: readonly Partition[],
    private readonly limits: TableLimits,
  ) {}

  async box(partition: Partition): Promise<Box | null> {
    this.#boxes ??= this.readBoxes()
    return (await this.#boxes).get(boxKey(partition)) ?? null
  }

  partitionsNear(ra: Float64Array, dec: Float64Array, radiusArcsec: number): Partition[] {
    const positions = positionsOf(ra, dec)
    // Millions of pixels much smaller than the radius may be near a position: the pixels that they lie in are looked for.
    const finest = finestOrderFor(radiusArcsec)
    const orders = new Set(this.partitions.map(({ order }) => Math.min(order, finest)))
    const near = new Map([...orders].map((order) => [order, new Set(pixelsNear(positions, radiusArcsec, order))]))
    return this.partitions.filter(({ order, pixel }) => {
      const coarse = Math.min(order, finest)
      return near.get(coarse)!.has(Math.floor(pixel / 4 ** (order - coarse)))
    })
  }

  async read(partition: Partition, columns?: readonly string[]): Promise<TableReader> {
    const files = await partitionFiles(this.outer, partition)
    if (files.length === 0) {
      throw new HatsError(
        'missing_partition',
        `The catalog ${this.properties.name} lists pixel ${partition.pixel} of order ${partition.order}, but ${partition.path.slice(this.root.length + 1)} is missing.`,
      )
    }
    return PartitionReader.open(files, columns ?? this.properties.defaultColumns ?? undefined, this.limits)
  }

  private async readBoxes(): Promise<ReadonlyMap<string, Box>> {
    const path = await realPathInside(this.outer, this.root, 'dataset', '_metadata')
    return path === null ? new Map() : readBoxes(path, this.properties.raColumn, this.properties.decColumn)
  }
}
