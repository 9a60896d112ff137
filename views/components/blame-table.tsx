import { DASH, instant } from '../format.ts'
import { DataTable } from './data-table.tsx'

/** A field: what it says, who made it say so, and what it said before. */
export interface BlameRow {
  readonly label: string
  /** Null: nothing any more. */
  readonly value: string | null
  readonly who: string
  /** ISO. */
  readonly at: string
  /** The event in the history. */
  readonly href: string
  readonly before: { readonly value: string | null; readonly who: string; readonly at: string } | null
}

/** Who set what. */
export const BlameTable = ({ rows, caption }: { rows: readonly BlameRow[]; caption: string }) => (
  <DataTable
    caption={caption}
    captionHidden
    rows={rows}
    columns={[
      { header: 'Field', rowHeader: true, wrap: true, cell: (row: BlameRow) => row.label },
      { header: 'Is now', wide: true, cell: (row) => <Value value={row.value} /> },
      {
        header: 'Set by',
        cell: (row) => (
          <>
            {row.who}
            <small>
              <a href={row.href}>
                <time datetime={row.at}>{instant(row.at)}</time>
                <span class="aloud"> in the history, for {row.label}</span>
              </a>
            </small>
          </>
        ),
      },
      {
        header: 'Was before',
        wide: true,
        cell: (row) =>
          row.before === null ? (
            <span class="muted">
              <span aria-hidden="true">{DASH}</span>
              <span class="aloud">nothing: this is its first value</span>
            </span>
          ) : (
            <>
              <Value value={row.before.value} />
              <small>
                {row.before.who}, <time datetime={row.before.at}>{instant(row.before.at)}</time>
              </small>
            </>
          ),
      },
    ]}
  />
)

const Value = ({ value }: { value: string | null }) =>
  value === null ? <span class="muted">nothing</span> : <span class="said">{value}</span>
