import type { RandomAccessFile } from '../random-access-file.ts'

/** Bytes that a reader of the file shall see in place of those on disk. */
export interface Patch {
  readonly position: number
  readonly byte: number
}

/**
 * A stretch of a file as a Blob, which is what parquet-wasm reads from. Node's own `openAsBlob` keeps more memory alive
 * (measured: 520 MB instead of 380 MB for a row group of 83 MB).
 */
export class FileBlob extends Blob {
  readonly #file: RandomAccessFile
  readonly #start: number
  readonly #patch: Patch | null
  override readonly size: number

  constructor(file: RandomAccessFile, patch: Patch | null, start = 0, end = file.size) {
    super([])
    this.#file = file
    this.#patch = patch
    this.#start = start
    this.size = end - start
  }

  override slice(start = 0, end = this.size): FileBlob {
    return new FileBlob(this.#file, this.#patch, this.#start + start, this.#start + Math.min(end, this.size))
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const buffer = new ArrayBuffer(this.size)
    const bytes = new Uint8Array(buffer)
    const read = this.#file.read(bytes, this.size, this.#start)
    if (read < this.size) throw new Error('The file ends in the middle of a column.')
    if (this.#patch !== null) {
      const at = this.#patch.position - this.#start
      if (at >= 0 && at < bytes.length) bytes[at] = this.#patch.byte
    }
    return buffer
  }
}
