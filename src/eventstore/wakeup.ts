/**
 * Lets subscriptions sleep until there may be something new. Take `ticket` before looking, and wait with it afterwards: a
 * signal in between is not lost.
 */
export class Wakeup {
  #ticket = 0
  readonly #sleepers = new Set<() => void>()

  get ticket(): number {
    return this.#ticket
  }

  signal(): void {
    this.#ticket++
    for (const wake of [...this.#sleepers]) wake()
  }

  /** Resolves at the next signal after `ticket` was taken, after `timeoutMs`, or when `signal` aborts; never rejects. */
  wait(ticket: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (ticket !== this.#ticket || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        this.#sleepers.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, timeoutMs)
      signal.addEventListener('abort', wake, { once: true })
      this.#sleepers.add(wake)
    })
  }
}
