import type { Request as AppRequest } from '../application/command.ts'
import type { Download } from '../audit/downloads.ts'
import type { AppContext } from '../context.ts'
import type { FileRow } from '../projections/files/tables.ts'

/** What of a product is handed out. */
export type Taken = Omit<Download, 'userId' | 'via'>

/** Notes a download when the answer hands out bytes: not for HEAD, and not when the client has them already. */
export function countedDownload(
  context: AppContext,
  { actor }: Pick<AppRequest, 'actor'>,
  request: Request,
  taken: Taken,
  response: Response,
): Response {
  const { status } = response
  if (request.method !== 'GET' || (status !== 200 && status !== 206)) return response
  const via = new URL(request.url).pathname.startsWith('/api') ? 'api' : 'page'
  const userId = actor.userId === 0 ? null : actor.userId
  context.audit.download({ ...taken, userId, via }, status === 206 || taken.part === 'shown')
  return response
}

/** A file as it is taken; with `original` the archive that it was taken out of. */
export const takenFile = (file: FileRow, served: { readonly fileName: string; readonly sha256: string }): Taken => ({
  productId: file.productId,
  part: served.sha256 !== file.sha256 ? 'original' : file.role === 'main' ? 'main_file' : 'file',
  fileId: file.id,
  ...served,
})
