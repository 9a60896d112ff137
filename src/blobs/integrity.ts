import { createHash } from 'node:crypto'
import type { Blob, BlobStore } from './blob-store.ts'
import { BlobMissing } from './error.ts'

/** A blob whose bytes are not what their name and the log say. */
export interface Mismatch {
  readonly sha256: string
  /** Bytes, as the log has them; null when nothing refers to the blob. */
  readonly expectedSize: number | null
  readonly actualSize: number
  readonly actualSha256: string
}

export interface IntegrityReport {
  /** Blobs whose bytes were read and hashed again. */
  readonly checked: number
  /** Bytes that were read. */
  readonly bytes: number
  /** Kept, but no event refers to them: left by a crash between keeping and appending; harmless. */
  readonly orphans: readonly Blob[]
  /** Referred to, but not there. */
  readonly missing: readonly Blob[]
  readonly mismatched: readonly Mismatch[]
}

/** Files that are read at the same time: most are small, and opening one takes longer than reading it. */
const AT_A_TIME = 16

/**
 * Reads every byte of the store again and compares it with what the log refers to. A blob that is both damaged and
 * unreferenced is listed under both.
 */
export async function checkIntegrity(
  store: BlobStore,
  referenced: Iterable<Blob> | AsyncIterable<Blob>,
  options: { readonly signal?: AbortSignal; readonly onChecked?: (blob: Blob) => void } = {},
): Promise<IntegrityReport> {
  const expected = new Map<string, number>()
  for await (const blob of referenced) expected.set(blob.sha256, blob.size)

  let checked = 0
  let bytes = 0
  const orphans: Blob[] = []
  const mismatched: Mismatch[] = []
  const seen = new Set<string>()
  for await (const group of inGroups(store.list(), AT_A_TIME)) {
    const digests = await Promise.all(group.map(({ sha256 }) => digest(store.read(sha256), options.signal)))
    for (const [index, blob] of group.entries()) {
      const actual = digests[index]
      if (!actual) continue
      const expectedSize = expected.get(blob.sha256) ?? null
      seen.add(blob.sha256)
      if (expectedSize === null) orphans.push(blob)
      if (actual.sha256 !== blob.sha256 || (expectedSize !== null && actual.size !== expectedSize)) {
        mismatched.push({ sha256: blob.sha256, expectedSize, actualSize: actual.size, actualSha256: actual.sha256 })
      }
      checked += 1
      bytes += actual.size
      options.onChecked?.(blob)
    }
  }
  const missing = [...expected].filter(([sha256]) => !seen.has(sha256)).map(([sha256, size]) => ({ sha256, size }))
  return { checked, bytes, orphans, missing, mismatched }
}

async function* inGroups<T>(source: AsyncIterable<T>, size: number): AsyncIterable<T[]> {
  let group: T[] = []
  for await (const item of source) {
    group.push(item)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}

/** Null when the blob was removed since it was listed. */
async function digest(source: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<Blob | null> {
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const chunk of source) {
      signal?.throwIfAborted()
      hash.update(chunk)
      size += chunk.length
    }
  } catch (error) {
    if (error instanceof BlobMissing) return null
    throw error
  }
  return { sha256: hash.digest('hex'), size }
}
