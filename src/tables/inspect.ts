import type { Data } from 'apache-arrow'
import { cellAt } from './cell.ts'
import { Retyped } from './csv/csv-reader.ts'
import type { Cell, Inspection } from './inspection.ts'
import { openTable } from './open.ts'
import { type ColumnProfiler, profilerFor } from './statistics/column-profiler.ts'
import { KnownSample, RowSample } from './statistics/row-sample.ts'
import {
  type ColumnDescription,
  DEFAULT_LIMITS,
  TableError,
  type TableLimits,
  type TableReader,
  type TableSource,
} from './table.ts'

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

export interface InspectOptions {
  /** Told now and then which part of the file has been read, 0 to 1. */
  readonly onProgress?: (fraction: number) => void
}

/**
 * Looks through a whole file: what it holds, statistics of every column, and its first rows.
 *
 * One pass. Nulls, smallest, largest, mean and standard deviation are over all rows. Medians and histograms are exact up
 * to 32,768 rows, beyond that from a sample of 16,384 to 32,768 rows that the row numbers choose. Different values are
 * counted exactly up to 4,096, then estimated (1.6 % standard error). Infinities are left out of the numeric statistics
 * and noted. The same bytes always give the same answer.
 *
 * Heavy: on a server, call `inspectInChild`.
 * @throws TableError
 */
export async function inspect(
  source: TableSource,
  limits: TableLimits = DEFAULT_LIMITS,
  options: InspectOptions = {},
): Promise<Inspection> {
  const reader = await openTable(source, limits, { provisional: true })
  try {
    return await inspectTable(reader, limits, options)
  } catch (error) {
    if (!(error instanceof Retyped)) throw error
    // The file's beginning misled the reader; now it knows the types of all rows.
    return await inspectTable(reader, limits, options)
  } finally {
    await reader.close()
  }
}

/** As `inspect`, of a table that is open. The caller closes it. @param batchRows makes no difference to the answer. */
export async function inspectTable(
  reader: TableReader,
  limits: TableLimits = DEFAULT_LIMITS,
  options: InspectOptions & { readonly batchRows?: number } = {},
): Promise<Inspection> {
  const { columns } = reader
  if (columns.length === 0) throw new TableError('no_columns', 'The table has no columns.')
  if (columns.length > limits.columns) {
    throw new TableError('too_large', `The table has ${columns.length} columns; at most ${limits.columns} are allowed.`)
  }
  const wide = Math.floor(SAMPLE_CELLS / columns.length)
  const capacity = Math.min(SAMPLE_ROWS, Math.max(1024, wide))
  const sample = reader.rows === null ? new RowSample(capacity) : new KnownSample(reader.rows, capacity)
  const distinctLimit = Math.min(DISTINCT_VALUES, Math.max(256, wide))
  const profilers = columns.map((column) => profilerFor(column, distinctLimit))
  const preview = new Preview(columns)
  const cells = columns.length * (reader.rows ?? 0)
  const batchOptions = options.batchRows === undefined ? BATCHES : { ...BATCHES, batchRows: options.batchRows }
  let rows = 0
  let cellsBefore = 0
  for (const group of passes(reader)) {
    const names = group.map((index) => columns[index]!.name)
    rows = 0
    for await (const batch of reader.batches({ ...batchOptions, columns: names })) {
      const { children } = batch.data
      const step = sample.next(rows, batch.numRows)
      for (const [place, index] of group.entries()) {
        preview.add(index, rows, children[place]!)
        profilers[index]!.add(children[place]!, step)
      }
      rows += batch.numRows
      if (rows * columns.length > limits.cells) {
        throw new TableError('too_large', `The table has more than ${limits.cells} cells (rows times columns).`)
      }
      options.onProgress?.(cells > 0 ? (cellsBefore + rows * group.length) / cells : progressOf(reader))
    }
    cellsBefore += rows * group.length
  }
  const profiles = profilers.map((profiler) => profiler.profile())
  return {
    version: 1,
    format: reader.format,
    rows,
    dialect: reader.dialect,
    columns: profiles,
    preview: preview.rows,
    notes: [...reader.notes, ...notesOn(profilers, rows, sample.size)],
  }
}

/** Each batch is looked at once, and of array columns only the cells in the preview. */
const BATCHES = { recycle: true, arrayRows: PREVIEW_ROWS }

/**
 * Which columns (by their places) to go through the file for together. Those of a file that keeps its columns apart come
 * a few at a time, so that their values stay in the cache between the steps of their statistics.
 */
function passes({ columns, rows, groups }: TableReader): number[][] {
  const places = new Map(columns.map(({ name }, place) => [name, place]))
  const passes: number[][] = []
  let room = 0
  for (const group of groups ?? [columns.map(({ name }) => name)]) {
    const indices = group.map((name) => places.get(name)!)
    room -= indices.length * (rows ?? 0)
    const last = passes.at(-1)
    if (last && room >= 0) last.push(...indices)
    else {
      passes.push(indices)
      room = PASS_CELLS - indices.length * (rows ?? 0)
    }
  }
  return passes
}

/** The first rows, filled column by column. */
class Preview {
  readonly rows: Cell[][] = []
  private readonly most: number

  constructor(private readonly columns: readonly ColumnDescription[]) {
    this.most = Math.min(PREVIEW_ROWS, Math.max(1, Math.floor(PREVIEW_CELLS / columns.length)))
  }

  /** @param firstRow number of the data's first row in the table. */
  add(column: number, firstRow: number, data: Data): void {
    const { type } = this.columns[column]!
    for (let row = 0; row < data.length && firstRow + row < this.most; row++) {
      this.rows[firstRow + row] ??= new Array<Cell>(this.columns.length).fill(null)
      this.rows[firstRow + row]![column] = cellAt(data, type, row)
    }
  }
}

function progressOf(reader: TableReader): number {
  return 'progress' in reader && typeof reader.progress === 'number' ? Math.min(1, reader.progress) : 0
}

function notesOn(profilers: readonly ColumnProfiler[], rows: number, sampled: number): string[] {
  const notes: string[] = []
  if (sampled < rows) {
    notes.push(`Medians and histograms are estimated from ${sampled} of the ${rows} rows; all else is from every row.`)
  }
  const infinite = profilers.filter(({ infinities }) => (infinities ?? 0) > 0)
  if (infinite.length > 0) {
    const names = infinite.slice(0, 10).map(({ column }) => column.name)
    notes.push(
      `Infinite values are left out of the statistics of ${names.join(', ')}${infinite.length > 10 ? ' …' : ''}.`,
    )
  }
  return notes
}
