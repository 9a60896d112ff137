/** A clock that runs through the past months while the demonstration is made, and then tells the time. */
export class DemoClock {
  /** How far it is behind, in ms. */
  #behind: number

  /** @param start when the history begins */
  constructor(start: Date) {
    this.#behind = Date.now() - start.getTime()
  }

  /** What is done takes as long as it takes: runs of pipelines keep their true durations. */
  readonly read = (): Date => new Date(Date.now() - this.#behind)

  /** Lets time pass, but not beyond the present. */
  pass(hours: number): void {
    this.#behind = Math.max(0, this.#behind - hours * 3_600_000)
  }

  /** From now on the real time. */
  live(): void {
    this.#behind = 0
  }
}
