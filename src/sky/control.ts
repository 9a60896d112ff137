import { setImmediate } from 'node:timers/promises'

/** Lets a long match be watched and called off: it pauses now and then, so that the event loop turns. */
export class Control {
  private paused = performance.now()

  constructor(
    readonly signal: AbortSignal | undefined,
    readonly onProgress: ((fraction: number) => void) | undefined,
  ) {}

  due(): boolean {
    return performance.now() - this.paused > PAUSE_EVERY_MS
  }

  async pause(fraction: number): Promise<void> {
    this.onProgress?.(fraction)
    await setImmediate()
    this.signal?.throwIfAborted()
    this.paused = performance.now()
  }

  done(): void {
    this.onProgress?.(1)
  }
}

const PAUSE_EVERY_MS = 50
