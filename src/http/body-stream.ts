import { BlobTooLarge } from '../blobs/error.ts'
import { RequestError } from './problem.ts'

/** How fast a body has to come: so many bytes in each window of waiting, in ms. */
export interface Pace {
  readonly bytes: number
  readonly window: number
}

/** 1 kB/s: slower than any network, faster than somebody who only wants to keep our connections busy. */
const PACE: Pace = { bytes: 30_000, window: 30_000 }
/** Most bytes of a refused body that we still take, so that the client gets to read the refusal. */
const MOST_DISCARDED = 20_000_000_000

/**
 * The chunks of a request's body. What a consumer leaves unread is taken and thrown away in the background: a client that
 * sends its whole body before it reads the answer would otherwise see a broken pipe instead of the reason.
 * @param limit bytes
 * @throws BlobTooLarge at once when Content-Length says so, else when it shows; RequestError when the client goes or crawls
 */
export async function* bodyChunks(request: Request, limit: number, pace: Pace = PACE): AsyncGenerator<Uint8Array> {
  if (announcedSize(request) > limit) throw new BlobTooLarge(limit)
  const reader = readerOf(request)
  if (reader === null) return
  let ended = false
  let size = 0
  const timer = new PaceTimer(pace)
  try {
    while (true) {
      const { done, value } = await timer.during(reader.read())
      if (done) {
        ended = true
        return
      }
      size += value.length
      if (size > limit) throw new BlobTooLarge(limit)
      timer.received(value.length)
      yield value
    }
  } catch (error) {
    if (error instanceof BlobTooLarge || error instanceof RequestError) throw error
    ended = true
    throw broke()
  } finally {
    if (!ended) void discardRest(reader, timer)
  }
}

/** Null when there is no body. The adapter makes it when it is asked for, and cannot when the client has gone by then. */
function readerOf(request: Request): ReadableStreamDefaultReader<Uint8Array> | null {
  try {
    return request.body?.getReader() ?? null
  } catch (error) {
    if (error instanceof TypeError) throw broke()
    throw error
  }
}

const broke = () => new RequestError('bad_request', 'The connection broke before the whole request had arrived.')

/** Bytes of the body by its Content-Length; 0 when it does not say. */
export const announcedSize = (request: Request): number => Number(request.headers.get('content-length') ?? 0)

async function discardRest(reader: ReadableStreamDefaultReader<Uint8Array>, timer: PaceTimer): Promise<void> {
  try {
    for (let size = 0; size < MOST_DISCARDED; ) {
      const { done, value } = await timer.during(reader.read())
      if (done) return
      size += value.length
      timer.received(value.length)
    }
    await reader.cancel()
  } catch (error) {
    // The client has gone, or crawls: nobody is left to be told.
    await reader.cancel(error).catch(() => {})
  }
}

/** Measures only the time that we spend waiting for the client. */
class PaceTimer {
  #waited = 0
  #bytes = 0

  constructor(private readonly pace: Pace) {}

  received(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < this.pace.bytes) return
    this.#bytes = 0
    this.#waited = 0
  }

  async during<T>(reading: Promise<T>): Promise<T> {
    const start = performance.now()
    let timeout: NodeJS.Timeout | undefined
    const expiry = new Promise<never>((_, reject) => {
      const refuse = () => reject(new RequestError('too_slow', 'The request came too slowly. Please try again.'))
      // A socket that is open keeps the process; of one that is gone, nobody hears, and a server that ends must not wait for it.
      timeout = setTimeout(refuse, Math.max(0, this.pace.window - this.#waited)).unref()
    })
    try {
      return await Promise.race([reading, expiry])
    } finally {
      clearTimeout(timeout)
      this.#waited += performance.now() - start
    }
  }
}
