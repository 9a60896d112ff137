/** What a file is packed as, told from its first bytes; null when it is no archive. */
export type ArchiveKind = 'zip' | 'gzip' | 'bzip2' | 'xz' | 'zstd' | '7z' | 'rar' | 'tar'

/** Bytes that `archiveKind` needs. */
export const SIGNATURE_BYTES = 512

const SIGNATURES: readonly (readonly [ArchiveKind, readonly number[]])[] = [
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['rar', [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
]

const BZIP2_BLOCK = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]

/** @param head the first bytes of the file, `SIGNATURE_BYTES` of them where there are so many */
export function archiveKind(head: Uint8Array): ArchiveKind | null {
  const startsWith = (bytes: readonly number[], at = 0) => bytes.every((byte, i) => head[at + i] === byte)
  const found = SIGNATURES.find(([, bytes]) => startsWith(bytes))
  // A text may begin with "BZh"; a bzip2 file goes on with the digits of pi.
  if (found?.[0] === 'bzip2') return startsWith(BZIP2_BLOCK, 4) ? 'bzip2' : null
  if (found !== undefined) return found[0]
  return startsWith([0x75, 0x73, 0x74, 0x61, 0x72], 257) ? 'tar' : null
}
