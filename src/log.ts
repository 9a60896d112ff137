import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './config.ts'

export type Log = Logger

/** Members that hold secrets wherever they turn up, one level deep too. */
const SECRET = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'adminPassword',
  'databaseUrl',
  'eventStoreUrl',
  'secrets',
  'secret',
  'token',
]

/** The program's log: one JSON object per line on standard output (or `destination`), times in ISO 8601 UTC. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const paths = SECRET.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`])
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths, censor: '[redacted]' },
  }
  return pino(options, destination ?? standardOutput())
}

/** Bytes that wait while the standard output takes nothing; lines beyond them are lost. */
const MOST_WAITING = 4_000_000

/**
 * Written by another thread: pino's usual way waits within the program, and a full disk behind the standard output would stop the
 * whole server.
 */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: false, maxLength: MOST_WAITING })
  // There is nowhere left to say that the log cannot be written; it goes on as soon as there is room.
  output.on('error', () => {})
  return output
}
