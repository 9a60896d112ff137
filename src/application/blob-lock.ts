import type { AppContext } from '../context.ts'

const NAME = 'blobs'

/**
 * Carries out `work`, which keeps bytes and then appends the event that names them. Bytes that are there already are not
 * written again, so no purge may remove them in between.
 */
export const keepingBlobs = <T>(context: AppContext, work: () => Promise<T>): Promise<T> =>
  locked(context, 'shared', work)

/** Carries out `work`, which looks for bytes that no event names and removes them, while nobody keeps any. */
export const removingBlobs = <T>(context: AppContext, work: () => Promise<T>): Promise<T> =>
  locked(context, 'exclusive', work)

async function locked<T>({ database }: AppContext, mode: 'shared' | 'exclusive', work: () => Promise<T>): Promise<T> {
  const lock = await database.lock(NAME, mode)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}
