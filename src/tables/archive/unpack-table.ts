import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { RandomAccessFile } from '../random-access-file.ts'
import { TableError, type TableLimits, type TableSource } from '../table.ts'
import { type ArchiveKind, archiveKind, SIGNATURE_BYTES } from './archive-kind.ts'
import { writeBounded } from './bounded-writer.ts'
import { unpackZip } from './zip.ts'

/** The table that was in an archive. */
export interface UnpackedTable {
  /** The base name of the member, or the name of the archive without `.gz`. */
  readonly fileName: string
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Names of all files in the archive. */
  readonly members: readonly string[]
}

/**
 * Unpacks the one table of a .gz or .zip file.
 *
 * @param writeTo path of the file to write, which must not exist; nothing is left there after an error
 * @returns null when the file is no archive
 * @throws TableError unsafe_archive (limits, paths, links, encryption), not_a_table (no table, or several), unsupported
 *   (other kinds of archives, archives inside of archives), malformed
 */
export async function unpackTable(
  source: TableSource,
  limits: TableLimits,
  writeTo: string,
): Promise<UnpackedTable | null> {
  const { head, size } = look(source.path)
  const kind = archiveKind(head)
  if (kind === null) return null
  if (kind === 'zip') return notNested(await unpackZip(source, size, limits, writeTo), source)
  if (kind === 'gzip') return notNested(await unpackGzip(source, size, limits, writeTo), source)
  throw unsupported(source.fileName, kind)
}

function look(path: string): { head: Uint8Array; size: number } {
  const file = new RandomAccessFile(path)
  try {
    return { head: file.slice(0, SIGNATURE_BYTES), size: file.size }
  } finally {
    file.close()
  }
}

function unsupported(fileName: string, kind: ArchiveKind): TableError {
  return new TableError(
    'unsupported',
    `${fileName} is packed with ${kind}, which we cannot unpack. Please upload the table itself, or a .gz or .zip file with one table.`,
  )
}

async function unpackGzip(
  source: TableSource,
  packedBytes: number,
  limits: TableLimits,
  writeTo: string,
): Promise<UnpackedTable> {
  const { fileName, path } = source
  const budget = { fileName, packedBytes, unpackedBytes: limits.unpackedBytes }
  try {
    const size = await writeBounded(createReadStream(path), [createGunzip()], writeTo, budget)
    const inner = fileName.replace(/\.gz$/i, '')
    return { fileName: inner, path: writeTo, size, members: [inner] }
  } catch (error) {
    if (error instanceof TableError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new TableError('malformed', `${fileName}: the gzip file is damaged or cut off (${reason}).`)
  }
}

/** Refuses what is an archive again: a tar in a .tar.gz, a zip in a zip. */
async function notNested(unpacked: UnpackedTable, { fileName }: TableSource): Promise<UnpackedTable> {
  const kind = archiveKind(look(unpacked.path).head)
  if (kind === null) return unpacked
  await rm(unpacked.path, { force: true })
  throw new TableError(
    'unsupported',
    `${fileName} holds a ${kind} archive again (${unpacked.fileName}), which is not opened. Please upload the table itself, or a .gz or .zip file with one table.`,
  )
}
