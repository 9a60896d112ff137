/** Remembers for a while what has happened, so that it is noted once. Bounded: beyond `most` keys the oldest are forgotten. */
export class Recent {
  readonly #seen = new Map<string, number>()

  constructor(private readonly options: { readonly milliseconds: number; readonly most: number }) {}

  /** Whether this happened less than the time of a `Recent` before `now`. */
  has(key: string, now: Date): boolean {
    const at = this.#seen.get(key)
    return at !== undefined && now.getTime() - at < this.options.milliseconds
  }

  note(key: string, now: Date): void {
    this.#seen.delete(key)
    this.#seen.set(key, now.getTime())
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= this.options.most) return
      this.#seen.delete(oldest)
    }
  }
}
