import type { BlobStore } from '../../blobs/blob-store.ts'
import { contentDisposition, type DispositionOptions } from './content-disposition.ts'
import { type ByteRange, parseRange } from './range.ts'

/** Bytes that never change, and their SHA-256. */
export interface Bytes {
  readonly sha256: string
  readonly size: number
  /** Must open nothing before the first chunk is asked for, and close everything when the iteration ends. */
  read(range: ByteRange): AsyncIterable<Uint8Array>
}

export interface ServeOptions extends DispositionOptions {
  readonly fileName: string
  /** What the bytes are; without it `application/octet-stream`, which no browser shows. */
  readonly mediaType?: string
  readonly disposition?: 'attachment' | 'inline'
  readonly headers?: Readonly<Record<string, string>>
}

/** A client that takes nothing for so long (ms) has gone. */
const STALLED_AFTER = 120_000

/**
 * Answers a GET or HEAD with bytes: whole (200), one range (206, RFC 9110) or not at all (304, 412). The length is always told
 * and nothing is ever compressed, because clients compare the length with what they wrote.
 */
export function serveBytes(request: Request, bytes: Bytes, options: ServeOptions): Response {
  const etag = `"sha256:${bytes.sha256}"`
  const headers = new Headers({
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-cache, no-transform',
    ETag: etag,
    'Repr-Digest': `sha-256=:${Buffer.from(bytes.sha256, 'hex').toString('base64')}:`,
    ...options.headers,
  })
  if (!isWanted(request.headers.get('if-match'), etag)) return new Response(null, { status: 412, headers })
  if (matches(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })

  headers.set('Content-Type', options.mediaType ?? 'application/octet-stream')
  headers.set('Content-Disposition', contentDisposition(options.disposition ?? 'attachment', options.fileName, options))
  const range = request.method === 'GET' ? requestedRange(request, bytes.size, etag) : null
  const { start, end } = range ?? { start: 0, end: bytes.size - 1 }
  const length = end - start + 1
  headers.set('Content-Length', String(length))
  if (range) headers.set('Content-Range', `bytes ${start}-${end}/${bytes.size}`)
  const body = request.method === 'HEAD' || length === 0 ? null : streamOf(bytes.read({ start, end }), length)
  return new Response(body, { status: range ? 206 : 200, headers })
}

/** The same for a blob. @throws BlobMissing */
export async function serveBlob(
  request: Request,
  store: BlobStore,
  sha256: string,
  options: ServeOptions,
): Promise<Response> {
  const size = await store.size(sha256)
  return serveBytes(request, { sha256, size, read: (range) => store.read(sha256, range) }, options)
}

/** `If-Range` must be exactly our ETag; we give out no dates. */
function requestedRange(request: Request, size: number, etag: string): ByteRange | null {
  const condition = request.headers.get('if-range')
  if (condition !== null && condition.trim() !== etag) return null
  return parseRange(request.headers.get('range') ?? undefined, size)
}

/** `If-Match` compares strongly: a weak tag is none of ours. */
const isWanted = (header: string | null, etag: string): boolean =>
  header === null || header.split(',').some((tag) => ['*', etag].includes(tag.trim()))

/** `If-None-Match` compares weakly. */
function matches(header: string | null, etag: string): boolean {
  if (header === null) return false
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}

/**
 * A stream for a response. It asks for nothing ahead of the client, so a response that nobody reads (Hono answers HEAD that
 * way) opens no file; it breaks off, rather than end, when fewer bytes come than were announced.
 */
function streamOf(source: AsyncIterable<Uint8Array>, length: number): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]()
  let left = length
  let stalled: NodeJS.Timeout | undefined
  const close = async () => {
    clearTimeout(stalled)
    await iterator.return?.()
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stalled)
        const next = await iterator.next()
        if (next.done) return controller.error(new Error(`The bytes ended ${left} bytes too early.`))
        left -= next.value.length
        controller.enqueue(next.value)
        if (left <= 0) {
          controller.close()
          await close()
          return
        }
        stalled = setTimeout(() => {
          controller.error(new Error('The client stopped reading.'))
          void close()
        }, STALLED_AFTER)
        stalled.unref()
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  )
}
