import { TableError } from '../table.ts'
import type { DatasetMetadata, Hdf5File } from './hdf5-file.ts'

/** A dataset of the file. */
export interface Dataset {
  readonly path: string
  readonly name: string
  /** The path of its group, `/` for the root. */
  readonly group: string
  readonly metadata: DatasetMetadata
}

export interface Tree {
  readonly datasets: readonly Dataset[]
  readonly groups: readonly string[]
}

const MAX_DEPTH = 6
const MAX_OBJECTS = 20_000

/**
 * The datasets and groups of a file. Soft and external links are not followed; what has several names (hard
 * links, groups that contain themselves) is found once.
 *
 * @throws TableError too_large
 */
export function readTree(file: Hdf5File, fileName: string): Tree {
  const datasets: Dataset[] = []
  const groups: string[] = []
  const found = new Set([file.identity('/')])
  const walk = (group: string, depth: number): void => {
    groups.push(group)
    for (const name of file.names(group)) {
      if (datasets.length + groups.length > MAX_OBJECTS) {
        throw new TableError('too_large', `${fileName} has more than ${MAX_OBJECTS} HDF5 groups and datasets.`)
      }
      const path = group === '/' ? `/${name}` : `${group}/${name}`
      const kind = file.kind(path)
      if (kind === 'nothing') continue
      const identity = file.identity(path)
      if (found.has(identity)) continue
      found.add(identity)
      if (kind === 'dataset') datasets.push({ path, name, group, metadata: file.dataset(path) })
      // PyTables keeps the indexes of a table in groups of such names.
      else if (kind === 'group' && depth < MAX_DEPTH && !name.startsWith('_i_')) walk(path, depth + 1)
    }
  }
  walk('/', 0)
  return { datasets, groups }
}

/** Rows of a dataset: the size of its first dimension; null for a single value. */
export function rowsOf({ metadata }: Dataset): number | null {
  return metadata.shape?.[0] ?? null
}
