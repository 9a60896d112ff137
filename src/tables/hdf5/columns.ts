import { uniqueNames } from '../arrow-columns.ts'
import { type ColumnMetadata, NO_METADATA } from '../column-metadata.ts'
import { type ColumnDescription, TableError } from '../table.ts'
import { type CellLayout, columnTypeOf, memberLayouts } from './cells.ts'
import type { Dataset } from './tree.ts'

/** A column: a dataset, a member of a compound dataset, or a column of a two-dimensional block of pandas. */
export interface Hdf5Column extends ColumnDescription {
  readonly dataset: Dataset
  readonly layout: CellLayout
  /** Bytes from the beginning of the dataset's row. */
  readonly offset: number
  /** Bytes from the beginning of the row to a truth value: true where the column has no value. */
  readonly maskOffset?: number
}

/** The table that a file is taken for. */
export interface TableLayout {
  readonly rows: number
  readonly columns: readonly Hdf5Column[]
  readonly notes: readonly string[]
}

/** A column before its table gives it a name that no other has. */
export type UnnamedColumn = Omit<Hdf5Column, keyof ColumnMetadata | 'type' | 'nativeType'> & Partial<ColumnMetadata>

/** The members of a compound dataset as columns, and the names of those that a table cannot hold. */
export function memberColumns(dataset: Dataset): { columns: UnnamedColumn[]; skipped: string[] } {
  const columns: UnnamedColumn[] = []
  const skipped: string[] = []
  const layouts = memberLayouts(dataset.metadata)
  dataset.metadata.compound_type?.members.forEach(({ name, offset }, place) => {
    const layout = layouts[place] ?? null
    if (layout === null) skipped.push(name)
    else columns.push({ name, dataset, layout, offset })
  })
  return { columns, skipped }
}

/** The table of these columns, each under a name of its own. @throws TableError no_columns */
export function named(
  columns: readonly UnnamedColumn[],
  rows: number,
  notes: readonly string[],
  fileName: string,
): TableLayout {
  if (columns.length === 0)
    throw new TableError('no_columns', `${fileName} holds an HDF5 table without readable columns.`)
  const names = uniqueNames(columns.map((column) => column.name))
  return {
    rows,
    notes,
    columns: columns.map((column, i) => ({
      ...NO_METADATA,
      ...column,
      name: names[i]!,
      type: columnTypeOf(column.layout),
      nativeType: nativeType(column),
    })),
  }
}

function nativeType({ layout: { cell, shape } }: UnnamedColumn): string {
  const kinds = {
    half: 'float16',
    logical: 'bool',
    'variable text': 'string',
    sequence: 'vlen',
    complex: 'complex',
    category: 'category',
  }
  const word =
    cell.kind === 'number'
      ? cell.type
      : cell.kind === 'text'
        ? `string[${cell.bytes}]`
        : cell.kind === 'time'
          ? `datetime64[${cell.unit}]`
          : kinds[cell.kind]
  return shape.length === 0 ? word : `${word}(${shape.join(', ')})`
}
