import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/**
 * A file on disk read at any place. Reads are synchronous: tables are read in a process of their own, and a thread hop
 * per read costs more than the read.
 */
export class RandomAccessFile {
  readonly size: number
  readonly #start: number
  #descriptor: number | null

  /** @param stretch the bytes to look at, when they are not the whole file */
  constructor(path: string, stretch: { readonly start: number; readonly size: number } | null = null) {
    this.#descriptor = openSync(path, 'r')
    const all = fstatSync(this.#descriptor).size
    this.#start = stretch?.start ?? 0
    this.size = stretch === null ? all : Math.max(0, Math.min(stretch.size, all - stretch.start))
  }

  /** Reads up to `length` bytes into `target`; fewer only at the end of the file. @returns bytes read */
  read(target: Uint8Array, length: number, position: number): number {
    if (this.#descriptor === null) throw new Error('The file is closed.')
    const wanted = Math.min(length, this.size - position)
    let done = 0
    while (done < wanted) {
      const read = readSync(this.#descriptor, target, done, wanted - done, this.#start + position + done)
      if (read === 0) break
      done += read
    }
    return done
  }

  /** Bytes of a stretch of the file, cut at its end. */
  slice(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - position)))
    return bytes.subarray(0, this.read(bytes, bytes.length, position))
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor)
    this.#descriptor = null
  }
}
