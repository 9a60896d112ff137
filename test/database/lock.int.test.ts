import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataDirInUse } from '../../src/database/errors.ts'
import { dataDirHolder, lockDataDir } from '../../src/database/lock.ts'

const lockModule = new URL('../../src/database/lock.ts', import.meta.url).href

describe('the lock of a data directory', () => {
  let directory: string
  const children: ChildProcess[] = []
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'photoz-lock-'))
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await rm(directory, { recursive: true })
  })

  /** A process that takes the lock, says `held` or the error code, and stays. */
  async function contender(): Promise<{ said: string; child: ChildProcess }> {
    const program = `
      const { lockDataDir } = await import(${JSON.stringify(lockModule)})
      try { await lockDataDir(${JSON.stringify(directory)}); process.stdout.write('held') }
      catch (error) { process.stdout.write(error.code) }
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    const [output] = await once(child.stdout!, 'data')
    return { said: String(output), child }
  }

  it('names the process that holds it, and is free after release', async () => {
    const lock = await lockDataDir(directory)
    await lock.publish('http://127.0.0.1:4000')
    await expect(lockDataDir(directory)).rejects.toBeInstanceOf(DataDirInUse)
    await expect(lockDataDir(directory)).rejects.toThrow(
      new RegExp(`${directory} is in use by process ${process.pid}.*http://127.0.0.1:4000`),
    )
    expect(await dataDirHolder(directory)).toMatchObject({ pid: process.pid, url: 'http://127.0.0.1:4000' })
    expect((await dataDirHolder(directory))?.controlKey).toMatch(/^[0-9a-f]{64}$/)
    expect((await stat(join(directory, 'server.lock'))).mode & 0o777).toBe(0o600)
    await lock.release()
    expect(await readdir(directory)).toEqual([])
    expect(await dataDirHolder(directory)).toBeUndefined()
    await (await lockDataDir(directory)).release()
  })

  it('refuses a second process, and is taken over after kill -9', async () => {
    const { said, child } = await contender()
    expect(said).toBe('held')
    await expect(lockDataDir(directory)).rejects.toThrow(`process ${child.pid}`)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const lock = await lockDataDir(directory)
    expect(lock.holder.pid).toBe(process.pid)
    await lock.release()
  })

  it('goes to exactly one of several that find a dead one', async () => {
    const { child } = await contender()
    child.kill('SIGKILL')
    await once(child, 'exit')
    const outcomes = await Promise.all(Array.from({ length: 4 }, contender))
    expect(outcomes.map((outcome) => outcome.said).sort()).toEqual([
      'data_dir_in_use',
      'data_dir_in_use',
      'data_dir_in_use',
      'held',
    ])
  })

  it('is that of the directory itself: it stays when that is moved, and a copy is free', async () => {
    const lock = await lockDataDir(directory)
    const copy = `${directory}-copy`
    const moved = `${directory}-moved`
    try {
      await cp(directory, copy, { recursive: true })
      expect(await dataDirHolder(copy)).toBeUndefined()
      await (await lockDataDir(copy)).release()
      await rename(directory, moved)
      await expect(lockDataDir(moved)).rejects.toThrow(`process ${process.pid}`)
      await rename(moved, directory)
      await lock.release()
    } finally {
      await rm(copy, { recursive: true, force: true })
    }
  })

  it('is stale when its pid belongs to a later process, and when the file is damaged', async () => {
    const file = join(directory, 'server.lock')
    const lock = await lockDataDir(directory)
    const holder = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...holder, processStart: '1', controlKey: 'of another' }))
    const second = await lockDataDir(directory)
    await lock.release() // not ours any more: stays
    expect((await dataDirHolder(directory))?.controlKey).toBe(second.holder.controlKey)
    await writeFile(file, '{"pid":')
    await (await lockDataDir(directory)).release()
  })
})
