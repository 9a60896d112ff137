import { hashPassword } from '../../src/accounts/passwords.ts'
import { users } from '../../src/accounts/tables.ts'
import { issueToken } from '../../src/accounts/tokens.ts'
import type { Request as AppRequest } from '../../src/application/command.ts'
import { accountsOf } from '../../src/application/people.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { createApp } from '../../src/http/app.ts'
import { type Answer, answerOf, multipart } from './answer.ts'
import { type TestContext, testContext } from './context.ts'

export type { Answer, Json } from './answer.ts'

export const PASSWORD = 'correct horse battery'

export type Name = 'admin' | 'alice' | 'bob'

export interface UploadFields {
  readonly role?: number | string
  readonly type?: string
  readonly replace?: boolean
  readonly [field: string]: unknown
}

/** Somebody who talks to the server, as the Python client does: JSON to create, forms to change, multipart to upload. */
export interface Client {
  readonly token: string
  /** How the application sees the person. */
  readonly request: AppRequest
  send(method: string, path: string, init?: RequestInit): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body?: object, headers?: Record<string, string>): Promise<Answer>
  patch(path: string, fields: Readonly<Record<string, string>>, headers?: Record<string, string>): Promise<Answer>
  patchJson(path: string, body: object, headers?: Record<string, string>): Promise<Answer>
  delete(path: string, headers?: Record<string, string>): Promise<Answer>
  upload(product: number | string, name: string, content: string | Uint8Array, fields?: UploadFields): Promise<Answer>
}

export interface TestApp extends TestContext {
  as(name: Name): Client
  /** Somebody with this token, or with none. */
  withToken(token: string | null): Client
  /** A request as it is, without any header of ours. */
  request(path: string, init?: RequestInit): Promise<Answer>
}

/** The whole site without a port, and three people: an administrator, Alice and Bob, each with a token. */
export async function testApp(options: Parameters<typeof testContext>[0] = {}): Promise<TestApp> {
  const test = await testContext(options)
  const app = createApp(test.context)
  const request = async (path: string, init: RequestInit = {}): Promise<Answer> =>
    answerOf(await app.request(path, init))
  const clientOf = (token: string | null, actor: Actor): Client => {
    const send = (method: string, path: string, init: RequestInit = {}) =>
      request(path, {
        ...init,
        method,
        headers: { ...(token === null ? {} : { Authorization: `Token ${token}` }), ...headersOf(init) },
      })
    const json = { Accept: 'application/json', 'Content-Type': 'application/json' }
    return {
      token: token ?? '',
      request: { actor, correlationId: 'test-request' },
      send,
      get: (path, headers = {}) => send('GET', path, { headers: { ...json, ...headers } }),
      post: (path, body, headers = {}) =>
        send('POST', path, {
          headers: { ...json, ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      patch: (path, fields, headers = {}) => send('PATCH', path, { headers, body: new URLSearchParams(fields) }),
      patchJson: (path, body, headers = {}) =>
        send('PATCH', path, { headers: { ...json, ...headers }, body: JSON.stringify(body) }),
      delete: (path, headers = {}) => send('DELETE', path, { headers: { Accept: 'application/json', ...headers } }),
      upload: (product, name, content, { role = 0, ...fields } = {}) =>
        send('POST', '/api/product-files/', multipart({ product, role, ...fields }, { name, content })),
    }
  }
  const people = new Map<Name, Client>()
  const passwordHash = await hashPassword(PASSWORD, { ln: 4, r: 8, p: 1 })
  for (const name of ['admin', 'alice', 'bob'] as const) {
    const { id, isAdmin } = await addPerson(test, name, passwordHash)
    const { secret } = await issueToken(accountsOf(test.context), id, { name: 'test' })
    people.set(name, clientOf(secret, { userId: id, username: name, isAdmin, groupIds: [] }))
  }
  return {
    ...test,
    request,
    withToken: (token) => clientOf(token, { userId: 0, username: 'nobody', isAdmin: false, groupIds: [] }),
    as(name) {
      const client = people.get(name)
      if (client === undefined) throw new Error(`Nobody is called ${name}`)
      return client
    },
  }
}

/** As `createPerson`, with a password that costs nothing to hash. */
async function addPerson({ context }: TestContext, name: Name, passwordHash: string) {
  const [person] = await context.database.drizzle
    .insert(users)
    .values({
      username: name,
      usernameKey: name,
      passwordHash,
      firstName: `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
      lastName: name === 'alice' ? 'Liddell' : 'Example',
      displayName: name,
      isAdmin: name === 'admin',
      createdAt: context.clock().toISOString(),
    })
    .returning({ id: users.id, isAdmin: users.isAdmin })
  if (person === undefined) throw new Error('The database returned no row for a new person')
  return person
}

const headersOf = (init: RequestInit): Record<string, string> => Object.fromEntries(new Headers(init.headers))
