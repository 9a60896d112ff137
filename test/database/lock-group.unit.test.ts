import { expect, it } from 'vitest'
import { LockGroup } from '../../src/database/lock-group.ts'

/** A group over locks that the test can take away. */
function groupOfLocks() {
  const locks: { readonly lost: AbortController; released: boolean }[] = []
  const group = new LockGroup(async () => {
    const lock = { lost: new AbortController(), released: false }
    locks.push(lock)
    return {
      lost: lock.lost.signal,
      release: async () => {
        lock.released = true
      },
    }
  })
  return { group, locks }
}

it('takes one lock for all who come together, and gives it back when the last has gone', async () => {
  const { group, locks } = groupOfLocks()
  const [one, two] = await Promise.all([group.take(), group.take()])
  await one?.release()
  expect(locks.map(({ released }) => released)).toEqual([false])
  await two?.release()
  expect(locks.map(({ released }) => released)).toEqual([true])
})

it('takes another lock when the first was lost', async () => {
  const { group, locks } = groupOfLocks()
  const first = await group.take()
  locks[0]?.lost.abort()
  const second = await group.take()
  expect([first.lost.aborted, second.lost.aborted, locks.length]).toEqual([true, false, 2])
})

it('asks again after a lock that was refused', async () => {
  let refused = 0
  const group = new LockGroup(async () => {
    if (refused++ === 0) throw new Error('no connection')
    return { lost: new AbortController().signal, release: async () => {} }
  })
  await expect(Promise.all([group.take(), group.take()])).rejects.toThrow('no connection')
  expect((await group.take()).lost.aborted).toBe(false)
})
