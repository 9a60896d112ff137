import type { AppContext } from '../context.ts'
import { newestDigests } from '../projections/files/queries.ts'

/** One may have been lost; of so many, not all. */
const LOOKED_AT = 5

/**
 * Whether the store has any of the files that came last, or there are none yet. If not, it is the folder or the bucket of
 * another server, or an empty one in the place of ours: servers that share a database must share the files.
 */
export async function filesAreAtHand({ database, blobs }: Pick<AppContext, 'database' | 'blobs'>): Promise<boolean> {
  const digests = await newestDigests(database.drizzle, LOOKED_AT)
  if (digests.length === 0) return true
  const found = await Promise.all(digests.map((sha256) => blobs.has(sha256)))
  return found.includes(true)
}
