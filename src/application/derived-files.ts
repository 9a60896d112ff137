import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TooManyRequests } from '../accounts/limits.ts'
import { isNotFound } from '../blobs/directory.ts'
import { temporaryName } from '../blobs/temporary-files.ts'
import type { Log } from '../log.ts'
import { TableError } from '../tables/table.ts'

/** Something that is worked out from a file: there, not yet, or impossible. */
export type Derived<Value> =
  | { readonly state: 'ready'; readonly value: Value }
  | { readonly state: 'preparing' }
  | { readonly state: 'impossible'; readonly reason: string }

/** How long (ms) a refusal is remembered before the work is tried again. */
const REMEMBERED = 600_000
const MOST_REMEMBERED = 1_000
const DIGEST = /[0-9a-f]{64}/g

/**
 * Answers of child processes about files, kept as JSON below `<data>/cache`. A name says the digest of the file and all
 * that the answer depends on, so an answer is never wrong, and may be deleted at any time. One for each server: whoever asks
 * for the same, by a page or the API, shares the work.
 */
export class DerivedFiles {
  readonly #directory: string
  readonly #log: Log
  readonly #working = new Map<string, Promise<Derived<unknown>>>()
  readonly #impossible = new Map<string, { readonly reason: string; readonly until: number }>()

  constructor(dataDir: string, log: Log) {
    this.#directory = join(dataDir, 'cache')
    this.#log = log
  }

  /**
   * The answer, if it is there within `patience` ms; the work goes on behind it. Whoever asks for the same shares it.
   * @param name letters, digits, dots and dashes
   */
  async get<Value>(name: string, make: () => Promise<Value>, patience: number): Promise<Derived<Value>> {
    const kept = await this.#read<Value>(name)
    if (kept !== null) return { state: 'ready', value: kept }
    const refused = this.#impossible.get(name)
    if (refused !== undefined && refused.until > performance.now())
      return { state: 'impossible', reason: refused.reason }
    const working = this.#working.get(name) ?? this.#work(name, make).finally(() => this.#working.delete(name))
    this.#working.set(name, working)
    let timer: NodeJS.Timeout | undefined
    const impatience = new Promise<{ readonly state: 'preparing' }>((resolve) => {
      timer = setTimeout(() => resolve({ state: 'preparing' }), patience)
    })
    try {
      return (await Promise.race([working, impatience])) as Derived<Value> // the work of this very name
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * Removes all that was made of bytes that are lost, since they were destroyed for good: they could be read from it. Also the
   * indexes that cone searches keep in a folder of `cache`, under names of the same kind.
   */
  async forget(isLost: (sha256: string) => Promise<boolean>): Promise<void> {
    const isOf = async (name: string) => {
      for (const [sha256] of name.matchAll(DIGEST)) if (await isLost(sha256)) return true
      return false
    }
    // What is being made would be kept a moment later.
    for (const [name, work] of [...this.#working]) if (await isOf(name)) await work
    for (const name of await this.#kept()) {
      if (await isOf(name)) await rm(join(this.#directory, name), { force: true })
    }
  }

  /** Names below the folder, which is made when there is something to keep. Archives are not ours: their names are keys of their own. */
  async #kept(): Promise<string[]> {
    try {
      const names = await readdir(this.#directory, { recursive: true })
      return names.filter((name) => /\.(json|sky)$/.test(name))
    } catch (error) {
      if (isNotFound(error)) return []
      throw error
    }
  }

  /** Resolves when nothing is being worked out any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#working.values())
  }

  async #read<Value>(name: string): Promise<Value | null> {
    try {
      return JSON.parse(await readFile(this.#path(name), 'utf8'))
    } catch (error) {
      // One that was not written whole, when the power went, is made again.
      if (isNotFound(error) || error instanceof SyntaxError) return null
      throw error
    }
  }

  /** Never rejects: nobody may be waiting any more. */
  async #work(name: string, make: () => Promise<unknown>): Promise<Derived<unknown>> {
    try {
      const value = await make()
      await mkdir(this.#directory, { recursive: true })
      const partial = join(this.#directory, temporaryName())
      await writeFile(partial, JSON.stringify(value))
      await rename(partial, this.#path(name))
      return { state: 'ready', value }
    } catch (error) {
      const isForLater = error instanceof TooManyRequests || (error instanceof TableError && error.code === 'cancelled')
      if (isForLater) return { state: 'preparing' }
      const reason = error instanceof TableError ? error.message : 'It could not be worked out; the log says why.'
      this.#log.warn({ err: error, derived: name }, 'derived file')
      if (this.#impossible.size >= MOST_REMEMBERED) this.#impossible.clear()
      this.#impossible.set(name, { reason, until: performance.now() + REMEMBERED })
      return { state: 'impossible', reason }
    }
  }

  #path(name: string): string {
    if (!/^[\w.-]+$/.test(name)) throw new Error(`Not a name of a derived file: ${name}`)
    return join(this.#directory, `${name}.json`)
  }
}
