import { type FileHandle, mkdir, open, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DiskFull } from './error.ts'

/** Makes the entries of a directory durable: without it a rename may be forgotten when the power goes. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Creates a directory and its parents, durably. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made))
}

/** Bytes that an unprivileged process may still write on the file system of `path`. */
export async function freeSpace(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}

/** Writes all of `bytes`. @throws DiskFull */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten
  }
}

export const isNotFound = (error: unknown): boolean => codeOf(error) === 'ENOENT'

/** A file cannot be renamed there: it is on another file system, or mounted. */
export const isElsewhere = (error: unknown): boolean => codeOf(error) === 'EXDEV'

/** The same error, or DiskFull when that is what the operating system meant. */
export function asDiskError(error: unknown): unknown {
  const code = codeOf(error)
  return code === 'ENOSPC' || code === 'EDQUOT' ? new DiskFull({ cause: error }) : error
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null
}
