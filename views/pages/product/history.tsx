import { HistoryFilter } from '../../components/history-filter.tsx'
import { Facts, Panel } from '../../components/panel.tsx'
import { Empty, Notice } from '../../components/state.tsx'
import { Timeline } from '../../components/timeline.tsx'
import { counted, digest, moment } from '../../format.ts'
import type { ImportedView, TabContent } from './model.ts'

/** What happened to the product, newest first; and before it came here. */
export const HistoryPanel = ({ content, path }: { content: TabContent & { tab: 'history' }; path: string }) => (
  <div class="stack">
    <Panel
      title="History"
      aside={
        <>
          <a href={`${path}?tab=provenance#blame`}>Who set what</a>
          {' · '}
          <a href={content.feedHref}>Feed</a>
        </>
      }
    >
      {content.filter === null ? null : <HistoryFilter {...content.filter} />}
      {content.entries.length === 0 ? (
        <Empty title="Nothing like that happened" actions={<a href={`${path}?tab=history`}>Show everything</a>} />
      ) : (
        <Timeline entries={content.entries} />
      )}
      <p class="muted">Newest first; times in UTC.</p>
      {content.later > 0 ? (
        <p class="muted">
          <a href={`${path}?tab=history`}>{counted(content.later, 'later event')}</a>{' '}
          {content.later === 1 ? 'is' : 'are'} in the history of today.
        </p>
      ) : null}
    </Panel>
    {content.imported === null ? null : <Imported imported={content.imported} />}
  </div>
)

const Imported = ({ imported }: { imported: ImportedView }) => (
  <Panel title="Before it was imported" id="imported" aside={counted(imported.count, 'event')}>
    {imported.problem === null ? (
      <Notice kind="success">
        <p>
          <strong>Verified:</strong> the chain of these events is whole, and they are in the log that the other server
          signed.
        </p>
      </Notice>
    ) : (
      <Notice kind="problem">
        <p>
          <strong>Do not rely on this.</strong> {imported.problem}
        </p>
      </Notice>
    )}
    <Facts
      facts={[
        ['From', imported.server ?? 'a server that gave no address'],
        ['There it was', imported.stream],
        [
          'Signed',
          <>
            {moment(imported.signedAt)}, key <code title={imported.signedBy}>{digest(imported.signedBy)}</code>
          </>,
        ],
      ]}
    />
    <p class="muted">The people are those of the other server; times in UTC, newest first.</p>
    <Timeline entries={imported.entries} />
    {imported.count > imported.entries.length ? (
      <p class="muted">These are the newest {imported.entries.length}.</p>
    ) : null}
  </Panel>
)
