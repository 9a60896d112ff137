import { createHash } from 'node:crypto'
import type { Sql } from '../database/database.ts'
import { canonicalJson } from '../eventstore/chain.ts'
import type { Log } from '../log.ts'
import { type Problem, problemOf } from './problem.ts'

const DAY = 24 * 3_600_000
/** Keys that are kept of a person; the oldest go first. */
const MOST_KEYS = 1_000
/** Longest body that is kept, in characters: answers to changes are some kilobytes. */
const LONGEST_BODY = 1_000_000
const KEPT_HEADERS = ['Content-Type', 'ETag', 'Location', 'X-Event-Position'] as const

/** The `Idempotency-Key` of a request does not go with what was sent with it before. */
export class KeyRefused extends Error {
  constructor(
    readonly code: 'bad_request' | 'key_reused' | 'key_under_way',
    message: string,
  ) {
    super(message)
    this.name = 'KeyRefused'
  }
}

interface Kept {
  readonly fingerprint: string
  readonly status: number | null
  readonly headers: Readonly<Record<string, string>> | null
  readonly body: string | null
}

/**
 * Answers to requests that name an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the same request by the same
 * person gets the same answer for a day, and is carried out once, also when both come at the same time or the server was
 * restarted in between. A refused request is not kept: it changed nothing, and may be repeated. When nobody knows whether it was
 * carried out, the key stays taken, so that a repetition is not carried out twice.
 */
export class KeptAnswers {
  /** Requests that this process carries out now. */
  readonly #underWay = new Map<string, Promise<unknown>>()

  constructor(private readonly options: { readonly database: Sql; readonly clock: () => Date; readonly log: Log }) {}

  /**
   * @param content what the request says, with anything that JSON can tell: its method, path, query and body
   * @throws KeyRefused when the key came with another content, or the first request has given no answer
   */
  async once(userId: number, key: string, content: unknown, act: () => Promise<Response>): Promise<Response> {
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw new KeyRefused('bad_request', 'An Idempotency-Key has 1 to 255 visible ASCII characters, e.g. a UUID.')
    }
    const name = `${userId} ${key}`
    // A second one that comes while the first is carried out waits for its answer.
    for (let other = this.#underWay.get(name); other !== undefined; other = this.#underWay.get(name)) await other
    const answering = this.#answer(userId, key, fingerprintOf(content), act)
    const ended = answering.catch(() => undefined).then(() => this.#underWay.delete(name))
    this.#underWay.set(name, ended)
    return answering
  }

  async #answer(userId: number, key: string, fingerprint: string, act: () => Promise<Response>): Promise<Response> {
    const earlier = await this.#claim(userId, key, fingerprint)
    if (earlier !== null) return repeated(earlier, fingerprint)
    let response: Response
    try {
      response = await act()
    } catch (error) {
      if (changedNothing(problemOf(error))) await this.#release(userId, key)
      throw error
    }
    if (!response.ok) await this.#release(userId, key)
    else await this.#keep(userId, key, response.clone())
    return response
  }

  /** Takes the key, unless it is taken: then what is known of it. */
  async #claim(userId: number, key: string, fingerprint: string): Promise<Kept | null> {
    const { database, clock } = this.options
    const now = clock()
    await database.query(
      `delete from requests.answers where at < $1::timestamptz or (user_id = $2 and key in (
         select key from requests.answers where user_id = $2 order by at desc offset $3))`,
      [new Date(now.getTime() - DAY).toISOString(), userId, MOST_KEYS - 1],
    )
    const claimed = await database.query(
      `insert into requests.answers (user_id, key, fingerprint, at) values ($1, $2, $3, $4::timestamptz)
       on conflict do nothing returning 1 as claimed`,
      [userId, key, fingerprint, now.toISOString()],
    )
    if (claimed.length > 0) return null
    const [kept] = await database.query<Kept>(
      'select fingerprint, status, headers, body from requests.answers where user_id = $1 and key = $2',
      [userId, key],
    )
    return kept ?? this.#claim(userId, key, fingerprint)
  }

  async #release(userId: number, key: string): Promise<void> {
    await this.#write('delete from requests.answers where user_id = $1 and key = $2', [userId, key])
  }

  async #keep(userId: number, key: string, response: Response): Promise<void> {
    const body = await response.text()
    if (body.length > LONGEST_BODY) return
    const headers = Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => {
        const value = response.headers.get(name)
        return value === null ? [] : [[name, value]]
      }),
    )
    await this.#write(
      `update requests.answers set status = $3, headers = $4::text::jsonb, body = $5 where user_id = $1 and key = $2`,
      [userId, key, response.status, JSON.stringify(headers), body],
    )
  }

  /** The request has been answered or refused, whatever becomes of its key. */
  async #write(sql: string, values: readonly unknown[]): Promise<void> {
    try {
      await this.options.database.query(sql, values)
    } catch (err) {
      this.options.log.error({ err }, 'the answer to a request with an Idempotency-Key cannot be kept')
    }
  }
}

/** After a defect, or when a store did not answer, nobody knows what was done: then the key stays taken. */
const changedNothing = (problem: Problem | null): boolean =>
  problem !== null && (problem.status < 500 || HARMLESS.has(problem.code))
const HARMLESS = new Set(['disk_full', 'stream_too_busy', 'blob_store_unavailable', 'not_yet'])

function repeated({ fingerprint, status, headers, body }: Kept, wanted: string): Response {
  if (fingerprint !== wanted) {
    throw new KeyRefused(
      'key_reused',
      'This Idempotency-Key came with another request. Use a new key for a new request.',
    )
  }
  if (status === null) {
    throw new KeyRefused(
      'key_under_way',
      'A request with this Idempotency-Key is under way, or ended without an answer. Look whether it was carried out.',
    )
  }
  const hasBody = status !== 204 && status !== 205
  return new Response(hasBody ? body : null, { status, headers: { ...headers, 'Idempotent-Replayed': 'true' } })
}

/** The same for JSON whose members come in another order. */
const fingerprintOf = (content: unknown): string =>
  createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(content))))
    .digest('hex')
