import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { TableError } from '../table.ts'

/** Most times that an archive may be larger unpacked than packed (as Invenio has it). */
export const MAX_RATIO = 200
/** What unpacks to less than this is harmless at any ratio. */
export const SMALL_BYTES = 10_000_000

/** How much may be unpacked. */
export interface UnpackBudget {
  readonly fileName: string
  readonly packedBytes: number
  readonly unpackedBytes: number
}

/** @throws TableError unsafe_archive when `bytes` are more than the budget or the ratio allows */
export function checkUnpacked(bytes: number, { fileName, packedBytes, unpackedBytes }: UnpackBudget): void {
  if (bytes > unpackedBytes) {
    throw new TableError(
      'unsafe_archive',
      `${fileName} unpacks to more than the ${unpackedBytes} bytes that are allowed.`,
    )
  }
  if (bytes > SMALL_BYTES && bytes > packedBytes * MAX_RATIO) {
    throw new TableError(
      'unsafe_archive',
      `${fileName} unpacks to more than ${MAX_RATIO} times its size, which is refused. Please upload the table itself.`,
    )
  }
}

/**
 * Writes what a stream unpacks to a new file, within the budget; removes the file when it fails.
 *
 * @param stages decompression, if any
 * @returns bytes written
 */
export async function writeBounded(packed: Readable, stages: readonly Transform[], path: string, budget: UnpackBudget) {
  let size = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      try {
        checkUnpacked(size, budget)
        done(null, chunk)
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)))
      }
    },
  })
  try {
    await pipeline([packed, ...stages, count, createWriteStream(path, { flags: 'wx' })])
    return size
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}
