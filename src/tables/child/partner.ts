import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { InspectedColumns } from '../column-inspection.ts'
import type { Partner, SharedWork } from '../inspect.ts'

export type PartnerAnswer =
  | { readonly ok: true; readonly columns: InspectedColumns }
  | { readonly ok: false; readonly message: string }

/**
 * A thread that looks at columns beside this one. It takes 0.3 s to be ready, and does not keep the process alive. One
 * order at a time.
 */
export class ThreadPartner implements Partner {
  readonly #thread = new Worker(new URL('./partner-thread.mjs', import.meta.url), { execArgv: [] })
  readonly #awake: Promise<unknown>
  #isReady = false

  constructor() {
    this.#awake = once(this.#thread, 'message')
    this.#awake.then(
      () => {
        this.#isReady = true
      },
      // Without it work is done alone.
      (error: unknown) => void process.stderr.write(`A partner thread did not start: ${error}\n`),
    )
    this.#thread.once('exit', () => {
      this.#isReady = false
    })
    this.#thread.unref()
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** Waits until it is ready. */
  async awake(): Promise<void> {
    this.#thread.ref()
    await this.#awake
    this.#thread.unref()
  }

  async inspect(work: SharedWork): Promise<InspectedColumns> {
    const thread = this.#thread
    this.#isReady = false
    thread.ref()
    try {
      thread.postMessage(work)
      const answer = await answerOf(thread)
      this.#isReady = true
      if (!answer.ok) throw new Error(answer.message)
      return answer.columns
    } finally {
      thread.unref()
    }
  }

  async close(): Promise<void> {
    await this.#thread.terminate()
  }
}

/** @throws when the thread ends without one. */
function answerOf(thread: Worker): Promise<PartnerAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      thread.off('message', hear).off('error', fail).off('exit', miss)
      act()
    }
    const hear = (answer: PartnerAnswer) => settle(() => resolve(answer))
    const fail = (error: Error) => settle(() => reject(error))
    const miss = () => settle(() => reject(new Error('The partner thread ended.')))
    thread.on('message', hear).on('error', fail).on('exit', miss)
  })
}
