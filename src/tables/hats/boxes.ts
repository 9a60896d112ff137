import type { ColumnChunk } from 'hyparquet'
import { readFooter } from '../parquet/footer.ts'
import { RandomAccessFile } from '../random-access-file.ts'
import { pixelOfPath } from './partition.ts'

/** The RA and Dec between which the rows of a partition lie, degrees, both ends included. */
export interface Box {
  readonly ra: readonly [low: number, high: number]
  readonly dec: readonly [low: number, high: number]
}

/**
 * The boxes of the partitions, from the statistics in a catalog's `_metadata`; keys as `boxKey` makes them. A partition without
 * (complete) statistics has none. They do not wrap: a partition on RA 0 has nearly the whole circle.
 */
export async function readBoxes(path: string, raColumn: string, decColumn: string): Promise<Map<string, Box>> {
  const file = new RandomAccessFile(path)
  try {
    const { metadata } = await readFooter(file, path)
    const found = new Map<string, Box>()
    const unknown = new Set<string>()
    for (const { columns } of metadata.row_groups) {
      const pixel = pixelOfPath(columns[0]?.file_path ?? '')
      if (pixel === null) continue
      const key = boxKey(pixel)
      const ra = rangeOf(columns, raColumn)
      const dec = rangeOf(columns, decColumn)
      if (ra === null || dec === null) unknown.add(key)
      else found.set(key, widened(found.get(key), { ra, dec }))
    }
    for (const key of unknown) found.delete(key)
    return found
  } finally {
    file.close()
  }
}

/** A pixel as the key of a map. */
export function boxKey({ order, pixel }: { readonly order: number; readonly pixel: number }): string {
  return `${order}/${pixel}`
}

function rangeOf(columns: readonly ColumnChunk[], name: string): [number, number] | null {
  const chunk = columns.find(
    ({ meta_data }) => meta_data?.path_in_schema[0] === name && meta_data.path_in_schema.length === 1,
  )
  const statistics = chunk?.meta_data?.statistics
  const low = statistics?.min_value ?? statistics?.min
  const high = statistics?.max_value ?? statistics?.max
  return typeof low === 'number' && typeof high === 'number' && low <= high ? [low, high] : null
}

function widened(box: Box | undefined, { ra, dec }: Box): Box {
  if (box === undefined) return { ra, dec }
  return {
    ra: [Math.min(box.ra[0], ra[0]), Math.max(box.ra[1], ra[1])],
    dec: [Math.min(box.dec[0], dec[0]), Math.max(box.dec[1], dec[1])],
  }
}
