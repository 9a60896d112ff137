import { DatabaseUnavailable, databaseError, READ_ONLY, sqlState } from './errors.ts'
import { Session } from './session.ts'

const MAX_AGE_MS = 30 * 60_000

interface Waiting {
  resolve(session: Session): void
  reject(error: Error): void
}

/** Sessions of a PostgreSQL server, at most `size`. One that broke or is old is replaced at the next use. */
export class SessionPool {
  readonly #url: string
  readonly #size: number
  readonly #idle: Session[] = []
  readonly #all = new Set<Session>()
  readonly #waiting: Waiting[] = []
  #closed = false

  constructor(url: string, size: number) {
    this.#url = url
    this.#size = size
  }

  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#acquire()
    try {
      return await work(session)
    } catch (error) {
      // It stays as it began, also when new sessions may write again.
      if (sqlState(databaseError(error)) === READ_ONLY) await session.end()
      throw error
    } finally {
      this.#release(session)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const waiting of this.#waiting.splice(0)) waiting.reject(closedError())
    await Promise.all([...this.#all].map((session) => session.end()))
  }

  async #acquire(): Promise<Session> {
    if (this.#closed) throw closedError()
    const idle = this.#idle.pop()
    if (idle) return idle
    if (this.#all.size < this.#size) return this.#open()
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  #open(): Session {
    const session = new Session(this.#url, { closed: () => this.#forget(session) })
    this.#all.add(session)
    return session
  }

  #forget(session: Session): void {
    this.#all.delete(session)
    const index = this.#idle.indexOf(session)
    if (index >= 0) this.#idle.splice(index, 1)
  }

  #release(session: Session): void {
    if (this.#closed) return
    const usable = !session.closed && performance.now() - session.openedAt < MAX_AGE_MS
    if (!usable) {
      this.#forget(session)
      void session.end()
    }
    const next = this.#waiting.shift()
    if (next) next.resolve(usable ? session : this.#open())
    else if (usable) this.#idle.push(session)
  }
}

const closedError = () => new DatabaseUnavailable('The database is closed')
