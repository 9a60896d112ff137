import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FileBlobStore } from '../../src/blobs/file-blob-store.ts'
import { checkIntegrity } from '../../src/blobs/integrity.ts'
import { chunks, sha256 } from './contract.ts'

let data: string
let store: FileBlobStore
const keep = async (text: string) => (await store.receive(chunks(text))).keep()

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'integrity-'))
  store = await FileBlobStore.open(data)
})
afterEach(() => rm(data, { recursive: true }))

it('finds a sound store sound', async () => {
  const referenced = [await keep('one'), await keep('two')]
  expect(await checkIntegrity(store, referenced)).toEqual({
    checked: 2,
    bytes: 6,
    orphans: [],
    missing: [],
    mismatched: [],
  })
})

it('tells orphans, missing and damaged blobs apart', async () => {
  const damaged = await keep('these bytes will rot')
  const resized = await keep('size')
  const orphan = await keep('nobody refers to me')
  const missing = { sha256: sha256('lost'), size: 4 }
  const path = await store.path(damaged.sha256)
  await chmod(path, 0o600)
  await writeFile(path, 'these bytes have rot')

  const report = await checkIntegrity(store, [damaged, { ...resized, size: 5 }, missing])
  expect(report.checked).toBe(3)
  expect(report.orphans).toEqual([orphan])
  expect(report.missing).toEqual([missing])
  expect(report.mismatched).toHaveLength(2)
  expect(report.mismatched).toContainEqual({
    sha256: damaged.sha256,
    expectedSize: 20,
    actualSize: 20,
    actualSha256: sha256('these bytes have rot'),
  })
  expect(report.mismatched).toContainEqual({
    sha256: resized.sha256,
    expectedSize: 5,
    actualSize: 4,
    actualSha256: resized.sha256,
  })
})

it('stops when it is told to', async () => {
  await keep('one')
  await expect(checkIntegrity(store, [], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
})
