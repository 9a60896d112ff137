import { setTimeout as delay } from 'node:timers/promises'

/** How long to wait before attempt n + 1, in milliseconds: doubling up to a bound, with full jitter so that clients spread out. */
export function backoffMs(attempt: number, { firstMs = 50, maxMs = 5_000 } = {}): number {
  const bound = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30))
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
