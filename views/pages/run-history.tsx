import { type BlameRow, BlameTable } from '../components/blame-table.tsx'
import { HistoryFilter, type HistoryFilterProps } from '../components/history-filter.tsx'
import { Panel } from '../components/panel.tsx'
import { Empty } from '../components/state.tsx'
import { Timeline, type TimelineEntry } from '../components/timeline.tsx'
import type { Frame } from '../frame.ts'
import { Layout } from '../layout.tsx'

export interface RunHistoryProps {
  readonly frame: Frame
  readonly run: { readonly id: number; readonly name: string }
  readonly blame: readonly BlameRow[]
  readonly filter: HistoryFilterProps | null
  /** Newest first. */
  readonly entries: readonly TimelineEntry[]
}

/** `/runs/<id>/history` */
export const RunHistoryPage = ({ frame, run, blame, filter, entries }: RunHistoryProps) => (
  <Layout
    frame={frame}
    title={`History of ${run.name}`}
    crumbs={[{ text: 'Runs', href: '/runs' }, { text: run.name, href: `/runs/${run.id}` }, { text: 'History' }]}
    links={[
      {
        rel: 'alternate',
        type: 'application/json',
        title: 'This history as JSON',
        href: `/api/processes/${run.id}/history/`,
      },
    ]}
  >
    <h1>History of {run.name}</h1>
    <div class="stack">
      <Panel title="Who set what" id="blame" flush>
        <BlameTable rows={blame} caption="Who set what" />
      </Panel>
      <Panel title="History" aside="newest first; times in UTC">
        {filter === null ? null : <HistoryFilter {...filter} />}
        {entries.length === 0 ? (
          <Empty title="Nothing like that happened" actions={<a href={`/runs/${run.id}/history`}>Show everything</a>} />
        ) : (
          <Timeline entries={entries} />
        )}
      </Panel>
    </div>
  </Layout>
)
