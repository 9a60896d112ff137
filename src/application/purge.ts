import type { AppContext } from '../context.ts'
import { productStream } from '../domain/product/product.ts'
import { START } from '../eventstore/port.ts'
import { removingBlobs } from './blob-lock.ts'
import { BlobReferences } from './blob-references.ts'
import type { Request } from './command.ts'
import { changeProduct } from './products.ts'

/**
 * Destroys the files of a deleted product for good, with everything that was made of them. An event stays and says which
 * files there were. Bytes that another product has too are kept. Carrying on after a crash is safe: purging again removes
 * what the first attempt left. Reads the whole log; purges are rare.
 * @returns bytes that were freed.
 * @throws DomainError `forbidden` to all but administrators, `conflict` when the product is not deleted.
 */
export async function purgeProduct(context: AppContext, request: Request, id: number): Promise<number> {
  await changeProduct(context, request, id, { type: 'PurgeProduct' })
  const freed = await removingBlobs(context, async () => {
    const references = new BlobReferences()
    for await (const event of context.store.readAll(START)) references.note(context.registry.upcast(event))
    let freed = 0
    for (const { sha256, size } of references.ofNobodyElse(productStream(id))) {
      if (!(await context.blobs.has(sha256))) continue
      await context.blobs.remove(sha256)
      freed += size
    }
    return freed
  })
  await forgetLost(context)
  await context.database.query(`select pg_notify('${CHANNEL}', '')`)
  return freed
}

/** Where a server tells the others of a purge. */
const CHANNEL = 'purged'

/** Removes what this server has made of files that others destroy. @returns what ends it */
export function followPurges(context: AppContext): Promise<() => Promise<void>> {
  return context.database.listen(CHANNEL, () => {
    forgetLost(context).catch((err: unknown) => {
      context.log.error({ err }, 'what was made of purged files may be left in the cache')
    })
  })
}

/** Removes archives and whatever else was made of files that the store has no more. */
async function forgetLost({ blobs, zips, derived }: AppContext): Promise<void> {
  const known = new Map<string, boolean>()
  const isLost = async (sha256: string) => {
    const lost = known.get(sha256) ?? !(await blobs.has(sha256))
    known.set(sha256, lost)
    return lost
  }
  await zips.forget(isLost)
  await derived.forget(isLost)
}
