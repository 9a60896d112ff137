import type { Child } from 'hono/jsx'
import { type DataColumn, DataTable } from '../../components/data-table.tsx'
import { Panel } from '../../components/panel.tsx'
import { count, counted, DASH, digest, moment } from '../../format.ts'
import type { ColumnsView, Difference, HistoryView, Sides, ThingsView, ThingView, ToldView } from './model.ts'

const value = (text: string | null): Child => (text === null || text === '' ? <span class="null">{DASH}</span> : text)

/** Which two these are, and in a sentence how they differ. */
export const SideLinks = ({ comparison }: { comparison: Sides & { readonly summary: string } }) => (
  <p class="lead">
    <a href={comparison.left.href}>{comparison.left.label}</a> and{' '}
    <a href={comparison.right.href}>{comparison.right.label}</a> {comparison.summary}
  </p>
)

/** A table with the values of both sides. */
export const SideBySide = (props: {
  caption: string
  what?: string
  differences: readonly Difference[]
  sides: Sides
}) => {
  const columns: DataColumn<Difference>[] = [
    { header: props.what ?? 'What', rowHeader: true, wrap: true, cell: ({ field }) => field },
    { header: props.sides.left.short, wide: true, cell: ({ left }) => value(left) },
    { header: props.sides.right.short, wide: true, cell: ({ right }) => value(right) },
  ]
  return <DataTable caption={props.caption} captionHidden columns={columns} rows={props.differences} />
}

interface DifferencesProps {
  readonly title: string
  readonly id: string
  readonly differences: readonly Difference[]
  readonly sides: Sides
  /** What the lines are: "fact", "parameter". */
  readonly one: string
}

/** What differs, in sight; what is the same, or what one side alone has in numbers, folded. */
export const Differences = ({ title, id, differences, sides, one }: DifferencesProps) => {
  const differing = differences.filter(({ same }) => !same)
  const same = differences.filter((each) => each.same && !(each.left === null && each.right === null))
  const alone = differing.length > MOST_OF_ONE && same.length === 0 ? onlySide(differing, sides) : null
  return (
    <Panel title={title} id={id} flush aside={verdict(differing.length)}>
      {differing.length === 0 ? null : alone === null ? (
        <SideBySide caption={`${title}: what differs`} differences={differing} sides={sides} />
      ) : (
        <Folded summary={`Only ${alone.short} has any: show ${counted(differing.length, one)}`}>
          <SideBySide caption={`${title}: what differs`} differences={differing} sides={sides} />
        </Folded>
      )}
      {same.length === 0 ? null : (
        <Folded summary={`${counted(same.length, one)} the same`}>
          <SideBySide caption={`${title}: what is the same`} differences={same} sides={sides} />
        </Folded>
      )}
      {differing.length + same.length === 0 ? <p class="pad muted">There is nothing to compare.</p> : null}
    </Panel>
  )
}

/** More lines than this, of one side alone, say nothing at a glance. */
const MOST_OF_ONE = 5

/** The side that alone has something, e.g. numbers when the other run failed. */
function onlySide(differences: readonly Difference[], sides: Sides): Sides['left'] | null {
  if (differences.every(({ left }) => left === null)) return sides.right
  return differences.every(({ right }) => right === null) ? sides.left : null
}

const verdict = (differing: number): string => (differing === 0 ? 'no difference' : counted(differing, 'difference'))

/** Equal things, out of the way. */
export const Folded = ({ summary, children }: { summary: string; children?: Child }) => (
  <div class="pad">
    <details class="numbers">
      <summary>{summary}</summary>
      {children}
    </details>
  </div>
)

/** Files or inputs, by the digests of their bytes. */
export const Things = (props: {
  title: string
  id: string
  things: readonly ThingsView[]
  sides: Sides
  one: string
  empty: string
}) => {
  const { title, id, things, sides, one, empty } = props
  const differing = things.filter(({ same }) => !same)
  const same = things.filter((each) => each.same)
  const table = (caption: string, rows: readonly ThingsView[]) => (
    <DataTable
      caption={caption}
      captionHidden
      columns={[
        { header: 'What', rowHeader: true, cell: ({ what }) => what },
        { header: sides.left.short, wide: true, cell: ({ left }) => <Thing thing={left} /> },
        { header: sides.right.short, wide: true, cell: ({ right }) => <Thing thing={right} /> },
      ]}
      rows={rows}
    />
  )
  return (
    <Panel title={title} id={id} flush aside={verdict(differing.length)}>
      {differing.length === 0 ? null : table(`${title}: what differs`, differing)}
      {same.length === 0 ? null : (
        <Folded summary={`${counted(same.length, one)} the same, byte by byte`}>
          {table(`${title}: what is the same`, same)}
        </Folded>
      )}
      {things.length === 0 ? <p class="pad muted">{empty}</p> : null}
    </Panel>
  )
}

const Thing = ({ thing }: { thing: ThingView | null }) =>
  thing === null ? (
    <span class="null">{DASH}</span>
  ) : (
    <>
      {thing.name}
      <small>
        {thing.note === '' ? null : `${thing.note} · `}
        <code title={thing.sha256}>{digest(thing.sha256)}</code>
      </small>
    </>
  )

/** Columns: those that one side has, facts that differ, statistics that differ. */
export const Columns = ({ columns, sides }: { columns: ColumnsView; sides: Sides }) => {
  const { onlyLeft, onlyRight, facts, statistics, same } = columns
  const differing =
    onlyLeft.length + onlyRight.length + new Set([...facts, ...statistics].map((each) => each.column)).size
  return (
    <Panel
      title="Columns"
      id="columns"
      flush
      aside={differing === 0 ? 'no difference' : `${counted(differing, 'column')} with differences`}
    >
      <Lacking names={onlyLeft} within={sides.left.within} />
      <Lacking names={onlyRight} within={sides.right.within} />
      {facts.length === 0 ? null : (
        <DataTable
          caption="Columns described differently"
          columns={[
            { header: 'Column', rowHeader: true, mono: true, cell: ({ column }) => column },
            { header: 'What', cell: ({ field }) => field },
            { header: sides.left.short, wide: true, cell: ({ left }) => value(left) },
            { header: sides.right.short, wide: true, cell: ({ right }) => value(right) },
          ]}
          rows={facts}
        />
      )}
      {statistics.length === 0 ? null : <Statistics statistics={statistics} sides={sides} />}
      {same.length === 0 ? null : (
        <Folded summary={`${counted(same.length, 'column')} the same, as far as statistics tell`}>
          <Names names={same} />
        </Folded>
      )}
      {differing + same.length === 0 ? <p class="pad muted">Neither has a table with columns.</p> : null}
    </Panel>
  )
}

const Lacking = ({ names, within }: { names: readonly string[]; within: string }) =>
  names.length === 0 ? null : (
    <div class="pad">
      <p>
        {counted(names.length, 'column')} only {within}:
      </p>
      <Names names={names} />
    </div>
  )

const MOST_NAMES = 60

const Names = ({ names }: { names: readonly string[] }) => (
  <p class="pad prose">
    {names.slice(0, MOST_NAMES).map((name, index) => (
      <>
        {index === 0 ? '' : ', '}
        <code>{name}</code>
      </>
    ))}
    {names.length > MOST_NAMES ? ` and ${counted(names.length - MOST_NAMES, 'more', 'more')}` : null}
  </p>
)

/** Two lines for each column; what differs is strong. */
const Statistics = ({ statistics, sides }: { statistics: ColumnsView['statistics']; sides: Sides }) => {
  const lines = statistics.flatMap(({ column, values }) => [
    { column, label: sides.left.short, cells: values.map(({ left, same }) => ({ text: left, same })) },
    { column, label: sides.right.short, cells: values.map(({ right, same }) => ({ text: right, same })) },
  ])
  const fields = statistics[0]?.values.map(({ field }) => field) ?? []
  const columns: DataColumn<(typeof lines)[number]>[] = [
    { header: 'Column', rowHeader: true, mono: true, cell: ({ column }) => column },
    { header: 'In', cell: ({ label }) => label },
    ...fields.map((field, place) => ({
      header: field,
      numeric: true,
      cell: ({ cells }: (typeof lines)[number]) => {
        const { text = null, same = true } = cells[place] ?? {}
        return same ? <span class="null">{text ?? DASH}</span> : <strong>{text ?? DASH}</strong>
      },
    })),
  ]
  return <DataTable caption="Columns with other values; what differs is bold" columns={columns} rows={lines} />
}

/** Where two histories part. */
export const History = ({ history, sides, title }: { history: HistoryView; sides: Sides; title: string }) => {
  if (history === null) {
    return (
      <Panel title={title} id="history" aside="no difference">
        <p>Every event of one says the same as that of the other.</p>
      </Panel>
    )
  }
  const { shared, left, right, differences } = history
  const lines = [
    { label: sides.left.short, told: left },
    { label: sides.right.short, told: right },
  ]
  const columns: DataColumn<(typeof lines)[number]>[] = [
    { header: 'In', rowHeader: true, wrap: true, cell: ({ label }) => label },
    { header: 'Event', numeric: true, cell: ({ told }) => told?.number ?? DASH },
    { header: 'What happened', wide: true, cell: ({ told }) => told?.words ?? 'Nothing more: its history ends here.' },
    { header: 'Who and when', unit: 'UTC', cell: ({ told }) => (told === null ? DASH : <Who told={told} />) },
  ]
  return (
    <Panel
      title={title}
      id="history"
      flush
      aside={shared === 0 ? 'from the start' : `after ${counted(shared, 'event')}`}
    >
      <p class="pad">
        {shared === 0
          ? 'They differ from their first event on.'
          : `Their first ${shared === 1 ? 'event says' : `${count(shared)} events say`} the same. Then:`}
      </p>
      <DataTable caption="The first event that differs" captionHidden columns={columns} rows={lines} />
      {differences.length === 0 ? null : (
        <SideBySide
          caption="What these events say differently"
          what="In this event"
          differences={differences}
          sides={sides}
        />
      )}
    </Panel>
  )
}

const Who = ({ told }: { told: ToldView }) => (
  <>
    {told.who}, <time datetime={told.at}>{moment(told.at)}</time>
  </>
)
