import { closeSync, fstatSync, openSync, read, readSync } from 'node:fs'
import { promisify } from 'node:util'

const readSoon = promisify(read)

/**
 * A file on disk read at any place. Single reads are synchronous: tables are read in a process of their own, and a thread hop
 * per read costs more than the read. A long stretch comes in pieces that another thread reads ahead.
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

  /**
   * The bytes of a stretch in order, cut at the end of the file. The next piece is read while one is worked on; a piece is valid
   * until the next is asked for.
   * @param readAhead false: each is read when it is asked for, because all processors have work
   */
  async *pieces(
    position: number,
    length: number,
    pieceBytes: number,
    readAhead = true,
  ): AsyncGenerator<Uint8Array, void> {
    const end = Math.min(this.size, position + length)
    if (!readAhead) return yield* this.#piecesAtOnce(position, end, pieceBytes)
    const buffers = [0, 1].map(() => new Uint8Array(Math.min(pieceBytes, Math.max(0, end - position))))
    const readAt = (turn: number, at: number) => this.#readSoon(buffers[turn % 2]!, Math.min(pieceBytes, end - at), at)
    let next = position < end ? readAt(0, position) : null
    try {
      for (let turn = 1, at = position; next !== null; turn++) {
        const piece: Uint8Array = await next
        at += piece.length
        next = piece.length > 0 && at < end ? readAt(turn, at) : null
        next?.catch(() => undefined) // whoever asks for the piece is told
        if (piece.length > 0) yield piece
      }
    } finally {
      // Nobody may close the file under a read.
      await next?.catch(() => undefined)
    }
  }

  *#piecesAtOnce(position: number, end: number, pieceBytes: number): Generator<Uint8Array, void> {
    const buffer = new Uint8Array(Math.min(pieceBytes, Math.max(0, end - position)))
    for (let at = position; at < end; ) {
      const bytes = this.read(buffer, Math.min(pieceBytes, end - at), at)
      if (bytes === 0) return
      at += bytes
      yield buffer.subarray(0, bytes)
    }
  }

  async #readSoon(target: Uint8Array, length: number, position: number): Promise<Uint8Array> {
    let done = 0
    while (done < length) {
      if (this.#descriptor === null) throw new Error('The file is closed.')
      const { bytesRead } = await readSoon(this.#descriptor, target, done, length - done, this.#start + position + done)
      if (bytesRead === 0) break
      done += bytesRead
    }
    return target.subarray(0, done)
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
