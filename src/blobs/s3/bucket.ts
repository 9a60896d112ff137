import { setMaxListeners } from 'node:events'
import { createReadStream } from 'node:fs'
import { type IncomingMessage, request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import aws4 from 'aws4'
import { backoffMs, sleep } from '../../backoff.ts'
import { BlobStoreUnavailable } from '../error.ts'
import type { BucketAddress } from './address.ts'

/** An object of a bucket. */
export interface StoredObject {
  /** Its name, without the prefix of the bucket's address. */
  readonly name: string
  /** Bytes. */
  readonly size: number
}

/** A request that the store could not serve now is sent again, at most so often in all. */
const ATTEMPTS = 4
const PAUSE_MS = 200
/** Ends a connection on which nothing moves. */
const SILENCE_MS = 60_000
/** SHA-256 of nothing: the body of every request but PUT. */
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
/** The largest object that S3 takes in one piece, bytes. */
export const LARGEST_OBJECT = 5 * 2 ** 30

interface Asked {
  readonly method: 'HEAD' | 'GET' | 'PUT' | 'DELETE'
  readonly name?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** What is sent. */
  readonly file?: { readonly path: string; readonly size: number; readonly sha256: string }
}

/**
 * A bucket that speaks the protocol of Amazon S3 (AWS, MinIO, Ceph), addressed by path. All that is asked of it may be asked
 * twice, so what fails for a passing reason is asked again.
 */
export class Bucket {
  readonly #closing = new AbortController()

  /** @param silenceMs ends a request on which nothing has moved for so long */
  constructor(
    private readonly address: BucketAddress,
    private readonly silenceMs = SILENCE_MS,
  ) {
    setMaxListeners(0, this.#closing.signal) // one for each request under way
  }

  /** Breaks off what is under way: a store that is silent would keep the process from ending. */
  close(): void {
    this.#closing.abort()
  }

  /** @throws BlobStoreUnavailable when there is no such bucket, or the key does not open it */
  async check(): Promise<void> {
    const response = await this.#ask({ method: 'GET', query: { 'list-type': '2', 'max-keys': '1' } })
    response?.resume()
    if (response === null) throw new BlobStoreUnavailable('there is no such bucket')
  }

  /** Bytes of the object; null when there is none. */
  async sizeOf(name: string): Promise<number | null> {
    const response = await this.#ask({ method: 'HEAD', name })
    response?.resume()
    return response === null ? null : Number(response.headers['content-length'])
  }

  /** Stores a file, of which the store itself checks the digest when it has arrived. */
  async put(
    name: string,
    file: { readonly path: string; readonly size: number; readonly sha256: string },
  ): Promise<void> {
    const response = await this.#ask({ method: 'PUT', name, file })
    response?.resume()
    if (response === null) throw new BlobStoreUnavailable('there is no such bucket')
  }

  /**
   * Bytes `start` to `end`, both included; when the connection breaks, goes on from there. Bytes beyond the end are none.
   * @returns null when there is no such object
   */
  async read(name: string, start: number, end: number): Promise<AsyncGenerator<Uint8Array> | null> {
    const first = await this.#open(name, start, end)
    return first === null ? null : this.#continued(first, name, start, end)
  }

  async *#continued(first: IncomingMessage, name: string, start: number, end: number): AsyncGenerator<Uint8Array> {
    let response: IncomingMessage = first
    let at = start
    for (let failures = 0; ; ) {
      try {
        for await (const chunk of response as AsyncIterable<Uint8Array>) {
          at += chunk.length
          failures = 0
          yield chunk
        }
        return
      } catch (error) {
        if (at > end) return
        if (++failures >= ATTEMPTS) throw new BlobStoreUnavailable('the connection broke', { cause: error })
        const next = await this.#open(name, at, end)
        // Fewer bytes than were promised must not pass for all of them.
        if (next === null) throw new BlobStoreUnavailable('an object was removed while it was read', { cause: error })
        response = next
      }
    }
  }

  #open(name: string, start: number, end: number): Promise<IncomingMessage | null> {
    const range =
      start === 0 && end === Number.POSITIVE_INFINITY
        ? {}
        : { Range: `bytes=${start}-${Number.isFinite(end) ? end : ''}` }
    return this.#ask({ method: 'GET', name, headers: range })
  }

  /** All objects in the order of their names. */
  async *list(): AsyncGenerator<StoredObject> {
    const { prefix } = this.address
    let token: string | null = null
    do {
      const page: string = await this.#page(token)
      for (const [, object = ''] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const name = element(object, 'Key')
        if (name !== null) yield { name: name.slice(prefix.length), size: Number(element(object, 'Size')) }
      }
      token = element(page, 'NextContinuationToken')
    } while (token !== null)
  }

  /** The document that lists objects from `token` on; asked for again when the connection breaks in it. */
  async #page(token: string | null): Promise<string> {
    const { prefix } = this.address
    const query = { 'list-type': '2', prefix, ...(token === null ? {} : { 'continuation-token': token }) }
    for (let attempt = 1; ; attempt++) {
      const response = await this.#ask({ method: 'GET', query })
      if (response === null) throw new BlobStoreUnavailable('there is no such bucket')
      try {
        return await text(response)
      } catch (error) {
        if (attempt >= ATTEMPTS) throw new BlobStoreUnavailable('the connection broke', { cause: error })
      }
    }
  }

  /** Does nothing when there is no such object. */
  async remove(name: string): Promise<void> {
    const response = await this.#ask({ method: 'DELETE', name })
    response?.resume()
  }

  /** @returns null for 404, and for a range behind the end a body without bytes. @throws BlobStoreUnavailable */
  async #ask(asked: Asked): Promise<IncomingMessage | null> {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.#once(asked)
        const { statusCode: status = 0 } = response
        if (status < 300) return response
        if (status === 404 || status === 416) {
          response.resume()
          return status === 404 ? null : await this.#nothing(asked)
        }
        const answer = await text(response)
        const reason = `it answered ${status} ${element(answer, 'Code') ?? ''}`.trimEnd()
        // RequestTimeTooSkewed and the like are 403: they do not pass.
        if (status < 500 && status !== 429) throw new BlobStoreUnavailable(reason)
        throw new Error(reason)
      } catch (error) {
        if (error instanceof BlobStoreUnavailable) throw error
        const reason = error instanceof Error ? error.message : String(error)
        // Whoever waits has waited long enough when the store was silent.
        const isLast = attempt >= ATTEMPTS || error instanceof Silent || this.#closing.signal.aborted
        if (isLast) throw new BlobStoreUnavailable(reason, { cause: error })
        await sleep(backoffMs(attempt, { firstMs: PAUSE_MS }), this.#closing.signal)
      }
    }
  }

  /** An answer without a body: that of HEAD. */
  #nothing({ name }: Asked): Promise<IncomingMessage> {
    return this.#once({ method: 'HEAD', ...(name === undefined ? {} : { name }) })
  }

  #once({ method, name, query = {}, headers = {}, file }: Asked): Promise<IncomingMessage> {
    const { protocol, host, port, bucket, prefix, region, accessKeyId, secretAccessKey } = this.address
    const hostName = host.includes(':') ? `[${host}]` : host
    const search = new URLSearchParams(query).toString().replaceAll('+', '%20')
    const path = `/${bucket}${name === undefined ? '' : `/${prefix}${name}`}${search === '' ? '' : `?${search}`}`
    const signed = aws4.sign(
      {
        ...{ service: 's3', region, method, path },
        host: port === null ? hostName : `${hostName}:${port}`,
        headers: {
          ...headers,
          'X-Amz-Content-Sha256': file?.sha256 ?? EMPTY_SHA256,
          ...(file === undefined ? {} : { 'Content-Length': file.size, 'Content-Type': 'application/octet-stream' }),
        },
      },
      { accessKeyId, secretAccessKey },
    )
    return new Promise((resolve, reject) => {
      const send = protocol === 'https:' ? secure : plain
      const { signal } = this.#closing
      const sent = send({ host, port, method, path, headers: signed.headers ?? {}, timeout: this.silenceMs, signal })
      sent.once('response', resolve).once('error', reject)
      sent.once('timeout', () => sent.destroy(new Silent(this.silenceMs)))
      if (file === undefined) sent.end()
      else pipeline(createReadStream(file.path), sent).catch(reject)
    })
  }
}

/** Nothing has moved on a connection for too long. */
class Silent extends Error {
  constructor(ms: number) {
    super(`nothing moved for ${ms / 1000} s`)
  }
}

/** The text of the first element of this name. The documents of S3 are flat, and have no attributes where we look. */
function element(xml: string, name: string): string | null {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
  return found?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity] ?? '') ?? null
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
