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
    const { lost } = await group.lock
    return { lost, release: () => this.#leave(group) }
  }

  #group(): Group {
    const now = performance.now()
    if (this.#latest === null || now - this.#latest.openedAt > JOIN_MS) {
      const group: Group = { lock: this.open(), openedAt: now, members: 0 }
      this.#latest = group
      // A lock that was lost, when the database was restarted, protects nobody who comes now.
      group.lock.then(
        ({ lost }) => lost.addEventListener('abort', () => this.#close(group)),
        () => this.#close(group),
      )
    }
    return this.#latest
  }

  /** Nobody joins it any more. */
  #close(group: Group): void {
    if (this.#latest === group) this.#latest = null
  }

  async #leave(group: Group): Promise<void> {
    if (--group.members > 0) return
    this.#close(group)
    await (await group.lock).release()
  }
}
