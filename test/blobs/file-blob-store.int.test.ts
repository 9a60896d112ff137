import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiskFull } from '../../src/blobs/error.ts'
import { FileBlobStore } from '../../src/blobs/file-blob-store.ts'
import { all, blobStoreContract, chunks, collect, sha256 } from './contract.ts'

blobStoreContract('FileBlobStore', async () => {
  const data = await mkdtemp(join(tmpdir(), 'blobs-'))
  return {
    store: await FileBlobStore.open(data),
    temporaryFiles: async () => (await readdir(join(data, 'tmp'))).length,
    dispose: () => rm(data, { recursive: true }),
  }
})

describe('FileBlobStore', () => {
  let data: string
  let store: FileBlobStore

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'blobs-'))
    store = await FileBlobStore.open(data)
  })
  afterEach(() => rm(data, { recursive: true }))

  it('puts a blob where its digest says, read-only', async () => {
    const { sha256: digest } = await (await store.receive(chunks('content'))).keep()
    const path = join(data, 'blobs', digest.slice(0, 2), digest.slice(2, 4), digest)
    expect(await store.path(digest)).toBe(path)
    expect((await stat(path)).mode & 0o777).toBe(0o444)
  })

  // Two file systems: Linux has one in memory here.
  it.skipIf(!existsSync('/dev/shm'))('keeps files in a folder that is mounted from elsewhere', async () => {
    const mounted = await mkdtemp('/dev/shm/blobs-')
    const sharing = await mkdtemp(join(tmpdir(), 'blobs-'))
    try {
      await symlink(mounted, join(sharing, 'blobs'))
      const shared = await FileBlobStore.open(sharing)
      const { sha256: digest } = await (await shared.receive(chunks('content'))).keep()
      const path = join(mounted, digest.slice(0, 2), digest.slice(2, 4), digest)
      expect(await readFile(path, 'utf8')).toBe('content')
      expect((await stat(path)).mode & 0o777).toBe(0o444)
      expect([await readdir(join(sharing, 'tmp')), await readdir(join(mounted, 'tmp'))]).toEqual([[], []])

      const host = hostname().replaceAll(/[^A-Za-z0-9-]/g, '-')
      await writeFile(join(mounted, 'tmp', `${host}.999999999.run.a.part`), 'its process is dead')
      expect(await all((await FileBlobStore.open(sharing)).list())).toEqual([{ sha256: digest, size: 7 }])
      expect(await readdir(join(mounted, 'tmp'))).toEqual([])
    } finally {
      for (const folder of [mounted, sharing]) await rm(folder, { recursive: true })
    }
  })

  it('makes its folders again when somebody removes them', async () => {
    const keep = async () => (await store.receive(chunks('content'))).keep()
    const { sha256: digest } = await keep()
    await rm(join(data, 'tmp'), { recursive: true })
    await rm(join(data, 'blobs'), { recursive: true })
    await keep()
    expect(await collect(store.read(digest))).toEqual(Buffer.from('content'))
  })

  it('replaces a truncated file by the good bytes', async () => {
    const { sha256: digest } = await (await store.receive(chunks('content'))).keep()
    const path = await store.path(digest)
    await chmod(path, 0o600)
    await writeFile(path, 'con')
    await (await store.receive(chunks('content'))).keep()
    expect(await readFile(path, 'utf8')).toBe('content')
  })

  it('sweeps what dead writers left, and nothing of living ones', async () => {
    const living = await store.receive(chunks('still being inspected'))
    const host = hostname().replaceAll(/[^A-Za-z0-9-]/g, '-')
    const temporary = (name: string) => join(data, 'tmp', name)
    await writeFile(temporary(`${host}.999999999.run.a.part`), 'its process is dead')
    await writeFile(temporary(`${host}.${process.pid}.run.b.part`), 'an earlier run with our process id')
    await writeFile(temporary(`${host}.${process.ppid}.run.c.part`), 'of a living process')
    await writeFile(temporary('elsewhere.1.run.d.part'), 'another machine, now')
    await writeFile(temporary('elsewhere.1.run.e.part'), 'another machine, long ago')
    await utimes(temporary('elsewhere.1.run.e.part'), 1, 1)
    await writeFile(temporary('unrelated'), 'not ours')

    await FileBlobStore.open(data)
    const left = (await readdir(join(data, 'tmp'))).filter((name) => !living.path.endsWith(name)).sort()
    expect(left).toEqual(['elsewhere.1.run.d.part', `${host}.${process.ppid}.run.c.part`, 'unrelated'].sort())
    await living.keep()
  })

  it('refuses an upload before it eats the space that the log needs', async () => {
    const full = await FileBlobStore.open(data, { reserve: Number.MAX_SAFE_INTEGER })
    await expect(full.receive(chunks('x'))).rejects.toThrow(DiskFull)
    expect(await readdir(join(data, 'tmp'))).toEqual([])
  })

  it('closes its files, also when the reader stops early', async () => {
    const { sha256: digest } = await (await store.receive(chunks(Buffer.alloc(600_000)))).keep()
    for await (const chunk of store.read(digest)) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    await collect(store.read(digest))
    expect(await openFilesBelow(data)).toEqual([])
  })

  it('passes over files that are no blobs', async () => {
    await (await store.receive(chunks('content'))).keep()
    await writeFile(join(data, 'blobs', 'README'), 'note')
    const digest = sha256('content')
    await writeFile(join(data, 'blobs', digest.slice(0, 2), digest.slice(2, 4), `${digest}.bak`), 'backup')
    expect(await all(store.list())).toEqual([{ sha256: digest, size: 7 }])
  })
})

async function openFilesBelow(directory: string): Promise<string[]> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  )
  return links.filter((path) => path.startsWith(directory))
}
