import { setTimeout as sleep } from 'node:timers/promises'

/** Reports are at least this far apart, unless a new stage begins. */
const REPORT_MS = 1_000
const LONGEST_LINE = 2_000
/** Lines that one run may tell; a run that tells more has something wrong with it. */
const MOST_LINES = 20_000

export interface Report {
  readonly stage: string
  readonly fraction: number
  readonly lines: readonly string[]
}

/** Gathers what a run tells, and reports it in order: about once a second, and whenever a stage begins. */
export class Reporter {
  #stage = 'start'
  #fraction = 0
  #lines: string[] = []
  #told = 0
  #changed = false
  #last = 0
  #sending: Promise<void> = Promise.resolve()
  #timer: Promise<void> | null = null
  readonly #ended = new AbortController()

  constructor(
    private readonly send: (report: Report) => Promise<void>,
    private readonly now: () => string,
  ) {}

  progress(stage: string, fraction: number): void {
    const begins = stage !== this.#stage
    this.#stage = stage
    this.#fraction = Math.max(this.#fraction, fraction)
    this.#changed = true
    if (begins) this.#flush()
    else this.#schedule()
  }

  line(text: string, level: 'info' | 'warn' = 'info'): void {
    for (const each of text.split('\n')) {
      if (++this.#told > MOST_LINES) return
      const last = this.#told === MOST_LINES ? ' (no more lines are kept)' : ''
      const cut = each.length > LONGEST_LINE ? `${each.slice(0, LONGEST_LINE)}…` : each
      this.#lines.push(`${this.now()} ${level === 'warn' ? 'WARNING ' : ''}${cut}${last}`)
    }
    this.#changed = true
    this.#schedule()
  }

  /** Reports what is left. @throws whatever `send` threw last */
  async end(): Promise<void> {
    this.#ended.abort()
    if (this.#changed) this.#flush()
    await this.#sending
  }

  #schedule(): void {
    const wait = this.#last + REPORT_MS - performance.now()
    if (wait <= 0) {
      this.#flush()
      return
    }
    this.#timer ??= sleep(wait, undefined, { signal: this.#ended.signal, ref: false }).then(
      () => {
        this.#timer = null
        if (this.#changed) this.#flush()
      },
      () => undefined, // it has ended, and `end` flushes
    )
  }

  #flush(): void {
    const report: Report = { stage: this.#stage, fraction: this.#fraction, lines: this.#lines }
    this.#lines = []
    this.#changed = false
    this.#last = performance.now()
    this.#sending = this.#sending.then(() => this.send(report))
    this.#sending.catch(() => undefined) // `end` throws it
  }
}
