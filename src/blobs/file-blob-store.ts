import { createHash } from 'node:crypto'
import { access, constants, copyFile, type FileHandle, mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import type { Blob, BlobStore, TemporaryBlob } from './blob-store.ts'
import { asDiskError, freeSpace, isElsewhere, isNotFound, makeDirectory, syncDirectory, writeAll } from './directory.ts'
import { BlobMissing, BlobTooLarge, DiskFull } from './error.ts'
import { sweepTemporaryFiles, temporaryName } from './temporary-files.ts'

const SHA256 = /^[0-9a-f]{64}$/
const READ_CHUNK = 256 * 1024
/** Look at the free space again after so many bytes. */
const SPACE_CHECK_EVERY = 32 * 1024 * 1024

export interface FileBlobStoreOptions {
  /** Bytes that uploads must leave free on the disk: the event log and the database need room to write. */
  readonly reserve?: number
}

/**
 * Files below `<data>/blobs/ab/cd/<sha256>`, read-only; bytes on their way in lie in `<data>/tmp`. Where `blobs` is mounted from
 * elsewhere, they are copied to `blobs/tmp` last.
 */
export class FileBlobStore implements BlobStore {
  readonly #blobs: string
  readonly #temporary: string
  readonly #arriving: string
  readonly #reserve: number
  /** Folders whose own entry is known to be on disk. */
  readonly #durable = new Set<string>()

  private constructor(data: string, options: FileBlobStoreOptions) {
    this.#blobs = join(data, 'blobs')
    this.#temporary = join(data, 'tmp')
    this.#arriving = join(this.#blobs, 'tmp')
    this.#reserve = options.reserve ?? 256 * 1024 * 1024
  }

  /** Opens the store, creates its folders, and sweeps what interrupted uploads left. */
  static async open(data: string, options: FileBlobStoreOptions = {}): Promise<FileBlobStore> {
    const store = new FileBlobStore(data, options)
    await makeDirectory(store.#blobs)
    await makeDirectory(store.#temporary)
    await sweepTemporaryFiles(store.#temporary)
    await sweepTemporaryFiles(store.#arriving)
    return store
  }

  async check(): Promise<void> {
    await access(this.#blobs, constants.R_OK | constants.W_OK)
  }

  /** @throws BlobTooLarge, DiskFull, the signal's reason, or the source's own error; nothing stays behind then. */
  async receive(
    source: AsyncIterable<Uint8Array>,
    options: { readonly limit?: number; readonly signal?: AbortSignal } = {},
  ): Promise<TemporaryBlob> {
    options.signal?.throwIfAborted()
    const path = join(this.#temporary, temporaryName())
    // One that breaks before we read it would end the process; reading it then gives the error.
    if (source instanceof Readable) source.on('error', () => {})
    try {
      // Whoever cleans up temporary files may have removed the folder, too.
      await mkdir(this.#temporary, { recursive: true })
      const handle = await open(path, 'wx', 0o600)
      try {
        const blob = await this.#write(handle, source, options.limit ?? Number.POSITIVE_INFINITY, options.signal)
        return this.#temporaryBlob(blob, path)
      } finally {
        await handle.close()
      }
    } catch (error) {
      await rm(path, { force: true })
      throw asDiskError(error)
    }
  }

  async #write(
    handle: FileHandle,
    source: AsyncIterable<Uint8Array>,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<Blob> {
    const hash = createHash('sha256')
    let size = 0
    let nextCheck = 0
    for await (const chunk of abortable(source, signal)) {
      size += chunk.length
      if (size > limit) throw new BlobTooLarge(limit)
      if (size > nextCheck) {
        await this.#requireSpace()
        nextCheck = size + SPACE_CHECK_EVERY
      }
      const writing = writeAll(handle, chunk)
      hash.update(chunk) // while the disk works
      await writing
    }
    return { sha256: hash.digest('hex'), size }
  }

  async #requireSpace(): Promise<void> {
    if ((await freeSpace(this.#temporary)) < this.#reserve + SPACE_CHECK_EVERY) throw new DiskFull()
  }

  #temporaryBlob(blob: Blob, path: string): TemporaryBlob {
    let kept: Promise<Blob> | null = null
    return {
      ...blob,
      path,
      keep: () => {
        kept ??= this.#keep(blob, path)
        return kept
      },
      discard: async () => {
        if (kept === null) await rm(path, { force: true })
      },
    }
  }

  async #keep(blob: Blob, path: string): Promise<Blob> {
    const target = this.#place(blob.sha256)
    const directory = dirname(target)
    try {
      await this.#prepareDirectory(directory)
      // A file of another size is a damaged one: the good bytes take its place.
      if ((await sizeOf(target)) === blob.size) {
        await rm(path, { force: true })
      } else {
        const handle = await open(path, 'r+')
        try {
          await handle.chmod(0o444)
          await handle.sync()
        } finally {
          await handle.close()
        }
        await this.#move(path, target)
      }
      await syncDirectory(directory)
    } catch (error) {
      await rm(path, { force: true })
      throw asDiskError(error)
    }
    return { sha256: blob.sha256, size: blob.size }
  }

  /** A copy may end half-way, so it gets its name when it is whole. */
  async #move(path: string, target: string): Promise<void> {
    try {
      await rename(path, target)
      return
    } catch (error) {
      if (!isElsewhere(error)) throw error
    }
    await mkdir(this.#arriving, { recursive: true })
    const copy = join(this.#arriving, temporaryName())
    try {
      await copyFile(path, copy)
      const handle = await open(copy, 'r') // it is read-only already
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(copy, target)
    } catch (error) {
      await rm(copy, { force: true })
      throw error
    }
    await rm(path, { force: true })
  }

  /** Not `makeDirectory`: the folder may have been made a moment ago by another upload that has not synced it yet. */
  async #prepareDirectory(directory: string): Promise<void> {
    const made = await mkdir(directory, { recursive: true })
    if (made === undefined && this.#durable.has(directory)) return
    await syncDirectory(dirname(directory))
    await syncDirectory(this.#blobs)
    this.#durable.add(directory)
  }

  async has(sha256: string): Promise<boolean> {
    return SHA256.test(sha256) && (await sizeOf(this.#place(sha256))) !== null
  }

  async size(sha256: string): Promise<number> {
    const size = SHA256.test(sha256) ? await sizeOf(this.#place(sha256)) : null
    if (size === null) throw new BlobMissing(sha256)
    return size
  }

  /** Opens the file when the first chunk is asked for, and closes it when the iteration ends, however it ends. */
  async *read(sha256: string, range?: { readonly start: number; readonly end: number }): AsyncGenerator<Uint8Array> {
    if (!SHA256.test(sha256)) throw new BlobMissing(sha256)
    const handle = await open(this.#place(sha256), 'r').catch((error: unknown) => {
      throw isNotFound(error) ? new BlobMissing(sha256) : error
    })
    try {
      yield* readFile(handle, range?.start ?? 0, range?.end ?? Number.POSITIVE_INFINITY)
    } finally {
      await handle.close()
    }
  }

  async path(sha256: string): Promise<string> {
    await this.size(sha256)
    return this.#place(sha256)
  }

  /** In order of digest. Files that are no blobs are passed over. */
  async *list(): AsyncGenerator<Blob> {
    for (const first of await namesIn(this.#blobs, /^[0-9a-f]{2}$/)) {
      const folders = await namesIn(join(this.#blobs, first), /^[0-9a-f]{2}$/)
      // A folder holds few files: one after the other they would wait for the disk most of the time.
      for (const blobs of await Promise.all(folders.map((second) => this.#blobsIn(join(this.#blobs, first, second))))) {
        yield* blobs
      }
    }
  }

  async #blobsIn(folder: string): Promise<Blob[]> {
    const names = await namesIn(folder, SHA256)
    const sizes = await Promise.all(names.map((sha256) => sizeOf(this.#place(sha256))))
    return names.flatMap((sha256, index) => {
      const size = sizes[index] ?? null
      return size === null ? [] : [{ sha256, size }]
    })
  }

  /** Does nothing when there is no such blob. */
  async remove(sha256: string): Promise<void> {
    if (!(await this.has(sha256))) return
    const path = this.#place(sha256)
    await rm(path, { force: true })
    await syncDirectory(dirname(path))
  }

  #place(sha256: string): string {
    return join(this.#blobs, sha256.slice(0, 2), sha256.slice(2, 4), sha256)
  }
}

/** Bytes `start` to `end`, both included. */
async function* readFile(handle: FileHandle, start: number, end: number): AsyncGenerator<Uint8Array> {
  const { size } = await handle.stat()
  const last = Math.min(end, size - 1)
  for (let position = start; position <= last; ) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(READ_CHUNK, last - position + 1))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** The source's chunks until the signal aborts: then its reason is thrown, even while the source is silent. */
async function* abortable(source: AsyncIterable<Uint8Array>, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  if (!signal) return yield* source
  const iterator = source[Symbol.asyncIterator]()
  let abort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
  })
  aborted.catch(() => {}) // it is awaited in the race below, or not needed
  let ended = false
  try {
    while (true) {
      signal.throwIfAborted()
      const next = await Promise.race([iterator.next(), aborted])
      if (next.done) {
        ended = true
        return
      }
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', abort)
    // A silent source would keep `return` waiting for ever, so nobody waits for it after an abort.
    const stopping = ended ? undefined : iterator.return?.()
    if (signal.aborted) stopping?.catch(() => {})
    else await stopping
  }
}

async function sizeOf(path: string): Promise<number | null> {
  const found = await stat(path).catch((error: unknown) => {
    if (isNotFound(error)) return null
    throw error
  })
  return found?.size ?? null
}

async function namesIn(directory: string, pattern: RegExp): Promise<string[]> {
  const names: string[] = []
  const entries = await opendir(directory).catch((error: unknown) => {
    if (isNotFound(error)) return null
    throw error
  })
  if (entries) for await (const entry of entries) if (pattern.test(entry.name)) names.push(entry.name)
  return names.sort()
}
