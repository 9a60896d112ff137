import { type RunStatus, RunStatusBadge } from '../components/badge.tsx'
import { ButtonLink } from '../components/button.tsx'
import { type DataColumn, DataTable } from '../components/data-table.tsx'
import { type Page, Pager } from '../components/pager.tsx'
import { Empty } from '../components/state.tsx'
import { DASH, duration, moment } from '../format.ts'
import type { Frame } from '../frame.ts'
import { Layout } from '../layout.tsx'
import type { Place } from '../links.ts'

/** A run in the list. */
export interface RunListRow {
  readonly id: number
  readonly name: string
  readonly pipelineName: string
  readonly owner: string
  readonly status: RunStatus
  /** Of the whole run, 0 to 1. */
  readonly fraction: number
  readonly createdAt: string
  /** How long it worked, or has worked until now; ms. */
  readonly milliseconds: number | null
}

export interface RunsProps {
  readonly frame: Frame
  readonly runs: readonly RunListRow[]
  readonly page: Page
  readonly place: Place
  readonly ordering: string
  readonly search: string
  /** Everybody's runs, as administrators see them. */
  readonly everybody: boolean
}

const COLUMNS: readonly DataColumn<RunListRow>[] = [
  {
    header: 'Run',
    rowHeader: true,
    wide: true,
    sort: 'display_name',
    cell: (run) => <a href={`/runs/${run.id}`}>{run.name}</a>,
  },
  { header: 'Status', sort: 'status', cell: (run) => <Status run={run} /> },
  { header: 'Pipeline', sort: 'pipeline', cell: (run) => run.pipelineName },
  { header: 'Owner', sort: 'owner', cell: (run) => run.owner },
  { header: 'Asked for', unit: 'UTC', sort: 'created_at', cell: (run) => moment(run.createdAt) },
  {
    header: 'Took',
    numeric: true,
    cell: (run) => (run.milliseconds === null ? DASH : duration(run.milliseconds)),
  },
]

const Status = ({ run }: { run: RunListRow }) => (
  <>
    <RunStatusBadge status={run.status} />
    {run.status === 'running' ? <small>{`${Math.floor(run.fraction * 100)} %`}</small> : null}
  </>
)

/** `/runs` */
export const RunsPage = ({ frame, runs, page, place, ordering, search, everybody }: RunsProps) => (
  <Layout frame={frame} title="Runs" wide>
    <h1>{everybody ? 'Runs' : 'Your runs'}</h1>
    <form class="inline-form" method="get" action="/runs">
      <label class="aloud" for="run-search">
        Search runs
      </label>
      <input id="run-search" type="search" name="search" value={search} placeholder="Name, pipeline, comment…" />
      <button class="btn" type="submit">
        Search
      </button>
      <ButtonLink href="/pipelines" kind="main">
        New run
      </ButtonLink>
    </form>
    {runs.length === 0 ? (
      <Empty
        title={search === '' ? 'No runs yet' : 'No run fits'}
        actions={search === '' ? <a href="/pipelines">See the pipelines</a> : <a href="/runs">All runs</a>}
      />
    ) : (
      <>
        <DataTable caption="Runs" captionHidden columns={COLUMNS} rows={runs} sorted={{ place, ordering }} />
        <Pager page={page} place={place} label="Pages of runs" />
      </>
    )}
  </Layout>
)
