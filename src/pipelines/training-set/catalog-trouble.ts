import { realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { SkyError } from '../../sky/errors.ts'
import { HatsError } from '../../tables/hats/hats-error.ts'
import { TableError } from '../../tables/table.ts'
import type { ObjectSource } from './object-source.ts'
import { TrainingSetError } from './problems.ts'

/** What the system says of files that an operator has put there, by its code. */
const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'one of its files or links leads nowhere',
  ELOOP: 'its links lead round in a circle',
  EACCES: 'the server may not read all of its files',
  EPERM: 'the server may not read all of its files',
}

/**
 * Carries out `work` on an object catalog below the root of catalogs. Whatever cannot be read there is told in words that name no
 * folder of this machine: whoever asks for a run is shown them.
 * @param path of the catalog below the root, or of what is to become one
 * @throws TrainingSetError `object_catalog_unreadable`, and what `work` throws that is no matter of files
 */
export async function readingCatalog<T>(root: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw await inPlainWords(error, root, path)
  }
}

/** The same for all that is read of an open catalog. */
export function readCarefully(source: ObjectSource, root: string, path: string): ObjectSource {
  return {
    ...source,
    async partsNear(positions, radius) {
      const parts = await source.partsNear(positions, radius)
      return parts.map((part) => ({
        ...part,
        async *batches(columns) {
          try {
            yield* part.batches(columns)
          } catch (error) {
            throw await inPlainWords(error, root, path)
          }
        },
      }))
    },
  }
}

async function inPlainWords(error: unknown, root: string, path: string): Promise<unknown> {
  const why = await reasonOf(error, root, path)
  if (why === null) return error
  return new TrainingSetError('object_catalog_unreadable', `The object catalog ${path} cannot be read: ${why}`)
}

async function reasonOf(error: unknown, root: string, path: string): Promise<string | null> {
  if (error instanceof HatsError || error instanceof TableError) return withoutFolders(error.message, root, path)
  const isOfSystem = error instanceof Error && !isOurs(error) && 'code' in error && typeof error.code === 'string'
  if (!isOfSystem) return null
  return `${SYSTEM_WORDS[String(error.code)] ?? `the system says ${error.code}`}. An administrator can mend it.`
}

const isOurs = (error: Error): boolean => error instanceof TrainingSetError || error instanceof SkyError

/** Catalogs are often links to other disks, so each folder has two names. */
async function withoutFolders(message: string, root: string, path: string): Promise<string> {
  const folders = await Promise.all(
    [join(root, path), root].flatMap((folder) => [folder, realpath(folder).catch(() => folder)]),
  )
  return folders.reduce((text, folder) => text.replaceAll(folder + sep, '').replaceAll(folder, path), message)
}
