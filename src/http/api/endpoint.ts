import type { Static, TObject, TProperties, TSchema } from '@sinclair/typebox'
import type { Context } from 'hono'
import type { Request } from '../../application/command.ts'
import type { AppContext } from '../../context.ts'
import type { HttpEnv } from '../middleware/environment.ts'

/** One call of the API, with everything checked. */
export interface Call<Query, Body> {
  readonly context: AppContext
  /** Who asks. */
  readonly request: Request
  /** The numbers in the path, e.g. `id`. */
  readonly params: Readonly<Record<string, number>>
  readonly query: Query
  readonly body: Body
  readonly http: Context<HttpEnv>
  /**
   * Carries out a change once for each `Idempotency-Key`, where the request has one. The router does it for all endpoints but
   * those that read their body themselves, which call this with what they read: `content`, files by digest.
   */
  once(content: unknown, act: () => Promise<Response>): Promise<Response>
}

export interface ResponseDescription {
  readonly description: string
  readonly schema?: TSchema
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options'

/** An endpoint as it is written: one object checks the request, answers it and documents it. */
export interface EndpointSpec<Query extends TObject, Body extends TObject> {
  readonly method: Method
  /** Below `/api`, e.g. `/products/{id}/`. Names in braces are numbers. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** `anyone` needs no credentials. */
  readonly access?: 'anyone' | 'people' | 'admins'
  readonly query?: Query
  /** JSON, form or multipart: all three everywhere. */
  readonly body?: Body
  /** The handler reads the body itself, because it streams a file. */
  readonly streams?: boolean
  readonly responses: Readonly<Record<number, ResponseDescription>>
  handle(call: Call<Static<Query>, Static<Body>>): Promise<Response> | Response
}

/** An endpoint as the router and the documentation use it. */
export interface Endpoint {
  readonly method: Method
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description: string | null
  readonly access: 'anyone' | 'people' | 'admins'
  readonly query: TObject | null
  readonly body: TObject | null
  readonly streams: boolean
  readonly responses: Readonly<Record<number, ResponseDescription>>
  /** `query` and `body` have passed their schemas. */
  answer(call: Call<unknown, unknown>): Promise<Response>
}

type Nothing = TObject<TProperties>

export function endpoint<Query extends TObject = Nothing, Body extends TObject = Nothing>(
  spec: EndpointSpec<Query, Body>,
): Endpoint {
  return {
    method: spec.method,
    path: spec.path,
    tag: spec.tag,
    summary: spec.summary,
    description: spec.description ?? null,
    access: spec.access ?? 'people',
    query: spec.query ?? null,
    body: spec.body ?? null,
    streams: spec.streams ?? false,
    responses: spec.responses,
    // The router has checked both against the very schemas that the types come from.
    answer: async (call) => spec.handle(call as Call<Static<Query>, Static<Body>>),
  }
}

/** Where secrets, passwords and links that expire go in or out: neither they nor their digests are kept. */
const NOT_KEPT: ReadonlySet<string> = new Set(['Downloads', 'People', 'Tokens'])

/** Whether an `Idempotency-Key` means something to an endpoint. */
export const takesKey = ({ method, tag, access }: Endpoint): boolean =>
  method !== 'get' && method !== 'options' && access !== 'anyone' && !NOT_KEPT.has(tag)
