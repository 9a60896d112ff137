import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ZipArchive } from 'archiver'

/** Earliest time that a zip can tell: entries have no times of their own. */
const NO_TIME = new Date('1980-01-01T00:00:00Z')
const FILE_MODE = 0o644

/**
 * Packs a HATS collection as one file: a stored (not compressed) zip, entries by name, without times. The same collection gives
 * the same zip. On failure no file is left.
 * @param name of the folder inside the zip
 */
export async function zipHats(folder: string, path: string, name: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll(sep, '/'),
    )
    .sort()
  const archive = new ZipArchive({ store: true })
  try {
    const writing = pipeline(archive, createWriteStream(path))
    writing.catch(() => undefined) // awaited below; a failure also ends the step under way
    for (const file of files) {
      const source = createReadStream(join(folder, file))
      source.on('error', (error) => archive.destroy(error))
      // One after the other: the archiver would open all files at once.
      const added = once(archive, 'entry')
      archive.append(source, { name: `${name}/${file}`, date: NO_TIME, mode: FILE_MODE })
      await added
    }
    await Promise.all([archive.finalize(), writing])
  } catch (error) {
    archive.destroy()
    await rm(path, { force: true })
    throw error
  }
}
