import type { ServerOptions } from 'node:http'

/**
 * Limits of the HTTP server against clients that are slow on purpose, for `serve({ serverOptions, autoCleanupIncoming })`.
 * An upload may take an hour as a whole; `body.ts` ends one that crawls. No limit of idle time: a client waits in silence
 * while we look through its file.
 */
export const SERVER_OPTIONS: ServerOptions = {
  headersTimeout: 20_000,
  requestTimeout: 3_600_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
}

/**
 * We take the rest of a refused body ourselves (see `body.ts`): the adapter would cut the connection after half a second,
 * and the client would see a broken pipe instead of the reason.
 */
export const AUTO_CLEANUP_INCOMING = false
