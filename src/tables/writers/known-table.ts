import { setImmediate as nextTurn } from 'node:timers/promises'
import { type EncodedChunk, encoded } from './encoded.ts'
import { type ColumnFacts, Survey } from './facts.ts'
import {
  type Chunk,
  type ColumnSpec,
  type OutputTable,
  streamOf,
  type TableMetadata,
  type TableStream,
  TableWriteError,
} from './output-table.ts'
import { Spool } from './spool.ts'

/** Rows that are encoded and written together. */
export const CHUNK_ROWS = 65_536

/** A table whose columns are known as a whole, and whose chunks can be read again. */
export interface KnownTable {
  readonly rows: number
  readonly columns: readonly ColumnSpec[]
  readonly facts: readonly ColumnFacts[]
  readonly metadata: TableMetadata
  chunks(): AsyncIterable<EncodedChunk>
  /** Removes what was kept on disk. */
  close(): Promise<void>
}

/**
 * Looks through a table before it is written. A stream is kept on disk meanwhile: give the path of a file for that.
 * @throws TableWriteError bad_table
 */
export async function knownTable(
  table: OutputTable | TableStream,
  spoolPath: string,
  signal?: AbortSignal,
): Promise<KnownTable> {
  checkColumns(table.columns)
  const { columns, metadata } = table
  const survey = new Survey(columns.length)
  if (!('chunks' in table)) {
    // Numbers stay where they are; texts are encoded once, which takes longer than all else.
    const chunks: EncodedChunk[] = []
    for await (const chunk of encodedChunks(streamOf(table, CHUNK_ROWS), signal)) {
      survey.add(chunk)
      chunks.push(chunk)
    }
    const again = () => inTurns(chunks, signal)
    return { rows: survey.rows, columns, facts: survey.facts(), metadata, chunks: again, close: async () => undefined }
  }
  const spool = await Spool.create(spoolPath)
  try {
    for await (const chunk of encodedChunks(table, signal)) {
      survey.add(chunk)
      await spool.add(chunk)
    }
  } catch (error) {
    await spool.remove()
    throw error
  }
  const { rows } = survey
  return {
    rows,
    columns,
    facts: survey.facts(),
    metadata,
    chunks: () => spool.chunks(columns),
    close: () => spool.remove(),
  }
}

/** The table without the columns that have no value at all. */
export function withoutEmptyColumns(table: KnownTable): KnownTable {
  const kept = table.facts.flatMap(({ allNull }, i) => (allNull && table.rows > 0 ? [] : [i]))
  if (kept.length === table.columns.length || kept.length === 0) return table
  return {
    ...table,
    columns: kept.map((i) => table.columns[i]!),
    facts: kept.map((i) => table.facts[i]!),
    async *chunks() {
      for await (const { rows, columns } of table.chunks()) yield { rows, columns: kept.map((i) => columns[i]!) }
    },
  }
}

/** The chunks of a stream, checked and encoded; other work of the process gets its turn in between. */
export async function* encodedChunks(
  { columns, chunks }: Pick<TableStream, 'columns' | 'chunks'>,
  signal?: AbortSignal,
): AsyncGenerator<EncodedChunk> {
  for await (const chunk of chunks) {
    await nextTurn()
    signal?.throwIfAborted()
    for (const part of parts(chunk)) yield encoded(part, columns)
  }
}

async function* inTurns(chunks: readonly EncodedChunk[], signal?: AbortSignal): AsyncGenerator<EncodedChunk> {
  for (const chunk of chunks) {
    await nextTurn()
    signal?.throwIfAborted()
    yield chunk
  }
}

/** A chunk in pieces that are small enough to be encoded: a caller may give a whole table as one. */
function* parts(chunk: Chunk): Generator<Chunk> {
  if (chunk.rows <= 2 * CHUNK_ROWS) {
    yield chunk
    return
  }
  const columns = chunk.columns.map((column, i) => ({ ...column, name: `${i}`, type: 'string' as const }))
  yield* streamOf({ rows: chunk.rows, columns, metadata: {} }, CHUNK_ROWS).chunks as Iterable<Chunk>
}

/** @throws TableWriteError bad_table when a table has no columns, or columns without a name of their own */
export function checkColumns(columns: readonly ColumnSpec[]): void {
  if (columns.length === 0) throw new TableWriteError('bad_table', 'A table without columns cannot be written.')
  const names = new Set<string>()
  for (const { name } of columns) {
    if (name === '' || name.includes('\0')) throw new TableWriteError('bad_table', 'A column has no name.')
    if (names.has(name)) throw new TableWriteError('bad_table', `The table has more than one column "${name}".`)
    names.add(name)
  }
}
