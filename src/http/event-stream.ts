import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'

/** A message of a stream of server-sent events. */
export interface StreamMessage {
  /** What a client that reconnects sends back as `Last-Event-ID`. */
  readonly id: string
  readonly event?: string
  readonly data: string
}

/** A silent connection is cut by proxies; a comment keeps it alive. */
const HEARTBEAT_MS = 15_000
/** Then the client connects again, with its credentials, which may have been revoked. */
const LONGEST_MS = 15 * 60_000
const RECONNECT_MS = 2_000

/**
 * Answers with server-sent events, until the messages end or the client leaves.
 * @param messages given a signal that aborts when nobody listens any more
 */
export function eventStream(http: Context, messages: (signal: AbortSignal) => AsyncIterable<StreamMessage>): Response {
  http.header('Cache-Control', 'no-store')
  http.header('X-Accel-Buffering', 'no')
  return streamSSE(http, async (stream) => {
    const over = new AbortController()
    stream.onAbort(() => over.abort())
    const end = setTimeout(() => over.abort(), LONGEST_MS)
    const heartbeat = setInterval(() => void stream.write(': still here\n\n'), HEARTBEAT_MS)
    try {
      await stream.write(`retry: ${RECONNECT_MS}\n\n`)
      for await (const message of messages(over.signal)) await stream.writeSSE(message)
    } catch (error) {
      // A reader that is too slow, or a log that cannot be read for the moment: the client comes back where it was.
      if (!(error instanceof Error && 'code' in error)) throw error
    } finally {
      clearTimeout(end)
      clearInterval(heartbeat)
      over.abort()
    }
  })
}

/** Where a client that reconnects was: a position of the log. */
export function lastEventId(http: Context): string | null {
  const id = http.req.header('last-event-id') ?? http.req.query('after')
  return id !== undefined && /^\d{20}$/.test(id) ? id : null
}
