import type { Blob, BlobStore, TemporaryBlob } from '../blob-store.ts'
import { BlobMissing } from '../error.ts'
import type { BucketAddress } from './address.ts'
import { BlobCache, type BlobCacheOptions } from './blob-cache.ts'
import { Bucket, LARGEST_OBJECT } from './bucket.ts'

const SHA256 = /^[0-9a-f]{64}$/
const NAME = /^[0-9a-f]{2}\/[0-9a-f]{2}\/([0-9a-f]{64})$/

/**
 * Blobs as objects of a bucket, named `ab/cd/<sha256>` as in `FileBlobStore`, so that one can be copied into the other. Any
 * number of servers and workers share one; each keeps copies of what its programs read.
 */
export class S3BlobStore implements BlobStore {
  private constructor(
    private readonly bucket: Bucket,
    private readonly cache: BlobCache,
  ) {}

  /**
   * @param folder for copies and for bytes on their way in
   * @throws BlobStoreUnavailable
   */
  static async open(address: BucketAddress, folder: string, options: BlobCacheOptions): Promise<S3BlobStore> {
    const bucket = new Bucket(address)
    await bucket.check()
    return new S3BlobStore(bucket, await BlobCache.open(folder, options))
  }

  /** Breaks off what is under way with the bucket. */
  close(): void {
    this.bucket.close()
  }

  check(): Promise<void> {
    return this.bucket.check()
  }

  async receive(
    source: AsyncIterable<Uint8Array>,
    options: { readonly limit?: number; readonly signal?: AbortSignal } = {},
  ): Promise<TemporaryBlob> {
    const limit = Math.min(options.limit ?? LARGEST_OBJECT, LARGEST_OBJECT)
    const temporary = await this.cache.receive(source, { ...options, limit })
    let kept: Promise<Blob> | null = null
    return {
      ...temporary,
      keep: () => {
        kept ??= this.#keep(temporary)
        return kept
      },
      discard: async () => {
        if (kept === null) await temporary.discard()
      },
    }
  }

  async #keep(temporary: TemporaryBlob): Promise<Blob> {
    const { sha256, size, path } = temporary
    try {
      // An object of another size is a damaged one: the good bytes take its place.
      if ((await this.bucket.sizeOf(nameOf(sha256))) !== size) {
        await this.bucket.put(nameOf(sha256), { path, size, sha256 })
      }
    } catch (error) {
      await temporary.discard()
      throw error
    }
    return this.cache.keep(temporary)
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.#sizeOf(sha256)) !== null
  }

  async size(sha256: string): Promise<number> {
    const size = await this.#sizeOf(sha256)
    if (size === null) throw new BlobMissing(sha256)
    return size
  }

  async #sizeOf(sha256: string): Promise<number | null> {
    if (!SHA256.test(sha256)) return null
    const size = await this.bucket.sizeOf(nameOf(sha256))
    if (size === null) await this.#requireBucket()
    return size
  }

  /** Of an object that is not there: without this, all files would count as purged when it is the bucket that is gone. */
  async #requireBucket(): Promise<void> {
    await this.bucket.check()
  }

  /** Always from the bucket, so that a check of integrity reads what is kept and not a copy. */
  async *read(sha256: string, range?: { readonly start: number; readonly end: number }): AsyncGenerator<Uint8Array> {
    const source = SHA256.test(sha256)
      ? await this.bucket.read(nameOf(sha256), range?.start ?? 0, range?.end ?? Number.POSITIVE_INFINITY)
      : null
    if (source === null) {
      await this.#requireBucket()
      throw new BlobMissing(sha256)
    }
    yield* source
  }

  /** Of the copy on this machine, which is fetched when there is none. */
  async path(sha256: string): Promise<string> {
    if (!SHA256.test(sha256)) throw new BlobMissing(sha256)
    return this.cache.path(sha256, () => this.read(sha256))
  }

  async *list(): AsyncGenerator<Blob> {
    for await (const { name, size } of this.bucket.list()) {
      const sha256 = NAME.exec(name)?.[1]
      if (sha256 !== undefined) yield { sha256, size }
    }
  }

  async remove(sha256: string): Promise<void> {
    if (!SHA256.test(sha256)) return
    await this.bucket.remove(nameOf(sha256))
    await this.cache.remove(sha256)
  }
}

const nameOf = (sha256: string): string => `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`
