import { existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Blob, BlobStore } from '../../blobs/blob-store.ts'
import { freeSpace } from '../../blobs/directory.ts'
import { DiskFull } from '../../blobs/error.ts'
import { sweepTemporaryFiles, temporaryName } from '../../blobs/temporary-files.ts'
import type { ByteRange } from './range.ts'
import type { Bytes } from './serve-bytes.ts'
import { contentKey, type PlacedEntry, placeEntries, writeZip, type ZipEntry } from './zip.ts'

/** An archive that is ready for download. */
export interface PreparedZip extends Blob, Bytes {
  /** Names the entries; stable over restarts, so good for file names and download tokens. */
  readonly key: string
}

interface Building {
  readonly zip: Promise<PreparedZip>
  /** SHA-256 of the files that are inside. */
  readonly holds: ReadonlySet<string>
}

interface Ready {
  readonly zip: PreparedZip
  readonly holds: ReadonlySet<string>
  readonly usedAt: number
}

/** Archives that were used so short a time ago (ms) stay: somebody may be about to download them. */
const KEPT_FOR = 900_000
const RESERVE = 256 * 1024 * 1024
const CHUNK = 256 * 1024

/**
 * Archives made for downloading, below `<data>/cache`. Every one can be made again with the same bytes, so the cache begins
 * empty at each start, nothing is fsynced, and the least recently used ones go when there are too many bytes.
 */
export class ZipCache {
  readonly #directory: string
  readonly #store: BlobStore
  readonly #limit: number
  readonly #clock: () => Date
  /** Least recently used first. */
  readonly #ready = new Map<string, Ready>()
  readonly #building = new Map<string, Building>()

  private constructor(directory: string, store: BlobStore, limit: number, clock: () => Date) {
    this.#directory = directory
    this.#store = store
    this.#limit = limit
    this.#clock = clock
  }

  /** @param limit most bytes of all archives together */
  static async open(
    data: string,
    store: BlobStore,
    options: { readonly limit: number; readonly clock: () => Date },
  ): Promise<ZipCache> {
    const directory = join(data, 'cache')
    await mkdir(directory, { recursive: true })
    await sweepTemporaryFiles(directory)
    for (const name of await readdir(directory)) {
      if (name.endsWith('.zip')) await rm(join(directory, name), { force: true })
    }
    return new ZipCache(directory, store, options.limit, options.clock)
  }

  /**
   * The archive of these entries, made now unless it is there. Whoever asks for the same at the same time shares the work.
   * @throws BlobMissing, DiskFull; nothing stays behind then
   */
  prepare(entries: readonly ZipEntry[]): Promise<PreparedZip> {
    const placed = placeEntries(entries)
    const key = contentKey(placed)
    const ready = this.get(key)
    if (ready) return Promise.resolve(ready)
    const building = this.#building.get(key) ?? {
      zip: this.#build(key, placed).finally(() => this.#building.delete(key)),
      holds: digestsOf(placed),
    }
    this.#building.set(key, building)
    return building.zip
  }

  /** The archive with this key, if it is still there. */
  get(key: string): PreparedZip | null {
    const found = this.#ready.get(key)
    if (!found) return null
    this.#ready.delete(key)
    // The folder may have been emptied beside us, to make room or by a worker that began on it.
    if (!existsSync(this.#path(key))) return null
    this.#ready.set(key, { ...found, usedAt: this.#clock().getTime() })
    return found.zip
  }

  /** Removes the archives that hold files of which these bytes are lost: they were destroyed for good. */
  async forget(isLost: (sha256: string) => Promise<boolean>): Promise<void> {
    const isOf = async ({ holds }: Pick<Building, 'holds'>) => {
      for (const sha256 of holds) if (await isLost(sha256)) return true
      return false
    }
    // What is being made would be kept a moment later.
    for (const each of [...this.#building.values()]) if (await isOf(each)) await Promise.allSettled([each.zip])
    for (const [key, ready] of [...this.#ready]) {
      if (!(await isOf(ready))) continue
      this.#ready.delete(key)
      await rm(this.#path(key), { force: true })
    }
  }

  async #build(key: string, entries: readonly PlacedEntry[]): Promise<PreparedZip> {
    await mkdir(this.#directory, { recursive: true })
    await this.#requireSpace(entries)
    const partial = join(this.#directory, temporaryName())
    const blob = await writeZip(partial, entries, this.#store)
    const path = this.#path(key)
    await rename(partial, path)
    const zip: PreparedZip = { ...blob, key, read: (range) => readFile(path, range) }
    this.#ready.set(key, { zip, holds: digestsOf(entries), usedAt: this.#clock().getTime() })
    await this.#evict()
    return zip
  }

  async #requireSpace(entries: readonly PlacedEntry[]): Promise<void> {
    let needed = RESERVE
    for (const { sha256, bytes } of entries) needed += bytes?.length ?? (await this.#store.size(sha256))
    if ((await freeSpace(this.#directory)) < needed) throw new DiskFull()
  }

  async #evict(): Promise<void> {
    let total = 0
    for (const { zip } of this.#ready.values()) total += zip.size
    for (const [key, { zip, usedAt }] of [...this.#ready]) {
      if (total <= this.#limit || this.#clock().getTime() - usedAt < KEPT_FOR) return
      this.#ready.delete(key)
      total -= zip.size
      await rm(this.#path(key), { force: true })
    }
  }

  #path(key: string): string {
    return join(this.#directory, `${key}.zip`)
  }
}

const digestsOf = (entries: readonly PlacedEntry[]): ReadonlySet<string> =>
  new Set(entries.flatMap(({ sha256, bytes }) => (bytes === null ? [sha256] : [])))

async function* readFile(path: string, { start, end }: ByteRange): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r')
  try {
    yield* handle.createReadStream({ start, end, highWaterMark: CHUNK, autoClose: false })
  } finally {
    await handle.close()
  }
}
