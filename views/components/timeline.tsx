import type { Child } from 'hono/jsx'
import { instant, moment } from '../format.ts'

/** An event of a history, in words. */
export interface TimelineEntry {
  /** The anchor of the event on the page. */
  readonly id?: string
  readonly what: Child
  readonly who: string
  /** ISO. */
  readonly at: string
  /** What it changed, before and after. */
  readonly changes?: readonly {
    readonly field: string
    readonly before: string | null
    readonly after: string | null
  }[]
  /** Links: see the product as of then, undo. */
  readonly links?: Child
  readonly note?: Child
}

/** A history, newest first. */
export const Timeline = ({ entries, compact }: { entries: readonly TimelineEntry[]; compact?: boolean }) => (
  <ol class={compact ? 'timeline compact' : 'timeline'} reversed>
    {entries.map((entry) => (
      <li id={compact ? undefined : entry.id}>
        <div class="what">{entry.what}</div>
        <div class="when">
          {entry.who}, <time datetime={entry.at}>{compact ? instant(entry.at) : moment(entry.at)}</time>
        </div>
        {entry.note ? <div class="note">{entry.note}</div> : null}
        {entry.changes && entry.changes.length > 0 && !compact ? <Changes changes={entry.changes} /> : null}
        {entry.links ? <div class="links">{entry.links}</div> : null}
      </li>
    ))}
  </ol>
)

const Changes = ({ changes }: { changes: NonNullable<TimelineEntry['changes']> }) => (
  <dl class="diff">
    {changes.map((change) => (
      <div>
        <dt>{change.field}</dt>
        <dd>
          {change.before === null ? <span class="nothing">nothing</span> : <del>{change.before}</del>}
          <span aria-hidden="true"> → </span>
          {change.after === null ? <span class="nothing">nothing</span> : <ins>{change.after}</ins>}
        </dd>
      </div>
    ))}
  </dl>
)
