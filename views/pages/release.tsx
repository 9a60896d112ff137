import { Badge } from '../components/badge.tsx'
import { type BlameRow, BlameTable } from '../components/blame-table.tsx'
import { ButtonLink } from '../components/button.tsx'
import { HistoryFilter, type HistoryFilterProps } from '../components/history-filter.tsx'
import { Facts, Panel } from '../components/panel.tsx'
import { Empty } from '../components/state.tsx'
import { Timeline, type TimelineEntry } from '../components/timeline.tsx'
import { counted, date } from '../format.ts'
import type { Frame } from '../frame.ts'
import { Layout } from '../layout.tsx'

export interface ReleasePageProps {
  readonly frame: Frame
  readonly release: {
    readonly id: number
    readonly name: string
    readonly displayName: string
    readonly description: string
    readonly retired: boolean
    /** "everybody", or names of groups. */
    readonly seenBy: string
    readonly catalogs: readonly string[]
    readonly indexingColumn: string
    readonly createdAt: string
    readonly products: number
  }
  readonly blame: readonly BlameRow[]
  readonly filter: HistoryFilterProps | null
  /** Newest first. */
  readonly entries: readonly TimelineEntry[]
  /** Where it is changed, for those who may. */
  readonly editHref: string | null
}

/** `/releases/<id>`: a data release, who set what it says, and its history. */
export const ReleasePage = ({ frame, release, blame, filter, entries, editHref }: ReleasePageProps) => {
  const path = `/releases/${release.id}`
  return (
    <Layout
      frame={frame}
      title={release.displayName}
      description={`The data release ${release.displayName}: its products, who may use it, and its history.`}
      crumbs={[{ text: 'Products', href: '/products' }, { text: release.displayName }]}
      links={[
        {
          rel: 'alternate',
          type: 'application/json',
          title: 'This release as JSON',
          href: `/api/releases/${release.id}/`,
        },
      ]}
    >
      <h1>{release.displayName}</h1>
      <p class="badges">
        <Badge>Data release</Badge>
        {release.retired ? <Badge tone="warn">Retired</Badge> : null}
        <span>defined {date(release.createdAt)}</span>
      </p>
      {release.description === '' ? null : <p class="lead said">{release.description}</p>}
      <div class="stack">
        <p class="actions">
          <ButtonLink href={`/products?release=${release.id}`} kind="main">
            {counted(release.products, 'product')}
          </ButtonLink>
          {editHref === null ? null : <ButtonLink href={editHref}>Edit</ButtonLink>}
        </p>
        <Panel title="Facts">
          <Facts
            facts={[
              ['Short name', <code>{release.name}</code>],
              ['Seen by', release.seenBy],
              ['Object catalogs', release.catalogs.length === 0 ? 'none' : release.catalogs.join(', ')],
              ['Id column', <code>{release.indexingColumn}</code>],
            ]}
          />
        </Panel>
        <Panel title="Who set what" id="blame" flush>
          <BlameTable rows={blame} caption="Who set what" />
        </Panel>
        <Panel title="History" id="history" aside="newest first; times in UTC">
          {filter === null ? null : <HistoryFilter {...filter} />}
          {entries.length === 0 ? (
            <Empty title="Nothing like that happened" actions={<a href={path}>Show everything</a>} />
          ) : (
            <Timeline entries={entries} />
          )}
        </Panel>
      </div>
    </Layout>
  )
}
