import { InvalidConfiguration } from './config.ts'

/** Errors that a person can mend: their message is all there is to say. */
const PLAIN = new Set([
  'invalid_configuration',
  'data_dir_in_use',
  'database_unavailable',
  'incompatible_database',
  'blob_store_unavailable',
  'event_store_unavailable',
  // PostgreSQL: read-only, a wrong password, a user it does not let in, no such database, no right to it.
  '25006',
  '28P01',
  '28000',
  '3D000',
  '42501',
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EACCES',
  'EEXIST',
  'ENOTDIR',
  'ENOTFOUND',
  'ENOSPC',
  'EPERM',
  'EROFS',
])

/** Says on standard error why a program could not start: in words where somebody can mend it, else with its stack. The exit code is 1. */
export function reportStartFailure(error: unknown): void {
  const isPlain =
    error instanceof InvalidConfiguration ||
    (error instanceof Error && 'code' in error && PLAIN.has(String(error.code)))
  const text = error instanceof Error ? (isPlain ? error.message : error.stack) : String(error)
  process.stderr.write(`${text}\n`)
  process.exitCode = 1
}
