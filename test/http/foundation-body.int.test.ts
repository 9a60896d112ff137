import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FileBlobStore } from '../../src/blobs/file-blob-store.ts'
import { cleanFileName, extensionOf } from '../../src/domain/file-name.ts'
import { type Body, type BodyOptions, listOf, readBody } from '../../src/http/body.ts'
import { problemOf, problemResponse } from '../../src/http/problem.ts'
import { type RunningServer, startServer } from './foundation-server.ts'

let data: string
let store: FileBlobStore
let server: RunningServer
const LIMIT = 3_000_000

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'body-'))
  store = await FileBlobStore.open(data)
  const app = new Hono()
  app.onError((error) => {
    const problem = problemOf(error)
    if (!problem) throw error
    return problemResponse(problem, 'request')
  })
  app.post('/upload', async (c) => {
    await using body = await readBody(c.req.raw, { ...files(), pace: { bytes: 1000, window: 500 } })
    const kept = await Promise.all(body.files.map((file) => file.blob.keep()))
    return c.json({ fields: body.fields, names: body.files.map((file) => file.name), sizes: kept.map((b) => b.size) })
  })
  app.post('/ignored', (c) => c.json({ detail: 'not read' }, 401))
  app.post('/signal', (c) => c.json({ aborted: c.req.raw.signal.aborted }, 401))
  server = await startServer(app)
})
afterAll(async () => {
  await server.stop()
  expect(await temporaryFiles()).toEqual([])
  await rm(data, { recursive: true })
})

const files = (most = 3): BodyOptions => ({ files: { store, limit: LIMIT, most } })
const temporaryFiles = () => readdir(join(data, 'tmp'))

function request(body: string | Uint8Array | null, contentType: string | null, method = 'POST'): Request {
  const headers: Record<string, string> = contentType === null ? {} : { 'Content-Type': contentType }
  return new Request('http://x/', { method, headers, ...(body === null ? {} : { body: Buffer.from(body) }) })
}
const JSON_TYPE = 'application/json'
const FORM = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data; boundary=XX'

/** A multipart body of parts given as header lines and content. */
const multipart = (...parts: [string | string[], string][]): string =>
  `${parts.map(([headers, content]) => `--XX\r\n${[headers].flat().join('\r\n')}\r\n\r\n${content}\r\n`).join('')}--XX--\r\n`
const field = (name: string, value: string): [string, string] => [
  `Content-Disposition: form-data; name="${name}"`,
  value,
]
const file = (name: string, content: string, field = 'file'): [string, string] => [
  `Content-Disposition: form-data; name="${field}"; filename="${name}"`,
  content,
]

const read = (body: string | Uint8Array | null, contentType: string | null, options = files()): Promise<Body> =>
  readBody(request(body, contentType), options)
const refusal = async (body: string | Uint8Array, contentType: string | null, options = files()) => {
  const problem = problemOf(await read(body, contentType, options).catch((error: unknown) => error))
  expect(await temporaryFiles()).toEqual([])
  return problem
}

describe('a body', () => {
  it('may be empty whatever its type says', async () => {
    for (const type of [JSON_TYPE, FORM, MULTIPART, 'text/plain', null]) {
      expect(await read(null, type)).toMatchObject({ kind: 'empty', fields: {}, files: [] })
      expect(await read('', type)).toMatchObject({ kind: 'empty' })
    }
  })

  it('of JSON keeps its types', async () => {
    const body = await read(
      '\ufeff{"display_name":"x","release":null,"inputs":[1,2],"a":{"b":1}}',
      'application/json; charset=utf-8',
    )
    expect(body.kind).toBe('json')
    expect({ ...body.fields }).toEqual({ display_name: 'x', release: null, inputs: [1, 2], a: { b: 1 } })
  })

  it('of a form has strings, and lists where a name comes again', async () => {
    const body = await read('status=1&ucd=pos.eq.ra%3Bmeta.main&alias=&inputs=1&inputs=2&inputs=3&d=a+b', FORM)
    expect({ ...body.fields }).toEqual({
      status: '1',
      ucd: 'pos.eq.ra;meta.main',
      alias: '',
      inputs: ['1', '2', '3'],
      d: 'a b',
    })
    expect(listOf(body.fields.inputs)).toEqual(['1', '2', '3'])
    expect(listOf(body.fields.status)).toEqual(['1'])
    expect(listOf(body.fields.nothing)).toEqual([])
  })

  it('of multipart has the same, in any order with the files', async () => {
    const text = multipart(
      field('product', '7'),
      file('São Paulo.csv', 'ra,dec\n1,2\n'),
      field('inputs', '1'),
      field('inputs', '2'),
      [
        [
          "content-disposition: form-data; name=file; filename*=utf-8''%e8%b5%a4.fits",
          'Content-Type: application/fits',
        ],
        'SIMPLE',
      ],
      field('role', '0'),
    )
    await using body = await read(text, MULTIPART)
    expect({ ...body.fields }).toEqual({ product: '7', inputs: ['1', '2'], role: '0' })
    expect(body.files.map(({ field, name, mediaType }) => [field, name, mediaType])).toEqual([
      ['file', 'São Paulo.csv', null],
      ['file', '赤.fits', 'application/fits'],
    ])
    const [catalog] = body.files
    expect(await readFile(catalog?.blob.path ?? '', 'utf8')).toBe('ra,dec\n1,2\n')
  })

  it('forgets files that nobody keeps', async () => {
    {
      await using body = await read(multipart(file('a.csv', 'a'), file('b.csv', 'b')), MULTIPART)
      expect(await temporaryFiles()).toHaveLength(2)
      await body.files[0]?.blob.keep()
    }
    expect(await temporaryFiles()).toEqual([])
  })

  it('has no file where a file input was left empty', async () => {
    const body = await read(multipart(file('', ''), field('a', '1')), MULTIPART)
    expect(body).toMatchObject({ files: [], fields: { a: '1' } })
    const empty = await read(multipart(file('empty.csv', '')), MULTIPART)
    expect(empty.files[0]?.blob.size).toBe(0)
    await empty[Symbol.asyncDispose]()
  })

  it('cannot touch prototypes', async () => {
    const body = await read('{"__proto__":{"polluted":1},"constructor":2}', JSON_TYPE)
    expect('polluted' in {}).toBe(false)
    expect(Object.getPrototypeOf(body.fields)).toBeNull()
    expect(Object.keys(body.fields)).toContain('constructor')
  })
})

describe('a bad body', () => {
  it.each([
    ['{"a":', JSON_TYPE, 400, 'JSON parse error'],
    ['[1]', JSON_TYPE, 400, 'must be a JSON object'],
    ['"text"', JSON_TYPE, 400, 'must be a JSON object'],
    ['{"a":"x\\u0000"}', JSON_TYPE, 400, 'a: Null characters'],
    ['{"a":{"b":["\\ud800"]}}', JSON_TYPE, 400, 'a: Half characters'],
    ['{"\\u0000":1}', JSON_TYPE, 400, 'field: Null characters'],
    [`{"a":${'['.repeat(900_000)}${']'.repeat(900_000)}}`, JSON_TYPE, 400, 'nested too deeply'],
    [`{"a":"${'x'.repeat(2_100_000)}"}`, JSON_TYPE, 413, 'may have at most 2000000 bytes'],
    ['a=%00', FORM, 400, 'a: Null characters'],
    ['a=1&'.repeat(1001), FORM, 413, 'at most 1000 fields'],
    ['{"a":1}', 'text/plain', 415, 'not text/plain'],
    ['{"a":1}', null, 415, 'without Content-Type'],
    ['x', 'multipart/form-data', 400, 'no boundary'],
    ['x', MULTIPART, 400, 'malformed'],
    [multipart(field('a', '1')).slice(0, -8), MULTIPART, 400, 'malformed'],
    [multipart(file('a.csv', 'text')).slice(0, -8), MULTIPART, 400, 'malformed'],
    [multipart(['Content-Disposition: form-data', '1']), MULTIPART, 400, 'no usable name'],
    [multipart(['Content-Disposition: form-data; filename="x"', '1']), MULTIPART, 400, 'no usable name'],
    [multipart(field('x'.repeat(201), '1')), MULTIPART, 400, 'no usable name'],
    [multipart(field('a', 'x\u0000')), MULTIPART, 400, 'a: Null characters'],
    [multipart(file('a.csv', 'text'), field('a', 'x\u0000')), MULTIPART, 400, 'a: Null characters'],
    [multipart(...Array.from({ length: 10_000 }, () => field('a', '1'))), MULTIPART, 413, 'at most 1000'],
    [multipart(field('a', 'x'.repeat(2_000_001))), MULTIPART, 413, 'longer than 2000000 bytes'],
    [
      multipart([['Content-Disposition: form-data; name="a"', 'Content-Type: multipart/mixed; boundary=YY'], '--YY']),
      MULTIPART,
      400,
      'parts of its own',
    ],
    [multipart(...'abcd'.split('').map((name) => file(name, name))), MULTIPART, 413, 'At most 3 files'],
    [multipart(file('a', 'x'.repeat(LIMIT)), file('b', 'x'.repeat(LIMIT + 1))), MULTIPART, 413, 'limit of 3 MB'],
  ])('%.60j as %s is refused with %s: %s', async (body, type, status, detail) => {
    const problem = await refusal(body, type)
    expect(problem?.status).toBe(status)
    expect(problem?.detail).toContain(detail)
  })

  it('is refused by its Content-Length before it is read', async () => {
    const lying = new Request('http://x/', {
      method: 'POST',
      headers: { 'Content-Type': MULTIPART, 'Content-Length': '300000000' },
      body: 'x',
    })
    const problem = problemOf(await readBody(lying, files(1)).catch((error: unknown) => error))
    expect(problem?.status).toBe(413)
    expect(problem?.detail).toContain('limit of 3 MB')
    expect(lying.bodyUsed).toBe(false)
  })

  it('of a client that has gone before anybody looked is a broken connection', async () => {
    const gone = new Request('http://x/', { method: 'POST', headers: { 'Content-Type': MULTIPART } })
    // The adapter makes the body when it is asked for, out of a socket that is closed.
    const closed = new Response('x')
    await closed.text()
    Object.defineProperty(gone, 'body', { get: () => new Response(closed.body).body })
    const problem = problemOf(await readBody(gone, files(1)).catch((error: unknown) => error))
    expect(problem).toMatchObject({ status: 400, detail: expect.stringContaining('The connection broke') })
  })

  it('may not have files where none are expected', async () => {
    const problem = await refusal(multipart(file('a.csv', 'text')), MULTIPART, {})
    expect(problem).toMatchObject({ status: 400, detail: 'No file is expected here.' })
  })

  it('survives a part header of 64 KB and garbage after the end', async () => {
    const long: [string[], string] = [
      ['Content-Disposition: form-data; name="a"', `X-Junk: ${'x'.repeat(65_536)}`],
      '1',
    ]
    await read(multipart(long), MULTIPART)
    const body = await read(`preamble\r\n${multipart(field('a', '1'))}garbage\r\n--XX\r\n`, MULTIPART)
    expect({ ...body.fields }).toEqual({ a: '1' })
  })
})

describe('over a real connection, a body', () => {
  const head = (path: string, headers: string[]) =>
    [`POST ${path} HTTP/1.1`, 'Host: x', `Content-Type: ${MULTIPART}`, ...headers, '', ''].join('\r\n')

  /** Sends everything before it reads, as the Python client does, and gives the answer. */
  function send(path: string, parts: AsyncIterable<Buffer> | Iterable<Buffer>, headers: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1')
      let answer = ''
      socket.on('data', (chunk) => {
        answer += chunk
      })
      socket.on('close', () => resolve(answer))
      socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)))
      const write = async () => {
        socket.write(head(path, [...headers, 'Connection: close']))
        for await (const part of parts) {
          if (socket.destroyed) return
          if (!socket.write(part)) await new Promise((drained) => socket.once('drain', drained).once('close', drained))
        }
      }
      write().catch(reject)
    })
  }

  const start = Buffer.from(`--XX\r\n${file('big.csv', '')[0]}\r\n\r\n`)
  const end = Buffer.from('\r\n--XX--\r\n')
  const megabytes = (count: number) => Array.from({ length: count }, () => Buffer.alloc(1_000_000, 97))

  it('arrives', async () => {
    const parts = [start, ...megabytes(2), end]
    const size = parts.reduce((sum, part) => sum + part.length, 0)
    const answer = await send('/upload', parts, [`Content-Length: ${size}`])
    expect(answer).toContain('200 OK')
    expect(answer).toContain('"sizes":[2000000]')
  })

  it.each([
    ['/upload', '413', 'limit of 3 MB'],
    ['/ignored', '401', 'not read'],
    ['/signal', '401', 'aborted'],
  ])('of 300 MB sent to %s still gets to read the %s', async (path, status, text) => {
    const answer = await send(path, megabytes(300), ['Content-Length: 300000000'])
    expect(answer).toContain(`HTTP/1.1 ${status}`)
    expect(answer).toContain(text)
  })

  it('of unknown length is refused when it turns out too large, and the answer gets through', async () => {
    const chunk = (bytes: Buffer) =>
      Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
    const parts = [start, ...megabytes(100), end].map(chunk)
    const answer = await send('/upload', [...parts, Buffer.from('0\r\n\r\n')], ['Transfer-Encoding: chunked'])
    expect(answer).toContain('HTTP/1.1 413')
    expect(answer).toContain('limit of 3 MB')
  })

  it('that the client abandons leaves nothing', async () => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(head('/upload', ['Content-Length: 2000000']))
    socket.write(start)
    socket.write(Buffer.alloc(1_000_000))
    await until(async () => (await temporaryFiles()).length === 1)
    socket.destroy()
    await until(async () => (await temporaryFiles()).length === 0)
  })

  it('that crawls is ended with 408', async () => {
    async function* crawl() {
      yield start
      for (let i = 0; i < 20; i += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        yield Buffer.from('x')
      }
    }
    expect(await send('/upload', crawl(), ['Content-Length: 2000000'])).toContain('HTTP/1.1 408')
  })

  it('with two lengths, or too long a header, is refused by the server', async () => {
    const problemIn = async (headers: string[]) => {
      const answer = await send('/upload', [], headers)
      const [head = '', body = ''] = answer.split('\r\n\r\n')
      expect(head).toContain('Content-Type: application/problem+json')
      const { status, code, detail, request_id } = JSON.parse(body)
      expect([head.split(' ')[1], typeof request_id]).toEqual([String(status), 'string'])
      return [status, code, detail]
    }
    const doubled = await problemIn(['Content-Length: 5', 'Content-Length: 6'])
    expect(doubled.slice(0, 2)).toEqual([400, 'bad_request'])
    for (const size of [300_000, 3_000_000]) {
      const long = await problemIn([`Authorization: Token ${'x'.repeat(size)}`])
      expect(long).toEqual([431, 'headers_too_large', expect.stringContaining('fewer values in a filter')])
    }
    expect(await send('/nowhere', [], [`Authorization: Token ${'x'.repeat(100_000)}`])).not.toContain('HTTP/1.1 431')
  })
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('It did not happen within 4 s.')
}

describe('a file name', () => {
  it.each([
    ['catalog.csv', 'catalog.csv'],
    ['../../x.csv', 'x.csv'],
    ['C:\\Users\\vera\\x.csv', 'x.csv'],
    ['a"b;c.csv', 'a"b;c.csv'],
    ['a\r\nb\u0000.csv', 'a__b_.csv'],
    ['exe\u202evsc.csv', 'exevsc.csv'],
    ['e\u0301.csv', '\u00e9.csv'],
    ['👩‍🔬.csv', '👩‍🔬.csv'],
    ['CON.csv', 'CON.csv'],
    ['.htaccess', '.htaccess'],
    ['..', 'file'],
    ['a/', 'file'],
    ['', 'file'],
  ])('%j is kept as %j', (given, kept) => {
    expect(cleanFileName(given)).toBe(kept)
  })

  it('of 300 characters is cut, and keeps its extension', () => {
    const cut = cleanFileName(`${'é'.repeat(300)}.tar.gz`)
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(250)
    expect(cut).toMatch(/^é+\.tar\.gz$/)
    expect(cleanFileName('x'.repeat(300))).toHaveLength(250)
  })

  it.each([
    ['a.csv', '.csv'],
    ['a.b.FITS', '.FITS'],
    ['a.tar.gz', '.tar.gz'],
    ['.bashrc', ''],
    ['a', ''],
    ['a.', ''],
    ['a. b c', ''],
  ])('%j has the extension %j', (name, extension) => {
    expect(extensionOf(name)).toBe(extension)
  })
})
