import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DerivedFiles } from '../../src/application/derived-files.ts'
import { createLog } from '../../src/log.ts'
import { TableError } from '../../src/tables/table.ts'

describe('derived files', () => {
  let directory: string
  let made: number
  const make = async () => ({ made: ++made })
  const open = () => new DerivedFiles(directory, createLog('silent'))

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'photoz-derived-'))
    made = 0
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  it('are made once, and read from then on, also by the next run of the program', async () => {
    const derived = open()
    const answers = await Promise.all([derived.get('a.sky', make, 1000), derived.get('a.sky', make, 1000)])
    expect(answers).toEqual([
      { state: 'ready', value: { made: 1 } },
      { state: 'ready', value: { made: 1 } },
    ])
    expect(await open().get('a.sky', make, 1000)).toEqual({ state: 'ready', value: { made: 1 } })
    expect(await readdir(join(directory, 'cache'))).toEqual(['a.sky.json'])
  })

  it('are forgotten with the bytes they were made of, also while they are being made', async () => {
    const derived = open()
    const [gone, other] = ['1'.repeat(64), '2'.repeat(64)]
    await derived.forget(async (sha256) => sha256 !== other)
    await derived.get(`${gone}.${other}.rows`, make, 1000)
    await derived.get(`${other}.sky`, make, 1000)
    const archive = `${'3'.repeat(64)}.zip`
    await writeFile(join(directory, 'cache', archive), 'an archive')
    const slow = () => new Promise<string>((resolve) => setTimeout(() => resolve('done'), 50))
    expect(await derived.get(`${gone}.sky`, slow, 1)).toEqual({ state: 'preparing' })
    await derived.forget(async (sha256) => sha256 !== other)
    await derived.settled()
    expect(await readdir(join(directory, 'cache'))).toEqual([`${other}.sky.json`, archive])
  })

  it('are made again when they were not written whole, as after a power cut', async () => {
    await open().get('a.sky', make, 1000)
    for (const text of ['', '{"ma']) {
      await writeFile(join(directory, 'cache', 'a.sky.json'), text)
      expect(await open().get('a.sky', make, 1000)).toEqual({ state: 'ready', value: { made } })
    }
    expect(made).toBe(3)
  })

  it('are not waited for too long; the work goes on', async () => {
    const derived = open()
    let finish = () => {}
    const slow = () => new Promise<string>((resolve) => (finish = () => resolve('done')))
    expect(await derived.get('b', slow, 5)).toEqual({ state: 'preparing' })
    finish()
    await derived.settled()
    expect(await derived.get('b', slow, 5)).toEqual({ state: 'ready', value: 'done' })
  })

  it('that cannot be made say why, and are not tried again at once', async () => {
    const derived = open()
    const fail = async () => {
      made++
      throw new TableError('out_of_memory', 'Too much.')
    }
    for (const _ of [1, 2])
      expect(await derived.get('c', fail, 1000)).toEqual({ state: 'impossible', reason: 'Too much.' })
    expect(made).toBe(1)
  })

  it('that were cancelled are tried again', async () => {
    const derived = open()
    const cancelled = async () => {
      throw new TableError('cancelled', 'The work was cancelled.')
    }
    expect(await derived.get('d', cancelled, 1000)).toEqual({ state: 'preparing' })
    expect(await derived.get('d', make, 1000)).toEqual({ state: 'ready', value: { made: 1 } })
  })

  it('have names that stay in their folder', async () => {
    await expect(open().get('../x', make, 10)).rejects.toThrow('Not a name')
  })
})
