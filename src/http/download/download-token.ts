import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a download token opens. */
export interface DownloadGrant {
  /** Key of the prepared archive. */
  readonly archive: string
  readonly product: number
  readonly user: number
}

/** How long a token is good for, in seconds. */
export const DOWNLOAD_TOKEN_SECONDS = 900

/** In the words of the reference server. */
const MESSAGES = {
  missing_token: 'Missing download token.',
  expired_token: 'Download token has expired.',
  bad_token: 'Invalid download token.',
} as const

export class DownloadTokenError extends Error {
  constructor(readonly code: keyof typeof MESSAGES) {
    super(MESSAGES[code])
    this.name = 'DownloadTokenError'
  }
}

/**
 * Signs links to prepared downloads (HMAC-SHA-256), so that they need no table. A token is `<payload>.<signature>`, both
 * base64url. It does not stand in for a login.
 */
export class DownloadTokens {
  readonly #key: Uint8Array
  readonly #clock: () => Date

  constructor(key: Uint8Array, clock: () => Date) {
    this.#key = key
    this.#clock = clock
  }

  sign(grant: DownloadGrant): string {
    const { archive, product, user } = grant
    const payload = Buffer.from(JSON.stringify([archive, product, user, this.#clock().getTime()])).toString('base64url')
    return `${payload}.${this.#signature(payload).toString('base64url')}`
  }

  /** @throws DownloadTokenError */
  verify(token: string | null | undefined): DownloadGrant {
    if (!token) throw new DownloadTokenError('missing_token')
    const [payload = '', signature = '', ...more] = token.split('.', 3)
    const given = Buffer.from(signature, 'base64url')
    const expected = this.#signature(payload)
    const genuine = more.length === 0 && given.length === expected.length && timingSafeEqual(given, expected)
    if (!genuine) throw new DownloadTokenError('bad_token')
    // What we signed ourselves has the form that `sign` gave it.
    const [archive, product, user, issued]: [string, number, number, number] = JSON.parse(
      Buffer.from(payload, 'base64url').toString(),
    )
    const age = this.#clock().getTime() - issued
    if (age > DOWNLOAD_TOKEN_SECONDS * 1000) throw new DownloadTokenError('expired_token')
    return { archive, product, user }
  }

  #signature(payload: string): Buffer {
    return createHmac('sha256', this.#key).update(`download ${payload}`).digest()
  }
}
