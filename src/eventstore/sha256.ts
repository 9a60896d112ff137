import * as crypto from 'node:crypto'

/**
 * SHA-256 of something small, 32 bytes; a text counts with its UTF-8 bytes. Every event is hashed a few times, and the one
 * call of Node 20.12 takes a third of the time that a hash object takes, which older ones need.
 */
export const sha256: (data: string | Uint8Array) => Buffer =
  typeof crypto.hash === 'function'
    ? (data) => crypto.hash('sha256', data, 'buffer')
    : (data) => crypto.createHash('sha256').update(data).digest()
