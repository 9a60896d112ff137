import { type EventEmitter, once } from 'node:events'
import { EventStoreUnavailable } from '../errors.ts'

/** A readable stream of the client, which is typed by an older Node than ours. */
export interface ItemStream extends EventEmitter {
  read(): unknown
  destroy(): unknown
}

/** What the client returns for a read or a subscription, and how it is given up. */
export interface Source {
  readonly stream: ItemStream
  readonly cancel: () => Promise<void>
}

/**
 * Takes items from a stream of the client one at a time, with back-pressure. Not `for await`: leaving that destroys the
 * stream and leaves the call on the server running; and not `on('data')`: asynchronous handlers would overlap. The client
 * emits errors without ending the stream, so they are remembered from the beginning.
 */
export class Pull<Item> {
  readonly #source: Source
  #failure: unknown
  #ended = false
  #wake: () => void = () => {}

  constructor(source: Source) {
    this.#source = source
    source.stream.on('error', (error) => this.#finish(error))
    source.stream.on('end', () => this.#finish())
    source.stream.on('close', () => this.#finish())
    source.stream.on('readable', () => this.#wake())
  }

  /** @throws EventStoreUnavailable when the server does not confirm the subscription in time; the error of the stream. */
  async confirmed(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const timeout = AbortSignal.timeout(timeoutMs)
    try {
      await once(this.#source.stream, 'confirmation', { signal: AbortSignal.any([signal, timeout]) })
    } catch (error) {
      if (timeout.aborted) throw new EventStoreUnavailable('The server did not confirm the subscription in time')
      throw error
    }
  }

  /**
   * The next item; undefined when the server ended the stream or `signal` aborts.
   * @throws EventStoreUnavailable after `timeoutMs` without an item; the error of the stream.
   */
  async next(options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {}): Promise<Item | undefined> {
    const deadline = options.timeoutMs === undefined ? undefined : performance.now() + options.timeoutMs
    while (!options.signal?.aborted) {
      const item = this.#source.stream.read() as Item | null
      if (item !== null) return item
      if (this.#failure) throw this.#failure
      if (this.#ended) return undefined
      await this.#awake(deadline, options.signal)
      if (deadline !== undefined && performance.now() >= deadline) {
        throw new EventStoreUnavailable('The server stopped answering in the middle of a read')
      }
    }
    return undefined
  }

  /** Ends the call on the server too. */
  async cancel(): Promise<void> {
    try {
      await this.#source.cancel()
    } catch (error) {
      // The call never came into being, which is what the reader was told already or does not care about any more.
      this.#failure ??= error
    }
    this.#source.stream.destroy()
  }

  #finish(failure?: unknown): void {
    this.#failure ??= failure
    this.#ended = true
    this.#wake()
  }

  #awake(deadline: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = deadline === undefined ? undefined : setTimeout(resolve, Math.max(0, deadline - performance.now()))
      const wake = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      this.#wake = wake
      signal?.addEventListener('abort', wake, { once: true })
    })
  }
}
