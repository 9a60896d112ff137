import type { RandomAccessFile } from '../random-access-file.ts'
import { TableError } from '../table.ts'
import { BLOCK_BYTES, type Header, readHeader } from './header.ts'

/** More extensions than this are not looked through. */
const MAX_EXTENSIONS = 1_000

/** A table extension of a FITS file. */
export interface TableExtension {
  readonly kind: 'binary' | 'ascii'
  readonly header: Header
  /** EXTNAME, or null. */
  readonly name: string | null
  /** Where the rows begin, in bytes from the beginning of the file. */
  readonly dataStart: number
}

/** What the extensions of a FITS file are. */
export interface Extensions {
  readonly tables: readonly TableExtension[]
  readonly images: number
  /** Tile-compressed tables (ZTABLE), which are not read. */
  readonly compressedTables: number
}

/**
 * Walks the header-data units of a FITS file.
 *
 * A damaged unit behind the first table does not hide that table: the walk ends there.
 *
 * @throws TableError malformed
 */
export function findExtensions(file: RandomAccessFile, fileName: string): Extensions {
  const tables: TableExtension[] = []
  let images = 0
  let compressedTables = 0
  let position = 0
  for (let unit = 0; unit < MAX_EXTENSIONS && position < file.size; unit++) {
    let header: Header
    let dataStart: number
    let dataBytes: number
    try {
      ;[header, dataStart] = readHeader(file, position, fileName)
      dataBytes = sizeOfData(header)
    } catch (error) {
      if (tables.length > 0 && error instanceof TableError) break
      throw error
    }
    const kind = header.text('XTENSION')?.trim()
    if (kind === 'BINTABLE' || kind === 'A3DTABLE') {
      if (header.logical('ZIMAGE')) images++
      else if (header.logical('ZTABLE')) compressedTables++
      else tables.push({ kind: 'binary', header, name: header.filledText('EXTNAME'), dataStart })
    } else if (kind === 'TABLE') {
      tables.push({ kind: 'ascii', header, name: header.filledText('EXTNAME'), dataStart })
    } else if (dataBytes > 0) {
      images++
    }
    position = dataStart + Math.ceil(dataBytes / BLOCK_BYTES) * BLOCK_BYTES
  }
  return { tables, images, compressedTables }
}

/** Bytes of the data of a unit: |BITPIX|/8 x GCOUNT x (PCOUNT + product of the axes) (FITS standard 4.0, section 4.4.1). */
function sizeOfData(header: Header): number {
  const axes = header.size('NAXIS', 0)
  if (axes === 0) return 0
  const randomGroups = header.logical('GROUPS') && header.size('NAXIS1', 0) === 0
  let elements = 1
  for (let axis = randomGroups ? 2 : 1; axis <= axes; axis++) elements *= header.size(`NAXIS${axis}`)
  const bits = Math.abs(header.number('BITPIX') ?? 8)
  return (bits / 8) * header.size('GCOUNT', 1) * (header.size('PCOUNT', 0) + elements)
}
