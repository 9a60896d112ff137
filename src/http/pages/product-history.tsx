import { Button } from '../../../views/components/button.tsx'
import type { TimelineEntry } from '../../../views/components/timeline.tsx'
import { excerpt, moment as momentText } from '../../../views/format.ts'
import type { Moments } from '../../../views/pages/product/model.ts'
import type { DomainEvent } from '../../domain/events.ts'
import { tell } from '../../domain/words.ts'
import type { HistoryRow } from '../../projections/history/tables.ts'
import { undoOf } from '../../provenance/undo/undo.ts'
import type { ProductPageData } from './product-page.ts'

const LONGEST_CHANGE = 1_000
const MOST_MOMENTS = 100

const storyOf = (event: HistoryRow) => tell({ type: event.type, data: event.data } as unknown as DomainEvent) // checked when it was written

/** `?as_of=` for the state after an event: its position in the log. */
const momentOf = (event: HistoryRow): string => event.position.replace(/^0+(?=\d{5})/, '')

export const addressAsOf = (
  path: string,
  asOf: string | null,
  query: Readonly<Record<string, string>> = {},
): string => {
  const params = new URLSearchParams(query)
  if (asOf !== null) params.set('as_of', asOf)
  return params.size === 0 ? path : `${path}?${params}`
}

/** A history in words, newest first. */
export function timelineOf(data: ProductPageData, path: string): TimelineEntry[] {
  const seen = new Set(visibleMoments(data))
  const undoable = (event: HistoryRow) =>
    data.changeable &&
    data.asOf === null &&
    UNDOABLE.has(event.type) &&
    'command' in undoOf(data.events, event.position)
  return data.events.toReversed().map((event) => {
    const { words, changes } = storyOf(event)
    return {
      what: words.slice(0, 1).toUpperCase() + words.slice(1),
      who: event.actor,
      at: event.at,
      changes: changes.map(({ field, from, to }) => ({ field, before: shortened(from), after: shortened(to) })),
      ...(seen.has(event) || undoable(event)
        ? {
            links: (
              <>
                {seen.has(event) ? <a href={addressAsOf(path, momentOf(event))}>View as of then</a> : null}
                {undoable(event) ? <UndoButton path={path} position={event.position} /> : null}
              </>
            ),
          }
        : {}),
    }
  })
}

/** Looked at one by one; all others never can be undone. */
const UNDOABLE: ReadonlySet<string> = new Set([
  'MetadataEdited',
  'ColumnAssociated',
  'ProductMarkedOfficial',
  'ProductUnmarkedOfficial',
  'ProductDeleted',
])

const UndoButton = ({ path, position }: { path: string; position: string }) => (
  <form method="post" action={`${path}/undo`}>
    <input type="hidden" name="position" value={position} />
    <Button kind="quiet">Undo</Button>
  </form>
)

const shortened = (text: string | null): string | null => (text === null ? null : excerpt(text, LONGEST_CHANGE))

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
    label: `${momentText(event.at)} · ${excerpt(storyOf(event).words, 60)}`,
  }))
  const { asOf } = data
  const choices = [{ value: '', label: 'now' }, ...past]
  if (asOf === null) return { choices, chosen: '' }
  const chosen = /^\d+$/.test(asOf) ? asOf.replace(/^0+(?=\d{5})/, '') : asOf
  if (choices.some(({ value }) => value === chosen)) return { choices, chosen }
  const label = /^\d+$/.test(chosen)
    ? `position ${chosen}, ${momentText(data.listed.product.updatedAt)}`
    : momentLabel(asOf)
  return { choices: [...choices, { value: chosen, label }], chosen }
}

/** A date stands for the end of its day. */
const momentLabel = (asOf: string): string => (asOf.length <= 10 ? `the end of ${asOf}` : momentText(asOf))
