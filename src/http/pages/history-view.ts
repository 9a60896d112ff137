import type { BlameRow } from '../../../views/components/blame-table.tsx'
import type { HistoryFilterProps } from '../../../views/components/history-filter.tsx'
import type { TimelineEntry } from '../../../views/components/timeline.tsx'
import { bytes, excerpt } from '../../../views/format.ts'
import { anchorOf } from '../../application/feeds.ts'
import { findProductType } from '../../domain/product/product-type.ts'
import { type Names, type Story, tell } from '../../domain/words.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import {
  EVENT_KINDS,
  fitsHistory,
  type HistoryFilter,
  historyFilter,
  KIND_LABELS,
  kindOf,
} from '../../projections/history/kinds.ts'
import { stampOf } from '../../projections/recorded.ts'
import type { FieldBlame, Json } from '../../provenance/blame/fields.ts'

/** Characters of a value that the pages quote. */
const LONGEST_CHANGE = 1_000
const LONGEST_VALUE = 160

/** What happened, as a page tells it. */
export interface HistoryEvent {
  readonly type: string
  readonly actor: string
  readonly at: string
  readonly position: string
}

/** What the address of a history asks for. @throws DomainError `invalid` */
export function askedHistory(
  query: URLSearchParams,
): HistoryFilter & { readonly person: string; readonly kind: string } {
  const person = query.get('by')?.trim() ?? ''
  const kind = query.get('kind')?.trim() ?? ''
  return { ...historyFilter([person], [kind]), person, kind }
}

/** The form that narrows a history; null where there is nothing to choose. */
export function filterForm(
  events: readonly HistoryEvent[],
  { person, kind }: { readonly person: string; readonly kind: string },
  place: Pick<HistoryFilterProps, 'path' | 'carried'>,
): HistoryFilterProps | null {
  const counted = (values: readonly string[]) => {
    const counts = new Map<string, number>()
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
    return counts
  }
  const people = counted(events.map((event) => event.actor))
  const kinds = counted(events.map((event) => kindOf(event.type) ?? ''))
  if (person !== '' && !people.has(person)) people.set(person, 0)
  if (people.size < 2 && kinds.size < 2 && person === '' && kind === '') return null
  const asked = kindOf(kind) ?? kind
  return {
    ...place,
    people: [...people].map(([value, count]) => ({ value, label: `${value} (${count})` })),
    kinds: EVENT_KINDS.filter((each) => kinds.has(each) || each === asked).map((each) => ({
      value: each,
      label: `${KIND_LABELS[each]} (${kinds.get(each) ?? 0})`,
    })),
    person,
    kind: asked,
  }
}

/** An event in words, with what it changed. */
export function timelineEntry(event: HistoryEvent, { words, changes }: Story): TimelineEntry {
  return {
    id: anchorOf(event),
    what: words.slice(0, 1).toUpperCase() + words.slice(1),
    who: event.actor,
    at: event.at,
    changes: changes.map(({ field, from, to }) => ({ field, before: shortened(from), after: shortened(to) })),
  }
}

const shortened = (text: string | null): string | null => (text === null ? null : excerpt(text, LONGEST_CHANGE))

/** Events of a stream as a page tells them. */
export const toldEvents = (events: readonly RecordedEvent[], names?: Names): { event: HistoryEvent; story: Story }[] =>
  events.map((recorded) => {
    const { actor, at } = stampOf(recorded)
    const { type, position } = recorded
    return { event: { type, actor, at, position }, story: tell(recorded, names) }
  })

/** Those that fit, newest first. */
export const timelineOfEvents = (
  told: readonly { readonly event: HistoryEvent; readonly story: Story }[],
  filter: HistoryFilter,
): TimelineEntry[] =>
  told
    .filter(({ event }) => fitsHistory(filter, event))
    .map(({ event, story }) => timelineEntry(event, story))
    .toReversed()

/**
 * Who set what, as a table. What a file says of its columns is one row for each file; what was
 * always empty is none.
 * @param history the address of the history, which has an anchor for each event
 */
export function blameRows(fields: readonly FieldBlame[], history: string): BlameRow[] {
  const facts = new Map<string, FieldBlame[]>()
  const rows: BlameRow[] = []
  for (const field of fields) {
    if (field.group === 'columns' && !field.field.endsWith(':role') && field.before === null) {
      facts.set(field.position, [...(facts.get(field.position) ?? []), field])
    } else if (field.before !== null || valueText(field.field, field.value) !== null) rows.push(rowOf(field, history))
  }
  for (const [first, ...others] of facts.values()) {
    if (first === undefined) continue
    const columns = new Set([first, ...others].map(({ field }) => field.split(':')[1])).size
    const label = `types, units and descriptions of ${columns} column${columns === 1 ? '' : 's'}`
    rows.push({ ...rowOf(first, history), label, value: 'as the file says' })
  }
  return rows
}

const rowOf = ({ label, value, by, at, position, field, before }: FieldBlame, history: string): BlameRow => ({
  label,
  value: valueText(field, value),
  who: by.username,
  at,
  href: `${history}#${anchorOf({ position })}`,
  before: before === null ? null : { value: valueText(field, before.value), who: before.by.username, at: before.at },
})

/** A value as a person reads it. */
function valueText(field: string, value: Json): string | null {
  if (value === null || value === '') return null
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (field === 'product_type') return findProductType(String(value))?.displayName ?? String(value)
  if (typeof value !== 'object') return excerpt(String(value).replaceAll(/\s+/g, ' '), LONGEST_VALUE)
  if (Array.isArray(value)) return value.length === 0 ? null : value.map((each) => valueText(field, each)).join(', ')
  const of = (name: string): Json => (name in value ? ((value as Readonly<Record<string, Json>>)[name] ?? null) : null)
  if (typeof of('sha256') === 'string') return `${of('name')}, ${bytes(Number(of('size')))}`
  if (typeof of('stream') === 'string') return `${of('server') ?? 'another server'}, ${of('stream')}`
  const name = of('displayName') ?? of('display_name') ?? of('alias') ?? of('ucd')
  return name === null ? null : String(name)
}
