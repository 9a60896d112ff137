import type { RecordBatch } from 'apache-arrow'
import { type KeyedRow, KeyedRows, type TableSide } from '../provenance/compare/keyed-rows.ts'
import { cellAt } from '../tables/cell.ts'
import type { TaskFunction } from '../tables/child/task.ts'
import type { ChangedRow, TableComparison } from '../tables/comparison.ts'
import type { Cell } from '../tables/inspection.ts'
import { openTable } from '../tables/open.ts'
import {
  type ColumnDescription,
  TableError,
  type TableLimits,
  type TableReader,
  type TableSource,
} from '../tables/table.ts'
import { CellLanes, type Comparability, comparabilityOf, RowHashes } from './compare-cells.ts'

export interface TablesArguments {
  readonly left: TableSource
  readonly right: TableSource
  readonly limits: TableLimits
  /** The columns with the ids. */
  readonly id: { readonly left: string; readonly right: string }
  /** Most rows of each kind, and most cells of each kind, that are given. */
  readonly mostRows: number
  readonly mostCells: number
  /** Digests of cells (4 bytes each) that are held at a time, to find the columns in which rows differ. */
  readonly mostDigests: number
}

/** Cells of a changed row that are given. */
const MOST_CHANGES = 50

/**
 * Compares two tables of any format. Both are read batch by batch: first for a hash of each row by its id, then for the cells
 * of the rows that differ, then for the rows that are shown.
 */
export const run: TaskFunction<TablesArguments, TableComparison> = async (args) => {
  const left = await openTable(args.left, args.limits)
  try {
    const right = await openTable(args.right, args.limits)
    try {
      return await compareTables(left, right, args)
    } finally {
      await right.close()
    }
  } finally {
    await left.close()
  }
}

/** A column that both tables have. */
interface SharedColumn {
  readonly name: string
  readonly how: Comparability
}

async function compareTables(left: TableReader, right: TableReader, args: TablesArguments): Promise<TableComparison> {
  const { id, mostRows, mostCells, mostDigests } = args
  // Ids are never rounded, whatever their types.
  const ids = { ...comparabilityOf(columnOf(left, id.left).type, columnOf(right, id.right).type), single: false }
  const shared = left.columns.flatMap(({ name, type }): SharedColumn[] => {
    const other = right.columns.find((column) => column.name === name)
    if (other === undefined || (name === id.left && name === id.right)) return []
    return [{ name, how: comparabilityOf(type, other.type) }]
  })
  const rows = new KeyedRows()
  const found = {
    left: await takeRows(rows, 'left', left, id.left, ids, shared),
    right: await takeRows(rows, 'right', right, id.right, ids, shared),
  }
  const widest = Math.max(left.columns.length, right.columns.length)
  const most = Math.max(1, Math.min(mostRows, Math.floor(mostCells / widest)))
  const { same, changed, removed, added, repeated } = rows.differences(most)
  const cells = await changedCells({ left, right }, changed, shared, { rows: most, digests: mostDigests })
  const firstChanged = { left: [...changed.left.subarray(0, most)], right: [...changed.right.subarray(0, most)] }
  const twice = (side: TableSide) => repeated.first.map((each) => each[side]).filter((row) => row >= 0)
  const [before, after] = [
    await rowsAt(left, [...removed.first, ...firstChanged.left, ...twice('left')]),
    await rowsAt(right, [...added.first, ...firstChanged.right, ...twice('right')]),
  ]
  const place = { left: placesOf(left), right: placesOf(right) }
  const cellOf = (side: TableSide, row: number, name: string): Cell =>
    (side === 'left' ? before : after).get(row)?.[place[side].get(name) ?? -1] ?? null
  const idOf = (row: KeyedRow): Cell =>
    row.left >= 0 ? cellOf('left', row.left, id.left) : cellOf('right', row.right, id.right)
  return {
    id,
    rows: { left: found.left.rows, right: found.right.rows },
    withoutId: { left: found.left.withoutId, right: found.right.withoutId },
    same,
    changed: changed.left.length,
    removed: removed.count,
    added: added.count,
    repeated: {
      ...repeated,
      first: repeated.first.map((row) => ({ id: idOf(row), left: row.leftCount, right: row.rightCount })),
    },
    columns: {
      left: left.columns.map(({ name }) => name),
      right: right.columns.map(({ name }) => name),
      compared: shared.map(({ name }, index) => ({ name, changed: cells.counts[index] ?? 0 })),
      single: shared.filter(({ how }) => how.single).map(({ name }) => name),
    },
    removedRows: removed.first.map((row) => before.get(row) ?? []),
    addedRows: added.first.map((row) => after.get(row) ?? []),
    changedRows: firstChanged.left.map((row, index): ChangedRow => {
      const other = firstChanged.right[index] ?? -1
      const names = cells.columns[index] ?? []
      return {
        id: cellOf('left', row, id.left),
        cells: names.slice(0, MOST_CHANGES).map((column) => ({
          column,
          left: cellOf('left', row, column),
          right: cellOf('right', other, column),
        })),
        more: Math.max(0, names.length - MOST_CHANGES),
      }
    }),
  }
}

function columnOf(reader: TableReader, name: string): ColumnDescription {
  const column = reader.columns.find((each) => each.name === name)
  if (column === undefined) throw new TableError('malformed', `The table has no column ${name}.`)
  return column
}

const placesOf = (reader: TableReader): ReadonlyMap<string, number> =>
  new Map(reader.columns.map(({ name }, place) => [name, place]))

/** Hashes the rows of a table by their ids. */
async function takeRows(
  into: KeyedRows,
  side: TableSide,
  reader: TableReader,
  id: string,
  ids: Comparability,
  shared: readonly SharedColumn[],
): Promise<{ readonly rows: number; readonly withoutId: number }> {
  const names = [...new Set([id, ...shared.map(({ name }) => name)])]
  const types = names.map((name) => columnOf(reader, name).type)
  const place = new Map(names.map((name, index) => [name, index]))
  let [rows, withoutId] = [0, 0]
  let work = workspace(0)
  for await (const batch of reader.batches({ columns: names, recycle: true })) {
    if (batch.numRows > work.size) work = workspace(batch.numRows)
    const { keys, cells, hashes } = work
    const read = (lanes: CellLanes, name: string, how: Comparability) => {
      const index = place.get(name) ?? 0
      lanes.read(childOf(batch, index), types[index] ?? 'string', how)
    }
    read(keys, id, ids)
    hashes.clear()
    for (const { name, how } of shared) {
      read(cells, name, how)
      hashes.mix(cells, batch.numRows)
    }
    for (let row = 0; row < batch.numRows; row++) {
      if (keys.isNothing(row)) withoutId += 1
      else into.add(side, rows + row, keys.at(row), hashes.low[row]!, hashes.high[row]!)
    }
    rows += batch.numRows
  }
  return { rows, withoutId }
}

const workspace = (size: number) => ({
  size,
  keys: new CellLanes(size),
  cells: new CellLanes(size),
  hashes: new RowHashes(size),
})

function childOf(batch: RecordBatch, index: number) {
  const data = batch.data.children[index]
  if (data === undefined) throw new Error('The reader left out a column')
  return data
}

interface ChangedCells {
  /** For each shared column, in how many of the changed rows it differs. */
  readonly counts: readonly number[]
  /** For each of the first changed rows, the names of the columns that differ. */
  readonly columns: readonly (readonly string[])[]
}

/** Finds out which cells of the changed rows differ; as many columns at a time as their digests find room. */
async function changedCells(
  { left, right }: { readonly left: TableReader; readonly right: TableReader },
  changed: { readonly left: Uint32Array; readonly right: Uint32Array },
  shared: readonly SharedColumn[],
  most: { readonly rows: number; readonly digests: number },
): Promise<ChangedCells> {
  const total = changed.left.length
  const columns = Array.from({ length: Math.min(most.rows, total) }, (): string[] => [])
  const counts: number[] = []
  if (total === 0) return { counts, columns }
  const atOnce = Math.max(1, Math.floor(most.digests / total))
  for (let first = 0; first < shared.length; first += atOnce) {
    const group = shared.slice(first, first + atOnce)
    const digests = group.map(() => new Uint32Array(total))
    await eachCell(left, changed.left, group, (column, change, digest) => {
      digests[column]![change] = digest
    })
    const differing = group.map(() => 0)
    await eachCell(right, changed.right, group, (column, change, digest) => {
      if (digests[column]![change] === digest) return
      differing[column]! += 1
      columns[change]?.push(group[column]?.name ?? '')
    })
    counts.push(...differing)
  }
  return { counts, columns }
}

/** Visits the cells of some rows and columns. @param rows numbers of rows, in any order, each once */
async function eachCell(
  reader: TableReader,
  rows: Uint32Array,
  columns: readonly SharedColumn[],
  visit: (column: number, index: number, digest: number) => void,
): Promise<void> {
  const order = Uint32Array.from(rows.keys()).sort((a, b) => rows[a]! - rows[b]!)
  const types = columns.map(({ name }) => columnOf(reader, name).type)
  let [from, next] = [0, 0]
  let cells = new CellLanes(0)
  for await (const batch of reader.batches({ columns: columns.map(({ name }) => name), recycle: true })) {
    if (batch.numRows > cells.low.length) cells = new CellLanes(batch.numRows)
    const begin = next
    while (next < order.length && rows[order[next]!]! < from + batch.numRows) next += 1
    if (next > begin) {
      for (const [place, { how }] of columns.entries()) {
        cells.read(childOf(batch, place), types[place] ?? 'string', how)
        for (let at = begin; at < next; at++) visit(place, order[at]!, cells.digest(rows[order[at]!]! - from))
      }
    }
    from += batch.numRows
    if (next === order.length) break
  }
}

/** Some rows of a table, whole, by their numbers. */
async function rowsAt(reader: TableReader, wanted: readonly number[]): Promise<ReadonlyMap<number, readonly Cell[]>> {
  const sorted = [...new Set(wanted)].toSorted((a, b) => a - b)
  const found = new Map<number, readonly Cell[]>()
  if (sorted.length === 0) return found
  let [from, next] = [0, 0]
  for await (const batch of reader.batches({ recycle: true })) {
    for (; next < sorted.length && sorted[next]! < from + batch.numRows; next++) {
      const row = sorted[next]!
      const cells = reader.columns.map(({ type }, place) => cellAt(childOf(batch, place), type, row - from))
      found.set(row, cells)
    }
    from += batch.numRows
    if (next === sorted.length) break
  }
  return found
}
