import type { Rows } from './cells.ts'
import { type Hdf5File, holdsPointers, rowBytes } from './hdf5-file.ts'
import type { Dataset } from './tree.ts'

/**
 * The rows of one dataset, from its beginning to its end. Compressed chunks are decoded once, however the rows that are
 * asked for lie across them: rows of the last chunk that were not asked for yet are kept.
 */
export class RowSource {
  readonly #file: Hdf5File
  readonly #dataset: Dataset
  readonly #total: number
  readonly #chunkRows: number
  readonly #rowBytes: number
  #buffer: Uint8Array = new Uint8Array(0)
  /** Rows in the buffer, from `#keptStart` on. */
  #kept: Uint8Array = this.#buffer
  #keptStart = 0

  constructor(file: Hdf5File, dataset: Dataset, total: number) {
    this.#file = file
    this.#dataset = dataset
    this.#total = total
    this.#rowBytes = rowBytes(dataset.metadata)
    const isChunked = file.filters(dataset.path).length > 0 && !holdsPointers(dataset.metadata)
    this.#chunkRows = isChunked ? (dataset.metadata.chunks?.[0] ?? 1) : 1
  }

  /** Gives rows to `use`, whose bytes are valid only until it returns. @throws TableError */
  read<T>(start: number, count: number, use: (rows: Rows) => T): T {
    const { path, metadata } = this.#dataset
    const give = (bytes: Uint8Array) => use({ bytes, count, rowBytes: this.#rowBytes })
    if (this.#chunkRows <= 1) return this.#file.readRows(path, metadata, start, count, give)
    const keptRows = this.#kept.length / this.#rowBytes
    const isNext = start >= this.#keptStart && start <= this.#keptStart + keptRows
    const left = isNext ? this.#kept.subarray((start - this.#keptStart) * this.#rowBytes) : new Uint8Array(0)
    const from = start + left.length / this.#rowBytes
    if (from < start + count) {
      const to = Math.min(this.#total, Math.ceil((start + count) / this.#chunkRows) * this.#chunkRows)
      const length = left.length + (to - from) * this.#rowBytes
      if (this.#buffer.length < length) this.#buffer = new Uint8Array(length)
      this.#buffer.set(left)
      this.#file.readRows(path, metadata, from, to - from, (bytes) => this.#buffer.set(bytes, left.length))
      this.#kept = this.#buffer.subarray(0, length)
      this.#keptStart = start
    }
    const at = (start - this.#keptStart) * this.#rowBytes
    return give(this.#kept.subarray(at, at + count * this.#rowBytes))
  }
}
