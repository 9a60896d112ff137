import type { Context } from 'hono'
import { type DownloadFilter, type ListedDownload, listDownloads } from '../audit/queries.ts'
import type { AppContext } from '../context.ts'
import { EXPORT_PAGE, type ExportFormat, exportRows } from './export-stream.ts'

/** A download in the words of the API and of exports. */
export const downloadJson = (row: ListedDownload) => ({
  at: row.at,
  product: row.productId,
  product_internal_name: row.internalName,
  product_name: row.displayName,
  part: row.part,
  file: row.fileId,
  file_name: row.fileName,
  username: row.username,
  person: row.personName,
  via: row.via,
})

const COLUMNS = [
  'at',
  'product',
  'product_internal_name',
  'product_name',
  'part',
  'file',
  'file_name',
  'username',
  'person',
  'via',
] as const satisfies (keyof ReturnType<typeof downloadJson>)[]

/** All downloads that fit, newest first. */
export const exportDownloads = (
  { database }: AppContext,
  c: Context,
  options: { readonly format: ExportFormat; readonly name: string; readonly filter: DownloadFilter },
): Response =>
  exportRows<ListedDownload>(c, {
    ...options,
    columns: COLUMNS,
    page: (after) => listDownloads(database, options.filter, after?.id ?? null, EXPORT_PAGE),
    row: downloadJson,
  })
