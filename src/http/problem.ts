import type { Context, ErrorHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { isTransient, SqlError } from '../database/errors.ts'
import type { HttpEnv } from './middleware/environment.ts'

type Fields = Readonly<Record<string, string | readonly string[]>>

/** What went wrong, as RFC 9457 wants it, before it becomes JSON or a page. */
export interface Problem {
  readonly status: number
  readonly title: string
  /** One or a few sentences for the person: what is wrong and what to do. */
  readonly detail: string
  readonly code: string
  /** Per field of the request what is wrong with it. */
  readonly fields: Fields | null
  readonly headers: Readonly<Record<string, string>>
}

interface Kind {
  readonly status: number
  readonly title: string
  /** Said instead of the error's own message, where that is about our insides. */
  readonly detail?: string
  /** Seconds after which it is worth trying again. */
  readonly retryAfter?: number
}

const AGAIN = 'Please try again in a moment.'

/** Every code of an error that a person may see. All other errors are defects of ours. */
const KINDS: Readonly<Record<string, Kind>> = {
  // the request itself (RequestError, below)
  bad_request: { status: 400, title: 'Bad request' },
  unauthenticated: { status: 401, title: 'Not authenticated' },
  cross_site: { status: 403, title: 'Request from another site' },
  read_only_token: { status: 403, title: 'The token may only read' },
  too_slow: { status: 408, title: 'The request was too slow' },
  body_too_large: { status: 413, title: 'Too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  not_shown_yet: { status: 202, title: 'Recorded', retryAfter: 2 },
  not_yet: { status: 503, title: 'Not yet', retryAfter: 1 },
  // domain and accounts
  invalid: { status: 400, title: 'Invalid' },
  forbidden: { status: 403, title: 'Forbidden' },
  not_found: { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'Conflict' },
  gone: { status: 410, title: 'Gone' },
  roles_missing: { status: 406, title: 'Columns are missing' },
  too_many_attempts: { status: 429, title: 'Too many attempts' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  quota_exceeded: { status: 413, title: 'No room left' },
  key_reused: { status: 422, title: 'The key was used before' },
  key_under_way: { status: 409, title: 'Under way', retryAfter: 2 },
  missing_token: { status: 403, title: 'Forbidden' },
  expired_token: { status: 403, title: 'Forbidden' },
  bad_token: { status: 403, title: 'Forbidden' },
  // tables
  not_a_table: { status: 422, title: 'Not a table' },
  extension_lies: { status: 422, title: 'The extension does not fit the content' },
  malformed: { status: 422, title: 'Malformed table' },
  unsupported: { status: 422, title: 'Unsupported table' },
  too_large: { status: 422, title: 'Table too large' },
  no_columns: { status: 422, title: 'No columns' },
  empty: { status: 422, title: 'Empty table' },
  unsafe_archive: { status: 422, title: 'Unsafe archive' },
  out_of_memory: { status: 422, title: 'Too much memory needed' },
  out_of_time: { status: 422, title: 'Too much time needed' },
  cancelled: { status: 422, title: 'Cancelled' },
  // pipelines
  invalid_parameters: { status: 400, title: 'Invalid parameters' },
  invalid_rules: { status: 400, title: 'Invalid rules file' },
  // storage
  blob_too_large: { status: 413, title: 'Too large' },
  bad_bundle: { status: 422, title: 'The bundle cannot be imported' },
  checkpoint_refused: { status: 409, title: 'The log is not what was signed' },
  blob_store_unavailable: {
    status: 503,
    title: 'The store of files is not reachable',
    detail: `The files are not reachable now. ${AGAIN}`,
    retryAfter: 5,
  },
  disk_full: { status: 507, title: 'Disk full' },
  disk_unusable: {
    status: 507,
    title: 'Disk full or not usable',
    detail: 'The disk of the server is full, or the server may not use it. Please tell the administrators.',
  },
  unstorable_text: { status: 400, title: 'Invalid text', detail: 'Null characters are not allowed.' },
  invalid_event: { status: 400, title: 'Invalid text', detail: 'A value cannot be stored as JSON.' },
  event_too_large: {
    status: 422,
    title: 'Too much to record at once',
    detail: 'This is more than can be recorded at once: use fewer or shorter names of columns and texts.',
  },
  wrong_expected_revision: {
    status: 412,
    title: 'Changed meanwhile',
    detail: 'Somebody else changed this meanwhile. Load it again, and repeat your change.',
  },
  stream_too_busy: { status: 503, title: 'Too busy', detail: `Others change this right now. ${AGAIN}`, retryAfter: 2 },
  database_unavailable: {
    status: 503,
    title: 'Database unavailable',
    detail: `The database cannot be reached. ${AGAIN}`,
    retryAfter: 5,
  },
  database_busy: {
    status: 503,
    title: 'Database busy',
    detail: `The database cannot do this now. ${AGAIN}`,
    retryAfter: 5,
  },
  event_store_unavailable: {
    status: 503,
    title: 'Event store unavailable',
    detail: `The event log cannot be reached. ${AGAIN}`,
    retryAfter: 5,
  },
}

/** What the operating system says of a disk: full, read-only, of somebody else, broken. */
const DISK_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ESTALE'])

/** What the HTTP layer itself refuses. */
export class RequestError extends Error {
  constructor(
    readonly code:
      | 'bad_request'
      | 'unauthenticated'
      | 'cross_site'
      | 'read_only_token'
      | 'too_slow'
      | 'body_too_large'
      | 'unsupported_media_type'
      | 'wrong_expected_revision'
      | 'not_yet'
      | 'not_shown_yet',
    message: string,
    readonly fields: Fields | null = null,
  ) {
    super(message)
    this.name = 'RequestError'
  }
}

/** The problem that an error is, or null when it is a defect of ours. Looks at causes too: libraries wrap errors. */
export function problemOf(error: unknown): Problem | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = codeOf(cause)
    const kind = Object.hasOwn(KINDS, code) ? KINDS[code] : undefined
    if (kind) {
      const retryAfter = 'retryAfter' in cause ? Number(cause.retryAfter) : kind.retryAfter
      return {
        status: kind.status,
        title: kind.title,
        detail: kind.detail ?? cause.message,
        code,
        fields: 'fields' in cause && isFields(cause.fields) ? cause.fields : null,
        headers: {
          ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
          ...(code === 'unauthenticated' && { 'WWW-Authenticate': 'Token' }),
        },
      }
    }
    if (cause instanceof HTTPException) {
      const detail = cause.message || 'The request was refused.'
      return { status: cause.status, title: detail, detail, code: 'http', fields: null, headers: {} }
    }
  }
  return null
}

function codeOf(error: Error): string {
  if (error instanceof SqlError && isTransient(error)) return 'database_busy'
  const own = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return DISK_CODES.has(own) ? 'disk_unusable' : own
}

/** What everybody gets for a defect: no word about our insides. */
const DEFECT: Problem = {
  status: 500,
  title: 'Internal server error',
  detail: 'Something went wrong on the server. It was written to the log; the request id helps to find it.',
  code: 'internal',
  fields: null,
  headers: {},
}

/**
 * The members of a problem document (RFC 9457), plus what the Python client and scripts for the reference server look for:
 * `error`, and one member per wrong field. Fields come first, because people see the raw text; where a field has the name
 * of a standard member (`status`, `type`), the field wins, as in the reference.
 */
export function problemBody(problem: Problem, requestId: string): Record<string, unknown> {
  const { status, title, detail, code, fields } = problem
  return { ...fields, detail, error: detail, code, title, status, request_id: requestId, ...fields }
}

export function problemResponse(problem: Problem, requestId: string): Response {
  return new Response(JSON.stringify(problemBody(problem, requestId)), {
    status: problem.status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...problem.headers },
  })
}

/**
 * Turns every error into an answer: a page where a browser asks for one outside the API and `page` can draw it, else a
 * problem document. Defects are logged with the request id.
 */
export function answerErrors(
  page?: (problem: Problem, context: Context<HttpEnv>) => Response | Promise<Response>,
): ErrorHandler<HttpEnv> {
  return (error, c) => {
    const problem = problemOf(error) ?? DEFECT
    if (problem.status >= 500) c.get('log').error({ err: error }, 'request failed')
    const wantsPage = !c.req.path.startsWith('/api/') && (c.req.header('accept') ?? '').includes('text/html')
    if (page && wantsPage) return page(problem, c)
    const response = problemResponse(problem, c.get('requestId'))
    // Programs of the Virtual Observatory ask for a name and a password when they read this; browsers, which would too, are not told.
    if (problem.status === 401 && !isBrowser(c)) {
      response.headers.append(
        'WWW-Authenticate',
        'Basic realm="Photo-z Server: a token as the password", charset="UTF-8"',
      )
    }
    return response
  }
}

/** Over plain HTTP browsers do not send `Sec-Fetch-Mode`. */
const isBrowser = (c: Context): boolean =>
  c.req.header('sec-fetch-mode') !== undefined || /^Mozilla\//.test(c.req.header('user-agent') ?? '')

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
