import { Role } from '../../components/badge.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { Panel } from '../../components/panel.tsx'
import { cell, count, counted, DASH, excerpt, number, share } from '../../format.ts'
import type { Action } from '../../frame.ts'
import type { ProductColumn, TabContent } from './model.ts'

/** What each column is, and what its values are like. */
export const ColumnsPanel = ({ content, edit }: { content: TabContent & { tab: 'columns' }; edit: Action }) => {
  const withRole = content.columns.filter((column) => column.role !== null).length
  return (
    <Panel
      title={`${counted(content.columns.length, 'column')}, ${count(withRole)} with a role`}
      aside={'href' in edit ? <a href={`${edit.href}#columns`}>Change the roles</a> : null}
      flush
    >
      {content.columns.length > 20 ? (
        <div class="pad" data-script-only="" hidden>
          <div class="field">
            <label for="column-filter">Find a column</label>
            <input id="column-filter" type="search" data-filter="columns" autocomplete="off" />
          </div>
        </div>
      ) : null}
      <DataTable
        id="columns"
        caption={`Columns; statistics over all ${counted(content.rows, 'row')}, in the unit of each column`}
        rows={content.columns}
        columns={[
          {
            header: 'Name',
            rowHeader: true,
            wide: true,
            cell: (column: ProductColumn) => (
              <>
                <code>{column.name}</code> {column.role ? <Role name={column.role} /> : null}
                {column.description ? <small>{excerpt(column.description, 300)}</small> : null}
              </>
            ),
          },
          { header: 'Type', cell: (column) => <span title={column.nativeType}>{column.type}</span> },
          { header: 'Unit', cell: (column) => column.unit ?? DASH },
          { header: 'UCD', mono: true, wrap: true, cell: (column) => <Ucd text={column.ucd} /> },
          {
            header: 'Empty',
            numeric: true,
            cell: (column) => (column.nulls === 0 ? '0' : empty(column.nulls, content.rows)),
          },
          { header: 'Min', numeric: true, cell: (column) => bound(column.min) },
          { header: 'Median', numeric: true, cell: (column) => moment(column, column.median) },
          { header: 'Max', numeric: true, cell: (column) => bound(column.max) },
          { header: 'Mean', numeric: true, cell: (column) => moment(column, column.mean) },
          { header: 'Std. dev.', numeric: true, cell: (column) => moment(column, column.standardDeviation) },
          {
            header: 'Different',
            numeric: true,
            cell: (column) =>
              `${column.distinct !== null && !column.distinctIsExact ? '≈ ' : ''}${count(column.distinct)}`,
          },
        ]}
      />
    </Panel>
  )
}

/** The words of a UCD stand between semicolons, where a line may break. */
const Ucd = ({ text }: { text: string | null }) =>
  text === null
    ? DASH
    : text.split(/(?<=;)/).map((word) => (
        <>
          {word}
          <wbr />
        </>
      ))

/** A moment of the distribution; identifiers, and integers that a number cannot hold, have none. */
const moment = ({ role, min, max }: ProductColumn, value: number | null): string =>
  role === 'ID' || typeof min === 'string' || typeof max === 'string' ? DASH : number(value)

const bound = (value: number | string | null): string =>
  typeof value === 'number' ? number(value, 8) : excerpt(cell(value), 24)

const empty = (nulls: number, rows: number): string =>
  rows === 0 ? count(nulls) : `${count(nulls)} (${share(nulls / rows)})`
