import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Limits } from '../accounts/limits.ts'
import type { Actor } from '../domain/actor.ts'
import type { HttpEnv } from './middleware/environment.ts'

/** A message of a stream of server-sent events. */
export interface StreamMessage {
  /** What a client that reconnects sends back as `Last-Event-ID`. */
  readonly id: string
  readonly event?: string
  readonly data: string
}

/** What a stream tells, and to whom. */
export interface StreamSource {
  /** Whether this person may still be told; asked again while the stream is open. */
  mayFollow(actor: Actor): Promise<boolean>
  /** Ends when nothing more will come. `signal` aborts when nobody listens any more. */
  messages(signal: AbortSignal): AsyncIterable<StreamMessage>
}

/** A silent connection is cut by proxies; a comment keeps it alive. Then we also look whether one may still listen. */
const HEARTBEAT_MS = 15_000
/** Then the client connects again, where it was. */
const LONGEST_MS = 15 * 60_000
const RECONNECT_MS = 2_000

/**
 * Answers with server-sent events, until the messages end, the client leaves, or the person may not listen any more: signed
 * out, the token revoked, the account closed, the thing itself out of sight.
 * @throws TooManyRequests
 */
export function eventStream(http: Context<HttpEnv>, limits: Limits, source: StreamSource): Response {
  http.header('Cache-Control', 'no-store')
  http.header('X-Accel-Buffering', 'no')
  // Nobody would read, or leave, the stream behind an answer without a body.
  if (http.req.method === 'HEAD') return http.body(null, 200, { 'Content-Type': 'text/event-stream' })
  const place = limits.enter('stream', http.get('identity')?.userId ?? 0)
  return streamSSE(http, async (stream) => {
    const over = new AbortController()
    const tick = async () => {
      if (await mayStillFollow(http, source)) await stream.write(': still here\n\n')
      else stream.abort()
    }
    const end = setTimeout(() => stream.abort(), LONGEST_MS)
    const heartbeat = setInterval(() => void tick(), HEARTBEAT_MS)
    // Not when the messages end: what they wait for may come much later.
    const leave = () => {
      clearTimeout(end)
      clearInterval(heartbeat)
      over.abort()
      place[Symbol.dispose]()
    }
    stream.onAbort(leave)
    try {
      await stream.write(`retry: ${RECONNECT_MS}\n\n`)
      for await (const message of source.messages(over.signal)) await stream.writeSSE(message)
    } catch (error) {
      // A reader that is too slow, or a log that cannot be read for the moment: the client comes back where it was.
      if (!(error instanceof Error && 'code' in error)) throw error
    } finally {
      leave()
    }
  })
}

/** When that cannot be found out for the moment, no: the client comes back, and is asked who it is. */
async function mayStillFollow(http: Context<HttpEnv>, source: StreamSource): Promise<boolean> {
  try {
    const identity = await http.get('identifyAgain')()
    return identity !== null && identity.userId === http.get('identity')?.userId && (await source.mayFollow(identity))
  } catch (err) {
    http.get('log').warn({ err }, 'nobody knows whether a stream may go on')
    return false
  }
}

/** Where a client that reconnects was: a position of the log. */
export function lastEventId(http: Context): string | null {
  const id = http.req.header('last-event-id') ?? http.req.query('after')
  return id !== undefined && /^\d{20}$/.test(id) ? id : null
}
