import { readdir, stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { isNotFound } from '../../blobs/directory.ts'
import { openTable } from '../../tables/open.ts'
import { readCarefully, readingCatalog } from './catalog-trouble.ts'
import { openHatsObjects } from './hats-objects.ts'
import { type ObjectSource, objectTable, usualRoles } from './object-source.ts'
import type { TrainingSetParameters } from './parameters.ts'
import { isAutomatic, preferredFlux } from './photometry.ts'
import { TrainingSetError } from './problems.ts'

/** What tells that a folder is a HATS catalog or collection. */
const HATS_FILES = ['collection.properties', 'hats.properties', 'properties']
const PARQUET = /\.(parquet|pq)$/i

/**
 * The object catalog of a release, as its path below the root of object catalogs: the precomputed one for the chosen flux
 * and dust map, `<release>/<mag|flux>/<flux_type>/<dereddening>/catalog`, or else the release's own HATS catalog or
 * Parquet file, from whose fluxes magnitudes are computed. The flux `auto` is the best of the precomputed ones.
 * @param root folder with the object catalogs of all releases
 * @param release its name, which is the name of its folder or file
 * @throws TrainingSetError `no_object_catalog`, telling what there is
 */
export async function locateReleaseCatalog(
  root: string,
  release: string,
  parameters: TrainingSetParameters,
): Promise<string> {
  const { convertFluxToMag, fluxType, dereddening } = parameters
  const unit = [release, convertFluxToMag ? 'mag' : 'flux']
  const dust = dereddening ?? 'none'
  const flux = isAutomatic(fluxType) ? await bestFlux(root, unit, dust) : fluxType
  const precomputed = flux === null ? null : await hatsAt(root, [...unit, flux, dust])
  const found = precomputed ?? (await hatsAt(root, [release]))
  if (found !== null) return found
  for (const name of [`${release}.parquet`, `${release}.pq`]) if (await isFile(join(root, name))) return name
  const files = (await entriesOf(join(root, release))).filter((name) => PARQUET.test(name))
  if (files.length === 1) return posix.join(release, files[0]!)
  throw await notThere(root, release, parameters)
}

/**
 * Opens an object catalog that `locateReleaseCatalog` found.
 * @param idColumn the release's indexing column; when the catalog lacks it, the usual names are tried
 * @throws TrainingSetError `object_catalog_unreadable`, also when its parts are read
 */
export async function openReleaseCatalog(root: string, path: string, idColumn: string | null): Promise<ObjectSource> {
  const source = await readingCatalog(root, path, () => openCatalog(root, path, idColumn))
  return readCarefully(source, root, path)
}

async function openCatalog(root: string, path: string, idColumn: string | null): Promise<ObjectSource> {
  const [, fluxType] = /^[^/]+\/(?:mag|flux)\/([^/]+)\/[^/]+(?:\/catalog)?$/i.exec(path) ?? []
  const precomputed = fluxType === undefined ? null : { fluxType }
  if (!PARQUET.test(path)) return openHatsObjects(path, join(root, path), { idColumn, precomputed })
  const reader = await openTable({ path: join(root, path), fileName: posix.basename(path) })
  return objectTable(path, reader, usualRoles(reader.columns, idColumn))
}

/** The names of the releases that have a folder or a Parquet file of their own. */
export async function releasesWithCatalog(root: string): Promise<ReadonlySet<string>> {
  return new Set((await entriesOf(root)).map((name) => name.replace(PARQUET, '')))
}

/** The flux to prefer among those that are precomputed for a dust map; null when there is none, or none is better. */
async function bestFlux(root: string, unit: readonly string[], dust: string): Promise<string | null> {
  const folder = await existingFolder(root, unit)
  if (folder === null) return null
  const precomputed: string[] = []
  for (const flux of await entriesOf(join(root, folder))) {
    if ((await hatsAt(root, [...unit, flux, dust])) !== null) precomputed.push(flux)
  }
  const [only, ...others] = precomputed
  return precomputed.find(isAutomatic) ?? preferredFlux(precomputed) ?? (others.length === 0 ? (only ?? null) : null)
}

/** The path of the HATS catalog in a folder, or of that named `catalog` in it; null when there is none. */
async function hatsAt(root: string, names: readonly string[]): Promise<string | null> {
  const folder = await existingFolder(root, names)
  if (folder === null) return null
  for (const place of [posix.join(folder, 'catalog'), folder]) if (await isHats(join(root, place))) return place
  return null
}

/** The path of a folder, whose names may be written in another case; null when there is none. */
async function existingFolder(root: string, names: readonly string[]): Promise<string | null> {
  let path = ''
  for (const name of names) {
    const entries = await entriesOf(join(root, path))
    const found = entries.find((entry) => entry === name) ?? entries.find((entry) => sameWord(entry, name))
    if (found === undefined) return null
    path = posix.join(path, found)
  }
  return path
}

const sameWord = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

async function isHats(folder: string): Promise<boolean> {
  const entries = await entriesOf(folder)
  return HATS_FILES.some((name) => entries.includes(name))
}

async function isFile(path: string): Promise<boolean> {
  return (await statOf(path))?.isFile() ?? false
}

async function statOf(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    if (isNotFound(error)) return null
    throw error
  }
}

/** The names in a folder, in order; none when it is no folder. */
async function entriesOf(folder: string): Promise<string[]> {
  if (!(await statOf(folder))?.isDirectory()) return []
  return (await readdir(folder)).sort()
}

async function notThere(
  root: string,
  release: string,
  { convertFluxToMag, fluxType, dereddening }: TrainingSetParameters,
): Promise<TrainingSetError> {
  const choices: string[] = []
  for (const unit of ['mag', 'flux']) {
    for (const type of await entriesOf(join(root, release, unit))) {
      for (const map of await entriesOf(join(root, release, unit, type))) choices.push(`${unit}/${type}/${map}`)
    }
  }
  if (choices.length === 0 && (await statOf(join(root, release))) === null) {
    return new TrainingSetError(
      'no_object_catalog',
      `This server has no object catalog of the release ${release}: choose another release or a published Objects Catalog, or ask an administrator to put one into the folder ${release} of OBJECT_CATALOGS.`,
    )
  }
  const known = choices.length > 0 ? ` There are ${choices.join(', ')}. Choose one of them.` : ''
  return new TrainingSetError(
    'no_object_catalog',
    `The release ${release} has no object catalog for convert_flux_to_mag: ${convertFluxToMag}, flux_type: ${fluxType}, dereddening: ${dereddening ?? 'none'}.${known}`,
  )
}
