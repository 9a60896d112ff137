import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FileBlobStore } from '../../src/blobs/file-blob-store.ts'
import { contentDisposition } from '../../src/http/download/content-disposition.ts'
import { DownloadTokens } from '../../src/http/download/download-token.ts'
import { parseRange } from '../../src/http/download/range.ts'
import { serveBlob, serveBytes } from '../../src/http/download/serve-bytes.ts'
import { chunks, sha256 } from '../blobs/contract.ts'
import { type RunningServer, startServer } from './foundation-server.ts'

let data: string
let store: FileBlobStore
let app: Hono
let server: RunningServer
let small: string
let large: string
const CONTENT = '0123456789'

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'download-'))
  store = await FileBlobStore.open(data)
  small = (await (await store.receive(chunks(CONTENT))).keep()).sha256
  large = (await (await store.receive(chunks(Buffer.alloc(30_000_000, 1)))).keep()).sha256
  await (await store.receive(chunks(''))).keep()
  app = new Hono()
  app.get('/:digest', (c) => serveBlob(c.req.raw, store, c.req.param('digest'), { fileName: 'Catálogo.csv' }))
  server = await startServer(app)
})
afterAll(async () => {
  await server.stop()
  await rm(data, { recursive: true })
})

const get = (headers: Record<string, string> = {}, method = 'GET') => app.request(`/${small}`, { method, headers })

describe('a range', () => {
  it.each([
    ['bytes=0-', { start: 0, end: 9 }],
    ['bytes=3-5', { start: 3, end: 5 }],
    ['bytes=-4', { start: 6, end: 9 }],
    ['bytes=-400', { start: 0, end: 9 }],
    ['bytes=8-400', { start: 8, end: 9 }],
    ['Bytes=9-9', { start: 9, end: 9 }],
    ['bytes=10-', null],
    ['bytes=9999999999999-', null],
    ['bytes=5-1', null],
    ['bytes=-0', null],
    ['bytes=-', null],
    ['bytes=0-0,5-6', null],
    ['rows=0-5', null],
    ['bytes=a-b', null],
    [undefined, null],
  ])('%s of ten bytes is %j', (header, range) => {
    expect(parseRange(header, 10)).toEqual(range)
  })

  it('of nothing is nothing', () => {
    for (const header of ['bytes=0-', 'bytes=-5', 'bytes=0-0']) expect(parseRange(header, 0)).toBeNull()
  })
})

describe('a download', () => {
  it('is whole, with its length, name and digest', async () => {
    const response = await get()
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(CONTENT)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-length': '10',
      'accept-ranges': 'bytes',
      etag: `"sha256:${small}"`,
      'repr-digest': `sha-256=:${Buffer.from(small, 'hex').toString('base64')}:`,
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''Cat%C3%A1logo.csv; filename=Catalogo.csv`,
    })
    expect(response.headers.has('content-encoding')).toBe(false)
  })

  it('gives one range with 206', async () => {
    const response = await get({ Range: 'bytes=4-' })
    expect(response.status).toBe(206)
    expect(response.headers.get('content-range')).toBe('bytes 4-9/10')
    expect(response.headers.get('content-length')).toBe('6')
    expect(await response.text()).toBe('456789')
  })

  it('begins afresh where the client has everything already', async () => {
    const response = await get({ Range: 'bytes=10-' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(CONTENT)
  })

  it('heeds If-Range, If-Match and If-None-Match', async () => {
    const etag = `"sha256:${small}"`
    expect((await get({ Range: 'bytes=4-', 'If-Range': etag })).status).toBe(206)
    expect((await get({ Range: 'bytes=4-', 'If-Range': '"stale"' })).status).toBe(200)
    expect((await get({ Range: 'bytes=4-', 'If-Range': `W/${etag}` })).status).toBe(200)
    expect((await get({ Range: 'bytes=4-', 'If-Range': 'Sun, 22 Nov 2026 00:00:00 GMT' })).status).toBe(200)
    expect((await get({ 'If-None-Match': `"other", W/${etag}` })).status).toBe(304)
    expect((await get({ 'If-None-Match': '"other"' })).status).toBe(200)
    for (const tag of [`"other", ${etag}`, '*']) expect((await get({ 'If-Match': tag })).status).toBe(200)
    for (const tag of ['"other"', `W/${etag}`]) expect((await get({ 'If-Match': tag })).status).toBe(412)
  })

  it('answers HEAD with the same headers and opens no file', async () => {
    const response = await server.fetch(`/${large}`, { method: 'HEAD', headers: { Range: 'bytes=5-' } })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toBe('30000000')
    expect(await openFiles()).toEqual([])
  })

  it('serves an empty file', async () => {
    const response = await app.request(`/${sha256('')}`)
    expect(response.headers.get('content-length')).toBe('0')
    expect(await response.text()).toBe('')
  })

  it('arrives over a real connection, whole and in ranges', async () => {
    const whole = await server.fetch(`/${large}`)
    expect(sha256(Buffer.from(await whole.arrayBuffer()))).toBe(large)
    const rest = await server.fetch(`/${large}`, { headers: { Range: 'bytes=29999990-' } })
    expect(rest.status).toBe(206)
    expect((await rest.arrayBuffer()).byteLength).toBe(10)
    expect(rest.headers.get('content-range')).toBe('bytes 29999990-29999999/30000000')
  })

  it('closes its file when the client goes in the middle', async () => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`GET /${large} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause()
    await until(async () => (await openFiles()).length === 1)
    socket.destroy()
    await until(async () => (await openFiles()).length === 0)
  })

  it('breaks off, rather than end, when the bytes on disk are too few', async () => {
    async function* short() {
      yield Buffer.from('too few')
    }
    const bytes = { sha256: small, size: 100, read: short }
    const response = serveBytes(new Request('http://x/'), bytes, { fileName: 'x' })
    await expect(response.text()).rejects.toThrow('93 bytes too early')
  })

  async function openFiles(): Promise<string[]> {
    const descriptors = await readdir('/proc/self/fd')
    const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
    return links.filter((path) => path.startsWith(data))
  }
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('It did not happen within 4 s.')
}

describe('Content-Disposition', () => {
  it.each([
    ['catalog.csv', 'filename=catalog.csv'],
    ['my catalog.tar.gz', 'filename="my catalog.tar.gz"'],
    ['a"b;c.csv', `filename*=UTF-8''a%22b%3Bc.csv; filename="a_b;c.csv"`],
    ['赤方偏移.parquet', `filename*=UTF-8''%E8%B5%A4%E6%96%B9%E5%81%8F%E7%A7%BB.parquet; filename=download.parquet`],
    ['../../x.csv', 'filename=x.csv'],
    ['a\r\nSet-Cookie: x.csv', 'filename="a__Set-Cookie: x.csv"'],
    ["it's (1)*.fits", `filename="it's (1)*.fits"`],
    ['100%20.fits', 'filename="100%20.fits"'],
    ['exe\u202evsc.csv', 'filename=exevsc.csv'],
    ['🔭.fits', `filename*=UTF-8''%F0%9F%94%AD.fits; filename=download.fits`],
    ['', 'filename=file'],
  ])('of %j', (name, expected) => {
    const header = contentDisposition('attachment', name)
    expect(header).toBe(`attachment; ${expected}`)
    expect(() => new Headers({ 'Content-Disposition': header })).not.toThrow()
  })

  it('of a very long name keeps the extension', () => {
    const header = contentDisposition('inline', `${'é'.repeat(300)}.hdf5`)
    expect(header).toMatch(/^inline; filename\*=UTF-8''.*\.hdf5; filename=e{1,250}\.hdf5$/)
  })

  it.each([
    ['catalog-v1.2.parquet', 'catalog-v1.2.parquet'],
    ['my "best" catalog (1).fits', 'my__best__catalog__1_.fits'],
    ['São Paulo.hdf5', 'Sao_Paulo.hdf5'],
    ['銀河.pq', 'download.pq'],
  ])('of %j has a plain name for those who take all that follows filename= for it', (name, plain) => {
    const header = contentDisposition('attachment', name, { unquoted: true })
    expect(header.split('filename=')[1]).toBe(plain)
    const real = /filename\*=UTF-8''(\S+);/.exec(header)?.[1]
    expect(decodeURIComponent(real ?? plain)).toBe(name)
  })
})

describe('download tokens', () => {
  const grant = { archive: 'a'.repeat(64), product: 7, user: 3 }
  let now = new Date('2026-01-01T00:00:00Z')
  const tokens = new DownloadTokens(Buffer.alloc(32, 1), () => now)

  it('open what they were signed for, for 15 minutes', () => {
    const token = tokens.sign(grant)
    expect(token).toMatch(/^[\w-]+\.[\w-]+$/)
    expect(tokens.verify(token)).toEqual(grant)
    now = new Date(now.getTime() + 900_000)
    expect(tokens.verify(token)).toEqual(grant)
    now = new Date(now.getTime() + 1)
    expect(() => tokens.verify(token)).toThrow('Download token has expired.')
  })

  it('are refused in the words of the reference server', () => {
    const token = tokens.sign(grant)
    const other = new DownloadTokens(Buffer.alloc(32, 2), () => now)
    for (const missing of ['', null, undefined]) expect(() => tokens.verify(missing)).toThrow('Missing download token.')
    for (const bad of [
      'x',
      '.',
      `${token}x`,
      `x${token}`,
      `${token}.x`,
      token.slice(0, -2),
      other.sign(grant),
      '\u0000é',
    ]) {
      expect(() => tokens.verify(bad)).toThrow('Invalid download token.')
    }
  })
})
