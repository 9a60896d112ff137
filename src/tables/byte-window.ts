import { isUtf8 } from 'node:buffer'
import { type FileHandle, open } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { TableError } from './table.ts'
import { windows1252 } from './windows-1252.ts'

/** `latin1` is Windows-1252, as browsers have it. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1'

/** The text is no UTF-8 after all; whoever reads it starts again with Latin-1. */
export class NotUtf8 extends Error {}

const CHUNK_BYTES = 1 << 20
const LINE_FEED = 0x0a

/**
 * A window that slides over a text file and shows it as UTF-8, whatever its encoding. The reader takes bytes from
 * `start`, up to `end`; `bytes[end]` is always a line feed (a sentinel that stops every scan). The next piece is read
 * from disk while the reader works on this one.
 */
export class ByteWindow {
  bytes: Uint8Array = new Uint8Array(2 * CHUNK_BYTES + 1)
  start = 0
  end = 0
  /** No more bytes will come after `end`. */
  atEnd = false
  /** Bytes of the file that have been read, and all of them: for progress. */
  bytesRead = 0
  private spare = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  private pending: Promise<number> | null = null
  private checked = 0
  private readonly decoder: StringDecoder | null

  private constructor(
    private readonly file: FileHandle,
    readonly size: number,
    private readonly encoding: TextEncoding | 'bytes',
    private position: number,
    private readonly mostBytes: number,
  ) {
    this.bytes[0] = LINE_FEED
    this.decoder = encoding === 'utf-16le' || encoding === 'utf-16be' ? new StringDecoder('utf16le') : null
  }

  /**
   * @param encoding 'bytes' shows the file as it is, unchecked.
   * @param from byte of the file to begin at (after a byte order mark).
   * @param mostBytes how large a single row may make the window. @throws TableError too_large from `fill`
   */
  static async open(
    path: string,
    encoding: TextEncoding | 'bytes',
    from: number,
    mostBytes: number,
  ): Promise<ByteWindow> {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      return new ByteWindow(file, size, encoding, from, mostBytes)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Drops what lies before `start` and reads on. @returns false at the end of the file. */
  async fill(): Promise<boolean> {
    if (this.atEnd) return false
    const kept = this.end - this.start
    if (kept > this.mostBytes) {
      throw new TableError(
        'too_large',
        `A row is longer than ${this.mostBytes} bytes; perhaps a quote is never closed.`,
      )
    }
    const count = await (this.pending ?? this.read())
    this.pending = null
    this.bytesRead += count
    let piece: Uint8Array = this.spare.subarray(0, count)
    if (count === 0) this.atEnd = true
    if (this.encoding === 'latin1') piece = Buffer.from(windows1252(piece), 'utf8')
    else if (this.decoder) {
      if (this.encoding === 'utf-16be') swapPairs(this.spare, count)
      const text = count === 0 ? this.decoder.end() : this.decoder.write(this.spare.subarray(0, count))
      piece = Buffer.from(text, 'utf8')
    }
    this.append(piece, kept)
    if (!this.atEnd) this.pending = this.read()
    if (this.encoding === 'utf-8') this.check()
    return true
  }

  /** Passes over so many bytes, or what there is. */
  async skip(bytes: number): Promise<void> {
    let left = bytes
    while (left > 0 && (await this.fill())) {
      const step = Math.min(left, this.end - this.start)
      this.start += step
      left -= step
    }
  }

  async close(): Promise<void> {
    await this.pending?.catch(() => 0)
    await this.file.close()
  }

  private append(piece: Uint8Array, kept: number): void {
    const needed = kept + piece.length + 1
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length))
      larger.set(this.bytes.subarray(this.start, this.end))
      this.bytes = larger
    } else {
      this.bytes.copyWithin(0, this.start, this.end)
    }
    this.checked -= this.start
    this.start = 0
    this.bytes.set(piece, kept)
    this.end = kept + piece.length
    this.bytes[this.end] = LINE_FEED
  }

  private read(): Promise<number> {
    const at = this.position
    const reading = this.file.read(this.spare, 0, CHUNK_BYTES, at).then(({ bytesRead }) => {
      this.position = at + bytesRead
      return bytesRead
    })
    // A read ahead may fail while nobody waits for it; `fill` or `close` sees the error.
    reading.catch(() => 0)
    return reading
  }

  /** @throws NotUtf8 */
  private check(): void {
    let safe = this.end
    if (!this.atEnd) {
      // A character may be cut at the end: step back over continuation bytes to its first byte.
      for (let back = 1; back <= 3 && safe - back >= this.checked; back++) {
        const c = this.bytes[this.end - back]!
        if (c < 0x80) break
        if (c >= 0xc0) {
          safe = this.end - back
          break
        }
      }
    }
    if (!isUtf8(this.bytes.subarray(this.checked, safe))) throw new NotUtf8()
    this.checked = safe
  }
}

function swapPairs(buffer: Buffer, count: number): void {
  if (count % 2 === 0) {
    buffer.subarray(0, count).swap16()
    return
  }
  buffer.subarray(0, count - 1).swap16()
}
