import { bytes, count, counted, digest, excerpt, instant, number } from '../../../views/format.ts'
import type {
  Choice,
  ColumnsView,
  Difference,
  HistoryView,
  ProductComparisonView,
  RowsView,
  RunComparisonView,
  RunsView,
  Sides,
  SideView,
  ThingsView,
  ThingView,
  ToldView,
} from '../../../views/pages/compare/model.ts'
import { type ReferredProduct, referenceText, type TwoRuns } from '../../application/compare.ts'
import type { ComparedTables } from '../../application/compare-tables.ts'
import type { RunRow } from '../../projections/runs/tables.ts'
import { RUN_WORDS } from '../../projections/runs/words.ts'
import type { ComparedColumn } from '../../provenance/compare/columns.ts'
import type { Compared } from '../../provenance/compare/compared.ts'
import type { Divergence, ToldEvent } from '../../provenance/compare/events.ts'
import type { ComparedFile } from '../../provenance/compare/files.ts'
import type { ProductComparison } from '../../provenance/compare/products.ts'
import type { ComparedInput, InputFacts, RunComparison } from '../../provenance/compare/runs.ts'
import type { TableComparison } from '../../tables/comparison.ts'
import { compareHref } from './compare-picks.ts'
import { addressAsOf } from './product-history.tsx'
import { pathOfProduct } from './product-view.tsx'

/** Two products as the page shows them. @param id the column that was chosen for the ids */
export function productComparisonView(
  left: ReferredProduct,
  right: ReferredProduct,
  comparison: ProductComparison,
  rows: ComparedTables,
  id: string | null,
): ProductComparisonView {
  const { facts, files, columns, runs, divergence } = comparison
  const parts = [
    part(facts, 'fact'),
    part(files, 'file'),
    part(columns, 'column'),
    divergence === null ? '' : 'in their histories',
  ]
  return {
    ...sidesOf(left, right),
    summary: summaryOf(parts),
    facts: facts.map((fact) => ({ ...difference(fact), ...(fact.field === 'bytes' ? sizes(fact) : {}) })),
    files: files.map(fileView),
    columns: columnsView(columns),
    runs: runs === null ? null : runsView(runs),
    history: historyView(divergence),
    rows: rowsView(rows, referenceOf(left), referenceOf(right), id),
  }
}

/** "in 2 facts"; '' when all are the same. */
function part(all: readonly { readonly same: boolean }[], noun: string): string {
  const differing = all.filter(({ same }) => !same).length
  return differing === 0 ? '' : `in ${counted(differing, noun)}`
}

/** The end of a sentence that begins with the names of both. */
function summaryOf(all: readonly string[]): string {
  const parts = all.filter((each) => each !== '')
  if (parts.length === 0) return 'are the same in everything.'
  const words = parts.length === 1 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
  return `differ ${words}.`
}

const referenceOf = ({ state, asOf }: ReferredProduct): string =>
  referenceText({ name: state.listed.product.internalName, asOf })

/** What the two are called: by their names, or by the moments when they are one product. */
function sidesOf(left: ReferredProduct, right: ReferredProduct): Sides {
  const isOne = left.state.listed.product.id === right.state.listed.product.id
  const name = (side: ReferredProduct, short: boolean): string => {
    const { displayName } = side.state.listed.product
    if (!isOne)
      return side.asOf === null ? shown(displayName, short) : `${shown(displayName, short)}, ${momentOf(side)}`
    return short ? capital(momentOf(side)) : `${displayName}, ${momentOf(side)}`
  }
  const called = (side: ReferredProduct, other: ReferredProduct, short: boolean): string =>
    name(side, short) === name(other, short) ? side.state.listed.product.internalName : name(side, short)
  const sideView = (side: ReferredProduct, other: ReferredProduct): SideView => ({
    label: called(side, other, false),
    short: called(side, other, true),
    within: isOne ? momentOf(side) : `in ${called(side, other, true)}`,
    href: addressAsOf(pathOfProduct(side.state.listed.product.internalName), side.asOf),
  })
  return { left: sideView(left, right), right: sideView(right, left) }
}

const LONGEST_NAME = 40
const shown = (name: string, short: boolean): string => (short ? excerpt(name, LONGEST_NAME) : name)

const momentOf = (side: ReferredProduct): string => (side.asOf === null ? 'today' : `as of ${momentWords(side)}`)

/** A position says little: the time of the last change until then does. */
function momentWords({ asOf, state }: ReferredProduct): string {
  if (asOf === null || /^\d+$/.test(asOf)) return instant(state.listed.product.updatedAt)
  return asOf.length <= 10 ? `the end of ${asOf}` : instant(asOf)
}

// ---- values

const LONGEST_VALUE = 400
const SHA256 = /^[0-9a-f]{64}$/

const difference = ({ field, left, right, same }: Compared): Difference => {
  const [a, b] = [text(left), text(right)]
  // Rounded, two numbers may look the same.
  return a === b && !same ? { field, left: exact(left), right: exact(right), same } : { field, left: a, right: b, same }
}

function text(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? count(value) : number(value)
  if (typeof value === 'string') return SHA256.test(value) ? digest(value) : excerpt(value, LONGEST_VALUE)
  return excerpt(
    Array.isArray(value) ? value.map((each) => text(each) ?? 'nothing').join(', ') : JSON.stringify(value),
    LONGEST_VALUE,
  )
}

const exact = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function sizes({ left, right, same }: Compared) {
  const [a, b] = [Number(left ?? 0), Number(right ?? 0)]
  const write = same || bytes(a) !== bytes(b) ? bytes : (size: number) => counted(size, 'byte')
  return { left: write(a), right: write(b) }
}

const ROLES: Readonly<Record<string, string>> = {
  main: 'Main file',
  description: 'Description file',
  auxiliary: 'Auxiliary file',
  input: 'Input',
  objects: 'Objects',
}

const fileView = ({ role, left, right, same }: ComparedFile): ThingsView => {
  const thing = (file: ComparedFile['left']): ThingView | null =>
    file && {
      name: file.name,
      note: [bytes(file.size), file.rows === null ? '' : counted(file.rows, 'row')].filter(Boolean).join(', '),
      sha256: file.sha256,
    }
  return { what: ROLES[role] ?? role, left: thing(left), right: thing(right), same }
}

const inputView = ({ left, right, same }: ComparedInput): ThingsView => {
  const thing = (input: InputFacts | null): ThingView | null =>
    input && {
      name: input.name ?? 'A product that you may not see',
      note: input.productId === null ? '' : `product ${input.productId}`,
      sha256: input.digest,
    }
  const role = left?.role ?? right?.role ?? 'input'
  return { what: ROLES[role] ?? role, left: thing(left), right: thing(right), same }
}

function columnsView(columns: readonly ComparedColumn[]): ColumnsView {
  const names = (where: ComparedColumn['in']) => columns.filter((column) => column.in === where).map(({ name }) => name)
  return {
    onlyLeft: names('left'),
    onlyRight: names('right'),
    facts: columns.flatMap(({ name, facts }) =>
      facts.filter(({ same }) => !same).map((fact) => ({ column: name, ...difference(fact) })),
    ),
    statistics: columns
      .filter(({ statistics }) => statistics.some(({ same }) => !same))
      .map(({ name, statistics }) => ({ column: name, values: statistics.map(difference) })),
    same: columns.filter(({ same }) => same).map(({ name }) => name),
  }
}

function historyView(divergence: Divergence | null): HistoryView {
  if (divergence === null) return null
  const { shared, left, right, differences } = divergence
  return { shared, left: toldView(left), right: toldView(right), differences: differences.map(difference) }
}

const toldView = (event: ToldEvent | null): ToldView | null =>
  event && { number: event.number, words: capital(event.words), who: event.actor, at: event.at }

const capital = (words: string): string => words.slice(0, 1).toUpperCase() + words.slice(1)

// ---- rows

function rowsView(rows: ComparedTables, left: string, right: string, id: string | null): RowsView {
  const chosen = new URLSearchParams({ left, right, ...(id === null ? {} : { id }) })
  switch (rows.state) {
    case 'identical':
    case 'impossible':
      return rows
    case 'preparing':
      return { state: 'preparing', again: id === null ? compareHref(left, right) : `/compare?${chosen}` }
    case 'missing':
      return { ...rows, keep: { left, right } }
    case 'ready':
      return { state: 'ready', ...readyRows(rows.value), json: `/api/compare/tables/?${chosen}` }
  }
}

const readyRows = ({ columns, removedRows, addedRows, ...found }: TableComparison) => ({
  ...found,
  columns: columns.compared.filter(({ changed }) => changed > 0).toSorted((a, b) => b.changed - a.changed),
  single: columns.single,
  removedRows: withIdFirst(columns.left, removedRows, found.id.left),
  addedRows: withIdFirst(columns.right, addedRows, found.id.right),
})

function withIdFirst<Cell>(names: readonly string[], rows: readonly (readonly Cell[])[], id: string) {
  const order = names.map((_, place) => place).toSorted((a, b) => Number(names[b] === id) - Number(names[a] === id))
  return {
    columns: order.map((place) => names[place] ?? ''),
    rows: rows.map((row) => order.flatMap((place) => row.slice(place, place + 1))),
  }
}

// ---- runs

/** Two runs as the page shows them. */
export function runComparisonView({ left, right, comparison }: TwoRuns): RunComparisonView {
  const { facts, parameters, inputs, outputs, divergence } = comparison
  const parts = [
    part(facts, 'fact'),
    part(parameters, 'parameter'),
    part(inputs, 'input'),
    part(outputs, 'output'),
    divergence === null ? '' : 'in their histories',
  ]
  const sideView = (run: RunRow): SideView => {
    const label = left.displayName === right.displayName ? `${run.displayName} (run ${run.id})` : run.displayName
    return {
      label,
      short: label.length > LONGEST_NAME ? `Run ${run.id}` : label,
      within: `in ${label}`,
      href: `/runs/${run.id}`,
    }
  }
  return {
    left: sideView(left),
    right: sideView(right),
    summary: summaryOf(parts),
    ...runsView(comparison),
  }
}

const runsView = ({ facts, parameters, inputs, outputs, metrics, costs, divergence }: RunComparison): RunsView => ({
  facts: facts.map(difference),
  parameters: parameters.map(difference),
  inputs: inputs.map(inputView),
  outputs: outputs.map(fileView),
  metrics: metrics.map(difference),
  costs: costs.map((cost) => ({ ...difference(cost), ...(/bytes$/i.test(cost.field) ? sizes(cost) : {}) })),
  history: historyView(divergence),
})

/** A run in the list that one chooses from. */
export const runChoice = (run: RunRow): Choice => ({
  value: String(run.id),
  label: `${run.id} · ${excerpt(run.displayName, 60)} · ${run.pipelineName} · ${RUN_WORDS[run.status]}, ${instant(run.createdAt)}`,
})
