import type { Data } from 'apache-arrow'
import { cellAt } from './cell.ts'
import type { Cell, ColumnProfile } from './inspection.ts'
import { profilerFor } from './statistics/column-profiler.ts'
import { KnownSample, RowSample } from './statistics/row-sample.ts'
import { type BatchOptions, type ColumnType, requireCells, type TableLimits, type TableReader } from './table.ts'

/** Rows of the preview. */
const PREVIEW_ROWS = 100
/** Most cells of the preview: a table of 5,000 columns shows fewer rows. */
const PREVIEW_CELLS = 100_000
/** Rows for medians and histograms, and different values counted one by one: fewer for very wide tables. */
const SAMPLE_ROWS = 32_768
const SAMPLE_CELLS = 4_000_000
const DISTINCT_VALUES = 4_096
/** Cells that one pass through a file of columns is worth. */
const PASS_CELLS = 1_000_000

/** What one column is like. */
export interface InspectedColumn {
  readonly profile: ColumnProfile
  /** Infinite values, which the statistics leave out. */
  readonly infinities: number
  /** Its cells in the first rows. */
  readonly preview: readonly Cell[]
}

/** What some columns of a table are like. */
export interface InspectedColumns {
  readonly rows: number
  /** Rows for medians and histograms. */
  readonly sampled: number
  /** By their places in the table. */
  readonly columns: ReadonlyMap<number, InspectedColumn>
}

/** None of them makes a difference to the answer. */
export interface ColumnInspectionOptions extends Pick<BatchOptions, 'batchRows' | 'readAhead'> {
  /** Told now and then which part is done, 0 to 1. */
  readonly onProgress?: (fraction: number) => void
}

/**
 * Goes through all rows of some columns. What is told of a column does not depend on the others.
 * @param passes places of columns in the table, ascending, that are looked at together in one pass through the rows
 * @throws TableError
 */
export async function inspectColumns(
  reader: TableReader,
  passes: Iterable<readonly number[]>,
  limits: TableLimits,
  { onProgress, ...options }: ColumnInspectionOptions = {},
): Promise<InspectedColumns> {
  const { columns } = reader
  const wide = Math.floor(SAMPLE_CELLS / columns.length)
  const capacity = Math.min(SAMPLE_ROWS, Math.max(1024, wide))
  const sample = reader.rows === null ? new RowSample(capacity) : new KnownSample(reader.rows, capacity)
  const distinctLimit = Math.min(DISTINCT_VALUES, Math.max(256, wide))
  const previewRows = Math.min(PREVIEW_ROWS, Math.max(1, Math.floor(PREVIEW_CELLS / columns.length)))
  const cells = columns.length * (reader.rows ?? 0)
  const inspected = new Map<number, InspectedColumn>()
  let rows = 0
  let cellsBefore = 0
  for (const pass of passes) {
    const looks = pass.map((place) => ({
      place,
      profiler: profilerFor(columns[place]!, distinctLimit),
      preview: new Preview(columns[place]!.type, previewRows),
    }))
    const names = pass.map((place) => columns[place]!.name)
    rows = 0
    for await (const batch of reader.batches({ ...BATCHES, ...options, columns: names })) {
      const { children } = batch.data
      const step = sample.next(rows, batch.numRows)
      for (const [child, { profiler, preview }] of looks.entries()) {
        preview.add(rows, children[child]!)
        profiler.add(children[child]!, step)
      }
      rows += batch.numRows
      requireCells(rows, columns.length, limits)
      onProgress?.(cells > 0 ? (cellsBefore + rows * pass.length) / cells : progressOf(reader))
    }
    cellsBefore += rows * pass.length
    for (const { place, profiler, preview } of looks) {
      inspected.set(place, {
        profile: profiler.profile(),
        infinities: profiler.infinities ?? 0,
        preview: preview.cells,
      })
    }
  }
  return { rows, sampled: sample.size, columns: inspected }
}

/** Each batch is looked at once, and of array columns only the cells in the preview. */
const BATCHES = { recycle: true, arrayRows: PREVIEW_ROWS }

/**
 * Which columns to go through the file for together. Those of a file that keeps its columns apart come a few at a time, so
 * that their values stay in the cache between the steps of their statistics.
 */
export function passesOf({ columns, rows, groups }: TableReader): number[][] {
  if (groups === undefined) return [columns.map((_, place) => place)]
  const places = new Map(columns.map(({ name }, place) => [name, place]))
  const passes: number[][] = []
  let room = 0
  for (const group of groups) {
    const pass = group.map((name) => places.get(name)!)
    room -= pass.length * (rows ?? 0)
    const last = passes.at(-1)
    if (last && room >= 0) last.push(...pass)
    else {
      passes.push(pass)
      room = PASS_CELLS - pass.length * (rows ?? 0)
    }
  }
  return passes
}

/** The cells of a column in the first rows. */
class Preview {
  readonly cells: Cell[] = []

  constructor(
    private readonly type: ColumnType,
    private readonly rows: number,
  ) {}

  /** @param firstRow number of the data's first row in the table. */
  add(firstRow: number, data: Data): void {
    const rows = Math.min(data.length, this.rows - firstRow)
    for (let row = 0; row < rows; row++) this.cells.push(cellAt(data, this.type, row))
  }
}

function progressOf(reader: TableReader): number {
  return 'progress' in reader && typeof reader.progress === 'number' ? Math.min(1, reader.progress) : 0
}
