import type { Cell } from './inspection.ts'

/** How two tables differ, row by row, by the ids of the rows. Columns are the same when they have the same name. */
export interface TableComparison {
  readonly id: { readonly left: string; readonly right: string }
  /** All rows, and those without an id, which are not compared. */
  readonly rows: { readonly left: number; readonly right: number }
  readonly withoutId: { readonly left: number; readonly right: number }
  readonly same: number
  readonly changed: number
  readonly removed: number
  readonly added: number
  /** Ids that come more than once in one of the tables: told, and not compared row by row. */
  readonly repeated: {
    readonly ids: number
    readonly left: number
    readonly right: number
    /** Ids whose rows are the same on both sides. */
    readonly same: number
    readonly first: readonly { readonly id: Cell; readonly left: number; readonly right: number }[]
  }
  readonly columns: {
    readonly left: readonly string[]
    readonly right: readonly string[]
    /** Names of columns that are compared, and in how many of the changed rows they differ. */
    readonly compared: readonly { readonly name: string; readonly changed: number }[]
    /** Compared in single precision, because one side has that. */
    readonly single: readonly string[]
  }
  /** The first rows, whole, in the order of `columns`. */
  readonly removedRows: readonly (readonly Cell[])[]
  readonly addedRows: readonly (readonly Cell[])[]
  readonly changedRows: readonly ChangedRow[]
}

export interface ChangedRow {
  readonly id: Cell
  readonly cells: readonly { readonly column: string; readonly left: Cell; readonly right: Cell }[]
  /** Further cells that differ. */
  readonly more: number
}
