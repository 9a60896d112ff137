import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipArchive } from 'archiver'
import type { Blob, BlobStore } from '../../blobs/blob-store.ts'
import { asDiskError } from '../../blobs/directory.ts'
import { MANIFEST_FILE, namePlacer } from '../../domain/archive-names.ts'
import { byCodeUnits } from '../../domain/text.ts'

/** One member of an archive: bytes of the store, or bytes at hand (a README, a citation). */
export type ZipEntry =
  | { readonly name: string; readonly sha256: string }
  | { readonly name: string; readonly bytes: Uint8Array }

/** An entry whose name is safe and unlike all others, and whose digest is known. */
export interface PlacedEntry {
  readonly name: string
  readonly sha256: string
  readonly bytes: Uint8Array | null
}

/** Raise it when the bytes of an archive with the same entries change. */
const FORM = 2
/** The first moment that a zip file can name. */
const DATE = new Date('1980-01-01T00:00:00Z')

/**
 * The entries in their order in the archive, each with a name of its own: first what was made for it, in the order given and
 * under its own names, then the files, and last a manifest that `sha256sum -c` checks.
 */
export function placeEntries(entries: readonly ZipEntry[]): readonly PlacedEntry[] {
  const made = entries.filter((entry) => 'bytes' in entry)
  const files = entries.filter((entry) => 'sha256' in entry)
  const placeMade = namePlacer([MANIFEST_FILE])
  const first = made.map(({ name, bytes }) => ({ name: placeMade(name), sha256: sha256Of(bytes), bytes }))
  const placeFile = namePlacer([MANIFEST_FILE, ...first.map(({ name }) => name)])
  const then = files
    .toSorted((a, b) => byCodeUnits(a.name, b.name) || byCodeUnits(a.sha256, b.sha256))
    .map(({ name, sha256 }) => ({ name: placeFile(name), sha256, bytes: null }))
  const placed = [...first, ...then]
  const manifest = Buffer.from(placed.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(''))
  return [...placed, { name: MANIFEST_FILE, sha256: sha256Of(manifest), bytes: manifest }]
}

/** Names the bytes that an archive of these entries has: the same entries always give the same file. 64 hex digits. */
export function contentKey(entries: readonly PlacedEntry[]): string {
  return sha256Of(JSON.stringify([FORM, entries.map(({ name, sha256 }) => [name, sha256])]))
}

/**
 * Writes the archive to `path`. Members are stored, not compressed (catalogs hardly shrink, and it would take minutes), with
 * one date and mode, so that the bytes depend on the entries alone.
 * @returns the archive's own digest and size
 */
export async function writeZip(path: string, entries: readonly PlacedEntry[], store: BlobStore): Promise<Blob> {
  const archive = new ZipArchive({ store: true })
  const hash = createHash('sha256')
  let size = 0
  const hashed = async function* (source: AsyncIterable<Uint8Array>) {
    for await (const chunk of source) {
      hash.update(chunk)
      size += chunk.length
      yield chunk
    }
  }
  try {
    const writing = pipeline(archive, hashed, createWriteStream(path, { flags: 'wx', highWaterMark: 1024 * 1024 }))
    writing.catch(() => {}) // awaited below; a failure also ends the step under way
    for (const { name, sha256, bytes } of entries) {
      const source = bytes === null ? Readable.from(store.read(sha256), { objectMode: false }) : Buffer.from(bytes)
      if (source instanceof Readable) source.on('error', (error) => archive.destroy(error))
      // One after the other: the archiver would open all files at once.
      const added = once(archive, 'entry')
      archive.append(source, { name, date: DATE, mode: 0o644 })
      await added
    }
    await Promise.all([archive.finalize(), writing])
  } catch (error) {
    archive.destroy()
    await rm(path, { force: true })
    throw asDiskError(error)
  }
  return { sha256: hash.digest('hex'), size }
}

const sha256Of = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
