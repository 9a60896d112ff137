import { mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BlobStoreUnavailable } from '../../../src/blobs/error.ts'
import { parseBucketUrl } from '../../../src/blobs/s3/address.ts'
import { Bucket } from '../../../src/blobs/s3/bucket.ts'
import { S3BlobStore } from '../../../src/blobs/s3/s3-blob-store.ts'
import { all, blobStoreContract, chunks, collect, sha256 } from '../contract.ts'
import { BucketDouble } from './bucket-double.ts'

const HOUR = 3_600_000
const options = (limit = 1e9) => ({
  ...{ limit, inUseMs: HOUR },
  onTrouble: (error: unknown) => {
    throw error
  },
})

blobStoreContract('S3BlobStore', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'blobs-'))
  const bucket = await BucketDouble.start()
  return {
    store: await S3BlobStore.open(bucket.address, folder, options()),
    temporaryFiles: async () => (await readdir(join(folder, 'tmp'))).length,
    dispose: async () => {
      await bucket.close()
      await rm(folder, { recursive: true })
    },
  }
})

describe('S3BlobStore', () => {
  let bucket: BucketDouble
  let folder: string
  let store: S3BlobStore
  const open = async (limit?: number) => S3BlobStore.open(bucket.address, folder, options(limit))
  const keep = async (text: string) => (await (await store.receive(chunks(text))).keep()).sha256
  const nameOf = (digest: string) => `files/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest}`
  const forgetCopies = () => rm(join(folder, 'blobs'), { recursive: true })

  beforeEach(async () => {
    bucket = await BucketDouble.start()
    folder = await mkdtemp(join(tmpdir(), 'blobs-'))
    store = await open()
  })
  afterEach(async () => {
    await bucket.close()
    await rm(folder, { recursive: true })
  })

  it('puts a blob where a folder of files would have it, once', async () => {
    const digest = await keep('content')
    expect([...bucket.objects]).toEqual([[nameOf(digest), Buffer.from('content')]])
    bucket.asked.length = 0
    await keep('content')
    expect(bucket.asked).toEqual([`HEAD ${nameOf(digest)}`])
  })

  it('replaces an object of another size by the good bytes', async () => {
    const digest = await keep('content')
    bucket.objects.set(nameOf(digest), Buffer.from('con'))
    await keep('content')
    expect(bucket.objects.get(nameOf(digest))).toEqual(Buffer.from('content'))
  })

  it('fetches a copy for programs once, also for several at a time', async () => {
    const digest = await keep('content')
    expect(await readFile(await store.path(digest), 'utf8')).toBe('content')
    expect(bucket.asked.filter((asked) => asked.startsWith('GET files'))).toEqual([])
    await forgetCopies()
    store = await open()
    const paths = await Promise.all([store.path(digest), store.path(digest), store.path(digest)])
    expect(new Set(paths).size).toBe(1)
    expect(await readFile(paths[0]!, 'utf8')).toBe('content')
    expect(bucket.asked.filter((asked) => asked.startsWith('GET files'))).toHaveLength(1)
  })

  it('gives no copy of damaged bytes', async () => {
    const digest = await keep('content')
    bucket.objects.set(nameOf(digest), Buffer.from('CONTENT'))
    await forgetCopies()
    await expect(store.path(digest)).rejects.toThrow(`the bytes of ${digest} are damaged`)
    expect(await readdir(join(folder, 'tmp'))).toEqual([])
    expect((await collect(store.read(digest))).toString()).toBe('CONTENT') // so that the check of integrity sees it
  })

  it('makes room for copies, those used longest ago first, but none that may be in use', async () => {
    store = await open(25)
    const digests = [await keep('ten bytes.'), await keep('TEN BYTES.')]
    const hoursAgo = async (digest: string, hours: number) => {
      const at = new Date(Date.now() - hours * HOUR)
      await utimes(join(folder, 'blobs', digest.slice(0, 2), digest.slice(2, 4), digest), at, at)
    }
    const copies = async () =>
      (await readdir(join(folder, 'blobs'), { recursive: true })).filter((name) => name.length > 60).length
    await hoursAgo(digests[0]!, 2)
    await hoursAgo(digests[1]!, 3)
    await store.path(digests[1]!) // used again
    digests.push(await keep('Ten Bytes.'))
    expect(await copies()).toBe(2)
    bucket.asked.length = 0
    await store.path(digests[1]!)
    expect(bucket.asked).toEqual([])
    await store.path(digests[0]!) // must be fetched; all others may be in use
    expect(bucket.asked).toEqual([`GET ${nameOf(digests[0]!)}`])
    expect(await copies()).toBe(3)
    expect(bucket.objects.size).toBe(3)
  })

  it('asks again what was refused for a passing reason', async () => {
    bucket.faults.push({ status: 503 }, { status: 500 })
    const digest = await keep('content')
    bucket.faults.push({ status: 429 })
    expect(await store.has(digest)).toBe(true)
  })

  it('goes on reading where the connection broke', async () => {
    const digest = await keep('0123456789')
    bucket.asked.length = 0
    bucket.faults.push({ breakAfter: 4 })
    expect((await collect(store.read(digest, { start: 2, end: 8 }))).toString()).toBe('2345678')
    expect(bucket.asked).toEqual([`GET ${nameOf(digest)} bytes=2-8`, `GET ${nameOf(digest)} bytes=6-8`])
  })

  it('goes on listing where the connection broke', async () => {
    const digest = await keep('content')
    bucket.faults.push({ breakAfter: 40 })
    expect(await all(store.list())).toEqual([{ sha256: digest, size: 7 }])
  })

  it('does not pass off a part for all of an object that is removed while it is read', async () => {
    const digest = await keep('0123456789')
    bucket.faults.push({ breakAfter: 4 }, { status: 404 })
    await expect(collect(store.read(digest))).rejects.toThrow('an object was removed while it was read')
  })

  it('does not ask a silent bucket again, and lets nothing wait for it when it is closed', async () => {
    const impatient = new Bucket(bucket.address, 50)
    bucket.faults.push('silence')
    await expect(impatient.sizeOf('x')).rejects.toThrow('nothing moved for 0.05 s')
    bucket.faults.push('silence')
    const asked = store.has(sha256('content'))
    const refused = expect(asked).rejects.toThrow(BlobStoreUnavailable)
    while (bucket.faults.length > 0) await setTimeout(5)
    store.close()
    await refused
  })

  it('does not take a bucket that is gone for files that are', async () => {
    const digest = await keep('content')
    const gone = () => bucket.faults.push({ status: 404 }, { status: 404 })
    for (const look of [() => store.has(digest), () => store.size(digest), () => collect(store.read(digest))]) {
      gone()
      await expect(look()).rejects.toThrow('there is no such bucket')
    }
    expect(await store.has(digest)).toBe(true)
  })

  it('says that it cannot be used, keeps nothing then, and works again afterwards', async () => {
    for (let i = 0; i < 4; i++) bucket.faults.push({ status: 503 })
    const received = await store.receive(chunks('content'))
    const kept = received.keep()
    await expect(kept).rejects.toThrow(BlobStoreUnavailable)
    await expect(kept).rejects.toThrow('it answered 503')
    expect(await readdir(join(folder, 'tmp'))).toEqual([])
    expect(await all(store.list())).toEqual([])
    await keep('content')
    expect(await store.has(sha256('content'))).toBe(true)
  })

  it.each([
    ['another secret', { secretAccessKey: 'wrong' }, '403 SignatureDoesNotMatch'],
    ['another bucket', { bucket: 'elsewhere' }, 'there is no such bucket'],
    ['another port', { port: 1 }, 'ECONNREFUSED'],
  ])('does not open with %s', async (_what, wrong, reason) => {
    await expect(S3BlobStore.open({ ...bucket.address, ...wrong }, folder, options())).rejects.toThrow(reason)
  })

  it('passes over objects that are no blobs', async () => {
    const digest = await keep('content')
    for (const name of ['files/README', 'elsewhere/x', `files/00/00/${digest}.bak`])
      bucket.objects.set(name, Buffer.from('x'))
    expect(await all(store.list())).toEqual([{ sha256: digest, size: 7 }])
  })
})

describe('the address of a bucket', () => {
  it.each([
    [
      's3://k:s@s3.eu-west-1.amazonaws.com/photoz?region=eu-west-1',
      { protocol: 'https:', port: null, prefix: '', region: 'eu-west-1' },
    ],
    ['s3://k:s@h/photoz/', { prefix: '', region: 'us-east-1' }],
    ['s3+http://k:s@h:9000/photoz/a/b', { protocol: 'http:', port: 9000, prefix: 'a/b/' }],
    ['s3://k:s@[::1]:9000/photoz?region=', { host: '::1', port: 9000, region: 'us-east-1' }],
    ['s3://k%40:s%2F%2B@h/photoz', { accessKeyId: 'k@', secretAccessKey: 's/+' }],
  ])('is read from %s', (text, parts) => {
    expect(parseBucketUrl(text)).toMatchObject({ ...parts, bucket: 'photoz' })
  })

  it.each([
    '',
    's3://h/photoz',
    's3://k:s@h',
    's3://k:s@h/B',
    'https://k:s@h/photoz',
    's3://k:s@h/photoz/../x y',
    's3://k:s@/photoz',
    's3://k:100%@h/photoz',
    's3://k:s@h/photoz?regoin=eu-west-1',
  ])('is not %j', (text) => {
    expect(parseBucketUrl(text)).toBeNull()
  })
})
