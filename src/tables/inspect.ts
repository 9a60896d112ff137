import { type InspectedColumn, type InspectedColumns, inspectColumns, passesOf } from './column-inspection.ts'
import { Retyped } from './csv/csv-reader.ts'
import type { Inspection } from './inspection.ts'
import { openTable } from './open.ts'
import {
  type ColumnType,
  DEFAULT_LIMITS,
  TableError,
  type TableLimits,
  type TableReader,
  type TableSource,
} from './table.ts'

/** Cells of a table from which on a partner looks at some of its columns. */
const SHARED_CELLS = 1_000_000
/** What a look at a column costs where it is not 1, measured. */
const COSTS: Partial<Record<ColumnType, number>> = { string: 3, array: 3, int64: 3, uint64: 3, timestamp: 3 }
/** Their values may lie in a heap, and are counted. */
const IN_HEAPS: ReadonlySet<ColumnType> = new Set(['string', 'array'])

/** Work for two, on the columns of one file. */
export interface SharedWork {
  readonly source: TableSource
  readonly limits: TableLimits
  readonly passes: readonly number[][]
  /** In shared memory: the first pass that nobody has taken yet. */
  readonly next: Int32Array
}

/** Looks at columns of the same file at the same time, on another processor. */
export interface Partner {
  readonly isReady: boolean
  /** Does what it can take of the work. */
  inspect(work: SharedWork): Promise<InspectedColumns>
}

export interface InspectOptions {
  /** Told now and then which part of the file has been read, 0 to 1. */
  readonly onProgress?: (fraction: number) => void
  /** Makes no difference to the answer. */
  readonly partner?: Partner | null
}

/**
 * Looks through a whole file: what it holds, statistics of every column, and its first rows.
 *
 * One pass. Nulls, smallest, largest, mean and standard deviation are over all rows. Medians and histograms are exact up
 * to 32,768 rows, beyond that from a sample of 16,384 to 32,768 rows that the row numbers choose. Different values are
 * counted exactly up to 4,096, then estimated (1.6 % standard error). Infinities are left out of the numeric statistics
 * and noted. The same bytes always give the same answer.
 *
 * Heavy: on a server, call `Examiner.examine`.
 * @throws TableError
 */
export async function inspect(
  source: TableSource,
  limits: TableLimits = DEFAULT_LIMITS,
  { onProgress, partner = null }: InspectOptions = {},
): Promise<Inspection> {
  const reader = await openTable(source, limits, { provisional: true })
  const options = onProgress === undefined ? {} : { onProgress }
  try {
    checkWidth(reader, limits)
    const passes = partner?.isReady ? sharedPasses(reader) : null
    const together = passes && (await inspectTogether(reader, source, limits, partner!, passes, options))
    return together ?? (await inspectUntilKnown(reader, limits, options))
  } finally {
    await reader.close()
  }
}

/** The file's beginning may mislead the reader; each time it knows better it is read again, which comes to an end. */
async function inspectUntilKnown(
  reader: TableReader,
  limits: TableLimits,
  options: { readonly onProgress?: (fraction: number) => void },
): Promise<Inspection> {
  for (;;) {
    try {
      return await inspectTable(reader, limits, options)
    } catch (error) {
      if (!(error instanceof Retyped)) throw error
    }
  }
}

/** As `inspect`, of a table that is open. The caller closes it. @param batchRows makes no difference to the answer. */
export async function inspectTable(
  reader: TableReader,
  limits: TableLimits = DEFAULT_LIMITS,
  options: { readonly onProgress?: (fraction: number) => void; readonly batchRows?: number } = {},
): Promise<Inspection> {
  checkWidth(reader, limits)
  return inspectionOf(reader, await inspectColumns(reader, passesOf(reader), limits, options))
}

function checkWidth({ columns }: TableReader, limits: TableLimits): void {
  if (columns.length === 0) throw new TableError('no_columns', 'The table has no columns.')
  if (columns.length > limits.columns) {
    throw new TableError('too_large', `The table has ${columns.length} columns; at most ${limits.columns} are allowed.`)
  }
}

/** @returns null when one of the two failed: then who looks alone finds the same fault in every run. */
async function inspectTogether(
  reader: TableReader,
  source: TableSource,
  limits: TableLimits,
  partner: Partner,
  passes: readonly number[][],
  options: { readonly onProgress?: (fraction: number) => void },
): Promise<Inspection | null> {
  const next = new Int32Array(new SharedArrayBuffer(4))
  const [ours, theirs] = await Promise.allSettled([
    inspectColumns(reader, takenInTurn(passes, next), limits, { ...options, readAhead: false }),
    partner.inspect({ source, limits, passes, next }),
  ])
  if (ours.status === 'rejected' || theirs.status === 'rejected') return null
  return inspectionOf(reader, {
    rows: Math.max(ours.value.rows, theirs.value.rows),
    sampled: ours.value.sampled,
    columns: new Map([...ours.value.columns, ...theirs.value.columns]),
  })
}

/** The passes that nobody else takes. */
export function* takenInTurn(passes: readonly number[][], next: Int32Array): Generator<number[]> {
  for (;;) {
    const pass = passes[Atomics.add(next, 0, 1)]
    if (pass === undefined) return
    yield pass
  }
}

/**
 * Passes for two, of which each takes the next when it is done with its last. A table that keeps its columns together is cut
 * in halves of the same cost.
 * @returns null when there is too little to share.
 */
function sharedPasses(reader: TableReader): number[][] | null {
  const { columns, rows, skipsColumns } = reader
  if (!skipsColumns || (rows ?? 0) * columns.length < SHARED_CELLS) return null
  const passes = passesOf(reader)
  if (passes.length > 1) return passes
  const isInHeap = (place: number) => IN_HEAPS.has(columns[place]!.type)
  const places = columns.map((_, place) => place)
  const halves: [number[], number[]] = [places.filter(isInHeap), []]
  const costOf = (place: number) => COSTS[columns[place]!.type] ?? 1
  let ahead = halves[0].reduce((sum, place) => sum + costOf(place), 0)
  for (const place of places) {
    if (isInHeap(place)) continue
    halves[ahead > 0 ? 1 : 0].push(place)
    ahead += ahead > 0 ? -costOf(place) : costOf(place)
  }
  return halves.every((half) => half.length > 0) ? halves.map((half) => half.sort((a, b) => a - b)) : null
}

function inspectionOf(reader: TableReader, { rows, sampled, columns: inspected }: InspectedColumns): Inspection {
  const columns = reader.columns.map((_, place) => inspected.get(place)!)
  const previewRows = columns[0]?.preview.length ?? 0
  return {
    version: 1,
    format: reader.format,
    rows,
    dialect: reader.dialect,
    columns: columns.map(({ profile }) => profile),
    preview: Array.from({ length: previewRows }, (_, row) => columns.map(({ preview }) => preview[row] ?? null)),
    notes: [...reader.notes, ...notesOn(columns, rows, sampled)],
  }
}

function notesOn(columns: readonly InspectedColumn[], rows: number, sampled: number): string[] {
  const notes: string[] = []
  if (sampled < rows) {
    notes.push(`Medians and histograms are estimated from ${sampled} of the ${rows} rows; all else is from every row.`)
  }
  const infinite = columns.filter(({ infinities }) => infinities > 0)
  if (infinite.length > 0) {
    const names = infinite.slice(0, 10).map(({ profile }) => profile.name)
    notes.push(
      `Infinite values are left out of the statistics of ${names.join(', ')}${infinite.length > 10 ? ' …' : ''}.`,
    )
  }
  return notes
}
