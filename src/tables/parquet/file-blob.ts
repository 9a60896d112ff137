import type { RandomAccessFile } from '../random-access-file.ts'

/**
 * A stretch of a file as a Blob, which is what parquet-wasm reads from. Node's own `openAsBlob` keeps more memory alive
 * (measured: 520 MB instead of 380 MB for a row group of 83 MB).
 */
export class FileBlob extends Blob {
  readonly #file: RandomAccessFile
  readonly #start: number
  override readonly size: number

  constructor(file: RandomAccessFile, start = 0, end = file.size) {
    super([])
    this.#file = file
    this.#start = start
    this.size = end - start
  }

  override slice(start = 0, end = this.size): FileBlob {
    return new FileBlob(this.#file, this.#start + start, this.#start + Math.min(end, this.size))
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const buffer = new ArrayBuffer(this.size)
    const read = this.#file.read(new Uint8Array(buffer), this.size, this.#start)
    if (read < this.size) throw new Error('The file ends in the middle of a column.')
    return buffer
  }
}
