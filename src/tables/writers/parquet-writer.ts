import { BufferType, Data, makeData, type RecordBatch, Table, tableToIPC, Utf8 } from 'apache-arrow'
import {
  Compression,
  transformParquetStream,
  Table as WasmTable,
  type WriterProperties,
  WriterPropertiesBuilder,
} from 'parquet-wasm'
import { arrowType, Bits, fixedWidthData, recordBatch, Validity } from '../arrow-columns.ts'
import { type EncodedChunk, type EncodedColumn, isTexts, numbersOf, zeros } from './encoded.ts'
import type { OutputFile } from './output-file.ts'
import type { ColumnSpec, TableMetadata } from './output-table.ts'
import { FooterTail } from './parquet-footer.ts'
import { regrouped } from './row-groups.ts'
import { VOTABLE_END, votableHead, votableType } from './votable-header.ts'

export interface ParquetOptions {
  readonly compression: 'zstd' | 'snappy'
  /** Rows of each row group but the last. */
  readonly rowGroupRows: number
}

export const DEFAULT_PARQUET: ParquetOptions = { compression: 'zstd', rowGroupRows: 131_072 }

interface DescribedColumns {
  readonly columns: readonly ColumnSpec[]
  readonly metadata: TableMetadata
}

/** Row groups hold fewer rows in a table of more columns: they are in memory as a whole. */
const MAX_CELLS = 8_000_000
/** Read by other software as the name of the writer; without a version, which would change the bytes. */
const CREATED_BY = 'photoz-server'

/**
 * Writes Parquet, row group by row group. Every column may hold nulls; a float without a value is one. Units, UCDs and
 * descriptions are kept as VOParquet 1.0 (IVOA Note 2025-01): a VOTable without data in the footer.
 */
export async function writeParquet(
  table: DescribedColumns,
  chunks: AsyncIterable<EncodedChunk>,
  file: OutputFile,
  options: ParquetOptions = DEFAULT_PARQUET,
): Promise<void> {
  const { columns } = table
  const groupRows = Math.max(1, Math.min(options.rowGroupRows, Math.floor(MAX_CELLS / columns.length)))
  const batches = wasmBatches(columns, regrouped(chunks, columns, groupRows))
  let failure: { readonly error: unknown } | null = null
  const input = new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await batches.next()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          // Not `controller.error`: parquet-wasm would panic. It ends the file instead, which is thrown away.
          failure = { error }
          controller.close()
        }
      },
    },
    { highWaterMark: 0 },
  )
  const tail = new FooterTail(file)
  try {
    const output: ReadableStream<Uint8Array> = await transformParquetStream(
      input,
      properties(table, groupRows, options),
    )
    for await (const bytes of output) await tail.append(bytes)
  } catch (error) {
    throw causeOf(failure) ?? error
  }
  const cause = causeOf(failure)
  if (cause !== null) throw cause
  await tail.finish(keyValues(table))
}

/** What went wrong in a callback, which TypeScript does not see being called. */
function causeOf(failure: { readonly error: unknown } | null): unknown {
  return failure?.error ?? null
}

/** VOParquet's keys. */
function keyValues({ columns, metadata }: DescribedColumns): readonly (readonly [string, string])[] {
  const types = columns.map(({ type }) => votableType(type))
  return [
    ['IVOA.VOTable-Parquet.version', '1.0'],
    ['IVOA.VOTable-Parquet.content', votableHead(columns, types, metadata, null) + VOTABLE_END],
  ]
}

function properties(
  { columns }: DescribedColumns,
  groupRows: number,
  { compression }: ParquetOptions,
): WriterProperties {
  let builder = new WriterPropertiesBuilder()
    .setCreatedBy(CREATED_BY)
    .setCompression(compression === 'zstd' ? Compression.ZSTD : Compression.SNAPPY)
    .setMaxRowGroupSize(groupRows)
  // Numbers seldom repeat: a dictionary of them is made in vain, which takes four times as long.
  builder = builder.setDictionaryEnabled(false)
  for (const { name, type } of columns) if (type === 'string') builder = builder.setColumnDictionaryEnabled(name, true)
  return builder.build()
}

/** Row groups as parquet-wasm takes them. A table without rows has one of no rows, which tells its columns. */
async function* wasmBatches(columns: readonly ColumnSpec[], groups: AsyncIterable<EncodedChunk>) {
  let any = false
  for await (const group of groups) {
    any = true
    yield* toWasm(arrowBatch(columns, group))
  }
  if (!any) yield* toWasm(arrowBatch(columns, noRows(columns)))
}

function toWasm(batch: RecordBatch) {
  return WasmTable.fromIPCStream(tableToIPC(new Table([batch]), 'stream')).recordBatches()
}

function noRows(columns: readonly ColumnSpec[]): EncodedChunk {
  return {
    rows: 0,
    columns: columns.map(({ type }) =>
      type === 'string'
        ? { bytes: new Uint8Array(0), offsets: new Int32Array(1), nulls: null }
        : { values: zeros(type, 0), nulls: null },
    ),
  }
}

/** A chunk as an Arrow batch. */
export function arrowBatch(columns: readonly ColumnSpec[], { rows, columns: encoded }: EncodedChunk): RecordBatch {
  const described = columns.map(({ name, type }) => ({
    name,
    type,
    nativeType: type,
    unit: null,
    ucd: null,
    description: null,
  }))
  return recordBatch(
    described,
    encoded.map((column, i) => arrowData(columns[i]!, column, rows)),
    rows,
  )
}

function arrowData({ type }: ColumnSpec, column: EncodedColumn, rows: number): Data {
  const validity = validityOf(column, rows)
  if (isTexts(column)) {
    return makeData({
      type: new Utf8(),
      length: rows,
      nullCount: validity.nulls,
      nullBitmap: validity.bitmap,
      valueOffsets: column.offsets,
      data: column.bytes,
    })
  }
  const { values } = numbersOf(column)
  if (type !== 'bool') return fixedWidthData(type, rows, values, validity)
  const bits = new Bits(rows)
  for (let row = 0; row < rows; row++) if (values[row]) bits.set(row)
  return new Data(arrowType('bool'), 0, rows, validity.nulls, {
    [BufferType.DATA]: bits.packed,
    [BufferType.VALIDITY]: validity.bitmap ?? new Uint8Array(0),
  })
}

function validityOf(column: EncodedColumn, rows: number): Validity {
  const validity = new Validity(rows)
  const { nulls } = column
  if (nulls !== null) {
    for (let row = 0; row < rows; row++) if (nulls[row] !== 0) validity.setNull(row)
    return validity
  }
  if (isTexts(column)) return validity
  const { values } = column
  if (values instanceof Float64Array || values instanceof Float32Array) {
    for (let row = 0; row < rows; row++) if (Number.isNaN(values[row]!)) validity.setNull(row)
  }
  return validity
}
