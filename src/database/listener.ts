import { backoffMs } from '../backoff.ts'
import { quoteIdentifier } from './names.ts'
import { Session } from './session.ts'

/** A session of its own that listens. When it breaks it is replaced, and everybody is called once: something may have been missed. */
export class Listener {
  readonly #url: string
  readonly #log: (message: string) => void
  readonly #channels = new Map<string, Set<(payload: string) => void>>()
  #session: Session | undefined
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #closed = false

  constructor(url: string, log: (message: string) => void) {
    this.#url = url
    this.#log = log
  }

  async listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>> {
    const callbacks = this.#channels.get(channel) ?? new Set()
    this.#channels.set(channel, callbacks.add(onNotify))
    this.#session ??= this.#open()
    try {
      await this.#session.script(`LISTEN ${quoteIdentifier(channel)}`)
    } catch (error) {
      callbacks.delete(onNotify)
      throw error
    }
    return async () => {
      callbacks.delete(onNotify)
      if (callbacks.size > 0 || !this.#channels.delete(channel) || !this.#session || this.#session.closed) return
      await this.#session.script(`UNLISTEN ${quoteIdentifier(channel)}`)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#session?.end()
  }

  #open(): Session {
    return new Session(this.#url, {
      closed: () => {
        this.#session = undefined
        this.#reopenLater()
      },
      notified: (channel, payload) => {
        for (const callback of this.#channels.get(channel) ?? []) callback(payload)
      },
    })
  }

  #reopenLater(): void {
    if (this.#closed || this.#timer || this.#channels.size === 0) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        void this.#reopen()
      },
      backoffMs(this.#failures++),
    )
    this.#timer.unref()
  }

  async #reopen(): Promise<void> {
    this.#session ??= this.#open()
    try {
      for (const channel of this.#channels.keys()) await this.#session.script(`LISTEN ${quoteIdentifier(channel)}`)
    } catch (error) {
      this.#log(`Cannot listen to the database, trying again: ${error}`)
      this.#reopenLater()
      return
    }
    this.#failures = 0
    for (const callbacks of this.#channels.values()) for (const callback of callbacks) callback('')
  }
}
