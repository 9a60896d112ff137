import type { Driver, HeldLock } from './driver.ts'
import { Listener } from './listener.ts'
import { LockGroup } from './lock-group.ts'
import { advisoryKey } from './names.ts'
import { SessionPool } from './pool.ts'
import { Session } from './session.ts'

/** A PostgreSQL server: a pool for statements and transactions, one session that listens, and one for each lock held. */
export function openPostgres(url: string, poolSize: number, log: (message: string) => void): Driver {
  const pool = new SessionPool(url, poolSize)
  const listener = new Listener(url, log)
  const locks = new Set<Session>()
  /** By the names of shared locks. */
  const groups = new Map<string, LockGroup>()

  /** A session of its own that holds what `condition` takes; undefined when that is not true. */
  async function locked(condition: string): Promise<HeldLock | undefined> {
    const lost = new AbortController()
    const session = new Session(url, { closed: () => lost.abort() })
    const release = async () => {
      locks.delete(session)
      await session.end()
    }
    locks.add(session)
    try {
      const [row] = await session.rows(`SELECT ${condition} AS held`, [])
      if (row && 'held' in row && row.held === true) return { lost: lost.signal, release }
    } catch (error) {
      await release()
      throw error
    }
    await release()
    return undefined
  }

  async function waitedFor(lock: string): Promise<HeldLock> {
    const held = await locked(`${lock} IS NOT NULL`)
    if (held === undefined) throw new Error('A lock that waits was not granted')
    return held
  }

  return {
    kind: 'postgres',
    rows: (text, parameters) => pool.use((session) => session.rows(text, parameters)),
    arrays: (text, parameters) => pool.use((session) => session.arrays(text, parameters)),
    script: (text) => pool.use((session) => session.script(text)),
    transaction: (work) => pool.use((session) => session.transaction(work)),
    listen: (channel, onNotify) => listener.listen(channel, onNotify),
    tryLock: (name) => locked(`pg_try_advisory_lock(${advisoryKey(name)})`),
    async lock(name, mode) {
      const key = advisoryKey(`${name} in turn`)
      if (mode === 'exclusive') {
        groups.delete(name) // who shares it next waits behind us
        return waitedFor(`pg_advisory_lock(${key})`)
      }
      const group = groups.get(name) ?? new LockGroup(() => waitedFor(`pg_advisory_lock_shared(${key})`))
      groups.set(name, group)
      return group.take()
    },
    async close() {
      await Promise.all([pool.close(), listener.close(), ...[...locks].map((lock) => lock.end())])
    },
  }
}
