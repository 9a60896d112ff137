import { createHmac, timingSafeEqual } from 'node:crypto'

/** Whose feed it is, and the token that can be revoked. */
export interface FeedGrant {
  readonly user: number
  readonly token: number
}

/**
 * Keys in the addresses of feeds: `<user>.<token>.<signature>` (HMAC-SHA-256, base64url), so that they need no table and can be
 * shown again. Whether the token still holds is for the accounts to say.
 */
export class FeedKeys {
  readonly #key: Uint8Array

  constructor(key: Uint8Array) {
    this.#key = key
  }

  sign({ user, token }: FeedGrant): string {
    return `${user}.${token}.${this.#signature(`${user}.${token}`).toString('base64url')}`
  }

  /** What a key opens; null when it is not one of ours. */
  read(key: string): FeedGrant | null {
    const match = /^((\d{1,10})\.(\d{1,10}))\.([\w-]{43})$/.exec(key)
    if (match === null) return null
    const [, payload = '', user, token, signature = ''] = match
    const given = Buffer.from(signature, 'base64url')
    const expected = this.#signature(payload)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
    return { user: Number(user), token: Number(token) }
  }

  /** The secret is that of downloads; the word keeps what is signed apart. */
  #signature(payload: string): Buffer {
    return createHmac('sha256', this.#key).update(`feed ${payload}`).digest()
  }
}
