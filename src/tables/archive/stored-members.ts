import { TableError, type TableSource } from '../table.ts'
import { openZip, readMembers } from './zip.ts'

/** A file of a zip that lies in it as it is: a stretch of its bytes. */
export interface StoredMember {
  readonly name: string
  readonly start: number
  /** Bytes. */
  readonly size: number
}

/** The names of the files of a zip, without reading them. @throws TableError malformed, unsafe_archive */
export async function memberNames(source: TableSource): Promise<string[]> {
  const zip = await openZip(source)
  try {
    return (await readMembers(zip, source.fileName)).map(({ name }) => name)
  } finally {
    zip.close()
  }
}

/**
 * Where the files of a zip lie that is not compressed.
 * @throws TableError unsupported when a file of it is compressed; malformed, unsafe_archive
 */
export async function storedMembers(source: TableSource): Promise<StoredMember[]> {
  const zip = await openZip(source)
  try {
    const members: StoredMember[] = []
    for (const { name, entry } of await readMembers(zip, source.fileName)) {
      if (entry.compressionMethod !== 0) {
        throw new TableError(
          'unsupported',
          `${source.fileName}: "${name}" is compressed inside the zip. Please pack a HATS catalog without compression (zip -0 -r): its files are compressed already.`,
        )
      }
      const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true })
      members.push({ name, start: fileDataStart, size: entry.uncompressedSize })
    }
    return members
  } finally {
    zip.close()
  }
}
