import { backoffMs, sleep } from '../backoff.ts'
import type { EventStore, Position, SubscriptionMessage } from './port.ts'

/**
 * `subscribeAll` until `signal` aborts, and nothing else ends it: when the subscription breaks, or just ends, `onTrouble` is told
 * and another one begins, a moment later, after the last event that was given. No gap and no repetition; `caught_up` comes once
 * for each subscription.
 * @param after `now` for what is recorded from now on
 */
export async function* resubscribing(
  store: EventStore,
  after: Position | 'now',
  signal: AbortSignal,
  onTrouble: (error: unknown) => void,
): AsyncGenerator<SubscriptionMessage> {
  let last = after
  for (let failures = 0; !signal.aborted; ) {
    try {
      if (last === 'now') last = await store.head()
      for await (const message of store.subscribeAll(last, signal)) {
        failures = 0
        if (message.kind === 'event') last = message.event.position
        yield message
      }
      if (!signal.aborted) onTrouble(new Error('The subscription ended by itself'))
    } catch (error) {
      if (!signal.aborted) onTrouble(error)
    }
    await sleep(backoffMs(failures++, { firstMs: 200 }), signal)
  }
}
