import { decodeText } from '../text-column.ts'
import { type CellLayout, cellLayout } from './cells.ts'
import type { Hdf5File } from './hdf5-file.ts'
import type { Dataset } from './tree.ts'

/** A text attribute without its padding; null when there is none. */
export function textAttribute(file: Hdf5File, path: string, name: string): string | null {
  if (!file.attributeNames(path).has(name)) return null
  const bytes = file.attribute(path, name)
  return bytes === null ? null : decodeText(bytes).replace(/\0.*$/s, '').trim() || null
}

/** The strings of a small one-dimensional dataset. */
export function texts(file: Hdf5File, { path, metadata }: Dataset): string[] {
  const layout = cellLayout(metadata)
  const rows = metadata.shape?.[0] ?? 0
  if (layout === null || rows > 100_000) return []
  return file.readRows(path, metadata, 0, rows, (bytes) =>
    Array.from({ length: rows }, (_, i) =>
      textOf(bytes.subarray(i * metadata.size, (i + 1) * metadata.size), layout, file),
    ),
  )
}

function textOf(bytes: Uint8Array, { cell }: CellLayout, file: Hdf5File): string {
  if (cell.kind === 'variable text') {
    return decodeText(file.text(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)))
  }
  return decodeText(bytes).replace(/\0.*$/s, '').trimEnd()
}
