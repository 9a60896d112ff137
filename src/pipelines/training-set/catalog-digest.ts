import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** Files that say what the others hold; they are small. */
const METADATA = /(^|\/)(([\w-]+\.)?properties|partition_info\.csv|_metadata|_common_metadata)$/
/** A Parquet file ends in the length of its footer (4 bytes) and `PAR1`. */
const TRAILER_BYTES = 8

/**
 * SHA-256 that tells an object catalog from any other: over the names and sizes of its files, and all of its metadata files;
 * of a single Parquet file over its footer, which has the statistics of its columns. Reading all values of a catalog of a
 * terabyte would take longer than any run.
 * @param path of a HATS catalog or of a Parquet file
 */
export async function catalogDigest(path: string): Promise<string> {
  const real = await realpath(path)
  const hash = createHash('sha256')
  const found = await stat(real)
  if (found.isFile()) {
    hash.update(`${basename(path)}\0${found.size}\n`)
    hash.update(await footerOf(real, found.size))
  } else {
    for (const name of await filesBelow(real)) await addFile(hash, real, name)
  }
  return hash.digest('hex')
}

/** Names of all files, in order of code units, with `/` between folders. */
async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
}

async function addFile(hash: Hash, root: string, name: string): Promise<void> {
  const path = join(root, name)
  hash.update(`${name}\0${(await stat(path)).size}\n`)
  if (METADATA.test(name)) for await (const chunk of createReadStream(path)) hash.update(chunk)
}

async function footerOf(path: string, size: number): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const trailer = Buffer.alloc(Math.min(TRAILER_BYTES, size))
    await file.read(trailer, 0, trailer.length, size - trailer.length)
    const length = trailer.length < TRAILER_BYTES ? 0 : trailer.readUInt32LE(0)
    const footer = Buffer.alloc(Math.min(length + TRAILER_BYTES, size))
    await file.read(footer, 0, footer.length, size - footer.length)
    return footer
  } finally {
    await file.close()
  }
}
