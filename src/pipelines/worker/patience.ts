import { backoffMs, sleep } from '../../backoff.ts'

/** How long a run waits for a store of files that cannot be reached: longer than restarts and most outages take. */
const PATIENCE_MS = 30 * 60_000

/** Does something again until it works or fails for another reason than that files are out of reach. */
export type Patience = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Ends at once when `signal` aborts, also while a store is silent: what is under way then ends by itself, unheeded.
 *
 * A run may have taken hours, and what it lacks comes back by itself: giving it up for a store that is away for a moment would
 * throw them away, and to begin again at once would use up its attempts.
 * @param onWait told once for each wait
 */
export function patience(
  signal: AbortSignal,
  onWait: (error: unknown) => void,
  { forMs = PATIENCE_MS, firstMs = 1_000 } = {},
): Patience {
  return async (work) => {
    const began = performance.now()
    for (let failures = 0; ; failures++) {
      try {
        return await unless(signal, work)
      } catch (error) {
        signal.throwIfAborted()
        if (!isUnreachable(error) || performance.now() - began > forMs) throw error
        if (failures === 0) onWait(error)
        await sleep(backoffMs(failures, { firstMs, maxMs: 30_000 }), signal)
        signal.throwIfAborted()
      }
    }
  }
}

/** @throws the signal's reason, as soon as it aborts */
async function unless<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  let abort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
  })
  const working = work()
  working.catch(() => {}) // also when nobody waits for it any more
  try {
    return await Promise.race([working, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'blob_store_unavailable'
