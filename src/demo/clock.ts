/** A clock that runs through the past months while the demonstration is made, and then tells the time. */
export class DemoClock {
  #now: number | null

  /** @param start when the history begins */
  constructor(start: Date) {
    this.#now = start.getTime()
  }

  readonly read = (): Date => {
    if (this.#now === null) return new Date()
    this.#now += 20
    return new Date(this.#now)
  }

  /** Lets time pass, but not beyond the present. */
  pass(hours: number): void {
    if (this.#now !== null) this.#now = Math.min(Date.now() - 1000, this.#now + hours * 3_600_000)
  }

  /** From now on the real time. */
  live(): void {
    this.#now = null
  }
}
