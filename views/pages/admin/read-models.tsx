import { Badge } from '../../components/badge.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { Confirm } from '../../components/disclosure.tsx'
import { Panel, Tiles } from '../../components/panel.tsx'
import { Progress } from '../../components/progress.tsx'
import { Empty } from '../../components/state.tsx'
import { ago, count } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import { AdminShell } from './shell.tsx'

export interface ReadModelRow {
  readonly name: string
  /** Position of the last event it knows (decimal string), and how many events it is behind. */
  readonly position: string
  readonly lag: number
  readonly rows: number
  readonly updatedAt: string | null
  readonly state: 'live' | 'rebuilding' | 'failed'
  /** 0 to 1, while it is rebuilt. */
  readonly progress: number | null
  readonly error: string | null
}

export interface ReadModelsProps {
  readonly frame: Frame
  readonly head: { readonly position: string; readonly events: number; readonly store: string }
  readonly models: readonly ReadModelRow[]
}

/** `/admin/read-models`: how far each has read the log; throw one away and build it again while the old one serves. */
export const ReadModelsPage = ({ frame, head, models }: ReadModelsProps) => (
  <AdminShell frame={frame} current="read-models">
    <div class="stack">
      <Tiles
        tiles={[
          { label: 'Events in the log', value: count(head.events) },
          { label: 'Head of the log', value: head.position },
          { label: 'Farthest behind', value: `${count(Math.max(0, ...models.map(({ lag }) => lag)))} events` },
          { label: 'Event store', value: head.store },
        ]}
      />
      <Panel title="Read models" flush>
        {models.length === 0 ? (
          <Empty title="No read models">The server is still starting.</Empty>
        ) : (
          <DataTable
            caption="Read models"
            captionHidden
            rows={models}
            columns={[
              {
                header: 'Name',
                rowHeader: true,
                wide: true,
                cell: (model: ReadModelRow) => (
                  <>
                    {model.name}
                    {model.error ? <p class="error">{model.error}</p> : null}
                  </>
                ),
              },
              { header: 'State', cell: (model) => <State model={model} /> },
              { header: 'Position', numeric: true, mono: true, cell: (model) => model.position },
              { header: 'Behind', unit: 'events', numeric: true, cell: (model) => count(model.lag) },
              { header: 'Rows', numeric: true, cell: (model) => count(model.rows) },
              { header: 'Updated', numeric: true, cell: (model) => ago(model.updatedAt, frame.now) },
              {
                header: <span class="aloud">Actions</span>,
                cell: (model) =>
                  model.state === 'rebuilding' ? null : (
                    <Confirm
                      id={`rebuild-${model.name}`}
                      label={
                        <>
                          Rebuild<span class="aloud"> {model.name}</span>
                        </>
                      }
                      title={`Rebuild “${model.name}”?`}
                      action={`/admin/read-models/${encodeURIComponent(model.name)}/rebuild`}
                      confirm="Rebuild it"
                    >
                      <p>All events are read again. The old one serves until the new one has caught up.</p>
                    </Confirm>
                  ),
              },
            ]}
          />
        )}
      </Panel>
    </div>
  </AdminShell>
)

const State = ({ model }: { model: ReadModelRow }) => {
  if (model.state === 'rebuilding') return <Progress label="Rebuilding" value={model.progress} />
  if (model.state === 'failed') return <Badge tone="bad">Failed</Badge>
  return <Badge tone={model.lag > 1000 ? 'warn' : 'good'}>{model.lag > 1000 ? 'Catching up' : 'Live'}</Badge>
}
