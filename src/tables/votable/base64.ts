import { TableError } from '../table.ts'

const CODES = new Uint8Array(256).fill(255)
for (const [code, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  CODES[character.charCodeAt(0)] = code
}
const PADDING = 0x3d

/** Decodes base64 that comes in pieces, with line ends anywhere. */
export class Base64Decoder {
  private pending = 0
  private pendingCount = 0

  /** @returns the position in `target` after what was decoded. */
  decode(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
    let from = start
    let to = at
    while (from < end) {
      if (this.pendingCount === 0) {
        while (from + 4 <= end) {
          const a = CODES[source[from]!]!
          const b = CODES[source[from + 1]!]!
          const c = CODES[source[from + 2]!]!
          const d = CODES[source[from + 3]!]!
          if ((a | b | c | d) > 63) break
          target[to] = (a << 2) | (b >> 4)
          target[to + 1] = (b << 4) | (c >> 2)
          target[to + 2] = (c << 6) | d
          to += 3
          from += 4
        }
        if (from >= end) break
      }
      const byte = source[from++]!
      if (byte <= 0x20) continue
      if (byte === PADDING) {
        // The last bits of a quartet: 2 characters make 1 byte, 3 make 2.
        if (this.pendingCount >= 2) target[to++] = this.pending >> (this.pendingCount === 2 ? 4 : 10)
        if (this.pendingCount === 3) target[to++] = this.pending >> 2
        this.pending = 0
        this.pendingCount = 0
        continue
      }
      const code = CODES[byte]!
      if (code > 63)
        throw new TableError('malformed', 'The base64 stream of the VOTable holds characters that are not base64.')
      this.pending = (this.pending << 6) | code
      if (++this.pendingCount === 4) {
        target[to] = this.pending >> 16
        target[to + 1] = this.pending >> 8
        target[to + 2] = this.pending
        to += 3
        this.pending = 0
        this.pendingCount = 0
      }
    }
    return to
  }
}
