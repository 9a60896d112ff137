export interface WriteBufferOptions<Row> {
  /** Stores rows: all of them, or none when it rejects. */
  readonly write: (rows: readonly Row[]) => Promise<void>
  readonly onTrouble: (error: unknown, waiting: number) => void
  /** Rows that did not fit in or could not be written before the end. */
  readonly onLoss: (rows: number) => void
  /** Rows that wait at most; 10,000 unless told. */
  readonly most?: number
  /** ms from a row to its writing, and from a failure to the next attempt. */
  readonly delay?: number
  readonly patience?: number
}

/** Rows of one INSERT. */
const BATCH = 1_000

/**
 * Takes rows without making anybody wait for the database, and writes them a moment later, in order and each once. While
 * writing fails the rows wait; when too many do, further ones are lost, and the loss is told.
 */
export class WriteBuffer<Row> {
  readonly #options: Required<WriteBufferOptions<Row>>
  #rows: Row[] = []
  #lost = 0
  #timer: NodeJS.Timeout | undefined
  #last: Promise<void> = Promise.resolve()

  constructor(options: WriteBufferOptions<Row>) {
    this.#options = { most: 10_000, delay: 500, patience: 10_000, ...options }
  }

  add(row: Row): void {
    if (this.#rows.length >= this.#options.most) this.#lost += 1
    else this.#rows.push(row)
    this.#writeIn(this.#options.delay)
  }

  /** Writes what waits. Never rejects: trouble is told to `onTrouble`. */
  flush(): Promise<void> {
    this.#last = this.#last.then(() => this.#write())
    return this.#last
  }

  /** Writes what waits, for the last time. */
  async close(): Promise<void> {
    await this.flush()
    clearTimeout(this.#timer)
    const lost = this.#lost + this.#rows.length
    this.#rows = []
    if (lost > 0) this.#options.onLoss(lost)
  }

  #writeIn(milliseconds: number): void {
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => void this.flush(), milliseconds)
    this.#timer.unref()
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#rows.length > 0) {
      const batch = this.#rows.slice(0, BATCH)
      try {
        await this.#options.write(batch)
      } catch (error) {
        this.#options.onTrouble(error, this.#rows.length)
        this.#writeIn(this.#options.patience)
        return
      }
      this.#rows.splice(0, batch.length)
    }
    if (this.#lost === 0) return
    this.#options.onLoss(this.#lost)
    this.#lost = 0
  }
}
