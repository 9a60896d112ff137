import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import yauzl from 'yauzl'
import { BlobMissing } from '../../src/blobs/error.ts'
import { FileBlobStore } from '../../src/blobs/file-blob-store.ts'
import { contentKey, placeEntries } from '../../src/http/download/zip.ts'
import { ZipCache } from '../../src/http/download/zip-cache.ts'
import { chunks, collect, sha256 } from '../blobs/contract.ts'

let data: string
let store: FileBlobStore
let now: number
const clock = () => new Date(now)
const openCache = (limit = 1e9) => ZipCache.open(data, store, { limit, clock })
const keep = async (content: string | Uint8Array) => (await (await store.receive(chunks(content))).keep()).sha256
const text = (content: string) => Buffer.from(content)

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'zip-'))
  store = await FileBlobStore.open(data)
  now = Date.parse('2026-01-01T00:00:00Z')
})
afterEach(() => rm(data, { recursive: true }))

/** Names and contents, read by another program's reader. */
function unzip(path: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  return new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, strictFileNames: true }, (openError, zip) => {
      if (openError) return reject(openError)
      zip.on('entry', (entry) => {
        zip.openReadStream(entry, (error, stream) => {
          if (error) return reject(error)
          collect(stream).then((bytes) => {
            found[entry.fileName] = bytes.toString()
            zip.readEntry()
          }, reject)
        })
      })
      zip.on('end', () => resolve(found))
      zip.on('error', reject)
      zip.readEntry()
    })
  })
}

describe('an archive for download', () => {
  it('holds the files, and a manifest of their digests', async () => {
    const cache = await openCache()
    const catalog = await keep('ra,dec\n1,2\n')
    const zip = await cache.prepare([
      { name: 'São Paulo.csv', sha256: catalog },
      { name: 'docs/README.md', bytes: text('# Read me') },
    ])
    const path = join(data, 'cache', `${zip.key}.zip`)
    expect(await unzip(path)).toEqual({
      'São Paulo.csv': 'ra,dec\n1,2\n',
      'docs/README.md': '# Read me',
      'MANIFEST.sha256': `${sha256('# Read me')}  docs/README.md\n${catalog}  São Paulo.csv\n`,
    })
    const bytes = await readFile(path)
    expect(zip).toMatchObject({ sha256: sha256(bytes), size: bytes.length })
    expect(await collect(zip.read({ start: 10, end: 19 }))).toEqual(bytes.subarray(10, 20))
  })

  it('is the same, byte for byte, whenever and in whatever order it is made', async () => {
    const entries = [
      { name: 'b.csv', sha256: await keep('b') },
      { name: 'a.csv', sha256: await keep(Buffer.alloc(300_000, 7)) },
      { name: 'empty', bytes: text('') },
    ]
    const first = await (await openCache()).prepare(entries)
    now += 400 * 24 * 3600 * 1000
    const second = await (await openCache()).prepare([...entries].reverse())
    expect(second).toMatchObject({ key: first.key, sha256: first.sha256, size: first.size })
    const third = await (await openCache()).prepare(entries.slice(1))
    expect(third.key).not.toBe(first.key)
  })

  it('is forgotten with the bytes in it, also while it is being made', async () => {
    const cache = await openCache()
    const [gone, other] = [await keep('gone'), await keep('other')]
    const stays = await cache.prepare([{ name: 'b', sha256: other }])
    const making = cache.prepare([{ name: 'a', sha256: gone }])
    await cache.forget(async (sha256) => sha256 === gone)
    const { key } = await making
    expect(cache.get(key)).toBeNull()
    expect(await readdir(join(data, 'cache'))).toEqual([`${stays.key}.zip`])
  })

  it('gives every file a safe name of its own', () => {
    const digest = (n: number) => sha256(String(n))
    const placed = placeEntries([
      { name: '../../etc/passwd', sha256: digest(1) },
      { name: 'C:\\windows\\x.csv', sha256: digest(2) },
      { name: 'notes.tar.gz', sha256: digest(3) },
      { name: 'NOTES.tar.gz', sha256: digest(4) },
      { name: '..', sha256: digest(6) },
      { name: 'a\nb', sha256: digest(7) },
    ])
    expect(placed.map((entry) => entry.name)).toEqual([
      'file',
      'etc/passwd',
      'windows/x.csv',
      'NOTES.tar.gz',
      'a_b',
      'notes (2).tar.gz',
      'MANIFEST.sha256',
    ])
    expect(contentKey(placed)).toMatch(/^[0-9a-f]{64}$/)
  })

  it('begins with what was made for it, whose names no file takes', () => {
    const file = (name: string) => ({ name, sha256: sha256(name) })
    const placed = placeEntries([
      file('a.csv'),
      file('manifest.SHA256'),
      file('Metadata.yaml'),
      { name: 'metadata.yaml', bytes: text('made') },
      { name: 'about.json', bytes: text('{}') },
    ])
    expect(placed.map((entry) => entry.name)).toEqual([
      'metadata.yaml',
      'about.json',
      'Metadata (2).yaml',
      'a.csv',
      'manifest (2).SHA256',
      'MANIFEST.sha256',
    ])
    expect(placed[0]?.bytes).toEqual(text('made'))
  })

  it('is made once for all who ask at the same time', async () => {
    const cache = await openCache()
    const entries = [{ name: 'a.csv', sha256: await keep('a') }]
    const zips = await Promise.all(Array.from({ length: 5 }, () => cache.prepare(entries)))
    expect(new Set(zips).size).toBe(1)
    expect(await cache.prepare(entries)).toBe(zips[0])
    expect(cache.get(zips[0]?.key ?? '')).toBe(zips[0])
    expect(cache.get('nothing')).toBeNull()
  })

  it('is made again when somebody emptied the folder', async () => {
    const cache = await openCache()
    const entries = [{ name: 'a.csv', sha256: await keep('a') }]
    const { key } = await cache.prepare(entries)
    await rm(join(data, 'cache'), { recursive: true })
    expect(cache.get(key)).toBeNull()
    const zip = await cache.prepare(entries)
    expect(await collect(zip.read({ start: 0, end: zip.size - 1 }))).toHaveLength(zip.size)
  })

  it('leaves nothing when it cannot be made', async () => {
    const cache = await openCache()
    const good = await keep('good')
    const entries = [
      { name: 'good', sha256: good },
      { name: 'lost', sha256: sha256('lost') },
    ]
    await expect(cache.prepare(entries)).rejects.toThrow(BlobMissing)
    const vanishing = { ...store, size: async () => 4, read: (digest: string) => store.read(digest) }
    const careless = await ZipCache.open(data, Object.setPrototypeOf(vanishing, store), { limit: 1e9, clock })
    await expect(careless.prepare(entries)).rejects.toThrow(BlobMissing)
    expect(await readdir(join(data, 'cache'))).toEqual([])
  })

  it('is swept at the start, and goes when it is old and room is needed', async () => {
    await (await openCache()).prepare([{ name: 'old', bytes: text('old') }])
    await writeFile(join(data, 'cache', 'x.1.y.z.part'), '')
    const cache = await openCache(1000)
    expect((await readdir(join(data, 'cache'))).filter((name) => name.endsWith('.zip'))).toEqual([])

    const first = await cache.prepare([{ name: 'first', bytes: Buffer.alloc(600) }])
    const second = await cache.prepare([{ name: 'second', bytes: Buffer.alloc(600) }])
    expect(cache.get(first.key)).toBe(first)
    now += 3600 * 1000
    expect(cache.get(first.key)).toBe(first) // used again
    const third = await cache.prepare([{ name: 'third', bytes: Buffer.alloc(600) }])
    expect(cache.get(second.key)).toBeNull()
    expect(cache.get(first.key)).toBe(first)
    expect(cache.get(third.key)).toBe(third)
  })

  it('opens one file at a time', async () => {
    const entries = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => ({ name: `part${index}`, sha256: await keep(`part ${index}`) })),
    )
    let open = 0
    let most = 0
    const watching = Object.setPrototypeOf(
      {
        size: (digest: string) => store.size(digest),
        async *read(digest: string) {
          open += 1
          most = Math.max(most, open)
          yield* store.read(digest)
          open -= 1
        },
      },
      store,
    )
    const cache = await ZipCache.open(data, watching, { limit: 1e9, clock })
    await cache.prepare(entries)
    expect(most).toBe(1)
  })

  it('takes little work, because nothing is compressed', async () => {
    const part = Buffer.alloc(1_000_000)
    const big = await (await store.receive(chunks(...Array.from({ length: 50 }, () => part)))).keep()
    const cache = await openCache()
    const start = process.cpuUsage()
    const zip = await cache.prepare([{ name: 'big.parquet', sha256: big.sha256 }])
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1e6).toBeLessThan(2) // 200 MB took half a second on an idle machine
    expect(zip.size).toBeGreaterThan(50_000_000)
    const hash = createHash('sha256')
    for await (const chunk of zip.read({ start: 0, end: zip.size - 1 })) hash.update(chunk)
    expect(hash.digest('hex')).toBe(zip.sha256)
  })
})
