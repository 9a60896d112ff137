import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BlobStore } from '../../src/blobs/blob-store.ts'
import { BlobMissing, BlobTooLarge } from '../../src/blobs/error.ts'

/** A store under test. */
export interface StoreUnderTest {
  readonly store: BlobStore
  /** How many temporary files lie about. */
  temporaryFiles(): Promise<number>
  dispose(): Promise<void>
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

export async function* chunks(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(part)
  return Buffer.concat(parts)
}

export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

const keep = async (store: BlobStore, ...parts: (string | Uint8Array)[]) =>
  (await store.receive(chunks(...parts))).keep()

/** What every blob store must do. */
export function blobStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the contract of blob stores`, () => {
    let under: StoreUnderTest
    let store: BlobStore

    beforeEach(async () => {
      under = await open()
      store = under.store
    })
    afterEach(async () => {
      expect(await under.temporaryFiles()).toBe(0)
      await under.dispose()
    })

    it('gives back the bytes that it keeps, under their SHA-256', async () => {
      const temporary = await store.receive(chunks('ra,dec\n', '', '150.1,2.2\n'))
      const text = 'ra,dec\n150.1,2.2\n'
      expect(temporary).toMatchObject({ sha256: sha256(text), size: text.length })
      expect(await readFile(temporary.path, 'utf8')).toBe(text)
      expect(await store.has(temporary.sha256)).toBe(false)

      expect(await temporary.keep()).toEqual({ sha256: sha256(text), size: text.length })
      expect(await store.has(sha256(text))).toBe(true)
      expect(await store.size(sha256(text))).toBe(text.length)
      expect((await collect(store.read(sha256(text)))).toString()).toBe(text)
      expect(await readFile(await store.path(sha256(text)), 'utf8')).toBe(text)
    })

    it('keeps an empty file', async () => {
      const { sha256: digest } = await keep(store)
      expect(digest).toBe(sha256(''))
      expect(await collect(store.read(digest))).toHaveLength(0)
    })

    it('reads ranges, both ends included, and stops at the end of the bytes', async () => {
      const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, index) => index % 251))
      const { sha256: digest } = await keep(store, bytes.subarray(0, 300_000), bytes.subarray(300_000))
      const read = (start: number, end: number) => collect(store.read(digest, { start, end }))
      expect(await read(0, 0)).toEqual(bytes.subarray(0, 1))
      expect(await read(299_990, 300_009)).toEqual(bytes.subarray(299_990, 300_010))
      expect(await read(1, 699_998)).toEqual(bytes.subarray(1, 699_999))
      expect(await read(699_999, 9_999_999)).toEqual(bytes.subarray(699_999))
    })

    it('keeps the same bytes once, also when they come at the same time', async () => {
      const received = await Promise.all(Array.from({ length: 5 }, () => store.receive(chunks('same'))))
      await Promise.all(received.map((temporary) => temporary.keep()))
      await keep(store, 'same')
      expect(await all(store.list())).toEqual([{ sha256: sha256('same'), size: 4 }])
    })

    it('forgets what is discarded, and ignores a discard after keep', async () => {
      const unwanted = await store.receive(chunks('unwanted'))
      await unwanted.discard()
      expect(await store.has(unwanted.sha256)).toBe(false)
      const wanted = await store.receive(chunks('wanted'))
      await wanted.keep()
      await wanted.keep()
      await wanted.discard()
      expect(await store.has(wanted.sha256)).toBe(true)
    })

    it('accepts exactly the limit and refuses one byte more, leaving nothing', async () => {
      await (await store.receive(chunks('12345'), { limit: 5 })).keep()
      const refused = store.receive(chunks('12345', '6'), { limit: 5 })
      await expect(refused).rejects.toThrow(BlobTooLarge)
      await expect(refused).rejects.toThrow('limit of 5 bytes')
    })

    it('leaves nothing when the source breaks off', async () => {
      async function* broken() {
        yield Buffer.from('half of it')
        throw new Error('connection lost')
      }
      await expect(store.receive(broken())).rejects.toThrow('connection lost')
    })

    it('leaves nothing when the source broke before anybody read it', async () => {
      const source = new Readable({ read: () => {} })
      const receiving = store.receive(source)
      source.destroy(new Error('connection lost'))
      await expect(receiving).rejects.toThrow('connection lost')
    })

    it('stops at an abort even while the source is silent', async () => {
      const controller = new AbortController()
      async function* silent() {
        yield Buffer.from('first')
        await new Promise(() => {})
      }
      const receiving = store.receive(silent(), { signal: controller.signal })
      setTimeout(() => controller.abort(new Error('gone')), 20)
      await expect(receiving).rejects.toThrow('gone')
      await expect(store.receive(chunks('x'), { signal: controller.signal })).rejects.toThrow('gone')
    })

    it('tells that bytes are missing, and that a digest is none', async () => {
      for (const digest of [sha256('never stored'), '../../etc/passwd', 'ABC', '']) {
        expect(await store.has(digest)).toBe(false)
        await expect(store.size(digest)).rejects.toThrow(BlobMissing)
        await expect(store.path(digest)).rejects.toThrow(BlobMissing)
        await expect(collect(store.read(digest))).rejects.toThrow(BlobMissing)
      }
    })

    it('removes for a purge, twice without complaint, and can keep the bytes again', async () => {
      const { sha256: digest } = await keep(store, 'purge me')
      await store.remove(digest)
      await store.remove(digest)
      expect(await store.has(digest)).toBe(false)
      await keep(store, 'purge me')
      expect(await store.has(digest)).toBe(true)
    })

    it('lists in order of digest', async () => {
      for (const text of ['a', 'b', 'c', 'd']) await keep(store, text)
      const digests = (await all(store.list())).map((blob) => blob.sha256)
      expect(digests).toEqual(['a', 'b', 'c', 'd'].map(sha256).sort())
    })
  })
}
