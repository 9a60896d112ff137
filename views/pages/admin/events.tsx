import { CodeBlock } from '../../components/code-block.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { ExportLinks } from '../../components/export-links.tsx'
import { type Facet, Facets } from '../../components/facets.tsx'
import { TextField } from '../../components/field.tsx'
import { HistoryPager } from '../../components/pager.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty } from '../../components/state.tsx'
import { bytes, moment } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import { carried, hrefAt, type Place } from '../../links.ts'
import { AdminShell } from './shell.tsx'

export interface EventRow {
  /** In the whole log; decimal strings, they may exceed 2^53. */
  readonly position: string
  readonly stream: string
  readonly revision: string
  readonly type: string
  readonly actor: string
  readonly at: string
  /** The data as indented JSON; null when it is long. */
  readonly json: string | null
  /** Length of the data in bytes, and the address of the whole event with its metadata. */
  readonly length: number
  readonly href: string
}

export interface EventsProps {
  readonly frame: Frame
  readonly place: Place
  readonly stream: string
  /** Days (ISO), both included; empty: no limit. */
  readonly since: string
  readonly until: string
  /** What of the filter cannot be understood. */
  readonly errors: Readonly<Partial<Record<'since' | 'until', string>>>
  readonly events: readonly EventRow[]
  readonly facets: readonly Facet[]
  /** Positions to go on from: `?before=` and `?after=`. */
  readonly olderFrom: string | null
  readonly newerFrom: string | null
}

/** `/admin/events`: the log itself, newest first. */
export const EventsPage = (props: EventsProps) => (
  <AdminShell frame={props.frame} current="events">
    <div class="with-side">
      <div class="stack">
        <form class="form" method="get" action={props.place.path}>
          {carried(props.place, ['stream', 'since', 'until', 'before', 'after']).map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <TextField name="stream" label="Stream" type="search" value={props.stream} placeholder="product-42" />
          <TextField name="since" label="From" type="date" value={props.since} error={props.errors.since} />
          <TextField name="until" label="Until" type="date" value={props.until} error={props.errors.until} />
          <p class="actions">
            <button class="btn" type="submit">
              Show
            </button>
          </p>
        </form>
        <h2 class="aloud">Filters</h2>
        <Facets facets={props.facets} place={props.place} />
      </div>
      <Panel
        title="Events"
        aside={
          <>
            newest first; times in UTC · <ExportLinks place={props.place} formats={['csv', 'ndjson']} />
          </>
        }
        flush
      >
        {props.events.length === 0 ? (
          <Empty title="No events match">
            <a href={props.place.path}>Show the whole log</a>
          </Empty>
        ) : (
          <DataTable
            caption="Events"
            captionHidden
            rows={props.events}
            columns={[
              {
                header: 'Position',
                numeric: true,
                mono: true,
                rowHeader: true,
                cell: (event: EventRow) => event.position,
              },
              {
                header: 'Event',
                wide: true,
                cell: (event) => (
                  <>
                    <strong>{event.type}</strong>
                    {event.json === null ? (
                      <small>
                        <a href={event.href}>
                          Data, {bytes(event.length)}
                          <span class="aloud"> of the event at {event.position}</span>
                        </a>
                      </small>
                    ) : (
                      <details>
                        <summary>
                          Data<span class="aloud"> of the event at {event.position}</span>
                        </summary>
                        <CodeBlock
                          id={`event-${event.position}`}
                          code={event.json}
                          label={`Event at ${event.position}`}
                        />
                        <a href={event.href}>
                          With its metadata<span class="aloud"> of the event at {event.position}</span>
                        </a>
                      </details>
                    )}
                  </>
                ),
              },
              {
                header: 'Stream',
                mono: true,
                cell: (event) => (
                  <a href={hrefAt({ path: props.place.path, query: '' }, { stream: event.stream })}>
                    {event.stream}@{event.revision}
                  </a>
                ),
              },
              { header: 'Who', cell: (event) => event.actor },
              { header: 'When', numeric: true, cell: (event) => <time datetime={event.at}>{moment(event.at)}</time> },
            ]}
          />
        )}
        <HistoryPager place={props.place} olderFrom={props.olderFrom} newerFrom={props.newerFrom} />
      </Panel>
    </div>
  </AdminShell>
)
