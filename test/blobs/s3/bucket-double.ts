import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import aws4 from 'aws4'
import { type BucketAddress, parseBucketUrl } from '../../../src/blobs/s3/address.ts'

const KEYS = { accessKeyId: 'key', secretAccessKey: 'a/secret' }
/** Small, so that lists have pages. */
const PAGE = 3

/** How the next request goes wrong: it is answered with this status or never, or its answer breaks off after so many bytes. */
export type Fault = { readonly status: number } | { readonly breakAfter: number } | 'silence'

/** A bucket in memory that speaks as much of S3 as we do, and checks signatures and digests as S3 does. */
export class BucketDouble {
  readonly objects = new Map<string, Buffer>()
  readonly faults: Fault[] = []
  /** Methods and names of what was asked, with the range. */
  readonly asked: string[] = []

  private constructor(
    readonly address: BucketAddress,
    readonly close: () => Promise<void>,
  ) {}

  static async start(): Promise<BucketDouble> {
    const server = createServer((request, response) => {
      double
        .#answer(request, response)
        .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const address = parseBucketUrl(`s3+http://key:a%2Fsecret@127.0.0.1:${port}/photoz/files`)
    if (address === null) throw new Error('The address of the double is none')
    const double = new BucketDouble(address, async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return double
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request
    const body = await buffer(request)
    const address = new URL(url, 'http://double')
    const refuse = (status: number, code: string) =>
      response.writeHead(status).end(method === 'HEAD' ? '' : `<Error><Code>${code}</Code></Error>`)
    const fault = this.faults.shift()
    if (fault === 'silence') return
    if (fault !== undefined && 'status' in fault) return void refuse(fault.status, 'Fault')
    if (headers.authorization !== signatureOf(request)) return void refuse(403, 'SignatureDoesNotMatch')
    if (headers['x-amz-content-sha256'] !== sha256(body)) return void refuse(400, 'XAmzContentSHA256Mismatch')
    const [, bucket, ...name] = address.pathname.split('/')
    if (bucket !== 'photoz') return void refuse(404, 'NoSuchBucket')
    const key = name.join('/')
    this.asked.push(`${method} ${key}${headers.range === undefined ? '' : ` ${headers.range}`}`)
    if (key === '') return void send(response, this.#list(address.searchParams), fault)
    if (method === 'PUT') this.objects.set(key, body)
    if (method === 'PUT') return void response.end()
    if (method === 'DELETE') this.objects.delete(key)
    if (method === 'DELETE') return void response.writeHead(204).end()
    const object = this.objects.get(key)
    if (object === undefined) return void refuse(404, 'NoSuchKey')
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
    if (headers.range !== undefined && Number(from) >= object.length) return void refuse(416, 'InvalidRange')
    const part = object.subarray(Number(from), to === '' ? undefined : Number(to) + 1)
    response.writeHead(headers.range === undefined ? 200 : 206, { 'Content-Length': part.length })
    if (method === 'HEAD') return void response.end()
    send(response, part, fault)
  }

  #list(query: URLSearchParams): Buffer {
    const prefix = query.get('prefix') ?? ''
    const after = query.get('continuation-token')?.replace(/^<&>/, '') ?? ''
    const names = [...this.objects.keys()].filter((name) => name.startsWith(prefix) && name > after).sort()
    const page = names.slice(0, Math.min(PAGE, Number(query.get('max-keys') ?? PAGE)))
    const contents = page.map(
      (name) => `<Contents><Key>${name}</Key><Size>${this.objects.get(name)?.length}</Size></Contents>`,
    )
    const next =
      page.length < names.length ? `<NextContinuationToken>&lt;&amp;&gt;${page.at(-1)}</NextContinuationToken>` : ''
    return Buffer.from(`<?xml version="1.0"?><ListBucketResult>${contents.join('')}${next}</ListBucketResult>`)
  }
}

function send(response: ServerResponse, body: Buffer, fault: { readonly breakAfter: number } | undefined): void {
  if (fault === undefined) response.end(body)
  else response.write(body.subarray(0, fault.breakAfter), () => response.destroy())
}

/** What the request's signature should be, from what arrived. */
function signatureOf({ method, url, headers }: IncomingMessage): string {
  const kept = ['content-length', 'content-type', 'x-amz-content-sha256', 'x-amz-date', 'host']
  const signed = aws4.sign(
    {
      ...{ service: 's3', region: 'us-east-1' },
      ...{ method: method ?? '', path: url ?? '', host: headers.host ?? '' },
      headers: Object.fromEntries(kept.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]))),
    },
    KEYS,
  )
  return String(signed.headers?.Authorization)
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
