import { afterAll, expect, test } from 'vitest'
import { ChildPool } from '../../../src/tables/child/child-pool.ts'
import type { ChildTask } from '../../../src/tables/child/task.ts'
import type { Inspection } from '../../../src/tables/inspection.ts'
import type { TableSource } from '../../../src/tables/table.ts'
import { tableFiles } from '../table-files.ts'
import type { Misdeed } from './tasks/misbehave.ts'

const files = tableFiles()
const pool = new ChildPool({ size: 1, memoryBytes: 400_000_000, timeMs: 20_000 })
const MISBEHAVE: ChildTask<Misdeed, unknown> = {
  name: 'misbehave',
  module: new URL('./tasks/misbehave.ts', import.meta.url),
}
const INSPECT: ChildTask<TableSource, Inspection> = {
  name: 'inspect',
  module: new URL('./tasks/inspect.ts', import.meta.url),
}
const TELL_PREPARED: ChildTask<'prepared', { readonly pid: number; readonly isPrepared: boolean }> = {
  name: 'misbehave',
  module: MISBEHAVE.module,
}
afterAll(() => pool.close())

test('inspects in a child, which stays for the next file', async () => {
  const source = await files.write('t.csv', 'id,z\n2305843019946942123,0.5\n')
  const inspection = await pool.run(INSPECT, source)
  expect(inspection.preview).toEqual([['2305843019946942123', 0.5]])
  const before = await pool.run(MISBEHAVE, 'pid')
  expect(await pool.run(MISBEHAVE, 'pid')).toBe(before)
})

test('the errors of a file arrive as they are', async () => {
  await expect(pool.run(INSPECT, await files.write('t.csv', 'a,b\n1,2\n3\n'))).rejects.toMatchObject({
    name: 'TableError',
    code: 'malformed',
    line: 3,
  })
  await expect(pool.run(MISBEHAVE, 'refuse')).rejects.toMatchObject({ code: 'malformed', line: 7 })
})

test('a child that grows outside its heap is killed', async () => {
  await expect(pool.run(MISBEHAVE, 'grow')).rejects.toMatchObject({ code: 'out_of_memory' })
})

test('a child that fills its heap dies, and is understood', async () => {
  const limited = new ChildPool({ size: 1, memoryBytes: 100_000_000, timeMs: 20_000 })
  try {
    // The heap alone is limited here: its size follows the pool, the watch is told to look away.
    await expect(limited.run(MISBEHAVE, 'growHeap', { memoryBytes: 10_000_000_000 })).rejects.toMatchObject({
      code: 'out_of_memory',
    })
  } finally {
    await limited.close()
  }
})

test('a child that others kill is told as killed, with the likely reason', async () => {
  await expect(pool.run(MISBEHAVE, 'kill')).rejects.toMatchObject({
    code: 'out_of_memory',
    message: expect.stringMatching(/^The work was killed, most likely because/),
  })
})

test('a child that takes too long is killed', async () => {
  await expect(pool.run(MISBEHAVE, 'spin', { timeMs: 700 })).rejects.toMatchObject({ code: 'out_of_time' })
})

test('work can be cancelled, running or waiting', async () => {
  const running = new AbortController()
  const waiting = new AbortController()
  const first = pool.run(MISBEHAVE, 'spin', { signal: running.signal })
  const second = pool.run(MISBEHAVE, 'pid', { signal: waiting.signal })
  const third = pool.run(MISBEHAVE, 'pid')
  waiting.abort()
  await expect(second).rejects.toMatchObject({ code: 'cancelled' })
  running.abort()
  await expect(first).rejects.toMatchObject({ code: 'cancelled' })
  expect(await third).toBeTypeOf('number')
})

test('a crash and a bug are errors, and the next work goes on', async () => {
  await expect(pool.run(MISBEHAVE, 'crash')).rejects.toMatchObject({ code: 'malformed' })
  await expect(pool.run(MISBEHAVE, 'throw')).rejects.toMatchObject({
    code: 'malformed',
    message: expect.stringContaining('a bug'),
    cause: expect.objectContaining({ stack: expect.stringContaining('misbehave') }),
  })
  expect(await pool.run(MISBEHAVE, 'pid')).toBeTypeOf('number')
})

test('a child that was started ahead is prepared, and so is the one after it', async () => {
  const warm = new ChildPool({ size: 1, memoryBytes: 400_000_000, timeMs: 20_000 })
  try {
    expect(await warm.run(TELL_PREPARED, 'prepared')).toMatchObject({ isPrepared: false })
    await warm.run(MISBEHAVE, 'spin', { timeMs: 1 }).catch(() => undefined)
    warm.warm(MISBEHAVE)
    const pids = new Set<unknown>()
    // A child goes after 64 pieces of work.
    for (let i = 0; i < 66; i++) {
      const { pid, isPrepared } = await warm.run(TELL_PREPARED, 'prepared')
      expect(isPrepared).toBe(true)
      pids.add(pid)
    }
    expect(pids.size).toBe(2)
  } finally {
    await warm.close()
  }
})

test('a child tells how far it is, and knows no environment', async () => {
  const told: number[] = []
  const names = await pool.run(MISBEHAVE, 'environment', { onProgress: (fraction) => told.push(fraction) })
  expect(told).toEqual([0.5])
  expect(names).not.toContain('HOME')
})

test('a closed pool takes no work', async () => {
  const closing = new ChildPool({ size: 1, memoryBytes: 400_000_000, timeMs: 20_000 })
  const running = closing.run(MISBEHAVE, 'spin')
  const refused = expect(running).rejects.toMatchObject({ code: 'cancelled' })
  await new Promise((resolve) => setTimeout(resolve, 300))
  await closing.close()
  await refused
  await expect(closing.run(MISBEHAVE, 'pid')).rejects.toMatchObject({ code: 'cancelled' })
})

test('closing a pool refuses what waits for its turn', async () => {
  const closing = new ChildPool({ size: 1, memoryBytes: 400_000_000, timeMs: 20_000 })
  const work = [1, 2, 3].map(() => closing.run(MISBEHAVE, 'spin'))
  const refused = Promise.all(work.map((each) => expect(each).rejects.toMatchObject({ code: 'cancelled' })))
  await closing.close()
  await refused
})
