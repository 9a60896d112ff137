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
  const { doomed, freed } = await removingBlobs(context, async () => {
    const references = new BlobReferences()
    for await (const event of context.store.readAll(START)) references.note(context.registry.upcast(event))
    const doomed = [...references.ofNobodyElse(productStream(id))]
    let freed = 0
    for (const { sha256, size } of doomed) {
      if (!(await context.blobs.has(sha256))) continue
      await context.blobs.remove(sha256)
      freed += size
    }
    return { doomed: new Set(doomed.map(({ sha256 }) => sha256)), freed }
  })
  await context.zips.forget(doomed)
  await context.derived.forget(doomed)
  return freed
}
