import type { TableFormat } from '../table.ts'
import { writeCsv } from './csv-writer.ts'
import { writeFits } from './fits-writer.ts'
import { writeHdf5 } from './hdf5-writer.ts'
import {
  CHUNK_ROWS,
  checkColumns,
  encodedChunks,
  type KnownTable,
  knownTable,
  withoutEmptyColumns,
} from './known-table.ts'
import { OutputFile } from './output-file.ts'
import { type OutputTable, streamOf, type TableStream } from './output-table.ts'
import { DEFAULT_PARQUET, type ParquetOptions } from './parquet-writer.ts'
import { type VotableSerialization, writeVotable } from './votable-writer.ts'

/** The formats that are one file. */
export type FileFormat = Exclude<TableFormat, 'hats'>

export interface WriteOptions {
  /** Leaves out the columns that have no value in any row. */
  readonly dropEmptyColumns?: boolean
  readonly parquet?: Partial<ParquetOptions>
  /** The group of an HDF5 file that the columns go into; RAIL wants `photometry`. */
  readonly hdf5Group?: string | null
  readonly votable?: VotableSerialization
  readonly signal?: AbortSignal
}

/**
 * Writes a table to a file. The same table and options give the same bytes, whenever and wherever it is written and however a
 * stream is cut. Memory does not grow with the rows of a stream: formats that must know a whole column in advance keep it in
 * `<path>.spool` meanwhile. On failure no file is left.
 *
 * NaN and nulls are both "no value". 64-bit integers keep all their digits in every format.
 * @throws TableWriteError; the signal's reason when aborted
 */
export async function writeTable(
  format: FileFormat,
  table: OutputTable | TableStream,
  path: string,
  options: WriteOptions = {},
): Promise<void> {
  checkColumns(table.columns)
  const passesOnce = (format === 'csv' || format === 'parquet') && !options.dropEmptyColumns
  if (passesOnce) {
    // Whole row groups need not be put together from pieces.
    const rows = format === 'parquet' ? (options.parquet?.rowGroupRows ?? DEFAULT_PARQUET.rowGroupRows) : CHUNK_ROWS
    const stream = 'chunks' in table ? table : streamOf(table, rows)
    const chunks = encodedChunks(stream, options.signal)
    return OutputFile.write(path, (file) =>
      format === 'csv' ? writeCsv(stream.columns, chunks, file) : parquet(stream, chunks, file, options),
    )
  }
  const whole = await knownTable(table, `${path}.spool`, options.signal)
  const known = options.dropEmptyColumns ? withoutEmptyColumns(whole) : whole
  try {
    await OutputFile.write(path, (file) => writeKnown(format, known, file, options))
  } finally {
    await whole.close()
  }
}

function writeKnown(format: FileFormat, table: KnownTable, file: OutputFile, options: WriteOptions): Promise<void> {
  switch (format) {
    case 'csv':
      return writeCsv(table.columns, table.chunks(), file)
    case 'fits':
      return writeFits(table, file)
    case 'hdf5':
      return writeHdf5(table, file, options.hdf5Group ?? null)
    case 'votable':
      return writeVotable(table, file, options.votable)
    case 'parquet':
      return parquet(table, table.chunks(), file, options)
  }
}

/** parquet-wasm is loaded when it is needed. */
async function parquet(
  { columns, metadata }: Pick<TableStream, 'columns' | 'metadata'>,
  chunks: ReturnType<typeof encodedChunks> | ReturnType<KnownTable['chunks']>,
  file: OutputFile,
  options: WriteOptions,
): Promise<void> {
  const { writeParquet } = await import('./parquet-writer.ts')
  return writeParquet({ columns, metadata }, chunks, file, { ...DEFAULT_PARQUET, ...options.parquet })
}
