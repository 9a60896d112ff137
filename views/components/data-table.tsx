import type { Child } from 'hono/jsx'
import { type Place, sortHref } from '../links.ts'

/** A column of a table on a page: its header, and how a row fills it. */
export interface DataColumn<Row> {
  readonly header: Child
  /** Written small in the header, once, instead of in each cell. */
  readonly unit?: string
  /** Right-aligned, tabular figures. */
  readonly numeric?: boolean
  readonly mono?: boolean
  /** The row's name: a header cell of its row. */
  readonly rowHeader?: boolean
  /** The column may take what width is left and break its lines. */
  readonly wide?: boolean
  /** Lines may break, in a narrow column. */
  readonly wrap?: boolean
  /** Name in `?ordering=`, when the table can be sorted by this column. */
  readonly sort?: string
  readonly cell: (row: Row) => Child
}

interface DataTableProps<Row> {
  readonly caption: Child
  /** The caption is said aloud but not shown, where a heading says it already. */
  readonly captionHidden?: boolean
  readonly columns: readonly DataColumn<Row>[]
  readonly rows: readonly Row[]
  /** Where the table is and how it is sorted now, when its headers are links. */
  readonly sorted?: { readonly place: Place; readonly ordering: string }
  readonly id?: string
}

/** A table that scrolls sideways in its own box, with headers that sort. */
export function DataTable<Row>({ caption, captionHidden, columns, rows, sorted, id }: DataTableProps<Row>) {
  return (
    <Scroll label={captionHidden && typeof caption === 'string' ? caption : 'Table'}>
      <table class="data">
        <caption class={captionHidden ? 'aloud' : undefined}>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Header column={column} sorted={sorted} />
            ))}
          </tr>
        </thead>
        <tbody id={id}>
          {rows.map((row) => (
            <tr>
              {columns.map((column) =>
                column.rowHeader ? (
                  <th scope="row" class={classes(column)}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td class={classes(column)}>{column.cell(row)}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** A box that scrolls sideways, also with the keyboard. */
export const Scroll = ({ label, children }: { label: string; children?: Child }) => (
  <section class="scroll" tabindex={0} aria-label={label}>
    {children}
  </section>
)

function Header<Row>(props: { column: DataColumn<Row>; sorted: DataTableProps<Row>['sorted'] }) {
  const { column, sorted } = props
  const unit = column.unit ? <span class="unit"> {column.unit}</span> : null
  if (!sorted || !column.sort) {
    return (
      <th scope="col" class={classes({ ...column, mono: false })}>
        {column.header}
        {unit}
      </th>
    )
  }
  const direction =
    sorted.ordering === column.sort ? 'ascending' : sorted.ordering === `-${column.sort}` ? 'descending' : undefined
  return (
    <th scope="col" class={classes(column)} aria-sort={direction}>
      <a class="sort" href={sortHref(sorted.place, column.sort, sorted.ordering)} id={`sort-${column.sort}`}>
        {column.header}
        {unit}
        <span class="arrow" aria-hidden="true">
          {direction === 'ascending' ? '▲' : direction === 'descending' ? '▼' : '↕'}
        </span>
      </a>
    </th>
  )
}

const classes = (column: { numeric?: boolean; mono?: boolean; wide?: boolean; wrap?: boolean }): string | undefined =>
  [column.numeric ? 'n' : '', column.mono ? 'mono' : '', column.wide ? 'wide' : '', column.wrap ? 'wrap' : '']
    .filter(Boolean)
    .join(' ') || undefined
