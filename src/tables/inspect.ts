import type { RecordBatch } from 'apache-arrow'
import { cellAt } from './cell.ts'
import { Retyped } from './csv/csv-reader.ts'
import type { Cell, Inspection } from './inspection.ts'
import { openTable } from './open.ts'
import { type ColumnProfiler, profilerFor } from './statistics/column-profiler.ts'
import { RowSample } from './statistics/row-sample.ts'
import { DEFAULT_LIMITS, TableError, type TableLimits, type TableReader, type TableSource } from './table.ts'

/** Rows of the preview. */
const PREVIEW_ROWS = 100
/** Most cells of the preview: a table of 5,000 columns shows fewer rows. */
const PREVIEW_CELLS = 100_000
/** Rows for medians and histograms, and different values counted one by one: fewer for very wide tables. */
const SAMPLE_ROWS = 32_768
const SAMPLE_CELLS = 4_000_000
const DISTINCT_VALUES = 4_096

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
  const sample = new RowSample(Math.min(SAMPLE_ROWS, Math.max(1024, wide)))
  const distinctLimit = Math.min(DISTINCT_VALUES, Math.max(256, wide))
  const profilers = columns.map((column) => profilerFor(column, distinctLimit))
  const previewRows = Math.min(PREVIEW_ROWS, Math.max(1, Math.floor(PREVIEW_CELLS / columns.length)))
  const preview: Cell[][] = []
  let rows = 0
  for await (const batch of reader.batches(options.batchRows ? { batchRows: options.batchRows } : {})) {
    addPreview(preview, previewRows, batch, reader)
    addBatch(profilers, batch, sample, rows)
    rows += batch.numRows
    if (rows * columns.length > limits.cells) {
      throw new TableError('too_large', `The table has more than ${limits.cells} cells (rows times columns).`)
    }
    options.onProgress?.(progressOf(reader, rows))
  }
  const profiles = profilers.map((profiler) => profiler.profile())
  return {
    version: 1,
    format: reader.format,
    rows,
    dialect: reader.dialect,
    columns: profiles,
    preview,
    notes: [...reader.notes, ...notesOn(profilers, rows, sample.size)],
  }
}

function addBatch(profilers: readonly ColumnProfiler[], batch: RecordBatch, sample: RowSample, firstRow: number): void {
  const step = sample.next(firstRow, batch.numRows)
  const { children } = batch.data
  for (let index = 0; index < profilers.length; index++) profilers[index]!.add(children[index]!, step)
}

function addPreview(preview: Cell[][], most: number, batch: RecordBatch, reader: TableReader): void {
  const { children } = batch.data
  for (let row = 0; row < batch.numRows && preview.length < most; row++) {
    preview.push(reader.columns.map(({ type }, index) => cellAt(children[index]!, type, row)))
  }
}

function progressOf(reader: TableReader, rows: number): number {
  if ('progress' in reader && typeof reader.progress === 'number') return Math.min(1, reader.progress)
  return reader.rows ? Math.min(1, rows / reader.rows) : 0
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
