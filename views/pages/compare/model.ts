import type { TableComparison } from '../../../src/tables/comparison.ts'
import type { Cell } from '../../../src/tables/inspection.ts'

/** One of the two that are compared: as sentences call it, as the heads of tables do, and "in Deep field", "as of 3 May". */
export interface SideView {
  readonly label: string
  readonly short: string
  readonly within: string
  readonly href: string
}

export interface Sides {
  readonly left: SideView
  readonly right: SideView
}

/** Something on both sides, as text; null is nothing. */
export interface Difference {
  readonly field: string
  readonly left: string | null
  readonly right: string | null
  readonly same: boolean
}

/** A file, an input: a name, what there is to know of it, and the digest of its bytes. */
export interface ThingView {
  readonly name: string
  readonly note: string
  readonly sha256: string
}

export interface ThingsView {
  readonly what: string
  readonly left: ThingView | null
  readonly right: ThingView | null
  readonly same: boolean
}

export interface ColumnsView {
  readonly onlyLeft: readonly string[]
  readonly onlyRight: readonly string[]
  /** Columns whose facts differ: a line for each fact. */
  readonly facts: readonly (Difference & { readonly column: string })[]
  /** Columns whose values differ, with their statistics. */
  readonly statistics: readonly { readonly column: string; readonly values: readonly Difference[] }[]
  /** Names of the columns in which nothing differs. */
  readonly same: readonly string[]
}

export interface ToldView {
  readonly number: number
  readonly words: string
  readonly who: string
  readonly at: string
}

/** Where two histories part; null when they say the same. */
export type HistoryView = {
  readonly shared: number
  readonly left: ToldView | null
  readonly right: ToldView | null
  readonly differences: readonly Difference[]
} | null

export interface RunsView {
  readonly facts: readonly Difference[]
  readonly parameters: readonly Difference[]
  readonly inputs: readonly ThingsView[]
  readonly outputs: readonly ThingsView[]
  readonly metrics: readonly Difference[]
  readonly costs: readonly Difference[]
  readonly history: HistoryView
}

/** The rows of two tables, or why there is nothing to show. */
export type RowsView =
  | { readonly state: 'identical'; readonly rows: number }
  | { readonly state: 'preparing'; readonly again: string }
  | { readonly state: 'impossible'; readonly reason: string }
  /** The columns that could say which row is which; the form keeps the two sides. */
  | {
      readonly state: 'missing'
      readonly reason: string
      readonly columns: readonly string[]
      readonly keep: Readonly<Record<string, string>>
    }
  | ComparedRows

export interface ComparedRows extends Omit<TableComparison, 'columns' | 'removedRows' | 'addedRows'> {
  readonly state: 'ready'
  /** Columns in which rows differ, with how many. */
  readonly columns: TableComparison['columns']['compared']
  readonly single: TableComparison['columns']['single']
  readonly removedRows: SomeRows
  readonly addedRows: SomeRows
  /** All that is known, as JSON. */
  readonly json: string
}

export interface SomeRows {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

export interface ProductComparisonView extends Sides {
  readonly summary: string
  readonly facts: readonly Difference[]
  readonly files: readonly ThingsView[]
  readonly columns: ColumnsView
  readonly runs: RunsView | null
  readonly history: HistoryView
  readonly rows: RowsView
}

export interface RunComparisonView extends Sides, RunsView {
  readonly summary: string
}

export interface Choice {
  readonly value: string
  readonly label: string
}

/** One half of the form in which two products are chosen. */
export interface ProductPick {
  /** Number or internal name, or words to look for. */
  readonly value: string
  /** A date, a time or a position; '' for today. */
  readonly asOf: string
  /** What is wrong with the choice. */
  readonly problem: string | null
  readonly momentProblem: string | null
  /** Products that fit the words: where each leads. */
  readonly matches: readonly { readonly label: string; readonly note: string; readonly href: string }[]
  readonly moments: readonly Choice[]
}
