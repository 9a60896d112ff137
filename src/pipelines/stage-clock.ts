import type { PipelineNews } from './pipeline.ts'

/** Tells how far a run is as a whole, and remembers how long each stage took. */
export class StageClock<Stage extends string> {
  readonly #seconds: Record<string, number> = {}
  #current: Stage | null = null
  #since = performance.now()

  /** @param shares where each stage begins and ends in the whole run, 0 to 1 */
  constructor(
    private readonly shares: Readonly<Record<Stage, readonly [number, number]>>,
    private readonly news: (message: PipelineNews) => void,
  ) {}

  reached(stage: Stage, done: number, total: number): void {
    if (stage !== this.#current) {
      this.#close()
      this.#current = stage
    }
    const [from, to] = this.shares[stage]
    const part = total > 0 ? Math.min(1, done / total) : 0
    this.news({ kind: 'progress', stage, fraction: from + (to - from) * part })
  }

  /** So far, by stage. */
  seconds(): Readonly<Record<string, number>> {
    this.#close()
    return this.#seconds
  }

  #close(): void {
    const now = performance.now()
    if (this.#current !== null) {
      const before = this.#seconds[this.#current] ?? 0
      this.#seconds[this.#current] = Math.round(before * 1000 + now - this.#since) / 1000
    }
    this.#since = now
  }
}
