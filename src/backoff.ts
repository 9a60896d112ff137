import { setTimeout as delay } from 'node:timers/promises'

/**
 * How long to wait after failure n (from 0), in milliseconds: doubling up to a bound. At least half of that is certain, the rest
 * is chance, so that many who broke in the same moment do not come back in the same moment.
 */
export function backoffMs(failure: number, { firstMs = 50, maxMs = 5_000 } = {}): number {
  const bound = Math.min(maxMs, firstMs * 2 ** failure)
  return bound / 2 + (Math.random() * bound) / 2
}

/** Sleeps; an abort ends it early and is no error. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal ? { signal } : {})
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}
