import type { Child } from 'hono/jsx'
import type { Cell } from '../../../src/tables/inspection.ts'
import { Button } from '../../components/button.tsx'
import { type DataColumn, DataTable } from '../../components/data-table.tsx'
import { SelectField } from '../../components/field.tsx'
import { Panel, Tiles } from '../../components/panel.tsx'
import { Notice } from '../../components/state.tsx'
import { cell, count, counted, excerpt } from '../../format.ts'
import { Folded } from './differences.tsx'
import type { ComparedRows, RowsView, Sides, SomeRows } from './model.ts'

/** The rows of both tables, by id. */
export const Rows = ({ rows, sides }: { rows: RowsView; sides: Sides }) => (
  <Panel title="Rows" id="rows" flush aside={rows.state === 'ready' ? aside(rows) : null}>
    <Content rows={rows} sides={sides} />
  </Panel>
)

const aside = ({ id }: ComparedRows): Child =>
  id.left === id.right ? (
    <>
      by <code>{id.left}</code>
    </>
  ) : (
    <>
      by <code>{id.left}</code> and <code>{id.right}</code>
    </>
  )

const Content = ({ rows, sides }: { rows: RowsView; sides: Sides }) => {
  switch (rows.state) {
    case 'identical':
      return <p class="pad">Both are the very same file: all {counted(rows.rows, 'row')} are the same.</p>
    case 'impossible':
      return (
        <div class="pad">
          <Notice kind="problem">
            <p>The tables could not be compared: {rows.reason}</p>
          </Notice>
        </div>
      )
    case 'preparing':
      return <Preparing again={rows.again} />
    case 'missing':
      return <Missing rows={rows} />
    case 'ready':
      return <Compared rows={rows} sides={sides} />
  }
}

/** Asks again by itself with scripts, and by a link without; only this part of the page is replaced. */
const Preparing = ({ again }: { again: string }) => (
  <div
    class="empty"
    role="status"
    hx-get={again}
    hx-trigger="load delay:1s"
    hx-target="#rows"
    hx-select="#rows"
    hx-swap="outerHTML show:none"
  >
    <progress aria-label="Comparing the rows" />
    <p class="empty-title">Comparing the rows</p>
    <div class="empty-text">Two tables of a million rows take some seconds.</div>
    <p class="actions">
      <a href={again}>Look again</a>
    </p>
  </div>
)

const Missing = ({ rows }: { rows: Extract<RowsView, { state: 'missing' }> }) => (
  <div class="pad">
    <p>{rows.reason}</p>
    {rows.columns.length === 0 ? null : (
      <form method="get" action="/compare#rows">
        {Object.entries(rows.keep).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <SelectField
          name="id"
          label="The column that says which row is which"
          choices={rows.columns.map((name) => ({ value: name, label: name }))}
        />
        <p class="actions">
          <Button>Compare the rows</Button>
        </p>
      </form>
    )}
  </div>
)

/** Rows of each kind that are in sight. */
const IN_SIGHT = 10

const Compared = ({ rows, sides }: { rows: ComparedRows; sides: Sides }) => {
  const { same, changed, removed, added, repeated, withoutId, single } = rows
  const [left, right] = [sides.left.short, sides.right.short]
  return (
    <>
      <div class="pad">
        <Tiles
          tiles={[
            { label: 'The same', value: count(same), note: 'rows' },
            { label: 'Changed', value: count(changed), note: 'rows' },
            { label: 'Removed', value: count(removed), note: `only ${sides.left.within}` },
            { label: 'Added', value: count(added), note: `only ${sides.right.within}` },
          ]}
        />
        {repeated.ids === 0 ? null : (
          <Notice kind="warning">
            <p>
              {counted(repeated.ids, 'id comes', 'ids come')} more than once ({counted(repeated.left, 'row')}{' '}
              {sides.left.within}, {count(repeated.right)} {sides.right.within}), so it is not clear which row is which:
              these rows are not compared one by one.{' '}
              {repeated.same === 0 ? null : `Taken together, those of ${counted(repeated.same, 'id')} are the same.`}
            </p>
            <p>
              The first:{' '}
              {repeated.first
                .slice(0, IN_SIGHT)
                .map((each) => `${cell(each.id)} (${each.left} and ${each.right})`)
                .join(', ')}
              .
            </p>
          </Notice>
        )}
        {withoutId.left + withoutId.right === 0 ? null : (
          <p class="muted">
            Rows without an id, which are not compared: {count(withoutId.left)} {sides.left.within},{' '}
            {count(withoutId.right)} {sides.right.within}.
          </p>
        )}
        {single.length === 0 ? null : (
          <p class="muted">
            Compared in single precision, because one side has no more: {single.slice(0, 20).join(', ')}
            {single.length > 20 ? ` and ${count(single.length - 20)} more` : null}.
          </p>
        )}
      </div>
      <Changed rows={rows} left={left} right={right} />
      <Some title={`Removed rows, only ${sides.left.within}`} total={removed} some={rows.removedRows} />
      <Some title={`Added rows, only ${sides.right.within}`} total={added} some={rows.addedRows} />
      <p class="pad muted">
        <a href={rows.json}>The first rows of each kind as JSON</a>
      </p>
    </>
  )
}

/** Lines with changed cells that are in sight. */
const LINES_IN_SIGHT = 24

/** How many changed rows have room there; at least one. */
function inSight(rows: ComparedRows['changedRows']): number {
  let lines = 0
  const over = rows.slice(0, IN_SIGHT).findIndex(({ cells }) => {
    lines += cells.length
    return lines > LINES_IN_SIGHT
  })
  return over < 0 ? Math.min(IN_SIGHT, rows.length) : Math.max(1, over)
}

interface ChangedCell {
  readonly id: Cell
  readonly column: string
  readonly left: Cell
  readonly right: Cell
}

const Changed = ({ rows, left, right }: { rows: ComparedRows; left: string; right: string }) => {
  if (rows.changed === 0) return null
  const cellsOf = (some: ComparedRows['changedRows']): ChangedCell[] =>
    some.flatMap(({ id, cells }) => cells.map((each) => ({ id, ...each })))
  const columns: DataColumn<ChangedCell>[] = [
    { header: rows.id.left, rowHeader: true, mono: true, cell: ({ id }) => shown(id) },
    { header: 'Column', mono: true, cell: ({ column }) => column },
    { header: left, numeric: true, cell: (each) => shown(each.left) },
    { header: right, numeric: true, cell: (each) => shown(each.right) },
  ]
  const seen = inSight(rows.changedRows)
  const rest = rows.changedRows.slice(seen)
  return (
    <>
      <p class="pad">
        {counted(rows.changed, 'row')} changed, in{' '}
        {rows.columns.map(({ name, changed }, index) => (
          <>
            {index === 0 ? '' : ', '}
            <code>{name}</code> ({count(changed)})
          </>
        ))}
        .
      </p>
      <DataTable
        caption={rows.changed > seen ? `Changed rows: the first ${seen}` : 'Changed rows'}
        columns={columns}
        rows={cellsOf(rows.changedRows.slice(0, seen))}
      />
      {rest.length === 0 ? null : (
        <Folded summary={`${counted(rest.length, 'more changed row')}`}>
          <DataTable caption="More changed rows" captionHidden columns={columns} rows={cellsOf(rest)} />
        </Folded>
      )}
    </>
  )
}

/** Columns of a row that are in sight. */
const MOST_COLUMNS = 12

const Some = ({ title, total, some }: { title: string; total: number; some: SomeRows }) => {
  if (total === 0) return null
  const columns = some.columns.slice(0, MOST_COLUMNS).map(
    (name, place): DataColumn<readonly Cell[]> => ({
      header: <span class="column-name">{name}</span>,
      rowHeader: place === 0,
      mono: place === 0,
      numeric: typeof some.rows[0]?.[place] === 'number',
      cell: (row) => shown(row[place] ?? null),
    }),
  )
  const rest = some.rows.slice(IN_SIGHT)
  return (
    <>
      <DataTable
        caption={total > IN_SIGHT ? `${title}: the first ${IN_SIGHT} of ${count(total)}` : title}
        columns={columns}
        rows={some.rows.slice(0, IN_SIGHT)}
      />
      {rest.length === 0 ? null : (
        <Folded summary={`${counted(rest.length, 'more row')}`}>
          <DataTable caption={title} captionHidden columns={columns} rows={rest} />
        </Folded>
      )}
    </>
  )
}

const LONGEST_CELL = 80

/** All digits: it is by the last ones that values may differ. */
const shown = (value: Cell): Child => {
  if (value === null || value === '') return <span class="null">{cell(null)}</span>
  return typeof value === 'number' ? String(value) : excerpt(cell(value), LONGEST_CELL)
}
