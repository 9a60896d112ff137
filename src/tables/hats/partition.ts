/** A partition of a HATS catalog: the rows of one HEALPix pixel (nested). */
export interface Partition {
  readonly order: number
  readonly pixel: number
  /** Its file (or folder of files), absolute. Whether it exists is found when it is read. */
  readonly path: string
}

/** Pixels are kept in folders of this many. */
const PIXELS_PER_FOLDER = 10_000

/** Where a partition lies below `dataset`, with slashes. @param suffix `.parquet`, or `/` for a folder of parts */
export function partitionPath(order: number, pixel: number, suffix = '.parquet'): string {
  const folder = Math.floor(pixel / PIXELS_PER_FOLDER) * PIXELS_PER_FOLDER
  return `Norder=${order}/Dir=${folder}/Npix=${pixel}${suffix === '/' ? '' : suffix}`
}

/** The pixel that a path below `dataset` belongs to; null when it is none of a partition. */
export function pixelOfPath(path: string): { readonly order: number; readonly pixel: number } | null {
  const found = /(?:^|\/)Norder=(\d{1,2})\/(?:Dir=\d+\/)?Npix=(\d+)/.exec(path)
  return found === null ? null : { order: Number(found[1]), pixel: Number(found[2]) }
}
