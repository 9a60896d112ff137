/** The database cannot be reached, or the connection broke before the answer came: the outcome of a write is unknown. */
export class DatabaseUnavailable extends Error {
  readonly code = 'database_unavailable'
  override readonly name = 'DatabaseUnavailable'
}

/** PostgreSQL refused a statement. `code` is its SQLSTATE, such as `23505` for a broken unique constraint. */
export class SqlError extends Error {
  override readonly name = 'SqlError'
  readonly code: string
  readonly constraint: string | undefined

  constructor(message: string, code: string, options: { constraint?: string | undefined; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.code = code
    this.constraint = options.constraint
  }
}

/** Text holds U+0000, which PostgreSQL can store neither as text nor inside JSON. */
export class UnstorableText extends Error {
  readonly code = 'unstorable_text'
  override readonly name = 'UnstorableText'
}

/** A COPY did not take its input; why is not known. The same rows in a statement tell. */
export class CopyFailed extends Error {
  readonly code = 'copy_failed'
  override readonly name = 'CopyFailed'
}

/** The database was made by a newer program, or by other migrations than ours. */
export class IncompatibleDatabase extends Error {
  readonly code = 'incompatible_database'
  override readonly name = 'IncompatibleDatabase'
}

/** Another process works on this data directory. */
export class DataDirInUse extends Error {
  readonly code = 'data_dir_in_use'
  override readonly name = 'DataDirInUse'
}

/** SQLSTATE of an error or of what caused it (drizzle wraps); undefined when PostgreSQL did not refuse anything. */
export function sqlState(error: unknown): string | undefined {
  for (let e = error; e instanceof Error; e = e.cause) if (e instanceof SqlError) return e.code
  return undefined
}

/** A standby, or a server that was closed to writing, as hosted ones are when their disk is full. */
export const READ_ONLY = '25006'

/** Worth trying the same again: connection lost, deadlock, lock timeout, server read-only, out of resources or shutting down. */
export function isTransient(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) if (e instanceof DatabaseUnavailable) return true
  const state = sqlState(error)
  return state !== undefined && (/^(40|53|57|58)/.test(state) || state === '55P03' || state === READ_ONLY)
}

/** Codes that postgres.js and Node give when there is no connection. */
const CONNECTION_CODES = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
])

/** Turns an error of either driver into one of ours; others pass unchanged. Sources: PostgreSQL manual, appendix A. */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (error.message === 'PGlite is closed') return new DatabaseUnavailable('The database is closed', { cause: error })
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code === undefined || error instanceof SqlError || error instanceof DatabaseUnavailable) return error
  const unavailable = CONNECTION_CODES.has(code) || /^08|^57P0[123]$|^53300$/.test(code)
  if (unavailable) return new DatabaseUnavailable(`The database is unavailable: ${error.message}`, { cause: error })
  if (code === '22P05' || (code === '22021' && error.message.includes('0x00')))
    return new UnstorableText('Text must not contain the character U+0000', { cause: error })
  if (!/^[0-9A-Z]{5}$/.test(code)) return error
  // postgres.js says constraint_name, PGlite says constraint
  const details = error as Error & { constraint?: unknown; constraint_name?: unknown }
  const constraint = details.constraint_name ?? details.constraint
  return new SqlError(error.message, code, {
    constraint: typeof constraint === 'string' ? constraint : undefined,
    cause: error,
  })
}
