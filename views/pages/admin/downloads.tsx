import { type DownloadEntry, DownloadsTable } from '../../components/downloads-table.tsx'
import { ExportLinks } from '../../components/export-links.tsx'
import { TextField } from '../../components/field.tsx'
import { HistoryPager } from '../../components/pager.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty, Notice } from '../../components/state.tsx'
import { counted } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import type { Place } from '../../links.ts'
import { AdminShell } from './shell.tsx'

export interface AdminDownloadsProps {
  readonly frame: Frame
  readonly place: Place
  /** What was typed into the filter. */
  readonly typed: Readonly<Record<'person' | 'product' | 'since' | 'until', string>>
  readonly errors: Readonly<Partial<Record<'product' | 'since' | 'until', string>>>
  readonly audit: 'named' | 'counted' | 'off'
  readonly times: number
  readonly people: number
  readonly rows: readonly DownloadEntry[]
  readonly olderFrom: string | null
}

/** `/admin/downloads`: who took what, over the whole site. */
export const AdminDownloadsPage = (props: AdminDownloadsProps) => (
  <AdminShell frame={props.frame} current="downloads">
    <div class="with-side">
      <form class="form" method="get" action={props.place.path}>
        <TextField name="person" label="Person" type="search" value={props.typed.person} placeholder="user name" />
        <TextField
          name="product"
          label="Product"
          type="search"
          value={props.typed.product}
          placeholder="42 or 42_desi"
          error={props.errors.product}
        />
        <TextField name="since" label="From" type="date" value={props.typed.since} error={props.errors.since} />
        <TextField name="until" label="Until" type="date" value={props.typed.until} error={props.errors.until} />
        <p class="actions">
          <button class="btn" type="submit">
            Show
          </button>
        </p>
      </form>
      <div class="stack">
        {props.audit === 'named' ? null : (
          <Notice kind="notice">
            <p>
              {props.audit === 'off'
                ? 'Downloads are not recorded on this server (DOWNLOAD_AUDIT=off).'
                : 'Downloads are counted without the person on this server (DOWNLOAD_AUDIT=counted).'}
            </p>
          </Notice>
        )}
        <Panel
          title="Downloads"
          aside={
            <>
              {counted(props.times, 'download')}
              {props.people === 0 ? '' : ` by ${counted(props.people, 'person', 'people')}`} ·{' '}
              <ExportLinks place={props.place} formats={['csv', 'ndjson']} />
            </>
          }
          flush
        >
          {props.rows.length === 0 ? (
            <NoDownloads place={props.place} isFiltered={Object.values(props.typed).some((text) => text !== '')} />
          ) : (
            <DownloadsTable rows={props.rows} ofOne={false} />
          )}
          <HistoryPager place={props.place} olderFrom={props.olderFrom} />
        </Panel>
      </div>
    </div>
  </AdminShell>
)

const NoDownloads = ({ place, isFiltered }: { place: Place; isFiltered: boolean }) =>
  isFiltered ? (
    <Empty title="No downloads match">
      <a href={place.path}>Show all downloads</a>
    </Empty>
  ) : (
    <Empty title="Nobody has downloaded anything yet" />
  )
