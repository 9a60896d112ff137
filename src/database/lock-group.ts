import type { HeldLock } from './driver.ts'

/** Who comes later than this after the first does not join: else one who wants the lock alone would wait for ever. */
const JOIN_MS = 1_000

interface Group {
  readonly lock: Promise<HeldLock>
  readonly openedAt: number
  members: number
}

/** A shared lock of this process, held once for all who ask for it at about the same time: each session costs the database a process. */
export class LockGroup {
  #latest: Group | null = null

  /** @param open takes the lock for a group */
  constructor(private readonly open: () => Promise<HeldLock>) {}

  async take(): Promise<HeldLock> {
    const group = this.#group()
    group.members++
    try {
      const { lost } = await group.lock
      return { lost, release: () => this.#leave(group) }
    } catch (error) {
      if (this.#latest === group) this.#latest = null
      throw error
    }
  }

  #group(): Group {
    const now = performance.now()
    if (this.#latest === null || now - this.#latest.openedAt > JOIN_MS) {
      this.#latest = { lock: this.open(), openedAt: now, members: 0 }
    }
    return this.#latest
  }

  async #leave(group: Group): Promise<void> {
    if (--group.members > 0) return
    if (this.#latest === group) this.#latest = null
    await (await group.lock).release()
  }
}
