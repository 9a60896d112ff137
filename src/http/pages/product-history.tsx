import type { BlameRow } from '../../../views/components/blame-table.tsx'
import { Button } from '../../../views/components/button.tsx'
import type { TimelineEntry } from '../../../views/components/timeline.tsx'
import { excerpt, instant as momentText } from '../../../views/format.ts'
import type { Moments } from '../../../views/pages/product/model.ts'
import { tell } from '../../domain/words.ts'
import { fitsHistory, type HistoryFilter } from '../../projections/history/kinds.ts'
import type { HistoryRow } from '../../projections/history/tables.ts'
import { blameProduct } from '../../provenance/blame/product-blame.ts'
import { momentOf } from '../../provenance/exports/record.ts'
import { undoable } from '../../provenance/undo/undoable.ts'
import { compareHref } from './compare-picks.ts'
import { blameRows, timelineEntry } from './history-view.ts'
import type { ProductPageData } from './product-page.ts'

const MOST_MOMENTS = 100

export const addressAsOf = (
  path: string,
  asOf: string | null,
  query: Readonly<Record<string, string>> = {},
): string => {
  const params = new URLSearchParams(query)
  if (asOf !== null) params.set('as_of', asOf)
  return params.size === 0 ? path : `${path}?${params}`
}

/** Events that a page shows at most. */
const MOST_EVENTS = 2_000

/** The latest events in words, newest first. */
export const recentEvents = ({ history }: ProductPageData, most: number): TimelineEntry[] =>
  history
    .slice(-most)
    .reverse()
    .map((event) => ({ ...timelineEntry(event, tell(event)), changes: [] }))

/** The history until the moment that is shown, newest first, with what can be done about each event. Needs the whole history. */
export function timelineOf(data: ProductPageData, path: string, filter: HistoryFilter): TimelineEntry[] {
  const seen = new Set(visibleMoments(data))
  const name = data.listed.product.internalName
  const undoes = data.changeable && data.asOf === null ? undoable(data.events, data.viewer) : new Set<string>()
  return data.history
    .filter((event) => fitsHistory(filter, event))
    .slice(-MOST_EVENTS)
    .reverse()
    .map((event) => {
      const undo = undoes.has(event.position)
      const links =
        seen.has(event) || undo || event.type === 'ProductImported' ? (
          <>
            {seen.has(event) ? <a href={addressAsOf(path, momentOf(event))}>View as of then</a> : null}
            {seen.has(event) && event !== data.events.at(-1) ? (
              <a href={compareHref(`${name}@${momentOf(event)}`, name)}>Compare with today</a>
            ) : null}
            {event.type === 'ProductImported' ? <a href={`${path}?tab=history#imported`}>What happened there</a> : null}
            {undo ? <UndoButton path={path} position={event.position} /> : null}
          </>
        ) : null
      return { ...timelineEntry(event, tell(event)), ...(links === null ? {} : { links }) }
    })
}

/** Who set what, of the product as the page shows it. Needs its whole history. */
export const productBlame = ({ history }: ProductPageData, path: string): BlameRow[] =>
  blameRows(blameProduct(history), `${path}?tab=history`)

/** Takes an event back; the path is that of what it happened to. */
export const UndoButton = ({ path, position }: { path: string; position: string }) => (
  <form method="post" action={`${path}/undo`}>
    <input type="hidden" name="position" value={position} />
    <Button kind="quiet">Undo</Button>
  </form>
)

/** The states of the product that this person may look at: one for each command, whose events have one time. */
function visibleMoments({ events, listed, changeable }: ProductPageData): readonly HistoryRow[] {
  const { publishedAt } = listed.product
  const [first] = events
  let visible = first !== undefined && publishedAt !== null && first.at >= publishedAt
  return events.filter((event, index) => {
    if (event.type === 'ProductPublished' || event.type === 'ProductRestored') visible = true
    if (event.type === 'ProductDeleted' || event.type === 'ProductPurged') visible = false
    return (visible || changeable) && events[index + 1]?.at !== event.at
  })
}

/** What the page can be looked at as of, newest first. */
export function momentsOf(data: ProductPageData): Moments {
  const latest = visibleMoments(data).toReversed()
  const past = latest.slice(1, MOST_MOMENTS).map((event) => ({
    value: momentOf(event),
    label: `${momentText(event.at)} · ${excerpt(tell(event).words, 60)}`,
  }))
  const { asOf } = data
  const choices = [{ value: '', label: 'now' }, ...past]
  if (asOf === null) return { choices, chosen: '' }
  const chosen = /^\d+$/.test(asOf) ? momentOf({ position: asOf }) : asOf
  if (choices.some(({ value }) => value === chosen)) return { choices, chosen }
  const label = /^\d+$/.test(chosen)
    ? `position ${chosen}, ${momentText(data.listed.product.updatedAt)}`
    : momentLabel(asOf)
  return { choices: [...choices, { value: chosen, label }], chosen }
}

/** A date stands for the end of its day. */
const momentLabel = (asOf: string): string => (asOf.length <= 10 ? `the end of ${asOf}` : momentText(asOf))
