import { Badge } from '../../components/badge.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { ExportLinks } from '../../components/export-links.tsx'
import { SelectField, TextField } from '../../components/field.tsx'
import { HistoryPager } from '../../components/pager.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty } from '../../components/state.tsx'
import { moment } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import type { Place } from '../../links.ts'
import { AdminShell } from './shell.tsx'

/** Something that changed, used or tried what a person may do. */
export interface SecurityEntry {
  readonly at: string
  /** "Sign-in failed". */
  readonly title: string
  /** "by the page, from 192.0.2.7"; empty when there is no more to say. */
  readonly detail: string
  readonly tone: 'plain' | 'good' | 'bad'
  /** Null: nobody whom we know. */
  readonly by: string | null
  readonly account: string | null
  /** Where the event of the log is, when it is one. */
  readonly href: string | null
}

export interface SecurityProps {
  readonly frame: Frame
  readonly place: Place
  readonly typed: Readonly<Record<'act' | 'person' | 'since' | 'until', string>>
  readonly errors: Readonly<Partial<Record<'since' | 'until', string>>>
  /** What can happen. */
  readonly acts: readonly { readonly value: string; readonly label: string }[]
  readonly rows: readonly SecurityEntry[]
  readonly olderFrom: string | null
  /** Days for which sign-ins are kept. */
  readonly keptDays: number
}

/** `/admin/security`: who may do what since when, who came in, and who tried to. */
export const SecurityPage = (props: SecurityProps) => (
  <AdminShell frame={props.frame} current="security">
    <div class="with-side">
      <form class="form" method="get" action={props.place.path}>
        <SelectField
          name="act"
          label="What"
          value={props.typed.act}
          choices={[{ value: '', label: 'everything' }, ...props.acts]}
        />
        <TextField name="person" label="Person" type="search" value={props.typed.person} placeholder="user name" />
        <TextField name="since" label="From" type="date" value={props.typed.since} error={props.errors.since} />
        <TextField name="until" label="Until" type="date" value={props.typed.until} error={props.errors.until} />
        <p class="actions">
          <button class="btn" type="submit">
            Show
          </button>
        </p>
        <p class="help">
          Roles, tokens and groups are events of the log and stay. Sign-ins and passwords are kept for {props.keptDays}{' '}
          days, or until the account goes.
        </p>
      </form>
      <Panel
        title="Security"
        aside={
          <>
            newest first; times in UTC · <ExportLinks place={props.place} formats={['csv', 'ndjson']} />
          </>
        }
        flush
      >
        {props.rows.length === 0 ? (
          <Empty title="Nothing matches">
            <a href={props.place.path}>Show everything</a>
          </Empty>
        ) : (
          <DataTable
            caption="Security"
            captionHidden
            rows={props.rows}
            columns={[
              {
                header: 'When',
                rowHeader: true,
                cell: (row: SecurityEntry) => <time datetime={row.at}>{moment(row.at)}</time>,
              },
              {
                header: 'What',
                wide: true,
                cell: (row) => (
                  <>
                    <Badge tone={row.tone}>{row.title}</Badge>
                    {row.detail === '' ? null : <small>{row.detail}</small>}
                  </>
                ),
              },
              {
                header: 'Account',
                cell: (row) => row.account ?? <span class="muted">no such account</span>,
              },
              { header: 'By', cell: (row) => row.by ?? <span class="muted">unknown</span> },
              {
                header: <span class="aloud">Event</span>,
                cell: (row) =>
                  row.href === null ? null : (
                    <a href={row.href}>
                      Event
                      <span class="aloud">
                        {' '}
                        “{row.title}” of {row.account}
                      </span>
                    </a>
                  ),
              },
            ]}
          />
        )}
        <HistoryPager place={props.place} olderFrom={props.olderFrom} />
      </Panel>
    </div>
  </AdminShell>
)
