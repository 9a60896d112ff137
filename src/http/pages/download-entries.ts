import type { DownloadEntry } from '../../../views/components/downloads-table.tsx'
import type { DownloadPart } from '../../audit/downloads.ts'
import type { ListedDownload } from '../../audit/queries.ts'
import { pathOfProduct } from './product-view.tsx'

const PARTS: Readonly<Record<DownloadPart, string>> = {
  everything: 'Everything, as a zip',
  main_file: 'The main file',
  file: 'A file',
  original: 'The archive that a table came in',
  shown: 'A page, shown',
  history: 'The whole history',
}

/** A download as pages show it. */
export const downloadEntry = (row: ListedDownload): DownloadEntry => ({
  at: row.at,
  product:
    row.internalName === null
      ? null
      : { name: row.displayName ?? row.internalName, href: pathOfProduct(row.internalName) },
  what: PARTS[row.part],
  fileName: row.fileName,
  username: row.username,
  personName: row.personName,
  via: row.via === 'api' ? 'API' : 'page',
})

/** The newest rows of a page of `size`, of one row more than a page; and where the next page goes on. */
export function pageOfRows<Row extends { readonly id: string }>(rows: readonly Row[], size: number) {
  const shown = rows.slice(0, size)
  return { shown, olderFrom: rows.length > size ? (shown.at(-1)?.id ?? null) : null }
}

/** The row that `?before=` names; null: from the newest on. */
export const beforeOf = (query: ReadonlyMap<string, string>): string | null => {
  const text = query.get('before') ?? ''
  return /^\d{1,18}$/.test(text) ? text : null
}
