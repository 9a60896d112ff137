import { moment } from '../format.ts'
import { DataTable } from './data-table.tsx'

/** Something that was taken. */
export interface DownloadEntry {
  readonly at: string
  readonly product: { readonly name: string; readonly href: string } | null
  /** "Everything (zip)", "Main file". */
  readonly what: string
  readonly fileName: string
  /** Null: nobody in particular. */
  readonly username: string | null
  readonly personName: string | null
  /** "page" or "API". */
  readonly via: string
}

/** Downloads, newest first; with the product where there are several. */
export const DownloadsTable = ({ rows, ofOne }: { rows: readonly DownloadEntry[]; ofOne: boolean }) => (
  <DataTable
    caption="Downloads"
    captionHidden
    rows={rows}
    columns={[
      {
        header: 'When',
        unit: 'UTC',
        rowHeader: true,
        cell: (row: DownloadEntry) => <time datetime={row.at}>{moment(row.at)}</time>,
      },
      {
        header: 'Who',
        cell: (row) =>
          row.username === null ? (
            <span class="muted">not named</span>
          ) : (
            <>
              {row.personName}
              {row.personName === row.username ? null : <small>{row.username}</small>}
            </>
          ),
      },
      ...(ofOne
        ? []
        : [
            {
              header: 'Product',
              wide: true,
              cell: (row: DownloadEntry) =>
                row.product === null ? '—' : <a href={row.product.href}>{row.product.name}</a>,
            },
          ]),
      {
        header: 'What',
        wide: true,
        cell: (row) => (
          <>
            {row.what}
            <small>{row.fileName}</small>
          </>
        ),
      },
      { header: 'How', cell: (row) => row.via },
    ]}
  />
)
