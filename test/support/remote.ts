import { type Answer, answerOf, multipart } from './answer.ts'
import { accepted } from './products.ts'

/** Somebody who talks to a running server. */
export interface Remote {
  send(method: string, path: string, init?: RequestInit): Promise<Answer>
  get(path: string): Promise<Answer>
  /** As JSON. */
  post(path: string, body: object): Promise<Answer>
  /** As a form. */
  patch(path: string, fields: Readonly<Record<string, string>>): Promise<Answer>
  upload(
    product: number,
    name: string,
    content: string | Uint8Array,
    fields?: Readonly<Record<string, unknown>>,
  ): Promise<Answer>
}

/** Logs in, and talks with the token from there on. */
export async function logIn(url: string, username: string, password: string): Promise<Remote> {
  const anybody = remote(url, {})
  const { token } = accepted(await anybody.post('/api/obtain_token/', { username, password }))
  return remote(url, { Authorization: `Token ${token}` })
}

function remote(url: string, credentials: Readonly<Record<string, string>>): Remote {
  const send = async (method: string, path: string, init: RequestInit = {}): Promise<Answer> => {
    const headers = { ...credentials, ...Object.fromEntries(new Headers(init.headers)) }
    return answerOf(await fetch(new URL(path, url), { ...init, method, headers }))
  }
  return {
    send,
    get: (path) => send('GET', path),
    post: (path, body) =>
      send('POST', path, { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    patch: (path, fields) => send('PATCH', path, { body: new URLSearchParams(fields) }),
    upload: (product, name, content, fields = { role: 0 }) =>
      send('POST', '/api/product-files/', multipart({ product, ...fields }, { name, content })),
  }
}
