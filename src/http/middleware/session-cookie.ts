import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { SESSION_LIFETIME } from '../../accounts/sessions.ts'

/**
 * The cookie of the pages. Behind HTTPS it has the `__Host-` prefix, which no other host of the domain can overwrite; over
 * plain HTTP browsers would refuse that.
 */
export class SessionCookie {
  readonly name: string
  readonly #secure: boolean

  constructor(publicUrl: string | null) {
    this.#secure = publicUrl?.startsWith('https:') ?? false
    this.name = this.#secure ? '__Host-pz' : 'pz'
  }

  read(c: Context): string | null {
    return getCookie(c, this.name) ?? null
  }

  write(c: Context, secret: string): void {
    setCookie(c, this.name, secret, { ...this.#attributes(), maxAge: SESSION_LIFETIME / 1000 })
  }

  clear(c: Context): void {
    deleteCookie(c, this.name, this.#attributes())
  }

  #attributes() {
    return { path: '/', httpOnly: true, sameSite: 'Lax', secure: this.#secure } as const
  }
}
