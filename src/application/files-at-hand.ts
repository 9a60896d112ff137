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
  // One after the other: nearly always the first is there, and of a bucket each question costs a request.
  for (const sha256 of digests) if (await blobs.has(sha256)) return true
  return digests.length === 0
}
