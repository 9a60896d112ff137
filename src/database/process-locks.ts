import type { HeldLock, LockMode } from './driver.ts'

interface Turns {
  /** When the last who wanted it alone is done. */
  alone: Promise<unknown>
  /** When each who came after that and shares it is done. */
  readonly together: Set<Promise<unknown>>
}

/** Locks within this process: shared by many or held by one alone, first come, first served. */
export class ProcessLocks {
  readonly #turns = new Map<string, Turns>()

  async take(name: string, mode: LockMode): Promise<HeldLock> {
    const turns = this.#turns.get(name) ?? { alone: Promise.resolve(), together: new Set() }
    this.#turns.set(name, turns)
    const before = mode === 'shared' ? [turns.alone] : [turns.alone, ...turns.together]
    let release = () => {}
    const done = new Promise<void>((resolve) => {
      release = resolve
    })
    if (mode === 'shared') {
      turns.together.add(done)
      done.then(() => turns.together.delete(done))
    } else {
      turns.alone = done
      turns.together.clear()
    }
    await Promise.all(before)
    return { lost: new AbortController().signal, release: async () => release() }
  }
}
