import { Button } from '../../components/button.tsx'
import { type DataColumn, DataTable } from '../../components/data-table.tsx'
import { FormProblems, SideBySide, TextField } from '../../components/field.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty } from '../../components/state.tsx'
import { cell, count, counted, excerpt, number } from '../../format.ts'
import type { ConeRow, ConeView } from './model.ts'
import { isNumeric } from './preview.tsx'

const FIELDS = [
  { name: 'ra', label: 'Right ascension', help: '150.119 or 10:00:28.6, ICRS' },
  { name: 'dec', label: 'Declination', help: '2.2058 or +02:12:21' },
  { name: 'radius', label: 'Radius', unit: 'arcsec' },
] as const

/** Asks for the rows around a position, and shows those that were found, the nearest first. */
export const ConePanel = ({ cone, path }: { cone: ConeView; path: string }) => (
  <Panel title="Cone search" id="cone">
    <form class="stack" method="get" action={`${path}#cone`}>
      <input type="hidden" name="tab" value="sky" />
      <FormProblems problems={cone.problems} />
      <SideBySide>
        {FIELDS.map((field) => (
          <TextField
            {...field}
            value={cone[field.name]}
            required
            error={cone.problems.find((problem) => problem.field === field.name)?.text}
          />
        ))}
      </SideBySide>
      <p class="actions">
        <Button kind="main">Search</Button>
      </p>
    </form>
    {cone.found ? <Found found={cone.found} /> : null}
  </Panel>
)

const Found = ({ found }: { found: NonNullable<ConeView['found']> }) => (
  <div class="stack">
    <p>{aroundOf(found.centre)}</p>
    {found.rows.length === 0 ? (
      <Empty title="No row lies so near">Look around a larger circle, or another position.</Empty>
    ) : (
      <DataTable caption={captionOf(found)} columns={columnsOf(found)} rows={found.rows} />
    )}
    <p>
      {found.rows.length > 0 ? <>All columns of the rows: </> : <>The same for programs: </>}
      <a href={found.jsonHref}>JSON</a> · <a href={found.votableHref}>VOTable</a> (IVOA Simple Cone Search)
    </p>
  </div>
)

/** The centre in degrees, however it was typed. */
const aroundOf = ({ ra, dec, radius }: NonNullable<ConeView['found']>['centre']): string =>
  `Rows within ${number(radius, 6)}″ of RA ${ra.toFixed(5)}°, Dec ${dec < 0 ? '−' : '+'}${Math.abs(dec).toFixed(5)}°`

function captionOf({ rows, isCut, columns, totalColumns }: NonNullable<ConeView['found']>): string {
  const found = isCut ? `The nearest ${count(rows.length)} rows; there are more` : counted(rows.length, 'row')
  return columns.length < totalColumns
    ? `${found}; ${count(columns.length)} of ${counted(totalColumns, 'column')}, those with a role first`
    : found
}

const MOST = 60

const columnsOf = ({ columns }: NonNullable<ConeView['found']>): DataColumn<ConeRow>[] => [
  { header: 'Distance', unit: 'arcsec', numeric: true, cell: ({ distance }) => number(Number(distance.toFixed(3))) },
  ...columns.map(
    (column, index): DataColumn<ConeRow> => ({
      header: column.name,
      ...(column.unit === null ? {} : { unit: column.unit }),
      numeric: isNumeric(column),
      cell: ({ cells }) => excerpt(cell(cells[index] ?? null), MOST),
    }),
  ),
]
