import { TableError } from '../table.ts'
import type { Hdf5File } from './hdf5-file.ts'

/** Filters that the library can undo, by their registered numbers. */
const KNOWN_FILTERS = new Set([1, 2, 3, 5, 6])
const FILTER_NAMES: Readonly<Record<number, string>> = {
  4: 'szip',
  307: 'bzip2',
  32000: 'lzf',
  32001: 'blosc',
  32004: 'lz4',
  32008: 'bitshuffle',
  32013: 'zfp',
  32015: 'zstd',
  32026: 'blosc2',
}

/** @throws TableError unsupported: h5wasm gives silent garbage for filters that it lacks */
export function checkReadable(file: Hdf5File, path: string, fileName: string): void {
  const name = path.slice(1)
  if ((file.dataset(path).virtual_sources?.length ?? 0) > 0) {
    throw new TableError('unsupported', `${fileName}: "${name}" is a virtual dataset whose values are in other files.`)
  }
  const unknown = file.filters(path).find((filter) => !KNOWN_FILTERS.has(filter.id))
  if (unknown === undefined) return
  const filter = FILTER_NAMES[unknown.id] ?? (unknown.name || `number ${unknown.id}`)
  throw new TableError(
    'unsupported',
    `${fileName}: column "${name}" is compressed with the filter ${filter}, which we cannot read. Please write it with gzip or without compression.`,
  )
}
