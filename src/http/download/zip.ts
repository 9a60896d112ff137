import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipArchive } from 'archiver'
import type { Blob, BlobStore } from '../../blobs/blob-store.ts'
import { asDiskError } from '../../blobs/directory.ts'
import { extensionOf } from '../file-name.ts'

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

const MANIFEST = 'MANIFEST.sha256'
/** Raise it when the bytes of an archive with the same entries change. */
const FORM = 1
/** The first moment that a zip file can name. */
const DATE = new Date('1980-01-01T00:00:00Z')

/**
 * The entries in their order in the archive, each with a name of its own, and last a manifest that `sha256sum -c` checks.
 * Names may have folders; what would leave the archive's own folder is cut off.
 */
export function placeEntries(entries: readonly ZipEntry[]): readonly PlacedEntry[] {
  const taken = new Set<string>()
  const sorted = [...entries].sort((a, b) => compare(a.name, b.name) || compare(digestOf(a), digestOf(b)))
  const placed = sorted.map((entry) => ({
    name: distinct(safeName(entry.name), taken),
    sha256: digestOf(entry),
    bytes: 'bytes' in entry ? entry.bytes : null,
  }))
  const manifest = Buffer.from(placed.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(''))
  return [...placed, { name: distinct(MANIFEST, taken), sha256: sha256Of(manifest), bytes: manifest }]
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

function safeName(name: string): string {
  const parts = name.split(/[/\\]/).filter((part) => !/^\.{0,2}$/.test(part) && !/^[A-Za-z]:$/.test(part))
  return parts.join('/').replaceAll(/\p{Cc}/gu, '_') || 'file'
}

/** `notes.txt`, then `notes (2).txt`. Names that some file system takes for the same count as the same. */
function distinct(name: string, taken: Set<string>): string {
  const extension = extensionOf(name)
  const stem = name.slice(0, name.length - extension.length)
  let candidate = name
  for (let n = 2; taken.has(looks(candidate)); n += 1) candidate = `${stem} (${n})${extension}`
  taken.add(looks(candidate))
  return candidate
}

const looks = (name: string): string => name.normalize('NFKC').toLowerCase()
const digestOf = (entry: ZipEntry): string => ('bytes' in entry ? sha256Of(entry.bytes) : entry.sha256)
const sha256Of = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
/** By code units, the same on every machine. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
