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
  return destination ? pino(options, destination) : pino(options)
}
