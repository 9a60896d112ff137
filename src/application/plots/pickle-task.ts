import { open } from 'node:fs/promises'
import type { TaskFunction } from '../../tables/child/task.ts'
import { type PickleImports, pickleImports } from '../../tables/pickle.ts'

/** Most bytes that are looked at; the list says when it is not complete. */
const MOST_BYTES = 200_000_000

/** What a pickle would import. */
export const run: TaskFunction<{ readonly path: string }, PickleImports> = async ({ path }) => {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const bytes = Buffer.alloc(Math.min(size, MOST_BYTES))
    let read = 0
    while (read < bytes.length) {
      const { bytesRead } = await handle.read(bytes, read, bytes.length - read, read)
      if (bytesRead === 0) break
      read += bytesRead
    }
    return pickleImports(bytes.subarray(0, read))
  } finally {
    await handle.close()
  }
}
