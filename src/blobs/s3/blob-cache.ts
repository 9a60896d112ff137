import { stat, utimes } from 'node:fs/promises'
import type { Blob, TemporaryBlob } from '../blob-store.ts'
import { isNotFound } from '../directory.ts'
import { BlobMissing, BlobStoreUnavailable } from '../error.ts'
import { FileBlobStore } from '../file-blob-store.ts'

export interface BlobCacheOptions {
  /** Bytes of copies; those that were used longest ago make room, but none that may be in use. */
  readonly limit: number
  /** How long somebody who asked for a copy may go on reading it, ms. */
  readonly inUseMs: number
  /** Told when no room could be made; the blobs themselves are safe. */
  readonly onTrouble: (error: unknown) => void
}

/** Copies of blobs on this machine, for programs that read files. What is lost is fetched again. */
export class BlobCache {
  /** Copies that are on their way. */
  readonly #fetching = new Map<string, Promise<string>>()
  #bytes = 0
  #making: Promise<void> = Promise.resolve()

  private constructor(
    private readonly files: FileBlobStore,
    private readonly options: BlobCacheOptions,
  ) {}

  static async open(folder: string, options: BlobCacheOptions): Promise<BlobCache> {
    const cache = new BlobCache(await FileBlobStore.open(folder), options)
    for await (const { size } of cache.files.list()) cache.#bytes += size
    return cache
  }

  receive(...given: Parameters<FileBlobStore['receive']>): Promise<TemporaryBlob> {
    return this.files.receive(...given)
  }

  /** Makes what was received a copy. */
  async keep(temporary: TemporaryBlob): Promise<Blob> {
    const isNew = !(await this.files.has(temporary.sha256))
    const blob = await temporary.keep()
    if (isNew) await this.#added(blob)
    return blob
  }

  /** @param fetch gives the bytes, when there is no copy yet. @throws what `fetch` throws; BlobStoreUnavailable when its bytes are others */
  async path(sha256: string, fetch: () => AsyncIterable<Uint8Array>): Promise<string> {
    const underWay = this.#fetching.get(sha256)
    if (underWay !== undefined) return underWay
    const path = this.#pathOf(sha256, fetch).finally(() => this.#fetching.delete(sha256))
    this.#fetching.set(sha256, path)
    return path
  }

  async #pathOf(sha256: string, fetch: () => AsyncIterable<Uint8Array>): Promise<string> {
    if (!(await this.files.has(sha256))) {
      const temporary = await this.files.receive(fetch())
      if (temporary.sha256 !== sha256) {
        await temporary.discard()
        throw new BlobStoreUnavailable(`the bytes of ${sha256} are damaged`)
      }
      await this.keep(temporary)
    }
    const path = await this.files.path(sha256)
    const now = new Date()
    await utimes(path, now, now)
    return path
  }

  async remove(sha256: string): Promise<void> {
    await this.files.remove(sha256)
  }

  /** Makes room, one after the other, when there is too much. */
  #added({ size }: Blob): Promise<void> {
    this.#bytes += size
    if (this.#bytes > this.options.limit) {
      this.#making = this.#making.then(() => this.#makeRoom()).catch(this.options.onTrouble)
    }
    return this.#making
  }

  async #makeRoom(): Promise<void> {
    const copies: { readonly blob: Blob; readonly usedAt: number }[] = []
    for await (const blob of this.files.list()) {
      const usedAt = await this.#usedAt(blob)
      if (usedAt !== null) copies.push({ blob, usedAt })
    }
    let bytes = copies.reduce((sum, { blob }) => sum + blob.size, 0)
    const unused = Date.now() - this.options.inUseMs
    for (const { blob, usedAt } of copies.sort((a, b) => a.usedAt - b.usedAt)) {
      if (bytes <= this.options.limit || usedAt > unused) break
      await this.files.remove(blob.sha256)
      bytes -= blob.size
    }
    this.#bytes = bytes
  }

  /** Null: another process with the same folder has removed it just now. */
  async #usedAt({ sha256 }: Blob): Promise<number | null> {
    try {
      return (await stat(await this.files.path(sha256))).mtimeMs
    } catch (error) {
      if (error instanceof BlobMissing || isNotFound(error)) return null
      throw error
    }
  }
}
