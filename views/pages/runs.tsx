import { type RunStatus, RunStatusBadge } from '../components/badge.tsx'
import { ButtonLink } from '../components/button.tsx'
import { type DataColumn, DataTable } from '../components/data-table.tsx'
import { type Page, Pager } from '../components/pager.tsx'
import { Panel } from '../components/panel.tsx'
import { Empty } from '../components/state.tsx'
import { counted, DASH, duration, moment } from '../format.ts'
import type { Frame } from '../frame.ts'
import { Layout } from '../layout.tsx'
import { hrefAt, type Place } from '../links.ts'

/** A run in the list. */
export interface RunListRow {
  readonly id: number
  readonly name: string
  readonly pipelineName: string
  readonly owner: string
  readonly status: RunStatus
  /** What it does now, in words; null when it does nothing. */
  readonly stage: string | null
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
    cell: (run) => (
      <a id={`run-${run.id}`} href={`/runs/${run.id}`}>
        {run.name}
      </a>
    ),
  },
  { header: 'Status', wrap: true, sort: 'status', cell: (run) => <Status run={run} /> },
  { header: 'Pipeline', sort: 'pipeline', cell: (run) => run.pipelineName },
  { header: 'Owner', sort: 'owner', cell: (run) => run.owner },
  { header: 'Asked for', unit: 'UTC', sort: 'created_at', cell: (run) => moment(run.createdAt) },
  {
    header: 'Took',
    numeric: true,
    cell: (run) => (run.milliseconds === null ? DASH : duration(run.milliseconds)),
  },
]

/** How a run stands; of one under way what it does, and how far it is. */
const Status = ({ run }: { run: RunListRow }) => (
  <>
    <RunStatusBadge status={run.status} />
    {run.status === 'running' ? (
      <>
        <progress value={run.fraction} max={1} aria-label={`Progress of ${run.name}`} />
        <small>
          {Math.floor(run.fraction * 100)} %{run.stage === null ? null : `, ${run.stage}`}
        </small>
      </>
    ) : null}
  </>
)

const UNDER_WAY: ReadonlySet<RunStatus> = new Set(['pending', 'queued', 'running', 'stopping'])

/** `/runs` */
export const RunsPage = (props: RunsProps) => (
  <Layout frame={props.frame} title="Runs" wide>
    <div class="page-head">
      <h1>{props.everybody ? 'Runs' : 'Your runs'}</h1>
      <ButtonLink href="/pipelines" kind="main">
        New run
      </ButtonLink>
    </div>
    <form class="inline-form" method="get" action="/runs">
      <label class="aloud" for="run-search">
        Search runs
      </label>
      <input id="run-search" type="search" name="search" value={props.search} placeholder="Name, pipeline, comment…" />
      <button class="btn" type="submit">
        Search
      </button>
    </form>
    <RunList {...props} />
  </Layout>
)

/** The list, which asks again by itself as long as a run of it is under way. */
const RunList = ({ runs, page, place, ordering, search }: RunsProps) => (
  <div
    id="runs"
    class="runs"
    {...(runs.some(({ status }) => UNDER_WAY.has(status))
      ? {
          'hx-get': hrefAt(place, {}),
          'hx-trigger': 'load delay:3s',
          'hx-select': '#runs',
          'hx-swap': 'outerHTML show:none',
          'hx-target': '#runs',
        }
      : {})}
  >
    <Panel title={counted(page.total, 'run')} flush>
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
    </Panel>
  </div>
)
